"""What a part of a certificate about a graph proves, derived in integers from its slopes, signs and multipliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.duality import Box, GridBall
from fvproof.verify.certificates.fixed import BITS, UNIT, Grid, floored
from fvproof.verify.certificates.graph_bounds import CHUNK, ROW_BITS, GridGraph
from fvproof.verify.certificates.parts import GraphSplits, ProvenBound
from fvproof.verify.certificates.regions import Region
from fvproof.verify.certificates.relu_lines import FULL, SLOPE_BITS, AssumedSigns, Signs
from fvproof.verify.certificates.sign_trees import SignPath, sign_leaves
from fvproof.verify.graphs.integers import compacted
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.linear_forms import BallDomain, BoxDomain, Domain, LinearForm

LARGEST = 1 << 40
MOST_ROWS = 1 << 12


@dataclass(frozen=True, slots=True)
class GridRows:
    """Rows over outputs and inputs, rounded down, and what is to be added to a bound of any mean of them.

    Parameters
    ----------
    outputs, inputs
        Shapes (R, outputs) and (R, inputs), in steps of 2⁻⁴⁰.
    constants
        Shape (R,), rounded up.
    slack
        For each row what rounding its coefficients down can miss is at most this many steps.
    """

    outputs: Grid
    inputs: Grid
    constants: Grid
    slack: int


def graph_upper_bound(part: ProvenBound, network: NetworkGraph) -> Fraction:
    """Return what a part proves: an upper bound of the least of its rows over its domain.

    Raises
    ------
    DomainError
        If the part's arrays do not fit the network, or its tree does not cover the domain.
    """
    splits = part.splits
    if not isinstance(splits, GraphSplits):
        raise DomainError("the splits are those of a network that is a chain of matrices, and it is read as a graph")
    leaves = _leaves(splits, network, len(part.rows))
    graph = GridGraph(network, region_of(part.domain))
    derive(graph, splits)
    bounds = leaf_bounds(graph, rows_on_grid(part.rows, graph), splits, leaves)
    return Fraction(int(bounds.max()), 1 << ROW_BITS)


def region_of(domain: Domain) -> Region:
    """Return the least region on the grid that holds a domain."""
    if isinstance(domain, BoxDomain):
        return Region(_box(domain.low, domain.high))
    if not 0 <= domain.radius <= LARGEST or any(abs(c) > LARGEST for c in domain.centre):
        raise DomainError(f"the ball must lie within ±2^40, and its radius be positive, not {domain.radius}")
    ball = GridBall(floored(np.array(domain.centre, dtype=object)), -floor(-domain.radius * UNIT))
    low, high = ([c + sign * domain.radius for c in domain.centre] for sign in (-1, 1))
    if not isinstance(domain, BallDomain):
        low = [max(pair) for pair in zip(low, domain.low, strict=True)]
        high = [min(pair) for pair in zip(high, domain.high, strict=True)]
    return Region(_box(low, high), ball)


def _box(low: Sequence[Fraction], high: Sequence[Fraction]) -> Box:
    """Return the least box on the grid that holds another."""
    for i, (a, b) in enumerate(zip(low, high, strict=True)):
        if a > b:
            raise DomainError(f"the box must have low <= high, and coordinate {i} goes from {a} to {b}")
        if max(-a, b) > 2 * LARGEST:
            raise DomainError(f"the box must lie within ±2^40, and coordinate {i} goes from {a} to {b}")
    ends = (np.array([floor(sign * x * UNIT) for x in end], dtype=object) for sign, end in ((1, low), (-1, high)))
    below, above = (compacted(sign * end[None]) for sign, end in zip((1, -1), ends, strict=True))
    return Box(below, above)


def derive(graph: GridGraph, splits: GraphSplits) -> None:
    """Derive the bounds of all steps, those that are stated to be refined with the slopes that are stated."""
    flags = splits.refined
    if flags.shape != (len(graph.network.rectified),) or not np.isin(flags, (0, 1)).all():
        raise DomainError("each step of ReLUs must be stated to be refined, 1, or not, 0")
    if len(splits.slopes) != flags.size:
        raise DomainError(f"slopes must be stated for {flags.size} steps of ReLUs, not {len(splits.slopes)}")

    def slopes(number: int) -> Sequence[Grid | None]:
        return slopes_by_step(graph, splits.slopes[number], number) if splits.slopes[number].size else ()

    if any(splits.slopes[number].size and not flag for number, flag in enumerate(flags)):
        raise DomainError("slopes are stated for a step of ReLUs that is not refined")
    graph.derive(lambda number: bool(flags[number]), slopes)


def slopes_by_step(graph: GridGraph, slopes: Grid, before: int) -> list[Grid | None]:
    """Return slopes of all unstable ReLUs before a step of ReLUs, the last axis cut by steps.

    Raises
    ------
    DomainError
        If there are not as many slopes as unstable ReLUs, or one is not from 0 to 1.
    """
    counts = [graph.lines[place].unstable.size for place in graph.network.rectified[:before]]
    if slopes.shape[-1:] != (sum(counts),) or slopes.min(initial=0) < 0 or slopes.max(initial=0) > FULL:
        raise DomainError(f"there must be {sum(counts)} slopes from 0 to 1, and there are {slopes.shape}")
    return list(np.split(slopes, np.cumsum(counts)[:-1], axis=-1)) if counts else []


def rows_on_grid(rows: Sequence[LinearForm], graph: GridGraph) -> GridRows:
    """Return rows on the grid."""
    network = graph.network
    outputs, inputs = (
        _coefficients([getattr(row, side) for row in rows], size)
        for side, size in (("outputs", network.outputs_count), ("inputs", network.dimension))
    )
    constants = np.array([-floor(-row.constant * (1 << ROW_BITS)) for row in rows], dtype=object)
    exact = len(rows) == 1 and all(
        (c.denominator & (c.denominator - 1)) == 0 and c.denominator <= 1 << ROW_BITS
        for c in (*rows[0].outputs.values(), *rows[0].inputs.values())
    )
    sizes = [np.maximum(abs(low), abs(high)).astype(object).sum() for low, high in (graph.bounds[-1], graph.bounds[0])]
    return GridRows(outputs, inputs, constants, 0 if exact else 2 * (int(sum(sizes)) >> BITS) + 2)


def _coefficients(sides: Sequence[dict[int, Fraction]], size: int) -> Grid:
    """Return coefficients on the grid, rounded down."""
    found = np.zeros((len(sides), size), dtype=object)
    for place, side in enumerate(sides):
        for i, coefficient in side.items():
            if i >= size:
                raise DomainError("a row names an input or output that the network does not have")
            found[place, i] = floor(coefficient * (1 << ROW_BITS))
    return compacted(found)


def leaf_bounds(graph: GridGraph, rows: GridRows, splits: GraphSplits, leaves: Sequence[SignPath]) -> Grid:
    """Return, for each leaf, an upper bound of the least row."""
    starts = np.cumsum([0, *(len(path) for path in leaves)])
    found, count = [], max(1, CHUNK // max(step.size for step in graph.network.steps))
    for start in range(0, len(leaves), count):
        some = slice(start, start + count)
        betas = splits.betas[starts[start] : starts[min(start + count, len(leaves))]]
        shares = splits.shares[some].astype(object)
        v, inputs, constants = (
            compacted((shares @ part.astype(object)) >> SLOPE_BITS)
            for part in (rows.outputs, rows.inputs, rows.constants[:, None])
        )
        below = slopes_by_step(graph, splits.leaf_slopes[some], len(graph.network.rectified))
        signs = signs_by_step(graph.network, leaves[some], betas)
        top = graph.most(len(graph.network.steps) - 1, v, below, signs, inputs if inputs.any() else None)
        found.append((top + constants[:, 0] + (rows.slack + 1)).astype(object))
    return np.concatenate(found)


def signs_by_step(network: NetworkGraph, leaves: Sequence[SignPath], betas: Grid) -> Signs:
    """Return what is assumed at each step of ReLUs on the way to leaves, a row each."""
    entries: dict[int, list[tuple[int, int, int, int]]] = {}
    multipliers = iter(betas.tolist())
    for row, path in enumerate(leaves):
        for layer, neuron, sign in path:
            entries.setdefault(network.rectified[layer], []).append((row, neuron, sign, next(multipliers)))
    arrays = {place: np.array(some, dtype=np.int64).T for place, some in entries.items()}
    return {place: AssumedSigns(a[0], a[1], a[2].astype(bool), a[3]) for place, a in arrays.items()}


def _leaves(splits: GraphSplits, network: NetworkGraph, rows: int) -> list[SignPath]:
    """Return the leaves of a part's tree, after making sure that all arrays for them are there."""
    count = (splits.tree.size + 1) // 2
    if not 1 <= rows <= MOST_ROWS:
        raise DomainError(f"a part must have at least one row, and at most {MOST_ROWS}, not {rows}")
    shares, slopes, betas = splits.shares, splits.leaf_slopes, splits.betas
    if shares.shape != (count, rows) or shares.min() < 0 or shares.max() > FULL or (shares.sum(axis=1) != FULL).any():
        raise DomainError(f"each of {count} leaves must have shares of {rows} rows that add up to 1")
    if slopes.ndim != 2 or len(slopes) != count:
        raise DomainError(f"each of {count} leaves must have slopes")
    leaves = list(sign_leaves(splits.tree, network.widths))
    signs = sum(map(len, leaves))
    if betas.shape != (signs,) or (betas.size and betas.min() < 0):
        raise DomainError(f"each of {signs} signs must have a multiplier that is not negative")
    return leaves
