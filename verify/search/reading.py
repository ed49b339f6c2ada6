"""The reading radius of a unit, certified: how far around an image its visualization provably predicts it."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import takewhile
from time import monotonic

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.verify.certificates.certificate import BoxSplits, Certificate, ProvenBound
from fvproof.verify.certificates.checker import readable
from fvproof.verify.certificates.derivation import grid_domain, upper_bound
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BallDomain, LinearForm
from fvproof.verify.search.ascent import float_rows, value_and_gradient
from fvproof.verify.search.search import FIRST_S, SearchEffort, spread

FIRST = Fraction(1, 1 << 16)
DOUBLINGS, HALVINGS = 40, 12
EFFORT = SearchEffort()


Rows = tuple[LinearForm, LinearForm]
"""An output and its negative."""


@dataclass(frozen=True, slots=True)
class CertifiedRadius:
    """A certified reading radius.

    Parameters
    ----------
    radius
        On the Euclidean ball of this radius around the centre, the visualization constrained to that ball predicts the
        output within the share of its range (`fvproof.theory.reading.ball_decoder`). It is proven, and may not be the
        largest.
    deviation
        The output stays within this of an affine function there.
    slope
        That function's slope.
    certificate
        What `fvproof.verify.certificates.checker.check` needs.
    complete
        False if the time was up while larger radii were still tried.
    """

    radius: Fraction
    deviation: Fraction
    slope: tuple[Fraction, ...]
    certificate: Certificate
    complete: bool = True


def certified_reading(
    network: LayeredNetwork,
    output: int,
    centre: Sequence[object],
    share: object = "1/2",
    *,
    effort: SearchEffort = EFFORT,
) -> CertifiedRadius | None:
    """Return the largest radius that could be certified, or None if none could in time.

    The deviation δ(ρ) from the affine function with the output's slope w at the centre is bounded in integers on balls
    of growing radius ρ, and `δ(ρ) ≤ ρ‖w‖·(share/(1 + share))²` is what makes a ball readable
    (`fvproof.theory.reading.reading_radius`).

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
    effort
        How long it may take (by default ten minutes), and where it is carried out.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> from fvproof.verify.files.readers import layered_from
    >>> hinge = layered_from([(np.eye(1), np.array([-0.5])), (np.ones((1, 1)), np.zeros(1))])
    >>> reading = certified_reading(hinge, 0, ["3/4"], "1/2")
    >>> 0.25 < float(reading.radius) < 0.5
    True
    """
    point, part = tuple(exact(x, name="the centre") for x in centre), exact(share, name="the share")
    _validate(network, output, point, part)
    start = monotonic()

    def in_time(_: object = None) -> bool:
        return monotonic() < start + effort.timeout_s

    def tried(radius: Fraction) -> CertifiedRadius | None:
        executor = effort.executor if monotonic() > start + FIRST_S else None
        return _reading(network, rows, BallDomain(point, radius), part, executor)

    rows, best, low, high = _deviations(network, output, point), None, Fraction(0), FIRST
    for _ in takewhile(in_time, range(DOUBLINGS)):
        found = tried(high)
        if found is None:
            break
        best, low, high = found, high, 2 * high
    for _ in takewhile(in_time, range(HALVINGS if best else 0)):
        middle = (low + high) / 2
        found = tried(middle)
        best, low, high = (found, middle, high) if found else (best, low, middle)
    return best and replace(best, complete=in_time())


def _validate(network: LayeredNetwork, output: int, centre: tuple[Fraction, ...], share: Fraction) -> None:
    """Raise unless output, centre and share make sense for the network."""
    if not 0 <= output < network.outputs_count:
        raise DomainError(f"the output must be from 0 to {network.outputs_count - 1}, not {output}")
    if len(centre) != network.dimension:
        raise ShapeError(f"the centre must have {network.dimension} coordinates, not {len(centre)}")
    if not 0 < share < 1:
        raise DomainError(f"the share must lie between 0 and 1, not {share}")
    grid_domain(BallDomain(centre, FIRST))  # a centre too far away is refused


def _deviations(network: LayeredNetwork, output: int, point: tuple[Fraction, ...]) -> tuple[LinearForm, LinearForm]:
    """Return f − g and g − f, where g has the slope of f at the point."""
    row = float_rows([LinearForm({output: Fraction(1)}, {})], network)
    _, gradient = value_and_gradient(network.doubles, row, np.array([[float(x) for x in point]]))
    slope = {i: Fraction(c) for i, c in enumerate(gradient[0]) if c}
    constant = sum((c * point[i] for i, c in slope.items()), start=-network.outputs(point)[output])
    above = LinearForm({output: Fraction(1)}, {i: -c for i, c in slope.items()}, constant)
    return above, LinearForm({output: Fraction(-1)}, slope, -constant)


def _reading(
    network: LayeredNetwork,
    rows: tuple[LinearForm, LinearForm],
    ball: BallDomain,
    share: Fraction,
    executor: Executor | None,
) -> CertifiedRadius | None:
    """Return the certified reading on a ball, or None if the bounds do not allow it."""
    parts = [ProvenBound((row,), ball, Fraction(0), BoxSplits(np.array([-1]))) for row in rows]
    uppers = spread(partial(upper_bound, network=network), parts, executor)
    above, below = (replace(part, upper=upper) for part, upper in zip(parts, uppers, strict=True))
    if not readable((above, below), share):
        return None
    slope = tuple(rows[1].inputs.get(i, Fraction(0)) for i in range(network.dimension))
    certificate = Certificate("reading", "", network.digest, (above, below), None, share)
    return CertifiedRadius(ball.radius, (above.upper + below.upper) / 2, slope, certificate)
