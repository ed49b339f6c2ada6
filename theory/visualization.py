"""What a person is shown of a unit: where it is least and greatest, and how much."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from typing_extensions import override

from fvproof.theory.domains import CUBE, Domain, point_text
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, same
from fvproof.theory.uncluttered import Uncluttered


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Visualization(metaclass=Uncluttered):
    """A feature visualization φ = (a, b, m, M) of a unit f on a domain, the cube [0,1]^d unless another is stated.

    a ∈ argmin f, b ∈ argmax f, m = f(a), M = f(b). Whether a class has a member with this visualization is asked of the
    class (`violation`); here only what every class needs is checked.

    Parameters
    ----------
    argmin, argmax
        Points of the domain, of one length d ≥ 1 (see `fvproof.theory.exact.points.as_point` for what is read).
    minimum, maximum
        m ≤ M, anything that `fvproof.theory.exact.numbers.exact` reads.
    domain
        Where the unit reads its inputs.

    Raises
    ------
    DomainError
        If a point is not in the domain, or m > M.
    ShapeError
        If the two points have different lengths.

    Examples
    --------
    >>> phi = Visualization(argmin=[0, 0], argmax=[1, "1/2"], minimum=0, maximum=1)
    >>> phi
    <Visualization: argmin (0, 0), argmax (1, 1/2), minimum 0, maximum 1>
    >>> phi.dimension, phi.spread
    (2, Fraction(1, 1))
    """

    argmin: Point
    argmax: Point
    minimum: Fraction
    maximum: Fraction
    domain: Domain

    def __init__(
        self,
        argmin: Iterable[object],
        argmax: Iterable[object],
        minimum: object,
        maximum: object,
        domain: Domain = CUBE,
    ) -> None:
        for name, value in (
            ("domain", domain),
            ("argmin", domain.read(argmin, name="the argmin")),
            ("argmax", domain.read(argmax, name="the argmax")),
            ("minimum", exact(minimum, name="the minimum")),
            ("maximum", exact(maximum, name="the maximum")),
        ):
            object.__setattr__(self, name, value)
        if len(self.argmin) != len(self.argmax):
            raise ShapeError(f"argmin and argmax must have one length, not {len(self.argmin)} and {len(self.argmax)}")
        if self.minimum > self.maximum:
            raise DomainError(f"the minimum must not exceed the maximum, but {self.minimum} > {self.maximum}")

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return len(self.argmin)

    @property
    def spread(self) -> Fraction:
        """M − m: how much the unit varies."""
        return self.maximum - self.minimum

    @property
    def middle(self) -> Fraction:
        """(m + M)/2: the uninformed decoder's answer (Proposition 1 of the paper)."""
        return (self.minimum + self.maximum) / 2

    def query(self, x: Iterable[object] | np.ndarray) -> Point:
        """Return x as a point of the domain, of this visualization's dimension.

        Raises
        ------
        DomainError, ShapeError
            If x lies outside the domain or has another length.
        """
        point = self.domain.read(x, name="the query")
        if len(point) != self.dimension:
            raise ShapeError(f"the query must have {self.dimension} coordinates, not {len(point)}")
        return point

    def known_value(self, x: Point) -> Fraction | None:
        """Return f(x) where the visualization states it: m at a, M at b; elsewhere None."""
        if same(x, self.argmin):
            return self.minimum
        return self.maximum if same(x, self.argmax) else None

    @override
    def __repr__(self) -> str:
        where = f"argmin {point_text(self.argmin)}, argmax {point_text(self.argmax)}"
        domain = "" if self.domain == CUBE else f", on the {self.domain}"
        return f"<Visualization: {where}, minimum {self.minimum}, maximum {self.maximum}{domain}>"

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Visualization) or self.dimension != other.dimension:
            return False
        values = (self.minimum, self.maximum, self.domain) == (other.minimum, other.maximum, other.domain)
        return values and same(self.argmin, other.argmin) and same(self.argmax, other.argmax)

    @override
    def __hash__(self) -> int:
        return hash((self.dimension, self.minimum, self.maximum))
