"""Certificates about a small convolutional network: each kind that there is."""

from fractions import Fraction

from fvproof.verify.files.vnnlib import property_from
from fvproof.verify.linear_forms import BoxDomain, ClippedBall, LinearForm
from fvproof.verify.search.graph_extremum import certified_graph_extremum, decide_graph
from tests.verify.graphs.networks import convolutional


def graph_certificates():
    """Return certificates about a graph: extrema over a box and a ball, and both verdicts, with splits of signs."""
    graph = convolutional(3)
    box = BoxDomain((Fraction(-1),) * 9, (Fraction(1),) * 9)
    ball = ClippedBall((Fraction(1, 3),) * 9, Fraction(1, 2), (Fraction(0),) * 9, (Fraction(1),) * 9)
    text = "".join(f"(declare-const X_{i} Real) (assert (and (>= X_{i} 0) (<= X_{i} 1)))" for i in range(9))
    text += "(declare-const Y_0 Real) (declare-const Y_1 Real) (assert (or (>= Y_0 {0}) (and (>= Y_1 {0}) (<= Y_0 0))))"
    difference = LinearForm({0: Fraction(1), 1: Fraction(-1)}, {})
    return [
        (graph, certified_graph_extremum(graph, LinearForm({0: Fraction(1)}, {}), box, tolerance=1e-3).certificate),
        (graph, certified_graph_extremum(graph, difference, ball, minimize=True, tolerance=1e-3).certificate),
        (graph, decide_graph(graph, property_from(text.format(50))).certificate),
        (graph, decide_graph(graph, property_from(text.format(-50))).certificate),
    ]
