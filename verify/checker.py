"""The independent check of certificates: integer arithmetic only, no solver, no floats, and nothing believed.

What a certificate brings are multipliers and trees. From them and the network's file alone the checker derives every
bound again (`verify.duality`), makes sure that the leaves of each tree cover the whole domain, evaluates the network at
the point in exact arithmetic, and compares the results with what is claimed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np

from theory.errors import DomainError
from verify.certificate import BallDomain, BoxDomain, BoxSplits, Certificate, Part, Row, SignSplits
from verify.duality import (
    Ball,
    Bounds,
    Box,
    Cuts,
    Domain,
    GridMap,
    Multipliers,
    Rows,
    activations,
    cut_constants,
    grid_maps,
    layer_bounds,
    natural_bounds,
    natural_multipliers,
    pruned,
    upper_bounds,
)
from verify.fixed import UNIT, Grid, floored
from verify.layered import LayeredNetwork, fractions_of

SignPath = tuple[tuple[int, int, int], ...]
"""Signs fixed one after the other: (layer, neuron, 1 for active or 0 for silent)."""

CHUNK = 64
"""So many leaves, neighbours in the tree, are evaluated at once."""


def check(certificate: Certificate, network: LayeredNetwork) -> None:
    """Return if every claim of the certificate follows.

    Parameters
    ----------
    certificate
        As read by `verify.certificate.read_certificate`.
    network
        The network, as read from its file by `verify.readers.read_layered`.

    Raises
    ------
    DomainError
        If the certificate is about another network, or a claim does not follow: the sentence says which.
    """
    if certificate.digest != network.digest:
        raise DomainError("the certificate is about another network: the SHA-256 of the file does not fit")
    if not certificate.parts:
        raise DomainError("a certificate without parts claims nothing")
    for place, part in enumerate(certificate.parts):
        _check_part(part, network, f"part {place}")
    _CLAIMS[certificate.kind](certificate, network)


def upper_bound(part: Part, network: LayeredNetwork) -> Fraction:
    """Return what a part proves: an upper bound of the least of its rows over its domain.

    Raises
    ------
    DomainError
        If the part's arrays do not fit the network, or its tree does not cover the domain.
    """
    maps = grid_maps(network)
    domain, rows = grid_domain(part.domain), grid_rows(part.rows, network)
    if isinstance(part.splits, SignSplits):
        return Fraction(int(sign_leaf_bounds(part.splits, maps, rows, domain).max()), UNIT)
    if isinstance(domain, Ball):
        if part.splits.tree.tolist() != [-1]:
            raise DomainError("a ball cannot be split into boxes")
        bounds = natural_bounds(maps[:-1], domain)
        top = upper_bounds(maps[:-1], rows, domain, bounds, natural_multipliers).min(axis=1)
        return Fraction(int(top.max()), UNIT)
    leaves = box_leaves(part.splits, domain)
    chunks = (Box(leaves.low[i : i + CHUNK], leaves.high[i : i + CHUNK]) for i in range(0, len(leaves.low), CHUNK))
    return Fraction(max(int(box_bounds(maps, rows, chunk)[0].min(axis=1).max()) for chunk in chunks), UNIT)


def grid_domain(domain: BoxDomain | BallDomain) -> Domain:
    """Return the least box or ball on the grid that holds the domain."""
    if isinstance(domain, BallDomain):
        if domain.radius < 0:
            raise DomainError(f"the radius must not be negative, and is {domain.radius}")
        return Ball(floored(np.array(domain.centre, dtype=object)), -floor(-domain.radius * UNIT))
    if any(low > high for low, high in zip(domain.low, domain.high, strict=True)):
        raise DomainError("every lower end of the box must be at most the upper end")
    low, high = (np.array(end, dtype=object) for end in (domain.low, domain.high))
    return Box(floored(low)[None], -floored(-high)[None])


def grid_rows(rows: Sequence[Row], network: LayeredNetwork) -> Rows:
    """Return rows over outputs and inputs as rows over the last layer of ReLUs, rounded up to the grid."""
    if not rows:
        raise DomainError("a part must have at least one row")
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


def box_leaves(splits: BoxSplits, domain: Box) -> Box:
    """Return the leaves of a tree that halves the box, which cover it by construction."""
    low, high = domain.low[0].copy(), domain.high[0].copy()
    stack, lows, highs = [(low, high)], [], []
    for coordinate in splits.tree.reshape(-1).tolist():
        if not stack or not -1 <= coordinate < low.size:
            raise DomainError("the tree does not cover the domain: it has a node too many, or splits no coordinate")
        low, high = stack.pop()
        if coordinate < 0:
            lows.append(low)
            highs.append(high)
            continue
        middle = (low[coordinate] + high[coordinate]) >> 1
        lower_high, upper_low = high.copy(), low.copy()
        lower_high[coordinate] = upper_low[coordinate] = middle
        stack += [(upper_low, high), (low, lower_high)]
    if stack:
        raise DomainError("the tree does not cover the domain: leaves are missing")
    return Box(np.array(lows), np.array(highs))


def box_bounds(maps: Sequence[GridMap], rows: Rows, boxes: Box) -> tuple[Grid, list[Bounds], list[Grid]]:
    """Return an upper bound of each row over each of N boxes, shape (N, R), and what it rests on.

    Neurons that are stable on the smallest box around all boxes are stable on each, and need no bounds of their own.

    Returns
    -------
    The upper bounds; bounds of the inputs to ReLU of every layer; and which neurons of a layer these are about: the
    others are silent.
    """
    hidden = maps[:-1]
    known = natural_bounds(hidden, Box(boxes.low.min(axis=0, keepdims=True), boxes.high.max(axis=0, keepdims=True)))
    live = [np.flatnonzero(high[0] > 0) for _, high in known]
    smaller = pruned(hidden, live)
    kept = [(low[:, some], high[:, some]) for (low, high), some in zip(known, live, strict=True)]
    bounds = natural_bounds(smaller, boxes, kept)
    rows = replace(rows, weights=rows.weights[..., live[-1]]) if live else rows
    return upper_bounds(smaller, rows, boxes, bounds, natural_multipliers), bounds, live


def sign_leaf_bounds(splits: SignSplits, maps: Sequence[GridMap], rows: Rows, domain: Domain) -> Grid:
    """Return, for each leaf of a tree of signs, an upper bound of the least row."""
    leaves = list(_sign_leaves(splits.tree, [layer.biases.size for layer in maps[:-1]]))
    return bounds_at(leaves, splits, maps, rows, domain)


def bounds_at(
    leaves: Sequence[SignPath], splits: SignSplits, maps: Sequence[GridMap], rows: Rows, domain: Domain
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


def proven_bounds(splits: SignSplits, maps: Sequence[GridMap], domain: Domain) -> tuple[list[Bounds], list[Cuts]]:
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


def _facets(splits: SignSplits, k: int, layer: GridMap, inputs: Domain) -> Cuts:
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


def _sign_leaves(tree: Grid, widths: Sequence[int]) -> Iterator[SignPath]:
    """Yield the signs fixed at each leaf: (layer, neuron, 1 for active); both signs of every split are covered."""
    starts = np.cumsum([0, *widths])
    stack: list[SignPath] = [()]
    for node in tree.reshape(-1).tolist():
        if not stack or not -1 <= node < starts[-1]:
            raise DomainError("the tree does not cover the domain: it has a node too many, or splits on no neuron")
        path = stack.pop()
        if node < 0:
            yield path
            continue
        layer = int(np.searchsorted(starts, node, side="right")) - 1
        stack += [(*path, (layer, node - int(starts[layer]), sign)) for sign in (1, 0)]
    if stack:
        raise DomainError("the tree does not cover the domain: leaves are missing")


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


def _check_part(part: Part, network: LayeredNetwork, name: str) -> None:
    """Raise unless a part proves exactly what it claims."""
    sizes = {len(end) for end in corners(part.domain)}
    if sizes != {network.dimension}:
        raise DomainError(f"the domain of {name} must have {network.dimension} coordinates, not {sorted(sizes)}")
    proven = upper_bound(part, network)
    if proven != part.upper:
        raise DomainError(f"{name} claims the upper bound {part.upper}, and its multipliers prove {proven}")


def corners(domain: BoxDomain | BallDomain) -> tuple[tuple[Fraction, ...], ...]:
    """Return the points that describe a domain."""
    return (domain.low, domain.high) if isinstance(domain, BoxDomain) else (domain.centre,)


def _check_extremum(certificate: Certificate, network: LayeredNetwork) -> None:
    """Raise unless the point lies in the box and attains the value, and the row is one output (or its negative)."""
    if len(certificate.parts) != 1 or certificate.point is None or certificate.value is None:
        raise DomainError("a certified extremum has one part, a point and its value")
    (part,), sign = certificate.parts, 1 if certificate.kind == "maximum" else -1
    if not isinstance(part.domain, BoxDomain) or len(part.rows) != 1:
        raise DomainError("a certified extremum is about one output over a box")
    row = part.rows[0]
    if list(row.outputs.values()) != [sign] or row.inputs or row.constant:
        raise DomainError(f"the row of a certified {certificate.kind} must be {sign} times one output")
    _check_inside(certificate.point, part.domain)
    value = sign * row(certificate.point, network.outputs(certificate.point))
    if value != certificate.value:
        raise DomainError("the network does not take the value claimed at the point")


def _check_inside(point: Sequence[Fraction], domain: BoxDomain) -> None:
    """Raise unless the point lies in the box."""
    if len(point) != len(domain.low) or any(
        not low <= x <= high for low, x, high in zip(domain.low, point, domain.high, strict=True)
    ):
        raise DomainError("the point does not lie in the box")


def _check_property(certificate: Certificate, network: LayeredNetwork) -> None:
    """Raise unless every part's bound is negative, or there is a point at which all rows of the only part are not."""
    if certificate.point is None:
        if certificate.value is not None or not all(part.upper < 0 for part in certificate.parts):
            raise DomainError("a property is only certified if the upper bounds of all parts are negative")
        return
    if len(certificate.parts) != 1 or not isinstance(certificate.parts[0].domain, BoxDomain):
        raise DomainError("an unsafe input comes with one part, which says what is unsafe over which box")
    _check_inside(certificate.point, certificate.parts[0].domain)
    outputs = network.outputs(certificate.point)
    if certificate.value != min(row(certificate.point, outputs) for row in certificate.parts[0].rows):
        raise DomainError("the least row does not take the value claimed at the point")
    if certificate.value is None or certificate.value < 0:
        raise DomainError("the point is not unsafe")


def readable(parts: Sequence[Part], share: Fraction) -> bool:
    """Return whether two bounds make a ball readable: `δ ≤ ρ‖w‖·(share/(1 + share))²`, in integers by squaring.

    The parts bound f − g and g − f; with the constant of g moved to their middle, δ is half the sum of the bounds.
    """
    above, below = parts
    assert isinstance(above.domain, BallDomain)
    deviation = (above.upper + below.upper) / 2
    square = sum((c * c for c in below.rows[0].inputs.values()), start=Fraction(0))
    return square > 0 and deviation**2 <= above.domain.radius**2 * square * (share / (1 + share)) ** 4


def _check_reading(certificate: Certificate, network: LayeredNetwork) -> None:  # noqa: ARG001  all claims are alike
    """Raise unless two parts bound f − g and g − f on one ball, closely enough for the share."""
    parts, share = certificate.parts, certificate.value
    if len(parts) != 2 or share is None or not 0 < share < 1 or certificate.point is not None:
        raise DomainError("a certified reading radius has two parts, and a share between 0 and 1")
    above, below = parts
    if not isinstance(above.domain, BallDomain) or above.domain != below.domain or above.domain.radius == 0:
        raise DomainError("both parts of a certified reading radius must be about one ball")
    if len(above.rows) != 1 or len(below.rows) != 1 or list(above.rows[0].outputs.values()) != [1]:
        raise DomainError("the first part of a certified reading radius must be about one output")
    if _negated(above.rows[0]) != below.rows[0]:
        raise DomainError("the second part of a certified reading radius must be the negative of the first")
    if not readable(parts, share):
        raise DomainError("the bounds are not close enough to make the ball readable")


def _negated(row: Row) -> Row:
    """Return −row."""
    outputs, inputs = ({i: -c for i, c in side.items()} for side in (row.outputs, row.inputs))
    return Row(outputs, inputs, -row.constant)


_CLAIMS = {
    "maximum": _check_extremum,
    "minimum": _check_extremum,
    "property": _check_property,
    "reading": _check_reading,
}
