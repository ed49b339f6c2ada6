"""What an induction over the coordinates consists of: its two parts, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, final

from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.language import constants, formula, plain, symbols
from fvproof.verify.proving.obligation import Obligation, Proved
from fvproof.verify.proving.terms import Claim

BEFORE: Final = "it holds before"
COORDINATE: Final = "the coordinate"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Induction:
    """The claim that every state which a fold reaches satisfies an invariant.

    Parameters
    ----------
    name
        What the invariant says, in a few words.
    fold
        How the state is built up, coordinate by coordinate.
    invariant
        A formula about the fold's parameters and state, and constants that are no part of the fold.
    given
        Hypotheses about the parameters, or about constants that are no part of the fold.

    Raises
    ------
    ValueError
        If names are out of their place: they would be one number before a step and another after it. Or if a hypothesis
        bears a name that the induction uses itself.
    """

    name: str
    fold: Fold
    invariant: Claim
    given: Mapping[str, Claim]

    def __post_init__(self) -> None:
        if type(self.fold) is not Fold:
            raise TypeError(f"an induction is about a fvproof.verify.proving.fold.Fold, and not about {self.fold!r}")
        object.__setattr__(self, "fold", replace(self.fold))
        object.__setattr__(self, "invariant", formula(self.invariant))
        given = {plain(name): formula(claim) for name, claim in self.given.items()}
        object.__setattr__(self, "given", MappingProxyType(given))
        self._check_names()
        self._check_scope()

    @property
    def parts(self) -> tuple[Obligation, Obligation]:
        """What is to be proved: the invariant at the start, and after a step from its truth before."""
        base = f"{self.name}: before the first coordinate"
        step = f"{self.name}: with one more coordinate"
        before = {**self.given, BEFORE: self.invariant, COORDINATE: self.fold.admissible}
        return (
            Obligation(base, self.fold.at_start(self.invariant), self.given, ()),
            Obligation(step, self.fold.after_step(self.invariant), before, ()),
        )

    @property
    def first_coordinate(self) -> list[Claim]:
        """A case in which there is a coordinate after the start: without one, the claim would be about nothing."""
        return [*self.given.values(), self.fold.at_start(self.fold.admissible)]

    def conclusion(self, base: Proved, step: Proved) -> Obligation:
        """Return what follows from the two parts."""
        return Obligation(self.name, self.invariant, {**self.given, self.fold.name: self.fold.run()}, (base, step))

    def _check_names(self) -> None:
        """Refuse a hypothesis that another one would hide."""
        if taken := {self.fold.name, BEFORE, COORDINATE} & set(self.given):
            raise ValueError(f"{self.name}: a hypothesis must not be called {', '.join(sorted(taken))}")

    def _check_scope(self) -> None:
        """Refuse names out of their place."""
        own, state = constants(*self.fold.coordinate), constants(*self.fold.state)
        symbols(*self.fold.terms, self.invariant, *self.given.values())
        said = {
            "a hypothesis of an induction": constants(*self.given.values()) & (own | state),
            "an invariant": constants(self.invariant) & own,
        }
        for part, strangers in said.items():
            if strangers:
                raise ValueError(f"{part} must not speak of {', '.join(sorted(strangers))}: {self.fold.name!r}")
