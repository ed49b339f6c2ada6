"""Twins: members of one class that share a visualization and differ at a query, so that nobody can tell them apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.classes import CLASSES
from fvproof.theory.classes.base import FreeClass, FunctionClass, Member
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Key, Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.interpolating import interpolate

INWARD = Fraction(1, 1024)
"""How far inside an open end a twin's value lies, as a share of the interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """Members of a class that share a visualization and differ at the queries; one member where only one is wanted.

    Parameters
    ----------
    function_class
        The class.
    visualization
        What all members share.
    queries
        Where they differ: one point, or the two points whose order is asked for.
    members
        The functions.
    """

    function_class: FunctionClass
    visualization: Visualization
    queries: tuple[Point, ...]
    members: tuple[Member, ...]

    @property
    def values(self) -> tuple[tuple[Exact, ...], ...]:
        """For each member its values at the queries."""
        return tuple(tuple(f(x) for x in self.queries) for f in self.members)


def twins(
    within: FunctionClass,
    phi: Visualization,
    x: Iterable[object],
    *,
    value: object = None,
    unique_extrema: bool = False,
    small: bool = False,
) -> Twins:
    """Return two members whose values at x are the ends of the ambiguity set, or the one member with a given value.

    Where an end is open, the value lies inside by 1/1024 of the interval. Where the visualization tells the value at x,
    there is one member and no twin.

    Parameters
    ----------
    within
        The class of functions.
    phi
        A feasible visualization.
    x
        The query, a point of the cube.
    value
        If given, the value at x of the one member to be returned.
    unique_extrema
        Whether members shall have no other extrema.
    small
        Whether members shall be networks of one hidden layer with three units, and one more for each training label.

    Raises
    ------
    InfeasibleVisualization
        If no member of the class has this visualization.
    DomainError, ShapeError
        If x is no point of the cube of the right length, no member takes the value there, or the class has no such
        small networks for every visualization, or none whose extrema are unique.

    Examples
    --------
    >>> from fvproof.theory.classes import function_class
    >>> flat = function_class("lipschitz", lipschitz=1, norm="l1")
    >>> twins(flat, Visualization([0, 0], [1, 1], 0, 1), ["1/4", 0]).values
    ((Fraction(0, 1),), (Fraction(1, 4),))
    """
    query = phi.query(x)
    wanted = ends(within.ambiguity(phi, query, unique_extrema=unique_extrema)) if value is None else (value,)
    if small and unique_extrema:
        raise DomainError("small networks do not have unique extrema: ask for one or the other")
    made = [within.witness(phi, query, v) for v in wanted]
    return Twins(
        within, phi, (query,), tuple(_small(within, phi, query, f(query)) for f in made) if small else tuple(made)
    )


def _small(within: FunctionClass, phi: Visualization, x: Point, value: Exact) -> Member:
    """Return the network of one hidden layer with a unit for each of a, b, x and the training labels."""
    labels = within.labels if isinstance(within, EmpiricalRiskMinimisers) else {}
    known = {Key(phi.argmin): phi.minimum, Key(phi.argmax): phi.maximum, Key(x): value} | labels
    network = interpolate([z.point for z in known], [*known.values()])
    if not (isinstance(within, FreeClass | EmpiricalRiskMinimisers) and within.contains(network)):
        free = ", ".join(name for name, each in CLASSES.items() if issubclass(each, FreeClass) and name != "smooth")
        raise DomainError(f"small networks are known for {free} and erm, not for {within.name}")
    return network


def ends(interval: Interval) -> tuple[Exact, ...]:
    """Return the ends of an interval, moved inside where they are open; one value if they meet.

    Examples
    --------
    >>> ends(Interval(Fraction(0), Fraction(1), high_closed=False))
    (Fraction(0, 1), Fraction(1023, 1024))
    """
    inward = (interval.high - interval.low) * INWARD
    low = interval.low if interval.low_closed else interval.low + inward
    high = interval.high if interval.high_closed else interval.high - inward
    return (low,) if interval.low == interval.high else (low, high)
