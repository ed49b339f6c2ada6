"""What every class of functions answers: which visualizations it allows, and what each of them leaves open."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, ClassVar, Protocol, final, runtime_checkable

import numpy as np
from typing_extensions import override

from fvproof.theory.domains import CUBE, Domain
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, fractions, same
from fvproof.theory.exact.surds import Exact, Surd
from fvproof.theory.examples import Examples
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import affine
from fvproof.theory.observations import Observations
from fvproof.theory.statement import Statement
from fvproof.theory.visualization import Visualization


class Member(Protocol):
    """A function on the cube: it reads `dimension` coordinates and returns its exact value."""

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        ...

    def __call__(self, x: Point, /) -> Exact:
        """Return the exact value at x."""
        ...


@runtime_checkable
class Parted(Protocol):
    """A class whose ambiguity sets may have a gap."""

    def parts(self, phi: Visualization, x: Point, *, unique_extrema: bool = False) -> list[Interval]:
        """Return the intervals of which the ambiguity set at x consists."""
        ...


@runtime_checkable
class Separating(Protocol):
    """A class whose witnesses for one query do not always show the order of two."""

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield members with this visualization, some with f(x) > f(y) if any has it and no witness for one query."""
        ...


class FunctionClass(ABC):
    """A class C of functions on the cube I = [0,1]^d or another domain, asked about its members' visualizations φ.

    Write Φ(f) for the visualizations of f, one for each choice of extrema. Then φ is *feasible* if φ ∈ Φ(f) for some
    f ∈ C, and the *ambiguity set* at a query x holds the values that are still possible there::

        A_C(φ, x) = { f(x) : f ∈ C, φ ∈ Φ(f) }

    With `unique_extrema`, only members count whose minimum and maximum are attained nowhere else.
    """

    __slots__ = ()

    name: ClassVar[str]
    """What the command line and `function_class` call it."""
    title: ClassVar[str]
    """What a table calls it."""
    source: ClassVar[str]
    """The statement that gives its ambiguity sets."""
    statements: ClassVar[tuple[Statement, ...]]
    """What is proved of its ambiguity sets."""
    examples: ClassVar[Examples] = Examples()
    """Where the table asks about it, and how a random test draws its parameters."""

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """Where its members read their inputs."""

    @final
    def violation(self, phi: Visualization, *, unique_extrema: bool = False) -> str | None:
        """Return the condition that the visualization violates, with the numbers; None when it is feasible."""
        if phi.domain != self.domain:
            return f"its inputs are those of the {self.domain}, not of the {phi.domain}"
        if unique_extrema and phi.spread == 0:
            return f"extrema are unique only if the minimum is below the maximum, but both are {phi.minimum}"
        if phi.spread and same(phi.argmin, phi.argmax):
            return f"the minimum {phi.minimum} is below the maximum {phi.maximum}, but argmin and argmax are one point"
        return self._violation(phi, unique_extrema=unique_extrema)

    @final
    def feasible(self, phi: Visualization, *, unique_extrema: bool = False) -> bool:
        """Return whether some member of the class has this visualization."""
        return self.violation(phi, unique_extrema=unique_extrema) is None

    @final
    def ambiguity(self, phi: Visualization, x: Iterable[object], *, unique_extrema: bool = False) -> Interval:
        """Return the ambiguity set A_C(φ, x): the values that a member with this visualization can take at x.

        Where the set has a gap (`TwoPieceAffine` alone), this is the smallest interval that holds it, which decides the
        best decoder and the tasks all the same.

        Parameters
        ----------
        phi
            The visualization.
        x
            The query, a point of the cube (see `fvproof.theory.exact.points.as_point` for what is read).
        unique_extrema
            Whether the unit is known to have no other minimum or maximum point.

        Raises
        ------
        InfeasibleVisualization
            If no member has this visualization; the message names the condition that fails, with the numbers.
        DomainError, ShapeError
            If x is no point of the domain of the visualization's dimension.
        """
        query = phi.query(x)
        self.require(phi, unique_extrema=unique_extrema)
        known = phi.minimum if phi.spread == 0 else phi.known_value(query)
        return self._ambiguity(phi, query, unique_extrema=unique_extrema) if known is None else point(known)

    @final
    def witness(self, phi: Visualization, x: Iterable[object], value: object) -> Member:
        """Return a member with this visualization that takes the value at x.

        It has no other extrema wherever such a member exists.

        Raises
        ------
        DomainError
            If the value is not in the ambiguity set, or x is no point of the domain.
        InfeasibleVisualization
            If no member has this visualization.
        """
        phi = phi if self.domain == CUBE else _exactly(self, phi)
        query = phi.query(x)
        wanted = _as_value(value)
        possible = self.ambiguity(phi, query)
        if wanted not in possible:
            raise DomainError(f"the value at the query must lie in {possible}, not {wanted}")
        if phi.spread == 0:
            return affine({}, phi.minimum, dimension=phi.dimension)
        return self._witness(phi, query, wanted)

    @final
    def at_most(self, phi: Visualization, x: Iterable[object], y: Iterable[object]) -> bool:
        """Return whether f(x) ≤ f(y) for every member f with this visualization.

        Raises
        ------
        InfeasibleVisualization
            If no member has this visualization.
        """
        p, q = phi.query(x), phi.query(y)
        if same(p, q) or self.ambiguity(phi, p).high <= self.ambiguity(phi, q).low:
            return True
        return self._at_most(phi, p, q)

    @abstractmethod
    def contains(self, member: Member) -> bool:
        """Return whether the function belongs to the class.

        Decided for exact ReLU networks, piece by piece (`fvproof.theory.pieces`), and for the witnesses of this
        package.

        Raises
        ------
        DomainError
            If it is not decided for this kind of function.
        """

    @abstractmethod
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return the values at x of the members with these observations (`fvproof.theory.exemplars`).

        Raises
        ------
        InfeasibleVisualization
            If no member has them; the message names two that do not go together.
        DomainError
            If no rule is known for the class (`no_rule`).
        """

    @abstractmethod
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        """Return the condition of this class that φ violates; m < M implies argmin ≠ argmax already."""

    @abstractmethod
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        """Return the ambiguity set for a feasible φ with m < M and a query other than its extrema."""

    @abstractmethod
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        """Return the witness for m < M; x may be an extremum."""

    @abstractmethod
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        """Return whether f(x) ≤ f(y) always, where the two ambiguity sets alone do not settle it."""

    @final
    def require(self, phi: Visualization, *, unique_extrema: bool = False) -> None:
        """Raise InfeasibleVisualization, naming the condition that fails, unless φ is feasible."""
        if broken := self.violation(phi, unique_extrema=unique_extrema):
            raise InfeasibleVisualization(f"no {self.title} has this visualization: {broken}")


class CubeClass(FunctionClass):
    """A class of functions on the cube."""

    __slots__ = ()

    @property
    @final
    @override
    def domain(self) -> Domain:
        """The cube."""
        return CUBE


class FreeClass(CubeClass):
    """A class with members that take any values off finitely many points: a visualization tells nothing there."""

    __slots__ = ()

    @final
    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        return None

    @final
    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        return anything(phi, unique_extrema=unique_extrema)

    @final
    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return all that the bounds leave open, off the data."""
        return freely(known, x)

    @final
    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return False


def _exactly(within: FunctionClass, phi: Visualization) -> Visualization:
    """Return the visualization with exact points, if arrays of doubles on a domain other than the cube hold them."""
    points = phi.argmin, phi.argmax
    if not any(isinstance(z, np.ndarray) for z in points):
        return phi
    try:
        a, b = map(fractions, points)
        exactly = Visualization(a, b, phi.minimum, phi.maximum, phi.domain)
        within.require(exactly)
    except (DomainError, InfeasibleVisualization):
        raise DomainError(f"witnesses on the {phi.domain} need exact points, which these doubles are not") from None
    return exactly


def _as_value(value: object) -> Fraction:
    """Return an exact value; the irrational ends of Euclidean intervals pass as they are, and add up like fractions."""
    return value if isinstance(value, Surd) else exact(value, name="the value")  # type: ignore[return-value]


def anything(phi: Visualization, *, unique_extrema: bool) -> Interval:
    """Return [m, M], or (m, M) when the extrema are unique: the visualization tells nothing here."""
    return Interval(phi.minimum, phi.maximum, low_closed=not unique_extrema, high_closed=not unique_extrema)


def freely(known: Observations, x: Point) -> Interval:
    """Return the values at x of functions that can take any value off the data."""
    value = known.value_at(x)
    return Interval(known.low, known.high) if value is None else point(value)


def no_rule(within: FunctionClass) -> DomainError:
    """Return what is to be raised for a class whose sets with further observations nobody has worked out."""
    return DomainError(f"exemplars and slack are not available for {within.name}")


def observations(phi: Visualization, *known: tuple[Point, Any]) -> tuple[tuple[Point, ...], tuple[Any, ...]]:
    """Return the points at which a witness must take given values, each once, and these values: φ's come first."""
    pairs = [(phi.argmin, phi.minimum), (phi.argmax, phi.maximum)]
    for x, value in known:
        if not any(same(x, other) for other, _ in pairs):
            pairs.append((x, value))
    points, values = zip(*pairs, strict=True)
    return points, values
