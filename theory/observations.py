"""What is known of a unit: its value at some points, and bounds for all others."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Key, Point
from fvproof.theory.visualization import Visualization


@dataclass(frozen=True, slots=True)
class Observations:
    """The knowledge that f(z_i) = v_i for all i, and low ≤ f ≤ high.

    Parameters
    ----------
    names
        What each point is, for error messages.
    points, values
        The z_i, distinct, and the v_i between the bounds.
    low, high
        The bounds.
    """

    names: tuple[str, ...]
    points: tuple[Point, ...]
    values: tuple[Fraction, ...]
    low: Fraction
    high: Fraction

    def value_at(self, x: Point) -> Fraction | None:
        """Return the value observed at x, if any."""
        return dict(zip(map(Key, self.points), self.values, strict=True)).get(Key(x))

    def joined(self, more: Iterable[tuple[str, Point, Fraction]]) -> "Observations":
        """Return what is known with more points, each with its name and value.

        Raises
        ------
        InfeasibleVisualization
            If two values at one point differ, or one is beyond the bounds.
        """
        known: dict[Key, tuple[str, Fraction]] = {}
        for name, z, v in [*zip(self.names, self.points, self.values, strict=True), *more]:
            if not self.low <= v <= self.high:
                raise InfeasibleVisualization(f"the value {v} of the {name} must lie in [{self.low}, {self.high}]")
            earlier, value = known.setdefault(Key(z), (name, v))
            if value != v:
                both = f"the {earlier} and the {name} are one point"
                raise InfeasibleVisualization(f"{both}, but their values are {value} and {v}")
        names, values = zip(*known.values(), strict=True)
        return Observations(names, tuple(key.point for key in known), values, self.low, self.high)

    def mirrored(self) -> "Observations":
        """Return what is known of −f."""
        return Observations(self.names, self.points, tuple(-v for v in self.values), -self.high, -self.low)


def observe(
    phi: Visualization, exemplars: Iterable[tuple[Iterable[object], object]] = (), *, slack: object = 0
) -> Observations:
    """Return what a visualization and exemplars tell.

    Parameters
    ----------
    phi
        The visualization: f(a) = m and f(b) = M.
    exemplars
        Pairs of a point and the value there.
    slack
        η ≥ 0: the extrema of the unit are at least m − η and at most M + η.

    Raises
    ------
    DomainError
        If η is negative, or a point is not in the cube.
    InfeasibleVisualization
        If two values at one point differ, or one is beyond the bounds.

    Examples
    --------
    >>> known = observe(Visualization([0], [1], 0, 1), [(["1/2"], "1/4")], slack="1/8")
    >>> known.names, str(known.low), str(known.high)
    (('argmin', 'argmax', 'exemplar 0'), '-1/8', '9/8')
    """
    eta = exact(slack, name="the slack")
    if eta < 0:
        raise DomainError(f"the slack must not be negative, but is {eta}")
    read = [(f"exemplar {i}", z, v) for i, (z, v) in enumerate(exemplars)]
    given = [(name, phi.query(z), exact(v, name=f"the value of {name}")) for name, z, v in read]
    nothing = Observations((), (), (), phi.minimum - eta, phi.maximum + eta)
    return nothing.joined([("argmin", phi.argmin, phi.minimum), ("argmax", phi.argmax, phi.maximum), *given])
