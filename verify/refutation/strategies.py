"""Hypothesis strategies for classes, visualizations, queries, members and decoders: test your own methods with them.

Everything is exact, feasible, and shrinks to opposite corners of the cube, the values 0 and 1, and the middle::

    @given(st.data())
    def test_my_decoder_is_optimal_for_convex_functions(data):
        phi = data.draw(visualizations(Convex()))
        x = data.draw(queries(phi))
        assert my_decoder(phi, x) == Convex().ambiguity(phi, x).midpoint

`fvproof.verify.refutation.refute` does the like, and shows two functions on which the decoder fails.
"""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fvproof.theory import examples
from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.classes.base import FunctionClass, Member
from fvproof.theory.decoders import Decoder, uninformed
from fvproof.theory.domains import UNIT_SPHERE, Ball, Cube, Sphere
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact
from fvproof.theory.examples import numbers
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.guesses import first_coordinate, highest, lowest, nearest, projected, weighted
from fvproof.verify.refutation.twins import ends
from fvproof.verify.refutation.vector_strategies import ball_points, orthogonal_pairs, unit_vectors

MOST_DIMENSIONS = 6


COORDINATES = st.sampled_from(examples.COORDINATES)
VALUES = st.sampled_from(examples.VALUES)
SPREADS = st.sampled_from(numbers("1 1/2 2 1/3 10 0"))
SHARES = st.sampled_from(numbers("0 1 1/2 1/4 3/4 1/3 9/10 1/1000"))
GUESSES: Sequence[Decoder] = (uninformed, nearest, weighted, projected, lowest, highest, first_coordinate)

_ENDS = st.one_of(
    st.just((Fraction(0), Fraction(1))), st.just((Fraction(1), Fraction(0))), st.tuples(COORDINATES, COORDINATES)
)
"""One coordinate of argmin and argmax."""


def points(dimension: int) -> SearchStrategy[Point]:
    """Return a strategy for points of the cube, many of them on faces and in corners.

    Parameters
    ----------
    dimension
        The number d of coordinates.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(points(2), lambda p: p[0] == 0)
    (Fraction(0, 1), Fraction(1, 2))
    """
    return st.tuples(*[COORDINATES] * dimension)


@st.composite
def function_classes(draw: DrawFn, dimension: int | None = None) -> FunctionClass:
    """Return a strategy for classes of functions, with parameters.

    Parameters
    ----------
    dimension
        The number of inputs, which matters for training sets; by default 1 to 6.
    """
    d = draw(st.integers(1, MOST_DIMENSIONS)) if dimension is None else dimension
    return draw(classes_called(draw(st.sampled_from([*CLASSES, *RELIABLE])), d))


@st.composite
def classes_called(draw: DrawFn, name: str, dimension: int) -> FunctionClass:
    """Return a strategy for one class of functions, with different parameters.

    Parameters
    ----------
    name
        The class, as `fvproof.theory.classes.function_class` calls it.
    dimension
        The number of inputs, which matters for training sets.
    """
    examples_of = (CLASSES | RELIABLE)[name].examples
    return function_class(name, **examples_of.parameters(lambda options: draw(st.sampled_from(options)), dimension))


@st.composite
def visualizations(
    draw: DrawFn, within: FunctionClass, dimension: int | None = None, *, unique_extrema: bool = False
) -> Visualization:
    """Return a strategy for visualizations that are feasible for a class.

    Parameters
    ----------
    within
        The class, on the cube, a ball or the sphere.
    dimension
        The number d of inputs; by default up to 6, or that of the training set if there is one.
    unique_extrema
        Whether some member must have no other extrema.

    Examples
    --------
    >>> from hypothesis import find
    >>> phi = find(visualizations(function_class("affine"), 2), lambda phi: phi.spread > 0)
    >>> print(*phi.argmin, *phi.argmax, phi.minimum, phi.maximum)
    0 0 1 1 0 1
    """
    least = 2 if within.domain == UNIT_SPHERE else 1
    d = draw(st.integers(least, MOST_DIMENSIONS)) if dimension is None else dimension
    a, b = draw(_extrema(within, getattr(within, "dimension", None) or d))
    low = draw(VALUES)
    phi = Visualization(a, b, low, low + draw(SPREADS), within.domain)
    phi = phi if within.feasible(phi, unique_extrema=unique_extrema) else within.examples.fitted(within, phi)
    assume(within.feasible(phi, unique_extrema=unique_extrema))
    return phi


@st.composite
def _extrema(draw: DrawFn, within: FunctionClass, dimension: int) -> tuple[Point, Point]:
    """Return a strategy for argmin and argmax."""
    match within.domain:
        case Ball() as ball:
            b = draw(ball_points(ball, dimension, Fraction(1)))
            return tuple(c - s for c, s in zip(ball.centre or (Fraction(0),) * len(b), ball.offset(b), strict=True)), b
        case Sphere():
            assume(dimension > 1)
            return draw(orthogonal_pairs(dimension))
        case Cube():
            a, b = zip(*(draw(_ENDS) for _ in range(dimension)), strict=True)
            return a, b
        case domain:
            raise DomainError(f"there is no strategy for visualizations on the {domain}")


def queries(phi: Visualization) -> SearchStrategy[Point]:
    """Return a strategy for queries: anywhere in the domain, at the extrema, and between them.

    Parameters
    ----------
    phi
        The visualization, on the cube, a ball or the sphere.
    """
    match phi.domain:
        case Ball() as ball:
            return ball_points(ball, phi.dimension)
        case Sphere():
            return unit_vectors(phi.dimension) | st.sampled_from([phi.argmin, phi.argmax])
        case Cube():
            return _cube_queries(phi)
        case domain:
            raise DomainError(f"there is no strategy for queries on the {domain}")


@st.composite
def _cube_queries(draw: DrawFn, phi: Visualization) -> Point:
    """Return a strategy for queries on the cube."""
    a, b, x = fractions(phi.argmin), fractions(phi.argmax), draw(points(phi.dimension))
    kind = draw(st.sampled_from(["anywhere", "from a", "from b", "between", "moved"]))
    share = draw(SHARES) if kind != "anywhere" else Fraction(0)
    match kind:
        case "from a":
            return _between(a, x, share)
        case "from b":
            return _between(b, x, share)
        case "between":
            return _between(a, b, share)
        case "moved":
            i = draw(st.integers(0, phi.dimension - 1))
            return (*a[:i], x[i], *a[i + 1 :])
        case _:
            return x


def _between(p: Point, q: Point, share: Fraction) -> Point:
    """Return p + share·(q − p)."""
    return tuple(s + share * (t - s) for s, t in zip(fractions(p), fractions(q), strict=True))


@st.composite
def values(draw: DrawFn, within: FunctionClass, phi: Visualization, x: Point) -> Exact:
    """Return a strategy for values that members of the class with this visualization take at x.

    Parameters
    ----------
    within, phi, x
        The class, a visualization that is feasible for it, and the query.
    """
    inside = ends(within.ambiguity(phi, x))
    return inside[0] + (inside[-1] - inside[0]) * draw(SHARES)


@st.composite
def members(draw: DrawFn, within: FunctionClass, phi: Visualization) -> Member:
    """Return a strategy for members of the class with this visualization: its witnesses at any query, of any value.

    Parameters
    ----------
    within, phi
        The class, and a visualization that is feasible for it.
    """
    x = draw(queries(phi))
    value = draw(values(within, phi, x))
    try:
        return within.witness(phi, x, value)
    except DomainError:  # the ambiguity set of two-piece functions may have a gap
        assume(condition=False)
        raise


def decoders() -> SearchStrategy[Decoder]:
    """Return a strategy for decoders that seem reasonable (`fvproof.verify.refutation.guesses`)."""
    return st.sampled_from(GUESSES)
