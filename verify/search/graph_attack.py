"""Points of a box or ball at which a graph's row is large, by gradient ascent from many starts; they prove nothing."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from fvproof.verify.certificates.fixed import UNIT
from fvproof.verify.graphs.operations import Rectified
from fvproof.verify.linear_forms import BallDomain, BoxDomain, Domain
from fvproof.verify.search.ascent import FloatRows
from fvproof.verify.search.graph_floats import Array, FloatGraph

STARTS, STEPS = 24, 60
SMALLEST = 1e-4
"""Steps of a smaller share of the box are made long again."""


def attack(
    graph: FloatGraph, rows: FloatRows, *, starts: Array | None = None, expired: Callable[[], bool], seed: int = 0
) -> tuple[float, Array]:
    """Return the largest value found of the least of some rows, and the point where it is taken.

    Parameters
    ----------
    graph
        The network, and where its inputs lie.
    rows
        The rows.
    starts
        Points to begin with, among others.
    expired
        Whether to stop: the best point so far is returned then, one at least.
    """
    rng = np.random.default_rng(seed)
    x = graph.low + (graph.high - graph.low) * rng.random((STARTS, graph.low.size), dtype=np.float32)
    x[0] = (graph.low + graph.high) / 2
    if starts is not None:
        x[1 : 1 + len(starts)] = starts[: STARTS - 1]
    best = _inside(graph, x)
    values, ways = value_and_gradient(graph, rows, best)
    sizes = np.full((STARTS, 1), 0.5, np.float32)
    for step in range(STEPS):
        if expired():
            break
        x = _inside(graph, best + sizes * _steps(graph, ways, rng, step))
        new, gradients = value_and_gradient(graph, rows, x)
        better = new > values
        best[better], values[better], ways[better] = x[better], new[better], gradients[better]
        sizes = np.where(better[:, None], 1.2 * sizes, 0.7 * sizes).astype(np.float32)
        sizes[sizes < SMALLEST] = 0.1
    place = int(values.argmax())
    return float(values[place]), best[place]


def _steps(graph: FloatGraph, gradients: Array, rng: np.random.Generator, step: int) -> Array:
    """Return the longest steps along gradients or their signs, and mostly in some coordinates only.

    Where ReLUs bend, all of them together may lead down, and some of them up.
    """
    if step % 3:
        gradients = gradients * (rng.random(gradients.shape, dtype=np.float32) < rng.choice([0.1, 0.5]))
    if graph.ball is not None:
        return graph.ball[1] * gradients / (np.linalg.norm(gradients, axis=1, keepdims=True) + 1e-30)
    plain = gradients / (np.abs(gradients).max(axis=1, keepdims=True) + 1e-30)
    return (graph.high - graph.low) * (plain if step % 2 else np.sign(gradients))


def _inside(graph: FloatGraph, x: Array) -> Array:
    """Return points moved into the ball, and into the box."""
    x = np.clip(x, graph.low, graph.high)
    if graph.ball is None:
        return x
    centre, radius = graph.ball
    way = x - centre
    shrink = np.minimum(1, radius / (np.linalg.norm(way, axis=1, keepdims=True) + 1e-30))
    return np.clip(centre + way * shrink, graph.low, graph.high)


def value_and_gradient(graph: FloatGraph, rows: FloatRows, x: Array) -> tuple[Array, Array]:
    """Return the least row at N points, shape (N,), and its gradient, shape (N, d)."""
    known: list[Array] = []
    for place, step in enumerate(graph.network.steps):
        known.append(graph.made(place, [known[i] for i in step.inputs]) if place else x)
    values = rows.values(x, known[-1])
    chosen = values.argmin(axis=1)
    open_rows: dict[int, Array] = {len(known) - 1: rows.outputs[chosen]}
    for at in range(len(known) - 1, 0, -1):
        if at not in open_rows:
            continue
        row, step = open_rows.pop(at), graph.network.steps[at]
        parts = (
            [row * (known[step.inputs[0]] > 0)] if isinstance(step.operation, Rectified) else graph.through(at, row)[0]
        )
        for i, part in zip(step.inputs, parts, strict=True):
            open_rows[i] = open_rows[i] + part if i in open_rows else part
    return values.min(axis=1), open_rows[0] + rows.inputs[chosen]


def exact_in(x: Array, domain: Domain) -> tuple[Fraction, ...]:
    """Return a grid point near x that lies in the domain, in exact arithmetic."""
    near = [Fraction(int(c), UNIT) for c in np.rint(x.astype(np.float64) * UNIT)]
    if not isinstance(domain, BallDomain):
        near = [min(max(c, low), high) for c, low, high in zip(near, domain.low, domain.high, strict=True)]
    if isinstance(domain, BoxDomain):
        return tuple(near)
    ways = [c - middle for c, middle in zip(near, domain.centre, strict=True)]
    size = sum((way * way for way in ways), start=Fraction(0))
    if size <= domain.radius**2:
        return tuple(near)
    # A little less than the radius over the distance, rounded down: the centre and the point lie in the box, and so
    # does what lies between them.
    share = Fraction(int(float(domain.radius) / float(size) ** 0.5 * (1 - 1e-6) * UNIT), UNIT)
    return tuple(middle + share * way for middle, way in zip(domain.centre, ways, strict=True))
