"""Marabou (`maraboupy`), the verifier behind the ACAS Xu networks, as a peer to time."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from time import monotonic
from types import ModuleType

import numpy as np

Bounds = Sequence[tuple[np.ndarray, np.ndarray]]


def marabou() -> ModuleType | None:
    """Return Marabou's own module, or None where it is not installed (`pip install 'fvproof[marabou]'`)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says which of its file readers it misses
        try:
            return import_module("maraboupy.MarabouCore")
        except ImportError:
            return None


def marabou_maximum(
    maps: Bounds, hidden: Bounds, start: tuple[float, float], limits: tuple[float, float]
) -> float | None:
    """Return the maximum of output 0 over the unit cube by bisection: is there a point at which it is at least t?

    Parameters
    ----------
    maps
        The affine maps, a ReLU between each and the next.
    hidden
        Bounds of every layer's inputs to ReLU.
    start
        Bounds of the maximum.
    limits
        The tolerance, and the seconds after which it gives up, with None.
    """
    (low, high), (tolerance, limit_s) = start, limits
    end = monotonic() + limit_s
    while high - low > tolerance:
        middle, left = (low + high) / 2, end - monotonic()
        verdict, value = _reached(maps, hidden, middle, left) if left > 0 else ("timeout", 0.0)
        if verdict not in ("sat", "unsat"):
            return None
        low, high = (max(middle, value), high) if verdict == "sat" else (low, middle)
    return low


def _reached(maps: Bounds, hidden: Bounds, threshold: float, limit_s: float) -> tuple[str, float]:
    """Return Marabou's verdict on whether output 0 can be at least the threshold, and its value at the point found."""
    core = import_module("maraboupy.MarabouCore")
    query, layer, count = core.InputQuery(), range(maps[0][0].shape[1]), maps[0][0].shape[1]
    query.setNumberOfVariables(count + sum(2 * biases.size for _, biases in maps[:-1]) + 1)
    for place, x in enumerate(layer):
        query.setLowerBound(x, 0.0)
        query.setUpperBound(x, 1.0)
        query.markInputVariable(x, place)
    for (weights, biases), (least, most) in zip(maps[:-1], hidden, strict=True):
        before, after = range(count, count + biases.size), range(count + biases.size, count + 2 * biases.size)
        for z, y, low, high in zip(before, after, least, most, strict=True):
            query.setLowerBound(z, float(low))
            query.setUpperBound(z, float(high))
            query.setLowerBound(y, 0.0)
            query.setUpperBound(y, max(float(high), 0.0))
            core.addReluConstraint(query, z, y)
        for z, row, bias in zip(before, weights, biases, strict=True):
            query.addEquation(_equation(core, [(1.0, z), *zip((-row).tolist(), layer, strict=True)], float(bias)))
        layer, count = after, count + 2 * biases.size
    weights, biases = maps[-1]
    terms = [(1.0, count), *zip((-weights[0]).tolist(), layer, strict=True)]
    query.addEquation(_equation(core, terms, float(biases[0])))
    query.setLowerBound(count, threshold)
    query.markOutputVariable(count, 0)
    options = core.Options()
    options._verbosity, options._timeoutInSeconds = 0, max(1, int(limit_s))
    verdict, values, _ = core.solve(query, options, "")
    return verdict, values.get(count, threshold)


def _equation(core: ModuleType, terms: Sequence[tuple[float, int]], constant: float) -> object:
    """Return the equation `Σ coefficient·variable = constant`."""
    equation = core.Equation()
    for coefficient, variable in terms:
        equation.addAddend(coefficient, variable)
    equation.setScalar(constant)
    return equation
