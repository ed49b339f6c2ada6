"""Members of a class that put two queries in a given order, where the class has one: f(x) > f(y)."""

from collections.abc import Iterator

from fvproof.theory.classes.base import FunctionClass, Member, Separating
from fvproof.theory.exact.points import Point
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.twins import ends


def separator(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Member | None:
    """Return a member with visualization φ and f(x) > f(y), or None if there is none (or none was found).

    Raises
    ------
    InfeasibleVisualization
        If no member has this visualization.
    DomainError
        If the order of two queries is not decided for this class and visualization.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from fvproof.theory.classes.affine import Affine
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> x, y = (Fraction(1, 4), Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 4))
    >>> f, g = separator(Affine(), phi, x, y), separator(Affine(), phi, y, x)
    >>> f(x), f(y), g(x), g(y)
    (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), Fraction(1, 2))
    """
    if within.at_most(phi, x, y):
        return None
    return next((f for f in _candidates(within, phi, x, y) if bool(f(x) > f(y))), None)


def _candidates(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
    """Yield members that may have f(x) > f(y): what the class offers, the highest at x, the lowest at y."""
    if isinstance(within, Separating):
        yield from within.separations(phi, x, y)
    yield within.witness(phi, x, ends(within.ambiguity(phi, x))[-1])
    yield within.witness(phi, y, ends(within.ambiguity(phi, y))[0])
