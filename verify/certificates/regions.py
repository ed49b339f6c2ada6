"""Where the inputs of a graph lie, on the grid: a box, and perhaps a Euclidean ball as well."""

from dataclasses import dataclass
from math import isqrt

import numpy as np

from fvproof.verify.certificates.duality import Box, GridBall
from fvproof.verify.certificates.fixed import BITS, Grid, plus
from fvproof.verify.graphs.integers import added_up, compacted, dot, largest

NORM_BITS = 23
"""Rows have so many binary digits when their norms are bounded."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box, and perhaps a ball as well: what lies in both."""

    box: Box
    ball: GridBall | None = None

    def most(self, v: Grid) -> Grid:
        """Return upper bounds of `v·x` for rows v, shape (N, d)."""
        low, high = self.box.low[0], self.box.high[0]
        middle = dot(plus(low, high), BITS + 1).backward(v)
        inner = plus(middle, dot(plus(high, -low), BITS + 1).backward(abs(v)))[:, 0] + 2
        return inner if self.ball is None else np.minimum(inner, _most_in_ball(self.ball, v))


def _most_in_ball(ball: GridBall, v: Grid) -> Grid:
    """Return upper bounds of `v·x` over a ball whose centre is known to within a step of the grid."""
    size: Grid = abs(v)
    coarser = max(0, largest(v).bit_length() - NORM_BITS)
    squares = added_up(((size >> coarser) + 1) ** 2)[:, 0]
    norms = [(isqrt(int(square)) + 1) << coarser for square in squares]
    across = compacted(np.array([-((-norm * ball.radius) >> BITS) for norm in norms], dtype=object))
    centre = plus(dot(ball.centre, BITS).backward(v), added_up(size) >> BITS)[:, 0] + 2
    return plus(centre, across)
