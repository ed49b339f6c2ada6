"""What a tree of halved boxes proves, in integers: an upper bound for each leaf, derived from nothing but its box."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.duality import (
    Bounds,
    Box,
    GridMap,
    Rows,
    layer_bounds,
    natural_multipliers,
    upper_bounds,
)
from fvproof.verify.certificates.fixed import UNIT, Grid

MOST_BOXES, ENTRIES = 16, 1 << 22
"""So many boxes, neighbours mostly, are bounded at once; fewer where their arrays would have more entries than this."""
MOST_NODES = 1 << 24


def halved_bounds(tree: Grid, maps: Sequence[GridMap], rows: Rows, domain: Box) -> Grid:
    """Return, for each leaf of a tree that halves the box, an upper bound of the least row.

    Level by level, each node is told which ReLUs are stable on its parent's box, and bounds the others.

    Parameters
    ----------
    tree
        The nodes in preorder, lower half first: the coordinate that is split, or −1 for a leaf.
    maps, rows
        The network and the rows on the grid.
    domain
        One box.

    Raises
    ------
    DomainError
        If the leaves do not cover the domain.
    """
    nodes = tree.reshape(-1)
    if nodes.size > MOST_NODES:
        raise DomainError(f"a tree of boxes has at most {MOST_NODES} nodes, not {nodes.size}")
    widths = [int(width).bit_length() for width in (domain.high - domain.low)[0]]
    counts, rows = _leaf_counts(nodes.tolist(), widths), _with_means(rows)
    ranks, step = np.cumsum(nodes < 0) - 1, _batch(maps)
    results: list[int] = [0] * int(counts[0])
    level, boxes = np.array([0]), domain
    signs = np.zeros((1, sum(layer.biases.size for layer in maps[:-1])), dtype=np.int8)
    # Level by level, not leaf by leaf: what is stable on a box is so on its halves, so that a node has its parent's
    # signs and bounds only the rest; and the boxes of a level fit into few large array operations.
    while level.size:
        pieces = [slice(start, start + step) for start in range(0, level.size, step)]
        seen = [node_bounds(maps, rows, Box(boxes.low[p], boxes.high[p]), signs[p]) for p in pieces]
        for place, top in zip(level.tolist(), (top for tops, _ in seen for top in tops), strict=True):
            if nodes[place] < 0:
                results[ranks[place]] = int(top)
        inner = nodes[level] >= 0
        found = np.concatenate([part for _, part in seen])[inner]
        boxes = _halved(Box(boxes.low[inner], boxes.high[inner]), nodes[level][inner])
        # In preorder the lower half is the next node; behind its subtree, 2·leaves − 1 nodes, comes the upper half.
        first = level[inner] + 1
        level, signs = np.stack([first, first + 2 * counts[first] - 1], axis=1).reshape(-1), np.repeat(found, 2, axis=0)
    return np.array(results, dtype=object)  # NumPy would make floats of integers on either side of 2⁶³


def node_bounds(maps: Sequence[GridMap], rows: Rows, boxes: Box, signs: Grid) -> tuple[Grid, Grid]:
    """Return an upper bound of the least row over each of N boxes, shape (N,), and which ReLUs are stable there.

    Parameters
    ----------
    maps, rows, boxes
        The network, the rows, and the boxes.
    signs
        Which ReLUs are known to be stable, shape (N, ReLUs): 1 active, −1 silent, 0 not known.
    """
    hidden, bounds, found, start = [], [], np.full_like(signs, -1), 0
    live = np.arange(boxes.low.shape[1])
    for layer in maps[:-1]:
        known = signs[:, start : start + layer.biases.size]
        kept = np.flatnonzero((known >= 0).any(axis=0))
        smaller = GridMap(layer.weights[np.ix_(kept, live)], layer.biases[kept])
        low, high = _some_bounds(hidden, smaller, boxes, bounds, known[:, kept])
        found[:, start + kept] = np.where(low >= 0, 1, np.where(high <= 0, -1, 0))
        hidden.append(smaller)
        bounds.append((low, high))
        live, start = kept, start + layer.biases.size
    rows = Rows(rows.weights[..., live], rows.constants, rows.inputs)
    return upper_bounds(hidden, rows, boxes, bounds, natural_multipliers).min(axis=1), found


def _some_bounds(
    hidden: Sequence[GridMap], layer: GridMap, boxes: Box, bounds: Sequence[Bounds], signs: Grid
) -> Bounds:
    """Return bounds of one layer's inputs to ReLU; where its sign is known on all boxes, only the sign.

    That is enough: what multiplies an active ReLU is its own multiplier, and a silent one is 0.
    """
    some = np.flatnonzero((signs == 0).any(axis=0))
    better = layer_bounds(hidden, GridMap(layer.weights[some], layer.biases[some]), boxes, bounds, natural_multipliers)
    low, high = np.where(signs > 0, 0, -UNIT), np.where(signs < 0, 0, UNIT)
    low, high = low.astype(better[0].dtype), high.astype(better[1].dtype)
    low[:, some], high[:, some] = better
    return np.where(signs > 0, np.maximum(low, 0), low), np.where(signs < 0, np.minimum(high, 0), high)


def _batch(maps: Sequence[GridMap]) -> int:
    """Return how many boxes are bounded at once."""
    width = max(layer.biases.size for layer in maps)
    return max(1, min(MOST_BOXES, ENTRIES // (2 * width * width)))


def _leaf_counts(nodes: Sequence[int], bits: Sequence[int]) -> Grid:
    """Return the number of leaves below each node of a tree in preorder, after making sure that it is one.

    A side of so many bits can be halved so often until it is one step of the grid, and no search halves it again: a
    deeper tree is refused, it was made to be long.
    """
    counts, stack, most = [0] * len(nodes), [], sum(bits)
    for place in reversed(range(len(nodes))):
        if not -1 <= nodes[place] < len(bits) or (nodes[place] >= 0 and len(stack) < 2):
            raise DomainError("the tree does not cover the domain: leaves are missing, or a node splits no coordinate")
        if nodes[place] < 0:
            stack.append((1, 0))
        else:
            (left, one), (right, other) = stack.pop(), stack.pop()
            stack.append((left + right, 1 + max(one, other)))
        counts[place], depth = stack[-1]
        if depth > most:
            raise DomainError(f"the tree is deeper than the box has steps of the grid to halve, {most}")
    if len(stack) != 1:
        raise DomainError("the tree does not cover the domain: it has a node too many, or none")
    return np.array(counts)


def _halved(boxes: Box, coordinates: Grid) -> Box:
    """Return the lower and the upper half of each box, one after the other."""
    low, high = np.repeat(boxes.low, 2, axis=0), np.repeat(boxes.high, 2, axis=0)
    each = np.arange(coordinates.size)
    middle = (boxes.low[each, coordinates] + boxes.high[each, coordinates]) >> 1
    high[2 * each, coordinates] = low[2 * each + 1, coordinates] = middle
    return Box(low, high)


def _with_means(rows: Rows) -> Rows:
    """Return the rows and the mean of any two of them, rounded up: the least row is at most that."""
    first, second = np.array([*combinations(range(len(rows.constants)), 2)], dtype=np.int64).reshape(-1, 2).T

    def extended(values: Grid) -> Grid:
        return np.concatenate([values, -((-values[first] - values[second]) >> 1)])

    inputs = None if rows.inputs is None else extended(rows.inputs)
    return Rows(extended(rows.weights), extended(rows.constants), inputs)
