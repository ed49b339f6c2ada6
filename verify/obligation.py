"""What a solver is asked: hypotheses, a claim, and the earlier theorems that may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import z3

from verify.fold import Run
from verify.solver import smt2
from verify.terms import Claim, Number, every, implies, no, substitute
from verify.verdict import Assumption, Proved, Verdict

Hypothesis = Claim | Run


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A theorem at particular terms: its constants stand for all values, so any terms may take their place."""

    theorem: Verdict
    terms: tuple[tuple[Number, Number], ...]

    @property
    def name(self) -> str:
        """The name of the theorem."""
        return self.theorem.name


@dataclass(frozen=True, slots=True, eq=False)
class Assumed:
    """An assumption at particular terms, as a formula."""

    assumption: Assumption
    formula: Claim

    @property
    def name(self) -> str:
        """The name of the assumption."""
        return self.assumption.name


Support = Verdict | Instance | Assumed


def at(theorem: Verdict, terms: Mapping[Number, Number]) -> Instance:
    """Return the theorem with its constants replaced by terms, all at once.

    Examples
    --------
    >>> from verify.kernel import prove
    >>> from verify.terms import reals
    >>> s, t = reals("s t")
    >>> square = prove("a square is not negative", s * s >= 0)
    >>> formula(at(square, {s: t - 1}))
    (t - 1)*(t - 1) >= 0
    """
    return Instance(theorem, tuple(terms.items()))


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
    by: Sequence[Support]

    def __post_init__(self) -> None:
        object.__setattr__(self, "given", MappingProxyType(dict(self.given)))
        object.__setattr__(self, "by", tuple(self.by))
        for part in (self.claim, *self.hypotheses.values()):
            if not isinstance(part, z3.BoolRef):
                raise TypeError(f"{self.name}: hypotheses and claims must be z3 formulas, not {part!r}")

    @property
    def facts(self) -> list[Claim]:
        """What the supports say."""
        return [formula(support) for support in self.by]

    @property
    def theorems(self) -> list[Verdict]:
        """The theorems among the supports."""
        theorems = [support.theorem if isinstance(support, Instance) else support for support in self.by]
        return [theorem for theorem in theorems if not isinstance(theorem, Assumed)]

    @property
    def unproved(self) -> list[str]:
        """The names of the supports that are not proved, so that nothing may rest on them."""
        return [theorem.name for theorem in self.theorems if not isinstance(theorem, Proved)]

    @property
    def ledger(self) -> frozenset[Assumption]:
        """Everything that the supports assume."""
        assumed = {support.assumption for support in self.by if isinstance(support, Assumed)}
        return frozenset(assumed.union(*(t.ledger for t in self.theorems if isinstance(t, Proved))))

    @property
    def hypotheses(self) -> dict[str, Claim]:
        """The hypotheses as formulas."""
        return {name: given.atom if isinstance(given, Run) else given for name, given in self.given.items()}

    @property
    def examples(self) -> list[Claim]:
        """For each run of a fold among the hypotheses: how a short run goes, coordinate by coordinate."""
        return [given.example for given in self.given.values() if isinstance(given, Run)]

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


def formula(support: Support) -> Claim:
    """Return what a support says, as a formula about its constants.

    Raises
    ------
    PermissionError
        If the support is neither a theorem nor an assumption.
    """
    match support:
        case Assumed():
            return support.formula
        case Instance():
            return substitute(formula(support.theorem), support.terms)
        case Proved():
            hypotheses = list(support.obligation.hypotheses.values())
            return implies(every(*hypotheses), support.obligation.claim) if hypotheses else support.obligation.claim
        case _:
            raise PermissionError(f"{support.name} is not proved and cannot be used")
