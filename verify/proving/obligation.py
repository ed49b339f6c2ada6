"""What a solver is asked, and the theorem that comes of it: each rests on the other, down to what is assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass
from types import MappingProxyType
from typing import Final, Literal, NoReturn, SupportsIndex, TypeGuard, final
from weakref import WeakKeyDictionary

from typing_extensions import override

from fvproof.verify.proving.assumption import Assumed, Assumption, merged, worded
from fvproof.verify.proving.fold import FoldRun
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.language import formula as formula_of
from fvproof.verify.proving.language import plain, symbols
from fvproof.verify.proving.smtlib import smt2
from fvproof.verify.proving.terms import Claim, Number, every, implies, no, substitute
from fvproof.verify.proving.verdict import Refuted, Unknown, Vacuous

Hypothesis = Claim | FoldRun

_KERNEL_TOKEN: Final = object()
"""Held by `fvproof.verify.proving.kernel`, the only module that may make a `Proved`."""


def at(theorem: "Verdict | Instance[Verdict]", terms: Mapping[Number, Number]) -> "Instance[Verdict]":
    """Return the theorem with its constants replaced by terms, all at once.

    Only constants stand for all values: numbers, functions and compound terms cannot be replaced.

    Examples
    --------
    >>> from fvproof.verify.proving.kernel import prove
    >>> from fvproof.verify.proving.terms import reals
    >>> s, t = reals("s t")
    >>> square = prove("a square is not negative", s * s >= 0)
    >>> formula(at(square, {s: t - 1}))
    (t - 1)*(t - 1) >= 0
    """
    return Instance(theorem, tuple(terms.items()))


@final
@dataclass(frozen=True, slots=True, eq=False)
class Obligation:
    """A claim to be derived from named hypotheses and earlier theorems, for all values of its constants.

    Parameters
    ----------
    name
        What the claim says, in a few words.
    claim
        The formula to be proved.
    given
        The hypotheses by name: formulas, or runs of a fold.
    by
        Theorems, instances of theorems, and instances of assumptions.
    """

    name: str
    claim: Claim
    given: Mapping[str, Hypothesis]
    by: "Sequence[Support]"

    def __post_init__(self) -> None:
        plain(self.name)
        object.__setattr__(self, "claim", formula_of(self.claim))
        given = {plain(name): _hypothesis(part) for name, part in self.given.items()}
        object.__setattr__(self, "given", MappingProxyType(given))
        object.__setattr__(self, "by", tuple(self.by))
        for support in self.by:
            if type(support) not in SUPPORTS:
                raise TypeError(f"{self.name}: theorems and assumptions support a claim, and not {support!r}")

    @property
    def facts(self) -> list[Claim]:
        """What the supports say."""
        return [formula(support) for support in self.by]

    @property
    def theorems(self) -> "list[Verdict]":
        """The theorems among the supports, whatever terms they are used at."""
        return [support for support in map(_root, self.by) if not isinstance(support, Assumed)]

    @property
    def unproved(self) -> list[str]:
        """The names of the supports that are not proved, so that nothing may rest on them."""
        return [theorem.name for theorem in self.theorems if not is_theorem(theorem)]

    @property
    def ledger(self) -> frozenset[Assumption]:
        """Everything that the supports assume, each with its formula.

        Raises
        ------
        ValueError
            If one label stands for two assumptions.
        """
        assumed = [support.entry for support in map(_root, self.by) if isinstance(support, Assumed)]
        return merged(assumed, *(theorem.ledger for theorem in self.theorems if isinstance(theorem, Proved)))

    @property
    def statement(self) -> Claim:
        """What holds once the obligation is proved: the hypotheses imply the claim."""
        hypotheses = list(self.hypotheses.values())
        return implies(every(*hypotheses), self.claim) if hypotheses else self.claim

    @property
    def hypotheses(self) -> dict[str, Claim]:
        """The hypotheses as formulas."""
        return {name: given.atom if isinstance(given, FoldRun) else given for name, given in self.given.items()}

    @property
    def examples(self) -> list[Claim]:
        """For each run of a fold among the hypotheses: how a short run goes, coordinate by coordinate."""
        return [given.example for given in self.given.values() if isinstance(given, FoldRun)]

    @property
    def case(self) -> list[Claim]:
        """A case in which the hypotheses are met: without one, the claim would be empty."""
        return [*self.hypotheses.values(), *self.facts, *self.examples]

    @property
    def shown(self) -> list[Claim]:
        """The formulas whose quantities a reader wants to see in a model: those of the statement itself."""
        return [*self.hypotheses.values(), *self.examples, self.claim]

    @property
    def counterexample(self) -> list[Claim]:
        """A case in which the hypotheses are met and the claim fails."""
        return [*self.case, no(self.claim)]

    @property
    def smt2(self) -> str:
        """The obligation in SMT-LIB: unsatisfiable if and only if the claim follows."""
        given, by = (f"given {name}" for name in self.given), (f"by {support.name}" for support in self.by)
        return smt2(self.query, [self.name, *given, *by, "unsat means that the claim follows"])

    def without(self, name: str) -> "Obligation":
        """Return the obligation with one hypothesis dropped."""
        kept = {key: value for key, value in self.given.items() if key != name}
        return Obligation(self.name, self.claim, kept, self.by)

    @property
    def query(self) -> list[Claim]:
        """The formulas that must not hold together for the claim to be proved."""
        return [*self.hypotheses.values(), *self.facts, no(self.claim)]


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
    assumed = sorted(worded(assumption) for assumption in theorem.ledger)
    return formula_of(theorem.obligation.statement), (theorem.name, theorem.rule, *assumed)


Verdict = Proved | Refuted | Vacuous | Unknown
Support = Verdict | Instance[Verdict] | Assumed
SUPPORTS = (Proved, Refuted, Vacuous, Unknown, Instance, Assumed)
"""What a claim may be given to rest on; it is proved only if every theorem among them is."""


def formula(support: Support) -> Claim:
    """Return what a support says, as a formula about its constants.

    Raises
    ------
    PermissionError
        If the support is neither a theorem nor an assumption.
    ValueError
        If a theorem is used at terms in place of a constant that it does not have.
    """
    root = _root(support)
    if not isinstance(root, Assumed) and not is_theorem(root):
        raise PermissionError(f"{root.name} is not proved and cannot be used")
    return said(support)


def said(support: Support) -> Claim:
    """Return what a support says, whether or not it is proved."""
    match support:
        case Assumed():
            return support.formula
        case Instance():
            return replaced(said(support.theorem), Instance(support.theorem, support.terms))
        case Proved():
            return support.obligation.statement
        case _:
            raise PermissionError(f"{support.name} says nothing: it was not proved")


def replaced(said: Claim, instance: Instance[Verdict]) -> Claim:
    """Return what a theorem says at the terms of an instance."""
    named = symbols(said, *(constant for constant, _ in instance.terms))
    if strangers := {name for name in named if name not in symbols(said)}:
        raise ValueError(f"{instance.name!r} does not speak of {', '.join(sorted(strangers))}")
    return substitute(said, instance.terms)


def _root(support: Support) -> Verdict | Assumed:
    """Return the theorem or the assumption that is used, at whatever terms."""
    while isinstance(support, Instance):
        support = support.theorem
    return support


def _hypothesis(part: Hypothesis) -> Hypothesis:
    """Return a copy of a hypothesis."""
    return FoldRun(part.atom, part.example, part.source) if type(part) is FoldRun else formula_of(part)
