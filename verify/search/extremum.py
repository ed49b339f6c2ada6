"""The certified minimum or maximum of one output of a ReLU network over a box: the exact feature visualization."""

from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.verify.certificates.certificate import Certificate
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain, LinearForm
from fvproof.verify.search.bounding import BoundTask, bound
from fvproof.verify.search.search import Aim, SearchEffort

EFFORT = SearchEffort()
MARGIN = 0.9
"""The search works towards this share of the tolerance; the rest is left for rounding."""


@dataclass(frozen=True, slots=True)
class Extremum:
    """A proven interval around an extremum.

    Parameters
    ----------
    low, high
        The extremum lies between them. For a maximum, low is the output at the point; for a minimum, high is.
    point
        An exact point of the box.
    certificate
        What `fvproof.verify.certificates.checker.check` needs.
    nodes
        How many relaxations the search solved.
    """

    low: Fraction
    high: Fraction
    point: tuple[Fraction, ...]
    certificate: Certificate
    nodes: int


def certified_extremum(
    network: LayeredNetwork,
    output: int,
    domain: BoxDomain,
    *,
    minimize: bool = False,
    tolerance: float = 1e-5,
    effort: SearchEffort = EFFORT,
) -> Extremum:
    """Return an interval, with its certificate, that holds the maximum (or minimum) of one output over a box.

    The interval is at most `tolerance` wide, unless the time runs out: then it is the best that is proven.

    Parameters
    ----------
    network
        The network, its numbers taken as exact.
    output
        Which output.
    domain
        The box, of the network's dimension.
    minimize
        Whether the minimum is wanted.
    tolerance
        The width at which the search stops, positive, in units of the output.
    effort
        How long it may take (by default ten minutes), and where it is carried out.

    Examples
    --------
    >>> import numpy as np
    >>> from fvproof.verify.files.readers import layered_from
    >>> hidden = np.array([[1.0], [-1.0]]), np.array([-0.25, 0.0])
    >>> network = layered_from([hidden, (np.array([[2.0, 1.0]]), np.zeros(1))])
    >>> found = certified_extremum(network, 0, BoxDomain((Fraction(0),), (Fraction(1),)))
    >>> found.point, float(found.low), float(found.high - found.low) < 1e-5
    ((Fraction(1, 1),), 1.5, True)
    """
    _validate(network, output, domain, tolerance)
    task = BoundTask(network, (LinearForm({output: Fraction(-1 if minimize else 1)}, {}),), domain)
    found = bound(task, Aim(tolerance * MARGIN, slack=tolerance * (1 - MARGIN)), effort)
    assert found.part is not None
    value = network.outputs(found.point)[output]
    kind, about = "minimum" if minimize else "maximum", {"tolerance": str(exact(tolerance))}
    certificate = Certificate(kind, "", network.digest, (found.part,), found.point, value, about)
    low, high = (-found.part.upper, value) if minimize else (value, found.part.upper)
    return Extremum(low, high, found.point, certificate, found.nodes)


def _validate(network: LayeredNetwork, output: int, domain: BoxDomain, tolerance: float) -> None:
    """Raise unless output, box and tolerance make sense for the network."""
    if not 0 <= output < network.outputs_count:
        raise DomainError(f"the output must be from 0 to {network.outputs_count - 1}, not {output}")
    if {len(domain.low), len(domain.high)} != {network.dimension}:
        sizes = f"{len(domain.low)} and {len(domain.high)}"
        raise ShapeError(f"the box must have {network.dimension} coordinates, not {sizes}")
    if not tolerance > 0:
        raise DomainError(f"the tolerance must be positive, not {tolerance}")
