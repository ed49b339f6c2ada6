"""What every class must satisfy, asked of a class and its oracle."""

from fractions import Fraction
from itertools import product

import pytest

from fvproof.theory.errors import DomainError
from fvproof.theory.pieces import extrema, network_of
from fvproof.theory.tasks import Task, solvable
from tests.theory.programs import TOLERANCE, minus, plus
from tests.theory.tally import passed

EXACT = 1e-12
"""Values are compared as floats where Euclidean distances make them irrational."""
SHARES = (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1))


def feasibility_agrees(asked, program, phi):
    """A visualization is feasible if and only if the program is."""
    assert asked.feasible(phi) == (program(phi, []).largest({}) > -1)
    passed("feasible", asked, phi)


def ambiguity_agrees(asked, program, phi, x):
    """The ends of the ambiguity set are the optima of the program."""
    found, built = asked.ambiguity(phi, x), program(phi, [x])
    assert abs(float(found.high) - built.largest(built.values[x])) < TOLERANCE
    assert abs(float(found.low) + built.largest(minus(built.values[x]))) < TOLERANCE
    assert (found.low_closed, found.high_closed) == (True, True)
    passed("ambiguity", asked, phi, x)


def order_agrees(asked, program, phi, x, y):
    """x is never above y if and only if the program finds no larger value at x."""
    built = program(phi, [x, y])
    largest = built.largest(plus(built.values[x], minus(built.values[y]))) if x != y else 0
    assert asked.at_most(phi, x, y) == (largest < TOLERANCE)
    ordered = asked.at_most(phi, x, y) or asked.at_most(phi, y, x)
    assert solvable(Task.ORDER, asked, phi, x, y) == ordered
    passed("order", asked, phi, x, y)


def unique_ends_agree(asked, program, phi, x):
    """Between the ends lies the same; an open end leaves no margin, and the witness of a closed one is unique."""
    found, every = asked.ambiguity(phi, x, unique_extrema=True), asked.ambiguity(phi, x)
    assert (found.low, found.high) == (every.low, every.high)
    for end, closed in ((found.low, found.low_closed), (found.high, found.high_closed)):
        if not closed:
            assert program(phi, [x]).largest_margin(x, end) < TOLERANCE
    passed("unique", asked, phi, x)


def witnesses_hold(asked, phi, x, shares=SHARES):
    """Each value between the ends has a member with the visualization, unique where the interval says so."""
    every = asked.ambiguity(phi, x)
    unique = asked.ambiguity(phi, x, unique_extrema=True) if asked.feasible(phi, unique_extrema=True) else None
    for value in dict.fromkeys(every.low + share * (every.high - every.low) for share in shares):
        member = asked.witness(phi, x, value)
        for z, expected in ((phi.argmin, phi.minimum), (phi.argmax, phi.maximum), (x, value)):
            assert abs(float(member(z) - expected)) < EXACT
        assert asked.contains(member)
        extrema_hold(member, phi, unique=unique is not None and value in unique)


def extrema_hold(member, phi, *, unique):
    """The member's extrema are those of the visualization, and no others if it is said to be unique.

    Decided for networks, piece by piece; for the others looked at on a grid.
    """
    try:
        low, argmin, high, argmax = extrema(network_of(member))
    except DomainError:
        grid = product(map(Fraction, ("0", "1/3", "1/2", "1")), repeat=phi.dimension)
        values = {z: float(member(z)) for z in {*grid, phi.argmin, phi.argmax}}
        low, high = min(values.values()), max(values.values())
        argmin, argmax = ({z for z, v in values.items() if v == end} for end in (low, high))
        assert (low, high) == pytest.approx((float(phi.minimum), float(phi.maximum)))
    else:
        assert (low, high) == (phi.minimum, phi.maximum)
    if unique:
        assert (argmin, argmax) == ({phi.argmin}, {phi.argmax})
