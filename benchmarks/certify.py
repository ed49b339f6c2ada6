"""Certified maxima of small trained networks, side by side: fvproof, HiGHS big-M, Marabou and z3.

The networks are trained here, in seconds. Times are processor seconds in one thread; a method is cut off after a
minute. fvproof's and z3's answers are proven; those of the others are verdicts of floating-point solvers: the column
`off` says how far their maximum lies outside the certified interval. Marabou is left out where it is not installed
(`make bench` installs it).
"""

import time
from fractions import Fraction
from itertools import pairwise

import highspy
import numpy as np
import torch
import z3
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from benchmarks.marabou_peer import marabou, marabou_maximum
from fvproof.verify.certificates.certificate import certificate_from, certificate_record
from fvproof.verify.certificates.checker import check
from fvproof.verify.files.readers import layered_from
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.relaxation import silent_highs
from fvproof.verify.search.search import SearchEffort

CASES = [
    ((64, 16, 10), 1e-5),
    ((64, 16, 16, 10), 1e-5),
    ((5, 16, 16, 1), 1e-5),
    ((10, 32, 32, 1), 1e-3),
    ((64, 32, 32, 10), 1e-3),
    ((64, 128, 10), 1e-3),
]
LIMIT_S = 60.0
TITLE = "Certified maximum of output 0 over the unit cube"


def trained(sizes):
    """Return a network trained on digits (64 inputs) or on a bumpy function, its last layer without ReLU."""
    torch.manual_seed(0)
    layers = [nn.Linear(n, m) for n, m in pairwise(sizes)]
    network = nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])
    optimizer = torch.optim.Adam(network.parameters(), 3e-3 if 128 in sizes else 1e-2)
    digits, labels = load_digits(return_X_y=True)
    images, targets = torch.tensor(digits / 16, dtype=torch.float32), torch.tensor(labels)
    direction = torch.randn(sizes[0])
    for _ in range(1000):
        if sizes[0] == 64:
            chosen = torch.randint(0, len(images), (64,))
            loss = functional.cross_entropy(network(images[chosen]), targets[chosen])
        else:
            x = torch.rand(256, sizes[0])
            wave = (
                torch.sin(6 * x @ direction / sizes[0] ** 0.5)
                + (x[:, 0] - x[:, 1]).abs()
                + torch.cos(9 * x[:, 2] * x[:, 3])
            )
            loss = functional.mse_loss(network(x)[:, 0], wave)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layered_from([(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in layers])


def ours(network, tolerance):
    """Return the interval, and processor seconds of search and check."""
    d = network.dimension
    start = time.process_time()
    found = certified_extremum(
        network, 0, BoxDomain((Fraction(0),) * d, (Fraction(1),) * d), tolerance=tolerance, effort=SearchEffort(LIMIT_S)
    )
    middle = time.process_time()
    check(certificate_from(certificate_record(found.certificate)), network)
    return found, middle - start, time.process_time() - middle


def interval_bounds(network):
    """Return interval bounds of every layer's inputs to ReLU over the unit cube."""
    low, high, bounds = np.zeros(network.dimension), np.ones(network.dimension), []
    for weights, biases in network.doubles[:-1]:
        positive, negative = np.maximum(weights, 0), np.minimum(weights, 0)
        bounds.append((positive @ low + negative @ high + biases, positive @ high + negative @ low + biases))
        low, high = (np.maximum(end, 0) for end in bounds[-1])
    return bounds


def big_m(network, tolerance):
    """Return HiGHS's maximum with big-M constraints from interval bounds, or None."""
    solver = silent_highs(threads=1, time_limit=LIMIT_S, mip_abs_gap=tolerance, mip_rel_gap=0.0)
    layer = [variable(solver, 0, 1) for _ in range(network.dimension)]
    for (weights, biases), (low, high) in zip(network.doubles[:-1], interval_bounds(network), strict=True):
        outputs = []
        for row, bias, least, most in zip(weights, biases, np.minimum(low, 0), np.maximum(high, 0), strict=True):
            y, on = variable(solver, 0, most), variable(solver, 0, 1, whole=True)
            places, values = [*layer, y, on], [*-row, 1, -least]
            solver.addRow(bias, highspy.kHighsInf, len(places) - 1, places[:-1], values[:-1])
            solver.addRow(-highspy.kHighsInf, bias - least, len(places), places, values)
            solver.addRow(-highspy.kHighsInf, 0, 2, [y, on], [1, -most])
            outputs.append(y)
        layer = outputs
    weights, biases = network.doubles[-1]
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    for place, weight in zip(layer, weights[0], strict=True):
        solver.changeColCost(place, weight)
    solver.run()
    done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value + biases[0] if done else None


def variable(solver, low, high, *, whole=False):
    """Add a variable to a program and return its place."""
    place = solver.getNumCol()
    solver.addCol(0.0, low, high, 0, [], [])
    if whole:
        solver.changeColIntegrality(place, highspy.HighsVarType.kInteger)
    return place


def naive_z3(network, _tolerance):
    """Return z3's maximum of the network spelled out with If, or None."""
    optimizer = z3.Optimize()
    optimizer.set("timeout", int(LIMIT_S * 1000))
    layer = [z3.Real(f"x{i}") for i in range(network.dimension)]
    optimizer.add(*[z3.And(x >= 0, x <= 1) for x in layer])
    for place, (weights, biases) in enumerate(network.doubles):
        sums = [
            z3.Sum([z3.RealVal(Fraction(w)) * x for w, x in zip(row, layer, strict=True)]) + z3.RealVal(Fraction(bias))
            for row, bias in zip(weights, biases, strict=True)
        ]
        layer = sums if place == len(network.widths) else [z3.If(z > 0, z, 0) for z in sums]
    best = optimizer.maximize(layer[0])
    return float(optimizer.upper(best).as_fraction()) if optimizer.check() == z3.sat else None


def by_marabou(network, tolerance):
    """Return Marabou's maximum by bisection between the value at the centre and the interval bound, or None."""
    hidden, (weights, biases) = interval_bounds(network), network.doubles[-1]
    most = np.maximum(hidden[-1][1], 0)
    high = float(np.maximum(weights[0], 0) @ most + biases[0])
    low = float(network.outputs((Fraction(1, 2),) * network.dimension)[0])
    return marabou_maximum(network.doubles, hidden, (low, high), (tolerance, LIMIT_S))


PEERS = {"HiGHS big-M": big_m, "Marabou": by_marabou, "z3": naive_z3}


def timed(method, network, tolerance):
    """Return a method's processor seconds, and its maximum, or None if it was cut off."""
    start = time.process_time()
    value = method(network, tolerance)
    return time.process_time() - start, value


def measure():
    """Yield the rows of the table."""
    peers = {name: method for name, method in PEERS.items() if name != "Marabou" or marabou()}
    for sizes, tolerance in CASES:
        network = trained(sizes)
        found, search_s, check_s = ours(network, tolerance)
        others = {name: timed(method, network, tolerance) for name, method in peers.items()}
        seconds, value = min(others.values(), key=lambda other: other[0])
        yield {
            "network": "-".join(map(str, sizes)),
            "tolerance": tolerance,
            "width": float(found.high - found.low),
            "nodes": found.nodes,
            "fvproof [s]": search_s,
            "check [s]": check_s,
            **{column: text for name, other in others.items() for column, text in columns(name, other, found).items()},
            "best other / fvproof": f"{'> ' if value is None else ''}{seconds / search_s:.0f}",
        }


def columns(name, other, found):
    """Return a peer's columns: its seconds, and how far its maximum lies outside the certified interval."""
    seconds, value = other
    if value is None:
        return {f"{name} [s]": f"> {seconds:.0f}", f"{name} off": None}
    off = max(float(found.low) - value, value - float(found.high), 0.0)
    return {f"{name} [s]": f"{seconds:.2f}", f"{name} off": off}
