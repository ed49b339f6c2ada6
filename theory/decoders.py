"""Decoders: from a visualization and a query to a prediction."""

from typing import TYPE_CHECKING, Protocol

from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval
from fvproof.theory.visualization import Visualization

if TYPE_CHECKING:
    from fractions import Fraction


class Decoder(Protocol):
    """A person or a method that reads visualizations: a prediction of f(x) from φ and x."""

    def __call__(self, phi: Visualization, x: Point, /) -> Exact:
        """Return the prediction."""
        ...


class Ambiguous(Protocol):
    """What leaves some values open at a query: a class of functions."""

    def ambiguity(self, phi: Visualization, x: Point, /) -> Interval:
        """Return the values that are possible at x."""
        ...


def uninformed(phi: Visualization, x: Point) -> "Fraction":
    """Return (m + M)/2, the prediction that ignores the query: its error is at most (M − m)/2 for every function.

    Source
    ------
    Geirhos et al., ICML 2024, Proposition 1.

    Examples
    --------
    >>> phi = Visualization([0], [1], 0, 1)
    >>> uninformed(phi, phi.query(["1/4"]))
    Fraction(1, 2)
    """
    phi.query(x)
    return phi.middle


def chebyshev(function_class: Ambiguous) -> Decoder:
    """Return the best decoder for the class: the midpoint of the ambiguity set, whose error is at most its radius.

    No decoder, randomized or not, has a smaller worst-case (expected) error at any φ and x.

    Source
    ------
    fvproof, minimax lemma.

    Examples
    --------
    >>> from fvproof.theory.classes import Convex
    >>> phi = Visualization(["1/2"], [1], 0, 1)
    >>> chebyshev(Convex())(phi, phi.query(["3/8"]))
    Fraction(1, 8)
    """

    def decode(phi: Visualization, x: Point) -> Exact:
        return function_class.ambiguity(phi, x).midpoint

    return decode
