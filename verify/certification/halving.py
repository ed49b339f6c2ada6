"""What a tree of halved boxes proves, in integers: an upper bound for each leaf, derived from nothing but its box."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from theory.errors import DomainError
from verify.certification.duality import (
    Box,
    GridMap,
    Rows,
    natural_bounds,
    natural_multipliers,
    pruned,
    upper_bounds,
)
from verify.certification.fixed import Grid

BLOCK, CHUNK_ENTRIES = 64, 1 << 22
"""A subtree of at most so many leaves is a block; it is bounded in pieces whose arrays have so many entries."""


@dataclass(frozen=True, slots=True)
class Block:
    """Leaves that share a box around them: low and high of shape (N, d), and of shape (1, d) around all."""

    leaves: Box
    around: Box


def halved_bounds(tree: Grid, maps: Sequence[GridMap], rows: Rows, domain: Box) -> Grid:
    """Return, for each leaf of a tree that halves the box, an upper bound of the least row.

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
    rows, width = _with_means(rows), max(layer.biases.size for layer in maps)
    step = max(1, CHUNK_ENTRIES // (2 * width * width))
    return np.concatenate(
        [
            _block_bounds(
                maps, rows, Box(block.leaves.low[i : i + step], block.leaves.high[i : i + step]), block.around
            )
            for block in blocks(tree, domain)
            for i in range(0, len(block.leaves.low), step)
        ]
    )


def blocks(tree: Grid, domain: Box) -> Iterator[Block]:
    """Yield the leaves of a tree in order, block by block; they cover the domain by construction."""
    nodes, d = tree.reshape(-1).tolist(), domain.low.shape[1]
    counts = _leaf_counts(nodes, d)
    stack, lows, highs = [(domain.low[0], domain.high[0])], [], []
    around, left = domain, 0
    for place, coordinate in enumerate(nodes):
        low, high = stack.pop()
        if not left and counts[place] <= BLOCK:
            around, left = Box(low[None], high[None]), counts[place]
        if coordinate >= 0:
            stack += halves_of(low, high, coordinate)
            continue
        lows.append(low)
        highs.append(high)
        left -= 1
        if not left:
            yield Block(Box(np.array(lows), np.array(highs)), around)
            lows, highs = [], []


def _leaf_counts(nodes: Sequence[int], coordinates: int) -> list[int]:
    """Return the number of leaves below each node of a tree in preorder, after making sure that it is one."""
    counts, stack = [0] * len(nodes), []
    for place in reversed(range(len(nodes))):
        if not -1 <= nodes[place] < coordinates or (nodes[place] >= 0 and len(stack) < 2):
            raise DomainError("the tree does not cover the domain: leaves are missing, or a node splits no coordinate")
        counts[place] = 1 if nodes[place] < 0 else stack.pop() + stack.pop()
        stack.append(counts[place])
    if len(stack) != 1:
        raise DomainError("the tree does not cover the domain: it has a node too many, or none")
    return counts


def _block_bounds(maps: Sequence[GridMap], rows: Rows, boxes: Box, around: Box) -> Grid:
    """Return an upper bound of the least row over each of N boxes, shape (N,).

    Neurons that are stable on the box around them are stable on each, and need no bounds of their own.
    """
    hidden = maps[:-1]
    known = natural_bounds(hidden, around)
    live = [np.flatnonzero(high[0] > 0) for _, high in known]
    smaller = pruned(hidden, live)
    kept = [(low[:, some], high[:, some]) for (low, high), some in zip(known, live, strict=True)]
    bounds = natural_bounds(smaller, boxes, kept)
    rows = replace(rows, weights=rows.weights[..., live[-1]]) if live else rows
    return upper_bounds(smaller, rows, boxes, bounds, natural_multipliers).min(axis=1)


def _with_means(rows: Rows) -> Rows:
    """Return the rows and the mean of any two of them, rounded up: the least row is at most that."""
    first, second = np.array([*combinations(range(len(rows.constants)), 2)], dtype=np.int64).reshape(-1, 2).T

    def extended(values: Grid) -> Grid:
        return np.concatenate([values, -((-values[first] - values[second]) >> 1)])

    inputs = None if rows.inputs is None else extended(rows.inputs)
    return Rows(extended(rows.weights), extended(rows.constants), inputs)


def halves_of(low: Grid, high: Grid, coordinate: int) -> list[tuple[Grid, Grid]]:
    """Return the upper half and the lower half of a box."""
    lower_high, upper_low = high.copy(), low.copy()
    lower_high[coordinate] = upper_low[coordinate] = (low[coordinate] + high[coordinate]) >> 1
    return [(upper_low, high), (low, lower_high)]
