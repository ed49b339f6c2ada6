"""Nodes at which the signs of all unstable ReLUs are assumed: a linear program gives the best multipliers, and a point.

There the network is affine, and so is what goes into each ReLU: the row is maximised over a box and one half-space for
each sign. What the solver says is only proposed; the bound is derived from the multipliers in integers.
"""

import numpy as np
from scipy.optimize import linprog

from fvproof.verify.certificates.sign_trees import SignPath
from fvproof.verify.search.graph_floats import Array
from fvproof.verify.search.graph_slopes import Nodes, Problem, fixed_signs

MOST_ENTRIES = 1 << 21
"""A program with a larger matrix is not solved."""


def with_programs(problem: Problem, nodes: Nodes) -> tuple[Array, Array]:
    """Return multipliers for nodes without unstable ReLUs, and the points that take their bounds.

    Where a program has no solution, or is too large, the node's own multipliers are returned, and its own point.
    """
    assert nodes.points is not None
    starts = np.cumsum([0, *(len(path) for path in nodes.paths)])
    betas, points = nodes.betas.copy(), nodes.points.copy()
    for i, path in enumerate(nodes.paths):
        if path and len(path) * points.shape[1] <= MOST_ENTRIES:
            found = _solved(problem, path, nodes.slopes[i], nodes.shares[i])
            if found is not None:
                betas[starts[i] : starts[i + 1]], points[i] = found
    return betas, points


def _solved(problem: Problem, path: SignPath, slopes: Array, shares: Array) -> tuple[Array, Array] | None:
    """Return the multipliers of the signs, and the point, that solve the program."""
    graph, count = problem.graph, len(path) + 1
    fixed = {at: known for at, (known, _) in fixed_signs(problem, [path] * count).items()}
    rows: dict[int, Array] = {len(graph.network.steps) - 1: np.zeros((count, graph.network.outputs_count), np.float32)}
    rows[len(graph.network.steps) - 1][0] = shares @ problem.rows.outputs
    for place, (layer, neuron, _) in enumerate(path, 1):
        (before,) = graph.network.steps[graph.network.rectified[layer]].inputs
        entry = rows.setdefault(before, np.zeros((count, graph.network.steps[before].size), np.float32))
        entry[place, neuron] = 1
    parts = np.split(np.repeat(slopes[None], count, axis=0), np.cumsum(problem.widths)[:-1], axis=1)
    linear, constants, _ = graph.pulled(rows, parts, fixed)
    signs = np.array([1.0 if sign else -1.0 for *_, sign in path])
    objective = linear[0] + shares @ problem.rows.inputs
    sizes = np.abs(linear[1:]).max(axis=1) + 1e-30
    linear[1:], constants[1:] = linear[1:] / sizes[:, None], constants[1:] / sizes
    ends = np.stack([graph.low, graph.high], axis=1)
    found = linprog(-objective, -signs[:, None] * linear[1:], signs * constants[1:], bounds=ends, method="highs")
    if found.status != 0:
        return None
    return np.maximum(-found.ineqlin.marginals / sizes, 0).astype(np.float32), found.x.astype(np.float32)
