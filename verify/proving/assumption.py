"""What a theorem takes for granted, each assumption under one label, in words and as a formula."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import final

from typing_extensions import override

from fvproof.theory.errors import DomainError
from fvproof.verify.proving.language import conjuncts, formula, is_instance, is_the_same, plain
from fvproof.verify.proving.terms import Claim


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
            both = "; ".join(worded(one) for one in (known, assumption))
            raise DomainError(f"two assumptions are called {known.name!r}: {both}")
    return frozenset(found.values())


def worded(assumption: Assumption) -> str:
    """Return an assumption's words, and its formula if it has one."""
    return assumption.text + ("" if assumption.formula is None else f" [{assumption.formula.sexpr()}]")


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
        object.__setattr__(self, "formula", formula(self.formula))
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
