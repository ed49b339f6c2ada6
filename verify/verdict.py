"""What an answer of a solver is worth: proved, refuted, vacuous or unknown, and never rounded from one to another."""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, final

from typing_extensions import override

if TYPE_CHECKING:
    from verify.obligation import Obligation

KERNEL_TOKEN: Final = object()
"""Held by `verify.kernel`, the only module that may make a `Proved`."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a theorem takes for granted: a principle or axioms that no solver was asked about.

    Examples
    --------
    >>> print(Assumption("induction", "what holds at the start and is kept by each step holds at the end"))
    induction: what holds at the start and is kept by each step holds at the end
    """

    name: str
    text: str

    @override
    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Proved:
    """A theorem: the negation of its obligation was found unsatisfiable, and its hypotheses satisfiable.

    Only `verify.kernel` makes one; the constructor demands the kernel's token.

    Parameters
    ----------
    obligation
        Hypotheses, claim and earlier theorems used. Its constants stand for all their values.
    rule
        How it was derived: by a solver, by induction from two theorems that a solver found, or by calculus.
    solver
        Who found it unsatisfiable, ``z3`` or ``cvc5``, or settled the integral, ``sympy``, with the version.
    time_s
        Seconds that the solver took for the theorem and its controls.
    ledger
        Everything assumed, here or in a theorem that this one rests on.
    unneeded
        Hypotheses without any single one of which the claim still follows.

    Raises
    ------
    PermissionError
        If somebody other than the kernel tries to make a theorem.
    """

    obligation: "Obligation"
    rule: Literal["solver", "induction", "calculus"]
    solver: str
    time_s: float
    ledger: frozenset[Assumption]
    unneeded: tuple[str, ...]
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not KERNEL_TOKEN:
            raise PermissionError("only the kernel makes theorems: call verify.kernel.prove")

    @property
    def name(self) -> str:
        """The name of the obligation."""
        return self.obligation.name

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the theorems that this one rests on."""
        return tuple(support.name for support in self.obligation.by)


@final
@dataclass(frozen=True, slots=True)
class Refuted:
    """The claim fails: the model gives every quantity a value that meets the hypotheses and breaks the claim.

    Parameters
    ----------
    name
        The name of the obligation.
    model
        Each quantity and its value, in the reader's terms, such as ``{"f(x)": "1/2"}``.
    """

    name: str
    model: Mapping[str, str]
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return ", ".join(f"{quantity} = {value}" for quantity, value in self.model.items())


@final
@dataclass(frozen=True, slots=True)
class Vacuous:
    """The hypotheses contradict each other, so that the claim would follow from nothing at all."""

    name: str
    conflict: tuple[str, ...]
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return "no case meets: " + "; ".join(self.conflict)


@final
@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows: the solver gave up, ran out of resources, or the claim rests on something that is not proved.

    Parameters
    ----------
    name
        The name of the obligation.
    reason
        Why, in one line.
    query
        The file that holds the open question in SMT-LIB, if there is one.
    """

    name: str
    reason: str
    query: Path | None = None
    time_s: float = 0.0

    @override
    def __str__(self) -> str:
        return self.reason + (f" (query written to {self.query})" if self.query else "")


Verdict = Proved | Refuted | Vacuous | Unknown
