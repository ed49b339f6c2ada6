"""Where a class of functions is asked about, and with which parameters: by the table, and by random tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Protocol, TypeVar

from fvproof.theory.exact.points import Point, as_vector
from fvproof.theory.visualization import Visualization

T = TypeVar("T")


class Pick(Protocol):
    """What chooses one of several: at random, or always the first, which is the simplest."""

    def __call__(self, options: Sequence[T], /) -> T:
        """Return one of the options."""
        ...


def first(options: Sequence[T], /) -> T:
    """Return the simplest of the options, as the table takes it."""
    return options[0]


def numbers(text: str) -> tuple[Fraction, ...]:
    """Return the numbers of a text, in their order.

    Examples
    --------
    >>> numbers("1/2 0")
    (Fraction(1, 2), Fraction(0, 1))
    """
    return tuple(map(Fraction, text.split()))


def _points(*texts: str) -> tuple[Point, ...]:
    """Return points from their coordinates as text."""
    return tuple(as_vector(text.split(), name="the point") for text in texts)


COORDINATES = numbers("1/2 0 1 1/4 3/4 1/8 7/8 1/3 2/3 2/5 3/7 1/100")
VALUES = numbers("0 1 1/2 -1 2 1/3 -5/2 10")
CONSTANTS = numbers("2 1 1/2 5 1/10 3/7")
"""Coordinates of points of the cube, values of units, and constants of a class, the simplest first."""
LINE = _points("0", "1/4", "1/3", "1")
SQUARE = _points(*map(" ".join, product(("0", "1/4", "1"), repeat=2)))
HALVES = _points(*map(" ".join, product(("0", "1/2", "1"), repeat=2)))
DISC = _points("1 0", "-1 0", "0 1", "0 -1", "3/5 4/5", "-3/5 -4/5", "1/2 0", "0 0")
CIRCLE = _points("1 0", "0 1", "3/5 4/5", "-4/5 3/5", "5/13 12/13")
SPHERE = _points("1 0 0", "0 1 0", "0 0 1", "3/5 4/5 0", "2/3 1/3 2/3", "1/3 2/3 -2/3")
"""The points that the table asks about: those on the border of the domain, where extrema are, and some inside."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the table asks about a class.

    Parameters
    ----------
    domain
        What the table calls the domain.
    points
        The extrema and the queries that are tried, each with each.
    corners_only
        Whether only opposite corners of the cube are tried as extrema.
    """

    domain: str = "cube"
    points: tuple[Point, ...] = SQUARE
    corners_only: bool = False


def without_parameters(_pick: Pick, _dimension: int) -> dict[str, object]:
    """Return the parameters of a class that needs none, or whose defaults will do."""
    return {}


def as_drawn(_within: Any, phi: Visualization) -> Visualization:  # noqa: ANN401  any class of functions
    """Return the visualization as it is."""
    return phi


@dataclass(frozen=True, slots=True)
class Examples:
    """What a class is tried on.

    Parameters
    ----------
    settings
        Where the table asks about it: one row each.
    parameters
        Draws the parameters that the class needs, for functions of so many inputs, with a function that picks one of
        several. The table takes the first of each, as does a random test that has failed and looks for a simple case.
    fitted
        Makes a random visualization feasible, or nearly so, where the class has few: given a member of the family of
        classes and the visualization.

    Examples
    --------
    >>> Examples().parameters(first, 2), Examples().settings[0].domain
    ({}, 'cube')
    """

    settings: tuple[Setting, ...] = (Setting(),)
    parameters: Callable[[Pick, int], dict[str, object]] = without_parameters
    fitted: Callable[[Any, Visualization], Visualization] = as_drawn
