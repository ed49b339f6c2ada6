"""What a solver is asked: hypotheses, a claim, and the earlier theorems that may be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import final

from fvproof.verify.proving.fold import Run
from fvproof.verify.proving.language import admitted, is_constant, is_instance, plain, symbols
from fvproof.verify.proving.language import formula as formula_of
from fvproof.verify.proving.smtlib import smt2
from fvproof.verify.proving.terms import Claim, Number, every, implies, no, substitute
from fvproof.verify.proving.verdict import Assumption, Proved, Refuted, Unknown, Vacuous, Verdict, is_theorem, merged

Hypothesis = Claim | Run


@final
@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A theorem at particular terms: its constants stand for all values, so any terms may take their place.

    Raises
    ------
    TypeError
        If what is to be replaced is no constant, or a term is of another sort than the constant.
    ValueError
        If one constant is to be replaced by two terms.
    """

    theorem: "Verdict | Instance"
    terms: tuple[tuple[Number, Number], ...]

    def __post_init__(self) -> None:
        pairs = tuple((admitted(constant), admitted(term)) for constant, term in self.terms)
        for constant, term in pairs:
            if not is_constant(constant):
                raise TypeError(f"only constants stand for all values, and not {constant}: {constant.sort()}")
            if not constant.sort().eq(term.sort()):
                raise TypeError(f"{constant}: {constant.sort()} cannot be replaced by {term}: {term.sort()}")
        if len({constant.get_id() for constant, _ in pairs}) != len(pairs):
            raise ValueError("one constant cannot be replaced by two terms at once")
        object.__setattr__(self, "terms", pairs)

    @property
    def name(self) -> str:
        """The name of the theorem."""
        return self.theorem.name


@final
@dataclass(frozen=True, slots=True, eq=False)
class Assumed:
    """An assumption at particular terms, as a formula.

    Raises
    ------
    ValueError
        If the assumption has a formula of its own, and this one says more than it does at some terms.
    """

    assumption: Assumption
    formula: Claim

    def __post_init__(self) -> None:
        object.__setattr__(self, "formula", formula_of(self.formula))
        general = self.assumption.formula
        if general is not None and not is_instance(self.formula, general):
            raise ValueError(f"{self.formula} does not follow from the assumption {self.name!r}: {general}")

    @property
    def name(self) -> str:
        """The name of the assumption."""
        return self.assumption.name

    @property
    def entry(self) -> Assumption:
        """The assumption with the formula that is assumed, for the ledger."""
        return (
            self.assumption if self.assumption.formula is not None else replace(self.assumption, formula=self.formula)
        )


Support = Verdict | Instance | Assumed


def at(theorem: Verdict | Instance, terms: Mapping[Number, Number]) -> Instance:
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
    by: Sequence[Support]

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
    def theorems(self) -> list[Verdict]:
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


def replaced(said: Claim, instance: Instance) -> Claim:
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
    return Run(part.atom, part.example, part.source) if type(part) is Run else formula_of(part)
