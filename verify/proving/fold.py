"""Quantities built up coordinate by coordinate, so that one proof covers every dimension.

A sum over i = 1..d, a largest ratio, a product of weights: each is a state that starts somewhere and is carried from
coordinate to coordinate by one step. What holds at the start and is kept by the step holds at the end, whatever d is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, final

import z3

from fvproof.verify.proving.language import admitted, constants, formula, is_constant, plain, symbols
from fvproof.verify.proving.smtlib import script
from fvproof.verify.proving.terms import Claim, Number, every, substitute

Source = Any
"""The fold or the integral that a claim is about."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class FoldRun:
    """The claim that a state is reached after some number of coordinates.

    Parameters
    ----------
    atom
        The claim, as an application of a predicate about which only `fvproof.verify.proving.kernel.induct` learns
        anything.
    example
        The claim that the state is reached after `Fold.length` coordinates, spelled out. Models of it are real runs.
    source
        The fold or the integral that the claim is about.
    """

    atom: Claim
    example: Claim
    source: Source = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "atom", formula(self.atom))
        object.__setattr__(self, "example", formula(self.example))


@final
@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A state carried along the coordinates.

    Parameters
    ----------
    name
        What is built up, in a few words.
    parameters
        Constants that all steps share.
    coordinate
        Constants that belong to one coordinate, such as w_i and x_i.
    state
        Constants that name the state.
    start
        The state before the first coordinate.
    step
        The next state, in terms of parameters, coordinate and state.
    admissible
        What each coordinate satisfies, in terms of parameters, coordinate and state.
    length
        How many coordinates an example has.

    Raises
    ------
    TypeError
        If a part is no term of the kernel's language, or of another sort than the state that it is to become.
    ValueError
        If start, step or condition depend on constants that are not declared: a theorem about the fold, used at other
        terms, would then speak of another fold. Or if a name stands for two things.

    Examples
    --------
    >>> w, total = z3.Reals("w total")
    >>> positive = Fold("a sum of positive numbers", (), (w,), (total,), (z3.RealVal(0),), (total + w,), w > 0)
    >>> positive.run().example
    And(w_1 > 0, w_2 > 0, total == 0 + w_1 + w_2)
    """

    name: str
    parameters: tuple[Number, ...]
    coordinate: tuple[Number, ...]
    state: tuple[Number, ...]
    start: tuple[Number, ...]
    step: tuple[Number, ...]
    admissible: Claim
    length: int = 2

    def __post_init__(self) -> None:
        plain(self.name)
        for part in ("parameters", "coordinate", "state", "start", "step"):
            object.__setattr__(self, part, tuple(admitted(term) for term in getattr(self, part)))
        object.__setattr__(self, "admissible", formula(self.admissible))
        self._check_constants()
        self._check_sorts()

    def _check_constants(self) -> None:
        """Refuse constants out of their place."""
        declared = (*self.parameters, *self.coordinate, *self.state)
        shared, own = constants(*self.parameters), constants(*self.coordinate, *self.state)
        if not all(map(is_constant, declared)) or len(symbols(*declared)) != len(declared):
            raise ValueError(f"{self.name}: parameters, coordinate and state must be different constants")
        symbols(*self.terms)
        if stray := constants(*self.start) - shared:
            raise ValueError(f"{self.name}: the start must depend on parameters alone, not on {sorted(stray)}")
        if stray := constants(*self.step, self.admissible) - shared - own:
            raise ValueError(f"{self.name}: {sorted(stray)} must be among the parameters")

    def _check_sorts(self) -> None:
        """Refuse a state that would change its sort on the way, or its length."""
        sorts = [[term.sort().name() for term in terms] for terms in (self.state, self.start, self.step)]
        if sorts[1] != sorts[0] or sorts[2] != sorts[0]:
            raise TypeError(
                f"{self.name}: start and step must be of the sorts of the state, {sorts[0]}, not {sorts[1:]}"
            )

    def run(self, *terms: Number, label: str = "") -> FoldRun:
        """Return the claim that the fold reaches a state: parameters, then state; by default their own names.

        The label tells apart the coordinates of this run's example from those of another.
        """
        terms = terms or (*self.parameters, *self.state)
        sorts = [term.sort() for term in (*self.parameters, *self.state)]
        reached = z3.Function(f"reached: {self.name} #{self._digest}".replace("|", "∣"), *sorts, z3.BoolSort())
        return FoldRun(reached(*terms), self._example(terms, label), self)

    @property
    def terms(self) -> tuple[z3.ExprRef, ...]:
        """All terms of which the fold is made."""
        return (*self.parameters, *self.coordinate, *self.state, *self.start, *self.step, self.admissible)

    @property
    def definition(self) -> str:
        """All parts as text, with the sorts of all names: what tells two folds apart."""
        lines, texts = script(self.terms)
        sizes = (len(self.parameters), len(self.coordinate), len(self.state))
        return "\n".join([*lines, str(sizes), *texts])

    @property
    def _digest(self) -> str:
        """A few letters that no other fold has: a claim about one fold is no claim about another of the same name."""
        return sha256(self.definition.encode()).hexdigest()[:32]

    def at_start(self, claim: Claim) -> Claim:
        """Return a claim about the state, said of the state before the first coordinate."""
        return substitute(claim, list(zip(self.state, self.start, strict=True)))

    def after_step(self, claim: Claim) -> Claim:
        """Return a claim about the state, said of the state after one more coordinate."""
        return substitute(claim, list(zip(self.state, self.step, strict=True)))

    def _example(self, terms: Sequence[Number], label: str) -> Claim:
        """Return the run of the example's length that ends in the given state."""
        arguments = list(zip(self.parameters, terms, strict=False))
        values, conditions = list(self.start), []
        for i in range(1, self.length + 1):
            own = [(c, z3.Const(f"{c}_{i}{label}", c.sort())) for c in self.coordinate]
            here = own + list(zip(self.state, values, strict=True))
            conditions.append(substitute(self.admissible, here))
            values = [substitute(term, here) for term in self.step]
        reached = [s == v for s, v in zip(terms[len(self.parameters) :], values, strict=True)]
        return every(*(substitute(claim, arguments) for claim in conditions + reached))
