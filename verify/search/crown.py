"""Upper bounds over many boxes at once, in doubles: they lead a search and prove nothing.

What `fvproof.verify.certificates.duality` derives in integers, with the multipliers that need no search, is computed
here for a batch of neighbouring boxes. Each box knows which ReLUs its parent showed to be stable; only the others are
bounded, and those that are silent on every box of the batch are left out of the matrices.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.search.ascent import FloatRows
from fvproof.verify.search.relaxation import Array

SignArray = NDArray[np.int8]
"""For each ReLU, all layers in a row: 1 active, −1 silent, 0 not known."""


@dataclass(frozen=True, slots=True)
class BoxBounds:
    """What is known of N boxes, to within rounding.

    Parameters
    ----------
    tops
        Upper bounds of the least row, shape (N,).
    slopes
        The slopes of the affine function that gives that bound, shape (N, d).
    spread
        The same with every path through the network counted as positive, shape (N, d): how much each input matters.
    signs
        Which ReLUs are stable, shape (N, ReLUs).
    """

    tops: Array
    slopes: Array
    spread: Array
    signs: SignArray


@dataclass(frozen=True, slots=True)
class Lines:
    """A layer on N boxes: its affine map, and lines above and below each ReLU.

    Parameters
    ----------
    weights, biases
        Shapes (n, inputs) and (n,).
    above, offset
        `ReLU(z) ≤ above·z + offset`, shapes (N, n).
    below
        `ReLU(z) ≥ below·z`, shape (N, n).
    """

    weights: Array
    biases: Array
    above: Array
    offset: Array
    below: Array


def bound_boxes(
    maps: Sequence[tuple[Array, Array]], rows: FloatRows, box: tuple[Array, Array], signs: SignArray
) -> BoxBounds:
    """Return upper bounds of the least row over N boxes.

    Parameters
    ----------
    maps
        The network.
    rows
        R rows over its outputs and inputs.
    box
        The corners, shape (N, d) each.
    signs
        Which ReLUs are known to be stable on each box.

    Source
    ------
    Zhang et al., NeurIPS 2018, "Efficient neural network robustness certification with general activation functions".
    """
    layers: list[Lines] = []
    live, found, start = np.arange(box[0].shape[1]), np.zeros_like(signs), 0
    for weights, biases in maps[:-1]:
        part = slice(start, start + biases.size)
        kept = np.flatnonzero((signs[:, part] >= 0).any(axis=0))
        layer = np.ascontiguousarray(weights[np.ix_(kept, live)]), biases[kept]
        low, high = _layer_bounds(layers, layer, box, signs[:, part][:, kept])
        found[:, part] = -1
        found[:, start + kept] = np.where(low >= 0, 1, np.where(high <= 0, -1, 0))
        layers.append(_lines(layer, low, high))
        live, start = kept, start + biases.size
    weights, biases = maps[-1]
    v = np.broadcast_to(rows.outputs @ weights[:, live], (len(box[0]), len(rows.constants), live.size))
    tops, slopes = _upper(layers, v, rows.outputs @ biases + rows.constants, box, rows.inputs)
    chosen = np.arange(len(tops)), tops.argmin(axis=1)
    return BoxBounds(tops[chosen], slopes[chosen], _spread(layers, v[chosen]), found)


def _layer_bounds(
    layers: Sequence[Lines], layer: tuple[Array, Array], box: tuple[Array, Array], signs: SignArray
) -> tuple[Array, Array]:
    """Return bounds of one layer's inputs to ReLU; where its sign is known on all boxes, only the sign."""
    weights, biases = layer
    low, high = np.where(signs > 0, 0.0, -1.0), np.where(signs < 0, 0.0, 1.0)
    some = np.flatnonzero((signs == 0).any(axis=0))
    v = np.concatenate([weights[some], -weights[some]])
    shape = len(low), *v.shape
    tops, _ = _upper(layers, np.broadcast_to(v, shape), np.concatenate([biases[some], -biases[some]]), box)
    low[:, some], high[:, some] = -tops[:, some.size :], tops[:, : some.size]
    return np.where(signs > 0, np.maximum(low, 0), low), np.where(signs < 0, np.minimum(high, 0), high)


def _lines(layer: tuple[Array, Array], low: Array, high: Array) -> Lines:
    """Return the layer with the chord above every unstable ReLU, and the better of two lines below it."""
    active = (low >= 0).astype(float)
    unstable = (low < 0) & (high > 0)
    above = np.where(unstable, high / np.where(unstable, high - low, 1), active)
    return Lines(*layer, above, np.where(unstable, -low * above, 0), np.where(unstable, high > -low, active))


def _upper(
    layers: Sequence[Lines], v: Array, constants: Array, box: tuple[Array, Array], inputs: Array | None = None
) -> tuple[Array, Array]:
    """Return upper bounds of `v·y + inputs·x + constants` over the boxes, and the slopes of what bounds it."""
    tops = constants
    for layer in reversed(layers):
        tops = tops + (np.maximum(v, 0) @ layer.offset[:, :, None])[..., 0]
        v = np.where(v > 0, v * layer.above[:, None], v * layer.below[:, None])
        tops = tops + v @ layer.biases
        boxes, lines, width = v.shape
        v = (v.reshape(boxes * lines, width) @ layer.weights).reshape(boxes, lines, layer.weights.shape[1])
    v = v if inputs is None else v + inputs
    middle, half = (box[0] + box[1]) / 2, (box[1] - box[0]) / 2
    return tops + (v @ middle[:, :, None] + np.abs(v) @ half[:, :, None])[..., 0], v


def _spread(layers: Sequence[Lines], v: Array) -> Array:
    """Return the influence of each input on one row of each box, all paths counted as positive."""
    spread = np.abs(v)
    for layer in reversed(layers):
        spread = (spread * np.maximum(layer.above, layer.below)) @ np.abs(layer.weights)
    return spread
