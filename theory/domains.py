"""Input domains, known to the decoder: the cube, balls, spheres, ellipsoids and polytopes.

What an affine function on a convex body K gives away depends on K. If a ∈ argmin f and b ∈ argmax f, the slope of f is
in the normal cone N_K(b) and its negative in N_K(a), so that f(x) takes the values ``m + (M − m)·⟨w, x − a⟩`` for

    w ∈ N_K(b) ∩ −N_K(a),    ⟨w, b − a⟩ = 1.

At the corners of the cube these cones are wide; on a ball or an ellipsoid they are rays, and one value is left.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, final

from typing_extensions import override

from theory.errors import DomainError, ShapeError
from theory.interval import Interval, point
from theory.numbers import exact
from theory.points import Point, as_point, as_vector, fractions
from theory.surds import Exact, square_root

ZERO, ONE = Fraction(0), Fraction(1)
Vector = tuple[Fraction, ...]


class Domain(ABC):
    """A set of inputs."""

    __slots__ = ()

    @abstractmethod
    def read(self, values: Iterable[object], *, name: str) -> Point:
        """Return the values as a point of the domain, or raise DomainError or ShapeError."""


@dataclass(frozen=True, slots=True)
class Cube(Domain):
    """The cube [0, 1]^d, of any dimension."""

    @override
    def read(self, values: Iterable[object], *, name: str) -> Point:
        """Return the values as `theory.points.as_point` reads them."""
        return as_point(values, name=name)

    @override
    def __str__(self) -> str:
        return "cube"


CUBE = Cube()
"""The domain of images: every pixel between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Sphere(Domain):
    """The unit sphere { x : ‖x‖₂ = 1 }, of any dimension; its points are exact fractions."""

    @override
    def read(self, values: Iterable[object], *, name: str) -> Vector:
        """Return the values as fractions, if their squares add up to 1."""
        p = as_vector(values, name=name)
        if (size := dot(p, p)) != 1:
            raise DomainError(f"{name} must lie on the unit sphere, but its squared length is {size}")
        return p

    @override
    def __str__(self) -> str:
        return "unit sphere"


UNIT_SPHERE = Sphere()
"""The domain of quadratic forms."""


class ConvexBody(Domain):
    """A convex domain with what its normal cones say about affine functions."""

    __slots__ = ()

    smooth: ClassVar[bool]
    """Whether all normal cones are rays or {0}, and the border holds no segment."""

    @abstractmethod
    def slope_obstacle(self, a: Point, b: Point) -> str | None:
        """Return why N(b) ∩ −N(a) holds no w with ⟨w, b − a⟩ = 1; None if it does."""

    @abstractmethod
    def shares(self, a: Point, b: Point, x: Point) -> Interval:
        """Return the values of ⟨w, x − a⟩ over these w; x may lie anywhere in ℝ^d."""

    @abstractmethod
    def slope(self, a: Point, b: Point, x: Point, share: Fraction) -> Vector:
        """Return one of these w with ⟨w, x − a⟩ equal to a share that is possible."""


class Ellipsoidal(ConvexBody):
    """A body { x : ⟨x − c, Q(x − c)⟩ ≤ 1 }: smooth and strictly convex, so that N(b) is the ray of Q(b − c)."""

    __slots__ = ()

    smooth: ClassVar[bool] = True

    @abstractmethod
    def offset(self, x: Point) -> Vector:
        """Return x − c."""

    @abstractmethod
    def normal(self, offset: Sequence[Fraction]) -> Vector:
        """Return Q·offset."""

    @abstractmethod
    def reach(self, w: Sequence[Fraction]) -> Exact:
        """Return max ⟨w, x − c⟩ over the body, √⟨w, Q⁻¹w⟩."""

    @final
    @override
    def read(self, values: Iterable[object], *, name: str) -> Vector:
        """Return the values as fractions, if they lie in the body."""
        p = as_vector(values, name=name)
        if (size := dot(self.offset(p), self.normal(self.offset(p)))) > 1:
            raise DomainError(f"{name} must lie in the {self}, but is {size} > 1 in its squared norm")
        return p

    @final
    @override
    def slope_obstacle(self, a: Point, b: Point) -> str | None:
        """Return why the extrema are not opposite points of the border; None if they are."""
        p, q = self.offset(a), self.offset(b)
        if (size := dot(q, self.normal(q))) != 1:
            return f"the argmax must lie on the border of the {self}, but is {size} < 1 in its squared norm"
        return None if p == tuple(-t for t in q) else "the argmin and the argmax must be opposite points of the border"

    @final
    @override
    def shares(self, a: Point, b: Point, x: Point) -> Interval:
        """Return the one value (1 + ⟨b − c, Q(x − c)⟩)/2."""
        return point((1 + dot(self.normal(self.offset(b)), self.offset(x))) / 2)

    @final
    @override
    def slope(self, a: Point, b: Point, x: Point, share: Fraction) -> Vector:
        """Return Q(b − c)/2."""
        return tuple(t / 2 for t in self.normal(self.offset(b)))


@dataclass(frozen=True, slots=True, init=False)
class Ball(Ellipsoidal):
    """The ball of a radius ρ > 0 around a centre; without one, around 0 in any dimension.

    Examples
    --------
    >>> Ball().read(["3/5", "4/5"], name="the point"), str(Ball()), str(Ball(["1/2"], "1/4"))
    ((Fraction(3, 5), Fraction(4, 5)), 'unit ball', 'ball of radius 1/4 around (1/2)')
    """

    centre: Vector
    radius: Fraction

    def __init__(self, centre: Iterable[object] = (), radius: object = 1) -> None:
        entries = list(centre)
        object.__setattr__(self, "centre", as_vector(entries, name="the centre") if entries else ())
        object.__setattr__(self, "radius", exact(radius, name="the radius"))
        if self.radius <= 0:
            raise DomainError(f"the radius must be positive, but is {self.radius}")

    @override
    def offset(self, x: Point) -> Vector:
        """Return x − c."""
        return difference(x, self.centre or (ZERO,) * len(x))

    @override
    def normal(self, offset: Sequence[Fraction]) -> Vector:
        """Return offset/ρ²."""
        return tuple(t / self.radius**2 for t in offset)

    @override
    def reach(self, w: Sequence[Fraction]) -> Exact:
        """Return ρ·‖w‖₂."""
        return self.radius * square_root(dot(w, w))

    @override
    def __str__(self) -> str:
        if not self.centre and self.radius == 1:
            return "unit ball"
        where = f" around ({', '.join(map(str, self.centre))})" if self.centre else ""
        return f"ball of radius {self.radius}{where}"


UNIT_BALL = Ball()
"""The ball of radius 1 around 0."""


def dot(p: Sequence[Fraction], q: Sequence[Fraction]) -> Fraction:
    """Return ⟨p, q⟩.

    Raises
    ------
    ShapeError
        If the lengths differ.
    """
    if len(p) != len(q):
        raise ShapeError(f"vectors must have one length, not {len(p)} and {len(q)}")
    return sum((s * t for s, t in zip(p, q, strict=True)), ZERO)


def difference(p: Point, q: Point) -> Vector:
    """Return p − q.

    Raises
    ------
    ShapeError
        If the lengths differ.
    """
    if len(p) != len(q):
        raise ShapeError(f"a point in this domain must have {len(q)} coordinates, not {len(p)}")
    return tuple(s - t for s, t in zip(fractions(p), fractions(q), strict=True))
