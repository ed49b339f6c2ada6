"""Lines above and below the unstable ReLUs of a step of a graph, and rows brought through them, in integers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fvproof.verify.certificates.fixed import BITS, Grid, plus
from fvproof.verify.graphs.integers import compacted, dot, largest

SLOPE_BITS = 17
FULL = 1 << SLOPE_BITS
"""The slope 1."""

Bounds = tuple[Grid, Grid]
"""Lower and upper bounds of a step's values, of shape (n,)."""


@dataclass(frozen=True, slots=True)
class ReluLines:
    """Lines around the unstable ReLUs of a step.

    Parameters
    ----------
    active
        Which ReLUs are known to be active, shape (n,).
    unstable
        The numbers of those of which nothing is known.
    above, offset
        Slopes and offsets of the lines above them.
    below
        Slopes of the lines below them that need no search: 1 where u > −l, else 0.
    reach
        How large what goes into them can be in absolute value, added up: what a row that is rounded down may miss.
    """

    active: Grid
    unstable: Grid
    above: Grid
    offset: Grid
    below: Grid
    reach: int


@dataclass(frozen=True, slots=True)
class AssumedSigns:
    """Signs that are assumed at rows: which row, which neuron of the step, whether z ≥ 0 (else z ≤ 0), and its β."""

    rows: Grid
    neurons: Grid
    active: Grid
    betas: Grid


Signs = Mapping[int, AssumedSigns]
"""What is assumed at steps of ReLUs, by their place."""


def lines_around(bounds: Bounds) -> ReluLines:
    """Return the lines around ReLUs whose inputs have such bounds: above the chord, whose slope is rounded down."""
    low, high = bounds
    unstable = np.flatnonzero((low < 0) & (high > 0))
    down, up = (end[unstable].astype(object) for end in (low, high))
    above = (up * FULL) // (up - down)
    # An affine function that lies above ReLU at both ends lies above it between them.
    offset = np.maximum(-((above * down) >> SLOPE_BITS), -(((above - FULL) * up) >> SLOPE_BITS))
    below = np.where(high[unstable] > -low[unstable], FULL, 0).astype(np.int64)
    reach = int(np.maximum(-down, up).sum()) if unstable.size else 0
    return ReluLines(low >= 0, unstable, above.astype(np.int64), compacted(offset), below, reach)


def through_lines(v: Grid, lines: ReluLines, below: Grid | None, assumed: AssumedSigns | None) -> tuple[Grid, Grid]:
    """Return rows over ReLUs as rows over what goes into them, and what is to be added to their bounds.

    Parameters
    ----------
    v
        The rows, shape (N, n).
    lines
        Lines around the ReLUs.
    below
        Slopes of the lines below unstable ReLUs, shape (unstable,) or (N, unstable), from 0 to 1; None for those that
        need no search.
    assumed
        Signs that are assumed.
    """
    if assumed is not None:
        at = assumed.rows, assumed.neurons
        fixed = np.where(assumed.active, plus(v[at], assumed.betas), -assumed.betas)
        v = v.copy()
        v[at] = 0
        passed, gain = through_lines(v, lines, below, None)
        passed = passed.astype(np.result_type(passed, fixed))
        passed[at] = fixed
        return passed, gain
    passed, some = np.where(lines.active, v, 0), v[:, lines.unstable]
    up, down = np.maximum(some, 0), np.minimum(some, 0)
    gain = dot(lines.offset, BITS).backward(up)[:, 0] + (2 * lines.reach >> BITS) + 2
    passed[:, lines.unstable] = plus(sloped(up, lines.above), sloped(down, lines.below if below is None else below))
    return passed, gain


def sloped(v: Grid, slopes: Grid) -> Grid:
    """Return `⌊v·slopes⌋` for slopes from 0 to 1.

    Examples
    --------
    >>> sloped(np.array([3, -3]), np.array([FULL, FULL // 2])).tolist()
    [3, -2]
    """
    if v.dtype == object or largest(v).bit_length() > 60:
        return compacted((v.astype(object) * slopes) >> SLOPE_BITS)
    return (v >> SLOPE_BITS) * slopes + (((v & (FULL - 1)) * slopes) >> SLOPE_BITS)
