"""Input domains, known to the decoder: the cube, balls, spheres, ellipsoids and polytopes.

What an affine function on a convex body K gives away depends on K. If a ∈ argmin f and b ∈ argmax f, the slope of f is
in the normal cone N_K(b) and its negative in N_K(a), so that f(x) takes the values ``m + (M − m)·⟨w, x − a⟩`` for

    w ∈ N_K(b) ∩ −N_K(a),    ⟨w, b − a⟩ = 1.

At the corners of the cube these cones are wide; on a ball or an ellipsoid they are rays, and one value is left.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, final

import numpy as np
from typing_extensions import override

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, alike, as_doubles, as_point, as_vector, fractions
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.interval import Interval, point

ZERO, ONE = Fraction(0), Fraction(1)
Vector = tuple[Fraction, ...]
ROUNDING = Fraction(1, 10**6)
"""By so much the squared length of an array may differ from that of a point of a sphere: doubles hold few exactly."""


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
        """Return the values as `fvproof.theory.exact.points.as_point` reads them."""
        return as_point(values, name=name)

    @override
    def __str__(self) -> str:
        return "cube"


CUBE = Cube()
"""The domain of images: every pixel between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Sphere(Domain):
    """The unit sphere { x : ‖x‖₂ = 1 }, of any dimension.

    Its points are exact fractions, or arrays of doubles that are on it up to rounding (10⁻⁶ in the squared length):
    these are scaled to length 1, and answers about them are right up to rounding too.
    """

    @override
    def read(self, values: Iterable[object], *, name: str) -> Point:
        """Return the values as fractions, if their squares add up to 1; an array as doubles."""
        p = as_doubles(values, name=name) if isinstance(values, np.ndarray) else as_vector(values, name=name)
        size = dot(p, p)
        if size != 1 and not (isinstance(p, np.ndarray) and abs(size - 1) <= ROUNDING):
            size_text = float(size) if isinstance(p, np.ndarray) else size
            raise DomainError(f"{name} must lie on the unit sphere, but its squared length is {size_text}")
        return p / np.sqrt(float(size)) if isinstance(p, np.ndarray) else p

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
    def offset(self, x: Point) -> Point:
        """Return x − c."""

    @abstractmethod
    def normal(self, offset: Point) -> Point:
        """Return Q·offset."""

    @abstractmethod
    def reach(self, w: Vector) -> Exact:
        """Return max ⟨w, x − c⟩ over the body, √⟨w, Q⁻¹w⟩."""

    @final
    @override
    def read(self, values: Iterable[object], *, name: str) -> Point:
        """Return the values as fractions, if they lie in the body; an array as doubles, if it does up to rounding."""
        p = as_doubles(values, name=name) if isinstance(values, np.ndarray) else as_vector(values, name=name)
        size = dot(self.offset(p), self.normal(self.offset(p)))
        if size > (1 + ROUNDING if isinstance(p, np.ndarray) else 1):
            size_text = float(size) if isinstance(p, np.ndarray) else size
            raise DomainError(f"{name} must lie in the {self}, but is {size_text} > 1 in its squared norm")
        return p

    @final
    @override
    def slope_obstacle(self, a: Point, b: Point) -> str | None:
        """Return why the extrema are not opposite points of the border; None if they are."""
        rounded = isinstance(a, np.ndarray) or isinstance(b, np.ndarray)
        p, q = alike([self.offset(a), self.offset(b)])
        size = dot(q, self.normal(q))
        if abs(size - 1) > (ROUNDING if rounded else 0):
            size_text = float(size) if rounded else size
            return f"the argmax must lie on the border of the {self}, but is {size_text} < 1 in its squared norm"
        between = p + q if isinstance(p, np.ndarray) else tuple(s + t for s, t in zip(p, q, strict=True))
        opposite = dot(between, self.normal(between)) <= (ROUNDING**2 if rounded else 0)
        return None if opposite else "the argmin and the argmax must be opposite points of the border"

    @final
    @override
    def shares(self, a: Point, b: Point, x: Point) -> Interval:
        """Return the one value (1 + ⟨b − c, Q(x − c)⟩)/2."""
        share = (1 + dot(self.normal(self.offset(b)), self.offset(x))) / 2
        rounded = isinstance(b, np.ndarray) or isinstance(x, np.ndarray)
        return point(min(max(share, ZERO), ONE) if rounded else share)

    @final
    @override
    def slope(self, a: Point, b: Point, x: Point, share: Fraction) -> Vector:
        """Return Q(b − c)/2."""
        return tuple(t / 2 for t in fractions(self.normal(self.offset(b))))


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
    doubles: np.ndarray = field(compare=False, repr=False)
    """The centre, rounded."""

    def __init__(self, centre: Iterable[object] = (), radius: object = 1) -> None:
        entries = centre.ravel().tolist() if isinstance(centre, np.ndarray) else list(centre)
        object.__setattr__(self, "centre", as_vector(entries, name="the centre") if entries else ())
        object.__setattr__(self, "radius", exact(radius, name="the radius"))
        object.__setattr__(self, "doubles", np.array(self.centre, dtype=np.float64))
        if self.radius <= 0:
            raise DomainError(f"the radius must be positive, but is {self.radius}")

    @override
    def offset(self, x: Point) -> Point:
        """Return x − c."""
        if not self.centre:
            return x
        return difference(x, self.doubles if isinstance(x, np.ndarray) else self.centre)

    @override
    def normal(self, offset: Point) -> Point:
        """Return offset/ρ²."""
        if isinstance(offset, np.ndarray):
            return offset / float(self.radius) ** 2
        return tuple(t / self.radius**2 for t in offset)

    @override
    def reach(self, w: Vector) -> Exact:
        """Return ρ·‖w‖₂."""
        return self.radius * square_root(dot(w, w))

    @override
    def __str__(self) -> str:
        if not self.centre and self.radius == 1:
            return "unit ball"
        return f"ball of radius {self.radius}{f' around {point_text(self.centre)}' if self.centre else ''}"


UNIT_BALL = Ball()
"""The ball of radius 1 around 0."""


def point_text(p: Point) -> str:
    """Return a point as text: its first coordinates where there are many.

    Examples
    --------
    >>> point_text((ZERO, ONE)), point_text((ONE,) * 9)
    ('(0, 1)', '(1, 1, 1, … 9 coordinates)')
    """
    first = ", ".join(map(str, fractions(p[: 6 if len(p) <= 6 else 3])))
    return f"({first})" if len(p) <= 6 else f"({first}, … {len(p)} coordinates)"


def dot(p: Point, q: Point) -> Fraction:
    """Return ⟨p, q⟩: exactly for fractions, rounded for two arrays.

    Raises
    ------
    ShapeError
        If the lengths differ.
    """
    if len(p) != len(q):
        raise ShapeError(f"vectors must have one length, not {len(p)} and {len(q)}")
    p, q = alike([p, q])
    if isinstance(p, np.ndarray):
        return Fraction(float((p * q).sum()))
    return sum((s * t for s, t in zip(p, q, strict=True)), ZERO)


def difference(p: Point, q: Point) -> Point:
    """Return p − q: exactly for fractions, rounded for two arrays.

    Raises
    ------
    ShapeError
        If the lengths differ.
    """
    if len(p) != len(q):
        raise ShapeError(f"a point in this domain must have {len(q)} coordinates, not {len(p)}")
    p, q = alike([p, q])
    if isinstance(p, np.ndarray):
        return p - q
    return tuple(s - t for s, t in zip(p, q, strict=True))
