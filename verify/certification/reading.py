"""The reading radius of a unit, certified: how far around an image its visualization provably predicts it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from theory.errors import DomainError, ShapeError
from theory.numbers import exact
from verify.certification.ascent import float_rows, value_and_gradient
from verify.certification.certificate import BallDomain, BoxSplits, Certificate, Part, Row
from verify.certification.checker import readable
from verify.certification.derivation import upper_bound
from verify.certification.layered import LayeredNetwork

FIRST = Fraction(1, 1 << 16)
DOUBLINGS, HALVINGS = 40, 12


@dataclass(frozen=True, slots=True)
class Reading:
    """A certified reading radius.

    Parameters
    ----------
    radius
        On the Euclidean ball of this radius around the centre, the visualization constrained to that ball predicts the
        output within the share of its range (`theory.reading.ball_decoder`). It is proven, and may not be the largest.
    deviation
        The output stays within this of an affine function there.
    slope
        That function's slope.
    certificate
        What `verify.certification.checker.check` needs.
    """

    radius: Fraction
    deviation: Fraction
    slope: tuple[Fraction, ...]
    certificate: Certificate


def certified_reading(
    network: LayeredNetwork, output: int, centre: Sequence[object], share: object = "1/2"
) -> Reading | None:
    """Return the largest radius that could be certified, or None if there is none.

    The deviation δ(ρ) from the affine function with the output's slope w at the centre is bounded in integers on balls
    of growing radius ρ, and `δ(ρ) ≤ ρ‖w‖·(share/(1 + share))²` is what makes a ball readable
    (`theory.reading.reading_radius`).

    Parameters
    ----------
    network
        The network, its numbers taken as exact.
    output
        Which output.
    centre
        A point with as many coordinates as the network has inputs.
    share
        How much of the range on the ball the error may be, above 0 and below 1. At 1/2, knowing nothing is as good.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> from verify.files.readers import layered_from
    >>> hinge = layered_from([(np.eye(1), np.array([-0.5])), (np.ones((1, 1)), np.zeros(1))])
    >>> reading = certified_reading(hinge, 0, ["3/4"], "1/2")
    >>> 0.25 < float(reading.radius) < 0.5
    True
    """
    point, part = tuple(exact(x, name="the centre") for x in centre), exact(share, name="the share")
    if not 0 <= output < network.outputs_count:
        raise DomainError(f"the output must be from 0 to {network.outputs_count - 1}, not {output}")
    if len(point) != network.dimension:
        raise ShapeError(f"the centre must have {network.dimension} coordinates, not {len(point)}")
    if not 0 < part < 1:
        raise DomainError(f"the share must lie between 0 and 1, not {part}")
    rows = _deviations(network, output, point)
    best, low, high = None, Fraction(0), FIRST
    for _ in range(DOUBLINGS):
        tried = _reading(network, rows, BallDomain(point, high), part)
        if tried is None:
            break
        best, low, high = tried, high, 2 * high
    for _ in range(HALVINGS if best else 0):
        middle = (low + high) / 2
        tried = _reading(network, rows, BallDomain(point, middle), part)
        best, low, high = (tried, middle, high) if tried else (best, low, middle)
    return best


def _deviations(network: LayeredNetwork, output: int, point: tuple[Fraction, ...]) -> tuple[Row, Row]:
    """Return f − g and g − f, where g has the slope of f at the point."""
    row = float_rows([Row({output: Fraction(1)}, {})], network)
    _, gradient = value_and_gradient(network.doubles, row, np.array([[float(x) for x in point]]))
    slope = {i: Fraction(c) for i, c in enumerate(gradient[0]) if c}
    constant = sum((c * point[i] for i, c in slope.items()), start=-network.outputs(point)[output])
    above = Row({output: Fraction(1)}, {i: -c for i, c in slope.items()}, constant)
    return above, Row({output: Fraction(-1)}, slope, -constant)


def _reading(network: LayeredNetwork, rows: tuple[Row, Row], ball: BallDomain, share: Fraction) -> Reading | None:
    """Return the certified reading on a ball, or None if the bounds do not allow it."""
    parts = [Part((row,), ball, Fraction(0), BoxSplits(np.array([-1]))) for row in rows]
    above, below = (replace(part, upper=upper_bound(part, network)) for part in parts)
    if not readable((above, below), share):
        return None
    slope = tuple(rows[1].inputs.get(i, Fraction(0)) for i in range(network.dimension))
    certificate = Certificate("reading", "", network.digest, (above, below), None, share)
    return Reading(ball.radius, (above.upper + below.upper) / 2, slope, certificate)
