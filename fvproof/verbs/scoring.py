"""`fv.score`: what the answers of people to a trial come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from tabulate import tabulate
from typing_extensions import override

from fvproof.empirical.json_values import plain
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.pages.wording import in_brackets
from fvproof.empirical.trial.page import KEY
from fvproof.empirical.trial.scoring import TrialScore, read_key, score_trial
from fvproof.theory.errors import DomainError
from fvproof.theory.wording import percent
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScoreResult(Result):
    """What the answers to a trial came to.

    Attributes
    ----------
    found
        People, readings and remarks, as `fvproof.empirical.trial.scoring.TrialScore` describes them.
    model
        The network's name.
    """

    found: TrialScore
    model: str

    @property
    @override
    def headline(self) -> str:
        counted = sum(one.counts for one in self.found.people)
        told = [
            f"{percent(one.right.value)} right from {one.condition}" for one in self.found.readings if one.unit == "all"
        ]
        people = "1 person" if counted == 1 else f"{counted} people"
        return f"{self.model}, {people}: {', '.join(told) or 'nobody looked at the pictures'}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "unit": one.unit,
                "condition": one.condition,
                "answers": one.answers,
                "right": one.right.value,
                "right_low": one.right.low,
                "right_high": one.right.high,
                "decoder": one.decoder,
                "granted": one.granted,
                "right_if_certain": one.sure,
            }
            for one in self.found.readings
        ]

    @property
    @override
    def text(self) -> str:
        rows = [
            [
                one.unit,
                one.condition,
                one.answers,
                _told(one.right),
                percent(one.decoder),
                "–" if one.granted is None else percent(one.granted),
            ]
            for one in self.found.readings
        ]
        heads = ("unit", "pictures", "answers", "right, 95%", "decoder", "granted")
        people = [
            f"{one.file}: {one.answered} questions, {_told(one.right)} right, "
            f"{one.caught} of {one.catches} catch trials, {one.seconds:.0f} s"
            for one in self.found.people
        ]
        parts = [self.headline, "", *([tabulate(rows, heads), ""] if rows else []), *people, *self.found.remarks]
        return "\n".join(parts)

    @override
    def record(self) -> Any:
        return {"model": self.model, **plain(self.found)}

    @property
    @override
    def code(self) -> int:
        return 0 if self.found.readings else 1


@checked
def score(answers: str | Path | Sequence[str | Path], *, trial: str | Path | None = None) -> ScoreResult:
    r"""Return what the answers of people to a trial come to, beside the decoders and what the theory grants.

    Parameters
    ----------
    answers
        A file that the page saved, or several, one per person.
    trial
        The folder of the trial, or its trial.json; by default that beside the first file of answers.

    Returns
    -------
    ScoreResult
        ``.table()``: for all units and for each, and for each kind of pictures, the share of answers that is right with
        its exact binomial interval (95%, answers taken as independent; chance is 1/2), the same of the decoder that is
        shown the same pictures, and the share that a theorem grants to whoever sees the visualizations of a ReLU
        network. ``.found.people``: each person's share, and catch trials; who is right in fewer than 80% of these is
        left out of the rest. ``.code`` is 1 if nobody is left.

    Raises
    ------
    DomainError
        If the trial cannot be read, or no file of answers can be used: it is of another trial, changed or cut off. A
        file that cannot be used beside others that can is said in ``.found.remarks``, and the others are scored.

    Not claimed: that answers of one person are independent, as the intervals take them.

    Source: intervals by Clopper and Pearson, Biometrika 1934; what is asked, as of `fv.trial`.

    Examples
    --------
    >>> import json, tempfile
    >>> import fvproof as fv
    >>> from fvproof.empirical.trial.scoring import digest
    >>> made = fv.trial("digits-small", "logits:3", pairs=2, steps=8)
    >>> said = [(question["name"], question["right_answer"]) for question in made.key["questions"]]
    >>> lines = [made.key["trial"], "me", *(f"{name} {side} 3 1" for name, side in said)]
    >>> given = [{"question": name, "choice": side, "sure": 3, "seconds": 1} for name, side in said]
    >>> file = made.folder / "answers.json"
    >>> whole = {"trial": lines[0], "person": "me", "answers": given, "digest": digest("\n".join(lines))}
    >>> _ = file.write_text(json.dumps(whole))
    >>> fv.score(file).headline
    'digits-small, 1 person: 100% right from visualizations, 100% right from examples'
    """
    files = [Path(answers)] if isinstance(answers, str | Path) else [Path(one) for one in answers]
    if not files:
        raise DomainError("there must be at least one file of answers")
    place = files[0].parent if trial is None else Path(trial)
    key = read_key(place / KEY if place.is_dir() else place)
    return ScoreResult(score_trial(key, files), str(key.get("model", "")))


def _told(right: Estimate) -> str:
    """Return a share with its interval."""
    if not isfinite(right.value):
        return "–"
    return f"{percent(right.value)}{in_brackets(right, percent)}"
