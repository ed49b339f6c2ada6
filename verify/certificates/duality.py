r"""Upper bounds on linear functions of a ReLU network, in integers: every vector of multipliers gives one.

Let `z_j = W_j·y_{j−1} + b_j` and `y_j = ReLU(z_j)`, with `l_j ≤ z_j ≤ u_j` known. For any multipliers `μ_j`, and
with `v_k = v`, `v_{j−1} = μ_j·W_j` (weak duality; each ReLU is decoupled from the layer that feeds it),

.. math:: v·y_k ≤ Σ_j \Big( μ_j·b_j + Σ_i \max_{l ≤ z ≤ u} (v_{ji}·ReLU(z) − μ_{ji}·z) \Big) + \max_{x ∈ X} v_0·x .

The maximum over z is attained at l, u or 0. A search finds good multipliers; nothing here depends on how. All numbers
are on the grid of `fvproof.verify.certificates.fixed`, and every rounding is upwards: a weight w is known as `[w, w +
2⁻³²]`, `v_j` is rounded up (which is sound since `y_j ≥ 0`), and at the inputs the width of the rounding is charged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt

import numpy as np

from fvproof.verify.certificates.fixed import (
    BITS,
    SAFE,
    UNIT,
    Grid,
    floored,
    largest,
    matmul,
    plus,
    scaled,
    times,
    times_up,
    total,
)
from fvproof.verify.layered import LayeredNetwork

Bounds = tuple[Grid, Grid]
"""Lower and upper bounds of one layer's inputs to ReLU, of shape (N, n) or (1, n)."""

Multipliers = Callable[[int, Grid, Bounds], Grid]
"""Given the layer, v of shape (N, R, n) and the layer's bounds, the multipliers μ of the same shape."""


@dataclass(frozen=True, slots=True)
class GridMap:
    """An affine map with every number rounded down to the grid: the true one is at most one step larger."""

    weights: Grid
    biases: Grid


@dataclass(frozen=True, slots=True)
class Box:
    """Boxes `low ≤ x ≤ high` of grid points, of shape (N, d)."""

    low: Grid
    high: Grid

    def most(self, v: Grid, width: Grid) -> Grid:
        """Return an upper bound of `w·x` over x in the box and w in `[v − width, v]`; v of shape (N, R, d)."""
        low, high = self.low[:, None, :], self.high[:, None, :]
        return plus(total(np.maximum(times_up(v, low), times_up(v, high))), scaled(width, self._reach()))

    def _reach(self) -> Grid:
        """Return how far below 0 the coordinates reach, summed, in whole units and rounded up."""
        return -(total(np.minimum(self.low, 0)) // UNIT)[:, None]


@dataclass(frozen=True, slots=True)
class GridBall:
    """The Euclidean ball around a centre in `[centre, centre + 2⁻³²]`, of a radius at most `radius` on the grid."""

    centre: Grid
    radius: int

    def most(self, v: Grid, width: Grid) -> Grid:
        """Return an upper bound of `w·x` over x in the ball and w in `[v − width, v]`; v of shape (N, R, d)."""
        squares = (v.astype(object) ** 2).sum(axis=-1)
        roots = np.vectorize(lambda square: isqrt(square) + 1, otypes=[object])(squares)
        reach = int(total(np.maximum(-self.centre, 0).astype(object) + self.radius)) // UNIT + 1
        across = -((-roots * self.radius) >> BITS)
        rounding = plus(total(np.maximum(v, 0)) >> BITS, scaled(width, np.array(reach, dtype=object))) + 1
        return plus(total(times_up(v, self.centre)), across, rounding)


GridDomain = Box | GridBall


@dataclass(frozen=True, slots=True)
class Cuts:
    """Affine upper bounds `ReLU(z_i) ≤ slopes·y + constants` of neurons of one layer, in the layer's own inputs y.

    Parameters
    ----------
    neurons
        Shape (C,): which neuron each is about; several may be about one.
    slopes
        Shape (C, inputs), grid points: any numbers.
    constants
        Shape (C,): the least that `cut_constants` allows.
    """

    neurons: Grid
    slopes: Grid
    constants: Grid


@dataclass(frozen=True, slots=True)
class Rows:
    """R linear functions of the layer at some depth and of the inputs, rounded up, to be bounded from above.

    Parameters
    ----------
    weights
        Shape (R, n) or (N, R, n): the coefficients on the outputs of the ReLUs at that depth; on the inputs at depth 0.
    constants
        Shape (R,).
    inputs
        Shape (R, d): further coefficients on the inputs; None for none.
    """

    weights: Grid
    constants: Grid
    inputs: Grid | None = None


@lru_cache(maxsize=8)
def grid_maps(network: LayeredNetwork) -> tuple[GridMap, ...]:
    """Return the affine maps on the grid."""
    return tuple(GridMap(floored(affine.weights), floored(affine.biases)) for affine in network.maps)


def layer_rows(layer: GridMap) -> Rows:
    """Return the inputs to ReLU of one layer and their negatives, as rows over the layer below."""
    weights = np.concatenate([layer.weights + 1, -layer.weights])
    return Rows(weights, np.concatenate([layer.biases + 1, -layer.biases]))


def upper_bounds(
    maps: Sequence[GridMap],
    rows: Rows,
    domain: GridDomain,
    bounds: Sequence[Bounds],
    multipliers: Multipliers,
    cuts: Sequence[tuple[Cuts, Grid]] = (),
) -> Grid:
    """Return upper bounds, on the grid, of the rows over the domain: shape (N, R).

    Parameters
    ----------
    maps
        The affine maps below the rows, from the inputs on: as many as `bounds`.
    rows
        What is bounded.
    domain
        Where: one ball, or N boxes (or one).
    bounds
        For each layer, what is known of its inputs to ReLU.
    multipliers
        The multipliers, any at all.
    cuts
        For each layer its cuts, and how much of each is used: shape (N, R, C), not negative. Empty: no cuts.
    """
    v, totals, extra = _three_axes(rows.weights), rows.constants[None, :], None
    width: Grid = np.ones((1, 1), dtype=np.int64)
    for j in reversed(range(len(bounds))):
        if cuts:
            v, gain, extra = _with_cuts(v, *cuts[j])
            totals = plus(totals, gain)
        mu = multipliers(j, v, bounds[j])
        slack = (total(abs(mu)) >> BITS) + 2
        totals = plus(totals, total(_most(v, mu, bounds[j])), total(times_up(mu, maps[j].biases)), slack)
        further = [] if extra is None else [extra]
        v = plus(matmul(mu, maps[j].weights), slack[..., None], *further)
        width = 2 * slack
    if bounds and rows.inputs is not None:
        v, width = plus(v, rows.inputs), width + 1
    return plus(totals, domain.most(v, width + 1))


def _three_axes(weights: Grid) -> Grid:
    """Return weights with the axis of boxes in front."""
    return weights if weights.ndim == 3 else weights[None]


def _most(v: Grid, mu: Grid, bounds: Bounds) -> Grid:
    """Return `max { v·ReLU(z) − μ·z : l ≤ z ≤ u }`, rounded up: attained at l, at u, or at 0 between them."""
    low, high = bounds[0][:, None, :], bounds[1][:, None, :]
    active = plus(v, -mu)
    at_low = times_up(np.where(low > 0, active, -mu), low)
    at_high = times_up(np.where(high > 0, active, -mu), high)
    most = np.maximum(at_low, at_high)
    return np.where((low < 0) & (high > 0), np.maximum(most, 0), most)


def _with_cuts(v: Grid, cuts: Cuts, used: Grid) -> tuple[Grid, Grid, Grid]:
    """Return v less what the cuts take over, the cuts' constants, and what they put on the layer below."""
    fits = used.dtype == np.int64 and used.shape[-1] * largest(used) < SAFE
    taken = np.zeros((*used.shape[:-1], v.shape[-1]), dtype=np.int64 if fits else object)
    for place, neuron in enumerate(cuts.neurons):
        taken[..., neuron] += used[..., place]
    return plus(v, -taken), total(times_up(used, cuts.constants)), -matmul(-used, cuts.slopes)


def cut_constants(neurons: Grid, slopes: Grid, layer: GridMap, inputs: GridDomain) -> Grid:
    """Return, for each cut, the least constant that makes it valid: `max_y ReLU(w·y + b) − slopes·y` over a box."""
    none = np.zeros((1, 1), dtype=np.int64)
    above = inputs.most(plus(layer.weights[neurons] + 1, -slopes)[None], none + 1)[0]
    return np.maximum(inputs.most(-slopes[None], none)[0], plus(above, layer.biases[neurons] + 1))


def natural_multipliers(_layer: int, v: Grid, bounds: Bounds) -> Grid:
    """Return multipliers that need no search: the chord above an unstable ReLU, the better of two lines below it."""
    low, high = bounds[0][:, None, :], bounds[1][:, None, :]
    coarser = max(0, largest(low).bit_length() - 46, largest(high).bit_length() - 46)
    rise, run = high >> coarser, (high >> coarser) - (low >> coarser)
    chord = np.clip((rise << 16) // np.maximum(run >> 16, 1), 0, UNIT)
    above = np.where(low >= 0, UNIT, np.where(high <= 0, 0, chord))
    below = np.where(low >= 0, UNIT, np.where((high <= 0) | (high <= -low), 0, UNIT))
    return times(v, np.where(v > 0, above, below))


def activations(bounds: Bounds) -> Box:
    """Return the box in which the outputs of a layer of ReLUs lie."""
    return Box(np.maximum(bounds[0], 0), np.maximum(bounds[1], 0))


def natural_bounds(maps: Sequence[GridMap], domain: GridDomain) -> list[Bounds]:
    """Return bounds on every layer's inputs to ReLU, layer by layer, without search."""
    bounds: list[Bounds] = []
    for layer in maps:
        bounds.append(layer_bounds(maps, layer, domain, bounds, natural_multipliers))
    return bounds


def layer_bounds(
    maps: Sequence[GridMap],
    layer: GridMap,
    domain: GridDomain,
    bounds: Sequence[Bounds],
    multipliers: Multipliers,
    cuts: Sequence[tuple[Cuts, Grid]] = (),
) -> Bounds:
    """Return bounds of one layer's inputs to ReLU from bounds of the layers below."""
    tops = upper_bounds(maps, layer_rows(layer), domain, bounds, multipliers, cuts)
    return -tops[:, layer.biases.size :], tops[:, : layer.biases.size]
