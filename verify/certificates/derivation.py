"""What a part of a certificate proves, derived in integers from its multipliers and its tree.

Nothing is believed: bounds of every layer are derived again, and the leaves of a tree cover the domain because each
inner node is split into two halves that do.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.certificate import GraphSplits, ProvenBound, SignSplits
from fvproof.verify.certificates.duality import (
    Bounds,
    Box,
    Cuts,
    GridBall,
    GridDomain,
    GridMap,
    Multipliers,
    Rows,
    activations,
    cut_constants,
    grid_maps,
    layer_bounds,
    natural_bounds,
    natural_multipliers,
    upper_bounds,
)
from fvproof.verify.certificates.fixed import UNIT, Grid, floored
from fvproof.verify.certificates.graph_derivation import graph_upper_bound
from fvproof.verify.certificates.halving import halved_bounds
from fvproof.verify.certificates.sign_trees import SignPath, sign_leaves
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.layered import LayeredNetwork, fractions_of
from fvproof.verify.linear_forms import BallDomain, BoxDomain, ClippedBall, LinearForm

LARGEST_BOX = 1 << 40
MOST_ROWS = 1 << 12
CHUNK = 64
"""So many leaves, neighbours in the tree, are evaluated at once."""


def upper_bound(part: ProvenBound, network: LayeredNetwork | NetworkGraph) -> Fraction:
    """Return what a part proves: an upper bound of the least of its rows over its domain.

    Raises
    ------
    DomainError
        If the part's arrays do not fit the network, or its tree does not cover the domain.
    """
    if isinstance(network, NetworkGraph):
        return graph_upper_bound(part, network)
    if isinstance(part.splits, GraphSplits) or isinstance(part.domain, ClippedBall):
        raise DomainError("the splits are those of a graph, and the network is read as a chain of matrices")
    maps = grid_maps(network)
    domain, rows = grid_domain(part.domain), grid_rows(part.rows, network)
    if isinstance(part.splits, SignSplits):
        return Fraction(int(sign_leaf_bounds(part.splits, maps, rows, domain).max()), UNIT)
    if isinstance(domain, GridBall):
        if part.splits.tree.tolist() != [-1]:
            raise DomainError("a ball cannot be split into boxes")
        bounds = natural_bounds(maps[:-1], domain)
        top = upper_bounds(maps[:-1], rows, domain, bounds, natural_multipliers).min(axis=1)
        return Fraction(int(top.max()), UNIT)
    return Fraction(int(halved_bounds(part.splits.tree, maps, rows, domain).max()), UNIT)


def grid_domain(domain: BoxDomain | BallDomain) -> GridDomain:
    """Return the least box or ball on the grid that holds the domain."""
    if isinstance(domain, BallDomain):
        if not 0 <= domain.radius <= LARGEST_BOX or any(abs(c) > LARGEST_BOX for c in domain.centre):
            raise DomainError(f"the ball must lie within ±2^40, and its radius be positive, not {domain.radius}")
        return GridBall(floored(np.array(domain.centre, dtype=object)), -floor(-domain.radius * UNIT))
    for i, (low, high) in enumerate(zip(domain.low, domain.high, strict=True)):
        if low > high:
            raise DomainError(f"the box must have low <= high, and coordinate {i} goes from {low} to {high}")
        if max(-low, high) > LARGEST_BOX:
            raise DomainError(f"the box must lie within ±2^40, and coordinate {i} goes from {low} to {high}")
    low, high = (np.array(end, dtype=object) for end in (domain.low, domain.high))
    ends = floored(low)[None], -floored(-high)[None]
    dtype = object if any(end.dtype == object for end in ends) else np.int64
    return Box(*(end.astype(dtype) for end in ends))


def grid_rows(rows: Sequence[LinearForm], network: LayeredNetwork) -> Rows:
    """Return rows over outputs and inputs as rows over the last layer of ReLUs, rounded up to the grid."""
    if not 1 <= len(rows) <= MOST_ROWS:
        raise DomainError(f"a part must have at least one row, and at most {MOST_ROWS}, not {len(rows)}")
    last = network.maps[-1]
    weights, constants, inputs = [], [], np.full((len(rows), network.dimension), Fraction(0), dtype=object)
    for place, row in enumerate(rows):
        if any(i >= network.outputs_count for i in row.outputs) or any(i >= network.dimension for i in row.inputs):
            raise DomainError("a row names an input or output that the network does not have")
        coefficients = np.array(list(row.outputs.values()), dtype=object)
        chosen = list(row.outputs)
        weights.append(coefficients @ fractions_of(last.weights[chosen]) if chosen else last.weights[0] * Fraction(0))
        constants.append(sum(coefficients * fractions_of(last.biases[chosen]), start=row.constant))
        for i, coefficient in row.inputs.items():
            inputs[place, i] = coefficient
    if not network.widths:
        weights, inputs = np.array(weights, dtype=object) + inputs, inputs * 0
    raised = [-floored(-np.array(part, dtype=object)) for part in (weights, constants, inputs)]
    return Rows(raised[0], raised[1], raised[2] if inputs.any() else None)


def sign_leaf_bounds(splits: SignSplits, maps: Sequence[GridMap], rows: Rows, domain: GridDomain) -> Grid:
    """Return, for each leaf of a tree of signs, an upper bound of the least row."""
    widths, count = [layer.biases.size for layer in maps[:-1]], (splits.tree.size + 1) // 2
    _check_shapes(splits.mu, [(count, width) for width in widths], "the leaves' multipliers")  # before the walk
    leaves = list(sign_leaves(splits.tree, widths))
    return bounds_at(leaves, splits, maps, rows, domain)


def bounds_at(
    leaves: Sequence[SignPath], splits: SignSplits, maps: Sequence[GridMap], rows: Rows, domain: GridDomain
) -> Grid:
    """Return, for each leaf, given by its signs, an upper bound of the least row, from the multipliers in its place."""
    hidden = maps[:-1]
    bounds, cuts = proven_bounds(splits, hidden, domain)
    _check_shapes(splits.mu, [(len(leaves), layer.biases.size) for layer in hidden], "the leaves' multipliers")
    _check_shapes(splits.used, [(len(leaves), len(c.neurons)) for c in cuts], "the leaves' uses of facets")
    results = []
    for start in range(0, len(leaves), CHUNK):
        chunk = slice(start, start + CHUNK)
        narrowed = _narrowed(bounds, leaves[chunk])
        multipliers = given_multipliers([mu[chunk, None] for mu in splits.mu], bounds)
        used = [(c, positive(u[chunk, None])) for c, u in zip(cuts, splits.used, strict=True)]
        results.append(upper_bounds(hidden, rows, domain, narrowed, multipliers, used).min(axis=1))
    return np.concatenate(results)


def proven_bounds(splits: SignSplits, maps: Sequence[GridMap], domain: GridDomain) -> tuple[list[Bounds], list[Cuts]]:
    """Return bounds of every layer, and its facets with their constants, layer by layer."""
    bounds: list[Bounds] = []
    cuts: list[Cuts] = []
    lengths = (len(splits.neurons), len(splits.slopes), len(splits.bound_mu), len(splits.bound_used))
    if lengths != (len(maps),) * 4:
        raise DomainError(f"the certificate must have {len(maps)} layers, not {lengths}")
    for k, layer in enumerate(maps):
        low, high = layer_bounds(maps, layer, domain, bounds, natural_multipliers)
        if splits.bound_mu[k]:
            rows = 2 * layer.biases.size
            _check_shapes(splits.bound_mu[k], [(rows, maps[j].biases.size) for j in range(k)], "bounds' multipliers")
            _check_shapes(splits.bound_used[k], [(rows, len(cuts[j].neurons)) for j in range(k)], "bounds' facets")
            used = [(cuts[j], positive(splits.bound_used[k][j][None])) for j in range(k)]
            multipliers = given_multipliers([mu[None] for mu in splits.bound_mu[k]], bounds)
            better = layer_bounds(maps, layer, domain, bounds, multipliers, used)
            low, high = np.maximum(low, better[0]), np.minimum(high, better[1])
        bounds.append((low, high))
        cuts.append(_facets(splits, k, layer, activations(bounds[k - 1]) if k else domain))
    return bounds, cuts


def _facets(splits: SignSplits, k: int, layer: GridMap, inputs: GridDomain) -> Cuts:
    """Return the facets of one layer, each with the least constant that makes it valid."""
    neurons, slopes = splits.neurons[k], splits.slopes[k]
    _check_shapes([slopes], [(neurons.size, layer.weights.shape[1])], "facets")
    if neurons.ndim != 1 or (neurons.size and not (neurons.min() >= 0 and neurons.max() < layer.biases.size)):
        raise DomainError("a facet names a neuron that does not exist")
    return Cuts(neurons, slopes, cut_constants(neurons, slopes, layer, inputs))


def given_multipliers(given: Sequence[Grid], bounds: Sequence[Bounds]) -> Multipliers:
    """Return multipliers as given, but exact where a ReLU is stable: v where it is active, 0 where it is silent."""

    def choose(layer: int, v: Grid, _narrowed: Bounds) -> Grid:
        low, high = bounds[layer][0][:, None, :], bounds[layer][1][:, None, :]
        return np.where(low >= 0, v, np.where(high <= 0, 0, given[layer]))

    return choose


def positive(used: Grid) -> Grid:
    """Return how much of each facet is used, after making sure that none is negative."""
    if used.size and used.min() < 0:
        raise DomainError("a facet cannot be used a negative number of times")
    return used


def _narrowed(bounds: Sequence[Bounds], leaves: Sequence[SignPath]) -> list[Bounds]:
    """Return the bounds at each leaf: those of all leaves, and the signs fixed there."""
    narrowed = [(np.repeat(low, len(leaves), axis=0), np.repeat(high, len(leaves), axis=0)) for low, high in bounds]
    for place, path in enumerate(leaves):
        for layer, neuron, sign in path:
            low, high = narrowed[layer]
            if sign:
                low[place, neuron] = max(low[place, neuron], 0)
            else:
                high[place, neuron] = min(high[place, neuron], 0)
    return narrowed


def _check_shapes(arrays: Sequence[Grid], shapes: Sequence[tuple[int, int]], name: str) -> None:
    """Raise unless the arrays have these shapes."""
    found = [array.shape for array in arrays]
    if found != list(shapes):
        raise DomainError(f"{name} must have the shapes {list(shapes)}, not {found}")
