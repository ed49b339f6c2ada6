"""Further convex domains: ellipsoids in any position, and polytopes by their corners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.domains import ONE, ZERO, ConvexBody, Ellipsoidal, Vector, difference, dot, point_text
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.linear_program import Infeasible, Program, largest, maximizer
from fvproof.theory.exact.points import Point, as_vector, fractions
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.interval import Interval


@dataclass(frozen=True, slots=True, init=False)
class Ellipsoid(Ellipsoidal):
    """The ellipsoid { x : ⟨x − c, Q(x − c)⟩ ≤ 1 } with a symmetric, positive definite matrix Q.

    Examples
    --------
    >>> body = Ellipsoid([0, 0], [[1, 0], [0, "1/4"]])
    >>> print(body.shares(body.read([0, -2], name="a"), body.read([0, 2], name="b"), body.read([0, 1], name="x")))
    {3/4}
    """

    centre: Vector
    matrix: tuple[Vector, ...]

    def __init__(self, centre: Iterable[object], matrix: Iterable[Iterable[object]]) -> None:
        object.__setattr__(self, "centre", as_vector(list(centre), name="the centre"))
        rows = tuple(as_vector(list(row), name=f"row {i} of the matrix") for i, row in enumerate(matrix))
        object.__setattr__(self, "matrix", rows)
        d = len(self.centre)
        if len(rows) != d or any(len(row) != d for row in rows):
            raise ShapeError(f"the matrix of an ellipsoid in {d} dimensions must be {d} × {d}")
        if any(rows[i][j] != rows[j][i] for i in range(d) for j in range(i)) or not _positive_definite(rows):
            raise DomainError("the matrix of an ellipsoid must be symmetric and positive definite")

    @override
    def offset(self, x: Point) -> Vector:
        """Return x − c."""
        return _minus(x, self.centre)

    @override
    def normal(self, offset: Point) -> Vector:
        """Return Q·offset."""
        return tuple(dot(row, offset) for row in self.matrix)

    @override
    def reach(self, w: Vector) -> Exact:
        """Return √⟨w, Q⁻¹w⟩."""
        return square_root(_inverse_square(self.matrix, w))

    @override
    def __str__(self) -> str:
        return f"ellipsoid around {point_text(self.centre)}"


def _positive_definite(matrix: Sequence[Vector]) -> bool:
    """Return whether all pivots of Gaussian elimination are positive."""
    if not matrix:
        return True
    (pivot, *rest), *below = matrix
    if pivot <= 0:
        return False
    return _positive_definite(
        [tuple(t - row[0] / pivot * s for s, t in zip(rest, row[1:], strict=True)) for row in below]
    )


def _inverse_square(matrix: Sequence[Vector], w: Sequence[Fraction]) -> Fraction:
    """Return ⟨w, Q⁻¹w⟩ for a positive definite Q, by Gaussian elimination."""
    if not matrix:
        return ZERO
    (pivot, *rest), *below = matrix
    first, *others = w
    left = tuple(tuple(t - row[0] / pivot * s for s, t in zip(rest, row[1:], strict=True)) for row in below)
    moved = [t - s / pivot * first for s, t in zip(rest, others, strict=True)]
    return first * first / pivot + _inverse_square(left, moved)


@dataclass(frozen=True, slots=True, init=False)
class Polytope(ConvexBody):
    """The convex hull of finitely many points; its normal cones are described by linear programs.

    N(b) holds the w with ⟨w, v − b⟩ ≤ 0 for all corners v, and −N(a) those with ⟨w, v − a⟩ ≥ 0.

    Examples
    --------
    >>> square = Polytope([[0, 0], [1, 0], [0, 1], [1, 1]])
    >>> a, b, x = (square.read(p, name="p") for p in ([0, 0], [1, 1], ["1/4", "3/4"]))
    >>> print(square.shares(a, b, x))
    [1/4, 3/4]
    """

    smooth: ClassVar[bool] = False

    corners: tuple[Vector, ...]

    def __init__(self, corners: Iterable[Iterable[object]]) -> None:
        read = tuple(as_vector(list(corner), name=f"corner {i}") for i, corner in enumerate(corners))
        if not read or len({len(corner) for corner in read}) != 1:
            raise ShapeError("a polytope needs corners, all of one length")
        object.__setattr__(self, "corners", read)

    @override
    def read(self, values: Iterable[object], *, name: str) -> Vector:
        """Return the values as fractions, if they are a convex combination of the corners."""
        p = as_vector(values, name=name)
        if len(p) != len(self.corners[0]):
            raise ShapeError(f"{name} must have {len(self.corners[0])} coordinates, not {len(p)}")
        try:
            largest(Program([ZERO] * len(self.corners), [(*corner, ONE) for corner in self.corners], (*p, ONE)))
        except Infeasible:
            raise DomainError(f"{name} must lie in the {self}") from None
        return p

    @override
    def slope_obstacle(self, a: Point, b: Point) -> str | None:
        """Return why no slope is possible; None if one is."""
        try:
            self.shares(a, b, a)
        except Infeasible:
            return "no direction is normal to the polytope at the argmax while its opposite is so at the argmin"
        return None

    @override
    def shares(self, a: Point, b: Point, x: Point) -> Interval:
        """Return the values of ⟨w, x − a⟩, by two linear programs."""
        rows, bounds, spare = self._slopes(a, b)
        low, high = (s * largest(_program(rows, bounds, spare, _scaled(s, _minus(x, a)))) for s in (-1, 1))
        return Interval(low, high)

    @override
    def slope(self, a: Point, b: Point, x: Point, share: Fraction) -> Vector:
        """Return a slope with the share, found by a linear program."""
        rows, bounds, spare = self._slopes(a, b)
        solved = maximizer(_program([*rows, _minus(x, a)], [*bounds, share], spare, (ZERO,) * len(a)))
        d = len(a)
        return tuple(up - down for up, down in zip(solved[:d], solved[d : 2 * d], strict=True))

    def _slopes(self, a: Point, b: Point) -> tuple[list[Vector], list[Fraction], int]:
        """Return rows and bounds that w satisfies; the first rows are inequalities ⟨w, row⟩ ≤ 0, as many as counted."""
        rows = [_minus(v, b) for v in self.corners] + [_minus(a, v) for v in self.corners]
        return [*rows, _minus(b, a)], [*([ZERO] * len(rows)), ONE], len(rows)

    @override
    def __str__(self) -> str:
        return f"polytope with {len(self.corners)} corners"


def _program(rows: Sequence[Vector], bounds: Sequence[Fraction], inequalities: int, objective: Vector) -> Program:
    """Return the program over w = up − down with slack in the first rows."""
    ups = list(zip(*rows, strict=True))
    downs = [_scaled(-1, column) for column in ups]
    spare = [tuple(ONE if i == row else ZERO for i in range(len(rows))) for row in range(inequalities)]
    return Program([*objective, *_scaled(-1, objective), *([ZERO] * inequalities)], [*ups, *downs, *spare], bounds)


def _minus(p: Point, q: Point) -> Vector:
    """Return p − q as fractions."""
    return fractions(difference(p, q))


def _scaled(factor: int, vector: Sequence[Fraction]) -> Vector:
    """Return a multiple of a vector."""
    return tuple(factor * t for t in vector)
