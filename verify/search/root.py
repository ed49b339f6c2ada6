"""The root of a search over signs: bounds of every layer, tightened by linear programs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from time import monotonic
from typing import Any

import numpy as np

from fvproof.verify.certificates.certificate import SignSplits
from fvproof.verify.certificates.derivation import grid_domain, proven_bounds
from fvproof.verify.certificates.duality import Box, GridMap, grid_maps
from fvproof.verify.certificates.fixed import UNIT, Grid, doubles
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.relaxation import Array, FloatBounds, Relaxation


@dataclass(frozen=True, slots=True)
class Root:
    """What all searches on one network and one box share."""

    network: LayeredNetwork
    domain: BoxDomain
    box: Box
    maps: tuple[GridMap, ...]
    bounds: FloatBounds
    splits: SignSplits


@dataclass(frozen=True, slots=True)
class Unstable:
    """The neurons of a layer whose bounds are tightened, and the moment after which they are not."""

    layer: int
    neurons: Grid
    end: float


def on_grid(values: Array) -> Grid:
    """Return the nearest grid points; numbers too large for a certificate are cut at 2^25."""
    return np.rint(np.clip(values, -(2.0**25), 2.0**25) * UNIT).astype(np.int64)


def prepare(network: LayeredNetwork, domain: BoxDomain, *, programs: int = 400, end: float = inf) -> Root:
    """Return the root: layer by layer the best bounds that linear programs find, at most so many programs per layer.

    After the moment `end` (of `time.monotonic`) no more programs are solved.
    """
    box, maps = grid_domain(domain), grid_maps(network)
    assert isinstance(box, Box)
    hidden = [layer.weights.shape for layer in maps[:-1]]
    none: tuple[Any, ...] = tuple(np.zeros(0, dtype=np.int64) for _ in hidden)
    slopes = tuple(np.zeros((0, inputs), dtype=np.int64) for _, inputs in hidden)
    empty = tuple(() for _ in hidden)
    splits = SignSplits(none, slopes, empty, empty, np.array([-1]), (), ())
    for k in range(1, len(hidden)):
        low, high = (end[0] for end in _bounds(splits, maps, box, k)[k])
        unstable = np.flatnonzero((low < 0) & (high > 0))
        # Two programs per neuron, but once: each branch, and each layer behind this one, starts from these bounds. So
        # layers go from front to back, and one that would need too many programs keeps its plain bounds.
        if 0 < 2 * unstable.size <= programs and monotonic() < end:
            splits = _tightened(network, splits, maps, box, Unstable(k, unstable, end))
    bounds = _bounds(splits, maps, box, len(hidden) - 1)
    return Root(network, domain, box, maps, [(doubles(low[0]), doubles(high[0])) for low, high in bounds], splits)


def _bounds(splits: SignSplits, maps: Sequence[GridMap], box: Box, last: int) -> list[tuple[Grid, Grid]]:
    """Return the bounds proven for the layers up to the last one named."""
    some = {name: getattr(splits, name)[: last + 1] for name in ("neurons", "slopes", "bound_mu", "bound_used")}
    return proven_bounds(replace(splits, **some), maps[: last + 1], box)[0]


def _tightened(
    network: LayeredNetwork, splits: SignSplits, maps: Sequence[GridMap], box: Box, where: Unstable
) -> SignSplits:
    """Return the splits with multipliers that bound one layer's unstable neurons."""
    k, end = where.layer, where.end
    bounds = [(doubles(low[0]), doubles(high[0])) for low, high in _bounds(splits, maps, box, k - 1)]
    relaxed = Relaxation(network.doubles[:k], (doubles(box.low[0]), doubles(box.high[0])), bounds)
    weights, width = network.doubles[k][0], maps[k].biases.size
    mu = [np.zeros((2 * width, layer.biases.size), dtype=np.int64) for layer in maps[:k]]
    for sign, offset in ((1, 0), (-1, width)):
        for i in where.neurons:
            relaxed.aim(sign * weights[i])
            for j, multipliers in enumerate(relaxed.solve(end).mu):
                mu[j][offset + i] = on_grid(multipliers)
    used = tuple(np.zeros((2 * width, 0), dtype=np.int64) for _ in range(k))
    return replace(
        splits,
        bound_mu=(*splits.bound_mu[:k], tuple(mu), *splits.bound_mu[k + 1 :]),
        bound_used=(*splits.bound_used[:k], used, *splits.bound_used[k + 1 :]),
    )


def exact_point(x: Array, domain: BoxDomain) -> tuple[Fraction, ...]:
    """Return the grid point nearest to x, moved into the box where it lies outside."""
    nearest = (Fraction(int(c), UNIT) for c in np.rint(x * UNIT))
    return tuple(min(max(c, low), high) for c, low, high in zip(nearest, domain.low, domain.high, strict=True))
