"""`fv.refute`: a decoder in, a visualization, a query and functions out that prove it wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import TypeAliasType, Unpack, override

from fvproof.theory.classes import FunctionClass
from fvproof.theory.errors import DomainError
from fvproof.verbs.given import ClassParameters, WithClass, class_given
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result, html_text
from fvproof.verify.files.records import write_json
from fvproof.verify.refutation.decoder_files import refute_file
from fvproof.verify.refutation.judging import Refutation
from fvproof.verify.refutation.records import outcome_record
from fvproof.verify.refutation.refute import Broken, Effort, Outcome, Survived
from fvproof.verify.refutation.refute import refute as refute_callable
from fvproof.verify.refutation.twins import Twins
from fvproof.verify.refutation.wording import explain

REFUTED, UNKNOWN = 1, 3
"""Exit codes if the decoder is wrong or gives no answer, and if the time was up."""

Decoder = TypeAliasType("Decoder", Callable[..., object] | str)
"""What the verb takes as a decoder: a function, or ``"FILE.py:FUNCTION"``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RefuteResult(Result):
    """What became of a decoder.

    Attributes
    ----------
    outcome
        A `Refutation` (``.twins``, ``.answers``, ``.errors``), `Broken` (``.failure``, ``.case``) or `Survived`
        (``.tried``, ``.complete``).
    within
        The class of functions that it was asked about.
    decoder
        What the decoder is called.
    """

    outcome: Outcome
    within: FunctionClass
    decoder: str

    @property
    def refuted(self) -> bool:
        """Whether a function was found on which the decoder is wrong, or a case in which it gives no answer."""
        return not isinstance(self.outcome, Survived)

    @property
    def twins(self) -> Twins | None:
        """The functions that prove it wrong: two where no answer is right for both, else one."""
        return self.outcome.twins if isinstance(self.outcome, Refutation) else None

    @property
    @override
    def headline(self) -> str:
        return self.text.partition("\n")[0]

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        if not isinstance(self.outcome, Refutation):
            return []
        found = self.outcome
        pairs = zip(found.twins.values, found.errors, strict=True)
        return [{"f": ", ".join(map(str, values)), "error": str(error)} for values, error in pairs]

    @property
    @override
    def text(self) -> str:
        return explain(self.outcome, self.within)

    @override
    def record(self) -> dict[str, Any]:
        return outcome_record(self.outcome, self.decoder)

    @property
    @override
    def code(self) -> int:
        match self.outcome:
            case Survived():
                return 0 if self.outcome.complete else UNKNOWN
            case Broken():
                return UNKNOWN if self.outcome.failure.slow else REFUTED
            case _:
                return REFUTED

    @override
    def save(self, folder: str | Path) -> Path:
        """Write refutation.json and, if it is refuted, the functions as exact JSON, ONNX and torch export."""
        place = Path(folder)
        if self.twins is not None:
            from fvproof.empirical.exact.twin_files import write_twins  # torch only when it is needed

            write_twins(self.twins, place)
        write_json(self.record(), place / "refutation.json")
        return place

    @override
    def _repr_html_(self) -> str:
        return html_text(self.text)


@checked
def refute(
    within: WithClass,
    decoder: Decoder,
    *,
    dim: int,
    task: str = "exact",
    cases: int = 200,
    timeout_s: float = 60.0,
    **parameters: Unpack[ClassParameters],
) -> RefuteResult:
    """Return a visualization, a query and functions of a class that prove a decoder wrong, if they are found.

    The search goes through feasible visualizations and queries, and makes what it finds smaller; it is the same every
    time. Where no answer is right for all functions with the visualization, what is found is a pair of twins f and g:
    whatever the decoder answers at x, it errs on one of them by at least |f(x) − g(x)|/2.

    Parameters
    ----------
    within
        A class of functions, as for `fv.interval`.
    decoder
        A function of a visualization (``argmin``, ``argmax``, ``minimum``, ``maximum``) and a query, both exact. It
        returns the value there as a number; for the task side True if that is closer to the maximum; for the task order
        it gets two queries and returns True if the first excites the unit at least as much. A decoder that guesses
        returns a function without arguments that draws an answer. For the class erm it also gets the training set,
        pairs of a point and a label. A callable is asked in this process, where 10 s for an answer are only a limit in
        the main thread, and for Python code; ``"FILE.py:FUNCTION"`` in a process of its own, which is stopped whatever
        it does.
    dim
        The number d ≥ 1 of inputs.
    task
        What the decoder is to know: "exact", the value; "approximate", the value with an error below (M − m)/2; "side",
        on which side of (m + M)/2 it is; "order", which of two queries excites the unit more; "optimal", the value with
        no greater error than every decoder must make.
    cases
        How many visualizations and queries to try at most; at least 1. Where a decoder is wrong, the first few of the
        200 mostly say so, and the search ends there.
    timeout_s
        Seconds for the search, positive; what is found by then is returned.
    **parameters
        Of the class, if it is named: see `fv.interval`.

    Returns
    -------
    RefuteResult
        ``.refuted``, ``.outcome`` (what was found, or why nothing was), ``.twins``, ``.table()``;
        ``.save(folder)`` writes what anyone can check with `fv.check`.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there is no such class, task or decoder, or no visualization of this dimension.

    Source: Geirhos et al., ICML 2024, section 4: the functions are the witnesses of its theorems.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.refute("relu-network", lambda phi, x: phi.middle, dim=2)
    >>> found.refuted, found.rows
    (True, [{'f': '0', 'error': '1/2'}, {'f': '1', 'error': '1/2'}])
    """
    if not timeout_s > 0:
        raise DomainError(f"timeout_s must be a positive number of seconds, not {timeout_s}")
    if cases < 1:
        raise DomainError(f"cases must be at least 1, not {cases}")
    if not isinstance(decoder, str) and not callable(decoder):
        raise DomainError(f"a decoder must be a function, or FILE.py:FUNCTION, not {decoder!r}")
    c = class_given(within, parameters)
    effort = Effort(cases, min(Effort().answer_s, timeout_s), timeout_s)
    asked = refute_file if isinstance(decoder, str) else refute_callable
    outcome = asked(c, decoder, dimension=dim, goal=task, effort=effort)  # type: ignore[arg-type]
    return RefuteResult(outcome, c, decoder if isinstance(decoder, str) else _called(decoder))


def _called(decoder: Callable[..., object]) -> str:
    """Return what a function is called."""
    name = getattr(decoder, "__qualname__", type(decoder).__qualname__)
    return f"{getattr(decoder, '__module__', type(decoder).__module__)}:{name}"
