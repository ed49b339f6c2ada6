"""A decoder, for `fvproof refute`: it goes by which of the two pictures the query is nearer to.

fvproof refute relu-network --decoder docs/examples/nearer.py:nearer --dim 2
"""

from fractions import Fraction

from fvproof.theory.exact.points import Point
from fvproof.theory.visualization import Visualization


def nearer(phi: Visualization, x: Point) -> Fraction:
    """Return m at a, M at b, and between them the share of the way, in the sum of coordinates."""
    from_a = sum(abs(s - t) for s, t in zip(x, phi.argmin, strict=True))
    from_b = sum(abs(s - t) for s, t in zip(x, phi.argmax, strict=True))
    return phi.minimum + phi.spread * from_a / (from_a + from_b)
