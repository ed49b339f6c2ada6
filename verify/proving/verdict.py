"""What an answer of a solver is worth: proved, refuted, vacuous or unknown, and never rounded from one to another."""

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NoReturn, SupportsIndex, TypeGuard, final
from weakref import WeakKeyDictionary

from typing_extensions import override

from fvproof.theory.errors import DomainError
from fvproof.verify.proving.language import conjuncts, formula, is_the_same, plain
from fvproof.verify.proving.terms import Claim

if TYPE_CHECKING:
    from fvproof.verify.proving.obligation import Obligation

_KERNEL_TOKEN: Final = object()
"""Held by `fvproof.verify.proving.kernel`, the only module that may make a `Proved`."""


@final
@dataclass(frozen=True, slots=True)
class Assumption:
    """What a theorem takes for granted: a principle or axioms that no solver was asked about.

    Parameters
    ----------
    name
        A label; in one ledger it stands for one assumption.
    text
        What is assumed, in words. Words prove nothing: see `formula`.
    formula
        What is assumed, for all values of its constants. Left out for a principle that is no formula (induction), and
        where an `Assumed` states it.

    Examples
    --------
    >>> print(Assumption("induction", "what holds at the start and is kept by each step holds at the end"))
    induction: what holds at the start and is kept by each step holds at the end
    """

    name: str
    text: str
    formula: Claim | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for words in (self.name, self.text):
            plain(words)
        if self.formula is not None:
            object.__setattr__(self, "formula", formula(self.formula))

    @override
    def __str__(self) -> str:
        return f"{self.name}: {self.text}"

    @property
    def is_note(self) -> bool:
        """Whether nothing is assumed: a remark for the reader, whose formula is true anyway."""
        return self.formula is not None and not conjuncts(self.formula)

    def says_what(self, other: "Assumption") -> bool:
        """Return whether another assumption has the same words and the same formula."""
        if self.formula is None or other.formula is None:
            return self == other and self.formula is other.formula
        return self == other and is_the_same(self.formula, other.formula)


def merged(*ledgers: Iterable[Assumption]) -> frozenset[Assumption]:
    """Return everything that is assumed in one of the ledgers.

    Raises
    ------
    DomainError
        If one label stands for two assumptions.

    Examples
    --------
    >>> merged([Assumption("order", "≤ is reflexive")], [Assumption("order", "≤ is transitive")])
    Traceback (most recent call last):
    fvproof.theory.errors.DomainError: two assumptions are called 'order': ≤ is reflexive; ≤ is transitive
    """
    found: dict[str, Assumption] = {}
    for assumption in chain(*ledgers):
        known = found.setdefault(assumption.name, assumption)
        if not known.says_what(assumption):
            both = "; ".join(_said(one) for one in (known, assumption))
            raise DomainError(f"two assumptions are called {known.name!r}: {both}")
    return frozenset(found.values())


def _said(assumption: Assumption) -> str:
    """Return an assumption's words, and its formula if it has one."""
    return assumption.text + ("" if assumption.formula is None else f" [{assumption.formula.sexpr()}]")


@final
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Proved:
    """A theorem: the negation of its obligation was found unsatisfiable, and its hypotheses satisfiable.

    Only `fvproof.verify.proving.kernel` makes one: the constructor demands the kernel's token, and remembers what was
    proved, so that a theorem that was made in another way, copied, or changed afterwards supports nothing
    (`is_theorem`).

    Python hides nothing: who reaches into private names, or replaces this package's functions, can make an object that
    passes for a theorem (``object.__new__``). Whoever did not write the code that made one calls
    `fvproof.verify.proving.rechecking.recheck_all`, or ``fvproof prove --recheck`` in a process of its own: both derive
    everything again from the formulas alone, and believe no `Proved`.

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
        if token is not _KERNEL_TOKEN or type(self) is not Proved:
            raise PermissionError("only the kernel makes theorems: call fvproof.verify.proving.kernel.prove")
        _CONTENTS[self] = _content(self)

    @override
    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise PermissionError("a theorem is neither copied nor pickled: prove it again")

    def __setstate__(self, state: object) -> NoReturn:
        """Refuse to become another theorem."""
        raise PermissionError("a theorem is not changed: prove another one")

    @property
    def name(self) -> str:
        """The name of the obligation."""
        return self.obligation.name

    @property
    def parents(self) -> tuple[str, ...]:
        """The names of the theorems that this one rests on."""
        return tuple(support.name for support in self.obligation.by)


_CONTENTS: "Final[WeakKeyDictionary[Proved, tuple[Claim, tuple[str, ...]]]]" = WeakKeyDictionary()
"""What each theorem said when the kernel made it."""


def is_theorem(verdict: object) -> TypeGuard[Proved]:
    """Return whether the kernel made this very object, and it still says what was proved.

    Examples
    --------
    >>> is_theorem(object.__new__(Proved))
    False
    """
    if type(verdict) is not Proved or verdict not in _CONTENTS:
        return False
    (statement, words), (said, now) = _CONTENTS[verdict], _content(verdict)
    return statement.eq(said) and words == now


def _content(theorem: Proved) -> tuple[Claim, tuple[str, ...]]:
    """Return all that matters of a theorem: its formula, and words."""
    assumed = sorted(_said(assumption) for assumption in theorem.ledger)
    return formula(theorem.obligation.statement), (theorem.name, theorem.rule, *assumed)


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
