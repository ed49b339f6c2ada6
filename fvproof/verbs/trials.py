"""`fv.trial`: a page that asks people what the visualizations of a network tell them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from tabulate import tabulate
from typing_extensions import Unpack, override

from fvproof.empirical.auditing.audit import PIECES, default_units
from fvproof.empirical.auditing.work import seen, visualize
from fvproof.empirical.keeping.workers import Workers, hired
from fvproof.empirical.keeping.workspace import Workspace, workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.holdout import require_enough
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.units import activations
from fvproof.empirical.notices import notify
from fvproof.empirical.trial.page import PAGE, write_trial
from fvproof.empirical.trial.questions import CONDITIONS, Condition, Plan, ShownQuestion, questions
from fvproof.theory.errors import DomainError
from fvproof.verbs.folders import Scratch, copied, opened
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.reading import require_known
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Given, Subject, subject_of, workers_for
from fvproof.verbs.units import Units, objectives_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class TrialOptions(TypedDict, total=False):
    """What is asked in a trial; see `fv.trial`."""

    conditions: Sequence[Condition]
    pairs: int
    difficulty: Literal["extreme", "any"]
    steps: int
    seed: int
    executor: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrialResult(Result):
    """A page of questions, ready to be handed to people.

    Attributes
    ----------
    key
        The questions with their answers, as trial.json has them.
    folder
        Where trial.html, the page, and trial.json, its key, are.
    """

    key: Mapping[str, Any]
    folder: Path
    _held: Scratch | None = field(default=None)

    @property
    def page(self) -> Path:
        """The page: open it in a browser, or send it to people."""
        return self.folder / PAGE

    @property
    @override
    def headline(self) -> str:
        asked = self.key["questions"]
        units = len({question["unit"] for question in asked})
        catches = sum(question["catch"] for question in asked)
        about = f"{units} unit{'s' if units > 1 else ''} of {self.key['model']}"
        return f"{len(asked)} questions about {about}, {catches} of them catch trials"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        proper = [question for question in self.key["questions"] if not question["catch"]]
        counts = Counter((question["unit"], question["condition"]) for question in proper)
        right = Counter((q["unit"], q["condition"]) for q in proper if q["decoder"] == q["right_answer"])
        return [
            {"unit": unit, "condition": condition, "questions": count, "decoder_right": right[unit, condition]}
            for (unit, condition), count in sorted(counts.items())
        ]

    @property
    @override
    def text(self) -> str:
        rows = [[row["unit"], row["condition"], row["questions"], row["decoder_right"]] for row in self.rows]
        table = tabulate(rows, ("unit", "condition", "questions", "right by the decoder"))
        return "\n".join([self.headline, "", table])

    @override
    def record(self) -> Any:
        return dict(self.key)

    @override
    def save(self, folder: str | Path) -> Path:
        """Write trial.html, trial.json and the visualizations; keep the key from those who are asked."""
        return copied(self.folder, folder)

    @override
    def _repr_html_(self) -> str:
        frame = 'style="width:100%;height:760px;border:1px solid #ccc" title="the page of the trial"'
        return f'<iframe srcdoc="{escape(self.page.read_text(encoding="utf-8"))}" {frame}></iframe>'


@checked
def trial(
    model: Given,
    units: Units | None = None,
    *,
    images: Images | None = None,
    labels: "ArrayLike | None" = None,
    out: str | Path | None = None,
    **options: Unpack[TrialOptions],
) -> TrialResult:
    """Return a page that asks people which of two natural images excites a unit more, from pictures of the unit.

    In the one condition people see the unit's two visualizations, in the other, the control, the natural images that
    excite it least and most. Exemplars are taken from one half of the images, questions from the other. Some questions
    are catch trials, whose answer is among the pictures. The page needs no network and no server: it keeps answers on
    the device of whoever plays it, and saves them as a file at the end, which `fv.score` scores.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes. It is not changed.
    units
        As for `fv.maximize`; None for those that `fv.audit` takes.
    images
        Natural images, at least 8, as for `fv.model`; None for those that come with the model.
    labels
        (N,), of the images; not needed.
    out
        A folder for trial.html and trial.json, in which finished work is kept. Without one, nothing is left on disk;
        `TrialResult.save` writes all of it.
    **options
        ``conditions``, of "visualizations" and "examples" (both).

        ``pairs``, questions for each unit and condition, at least 1 (4).

        ``difficulty``: "extreme" takes the two images from the tenths that excite the unit most and least, as studies
        with people do; "any" takes any two ("extreme").

        ``steps`` of gradient ascent (512), ``seed`` of all random numbers (0), ``executor`` as for `fv.audit`.

    Returns
    -------
    TrialResult
        ``.page`` (the file to open), ``.key``, ``.table()`` (how many questions, and how many the decoder gets right);
        in a notebook, the page itself.

    Raises
    ------
    UnknownName
        There is no such model, layer, unit or option.
    DomainError, ShapeError
        There are no images or too few, an option is out of its range, or a unit can be asked nothing about: its two
        visualizations are alike, or it answers to all images alike.

    Not claimed: that people who were not asked would answer likewise.

    Source: Borowski et al., ICLR 2021, and Zimmermann et al., NeurIPS 2021, ask people so; the page is fvproof's.

    Examples
    --------
    >>> import fvproof as fv
    >>> made = fv.trial("digits-small", "logits:3", pairs=2, steps=8)
    >>> made.headline
    '6 questions about 1 unit of digits-small, 2 of them catch trials'
    """
    require_known(options, TrialOptions.__annotations__)
    plan = Plan(
        tuple(options.get("conditions", CONDITIONS)), options.get("pairs", 4), options.get("difficulty", "extreme")
    )
    settings = Settings(steps=options.get("steps", 512), seed=options.get("seed", 0))
    subject = subject_of(model, images, labels)
    require_enough(subject.natural)
    workers = workers_for(options.get("executor", "local"), subject)
    folder, held = opened(out)
    asked = default_units(subject.model) if units is None else objectives_of(units, subject.model)
    work = workspace(subject.model, subject.natural, settings, folder / PIECES, notify)
    with hired(workers) as same:
        shown = _questions(work, subject, asked, plan, same)
    about = {
        "model": subject.model.name,
        "images": len(subject.natural),
        "settings": {**settings.record(), **asdict(plan)},
    }
    return TrialResult(write_trial(shown, about, folder), folder, held)


def _questions(
    work: Workspace, subject: Subject, units: Sequence[Objective], plan: Plan, workers: Workers | None
) -> list[ShownQuestion]:
    """Return the questions about units, which are visualized first."""
    batches = subject.natural.batches()
    natural = activations(subject.model, units, batches, position=work.settings.position)
    visualize(work, units, units, natural, workers)
    for unit in units:
        if seen(work, unit) is None:
            raise DomainError(f"the two visualizations of {unit} are alike: nothing can be asked about it")
    return questions(work, units, natural, plan)
