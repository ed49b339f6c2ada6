"""What makes a function a twin, checked in exact arithmetic: its values, its extrema, its class."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from theory.classes.base import FunctionClass, Member
from theory.classes.erm import EmpiricalRiskMinimisers
from theory.memorising import Memorising
from theory.network import Layer, ReluNetwork
from theory.norms import l1
from theory.points import Point
from theory.surds import Exact
from theory.visualization import Visualization
from theory.witnesses.bowl import Bowl
from theory.witnesses.extension import Extension
from theory.witnesses.shepard import Shepard
from theory.witnesses.staircase import Staircase
from verify.encode import MOST_INPUTS, bounded, is_small
from verify.floats import as_network
from verify.verdict import Proved, Refuted

QUERIES = ("x", "y")
"""What the queries are called."""

MOST_DIMENSIONS = 3
"""Membership is decided piece by piece up to here; the number of pieces grows too fast beyond."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a twin must satisfy, and whether it does.

    Parameters
    ----------
    name
        What is checked.
    holds
        None where it was not decided here, but follows from how the function is built.
    how
        How it was checked, or what it follows from.
    """

    name: str
    holds: bool | None
    how: str


Values = Sequence[tuple[Point, Exact]]
"""Points, and the values that a function must take there."""


def check_member(member: Member, within: FunctionClass, phi: Visualization, values: Values) -> list[Check]:
    """Return the checks that a function is a member of the class with the visualization φ and the values at queries.

    Examples
    --------
    >>> from theory.classes import function_class
    >>> phi, x = Visualization([0, 0], [1, 1], 0, 1), (Fraction(1, 2), Fraction(1, 4))
    >>> convex = function_class("convex")
    >>> for check in check_member(convex.witness(phi, x, "1/3"), convex, phi, [(x, Fraction(1, 3))]):
    ...     print(check.name, check.holds)
    f(argmin) = 0 True
    f(argmax) = 1 True
    f(x) = 1/3 True
    0 ≤ f ≤ 1 on the cube True
    member of the class True
    """
    return [
        _value(f"f(argmin) = {phi.minimum}", member, phi.argmin, phi.minimum),
        _value(f"f(argmax) = {phi.maximum}", member, phi.argmax, phi.maximum),
        *(_value(f"f({name}) = {v}", member, x, v) for (x, v), name in zip(values, QUERIES, strict=False)),
        check_bounds(member, phi.minimum, phi.maximum),
        *_training(member, within),
        check_membership(member, within),
    ]


def check_bounds(member: Member, low: Fraction, high: Fraction) -> Check:
    """Return whether low ≤ f ≤ high on the whole cube: from the form of the function, and by z3 if it is small."""
    name = f"{low} ≤ f ≤ {high} on the cube"
    network = as_network(member)
    if isinstance(network, Memorising) and network.dimension <= MOST_INPUTS:
        network = network.network()
    if isinstance(network, ReluNetwork) and is_small(network):
        verdict = bounded(network, low, high)
        if isinstance(verdict, Proved | Refuted):
            return Check(name, isinstance(verdict, Proved), "z3, on an encoding of the network")
    found = bounds_by_form(member)
    if found is None:
        return Check(name, None, "not decided: the network is too large for z3")
    return Check(name, low <= found[0] and found[1] <= high, found[2])


def bounds_by_form(member: Member) -> "tuple[Fraction, Fraction, str] | None":
    """Return bounds on the cube that follow from how a function is built, and why; None where none do."""
    match member:
        case ReluNetwork(layers=(layer,)):
            values, why = _at_extreme_corners(layer), "an affine function is extreme at corners"
        case Memorising() if _disjoint(member):
            why = "the spikes are disjoint, since k·‖c_i − c_j‖₁ > 2 for all centres (Lemma 2)"
            values = [member.base, *member.values]
        case Extension() if member.lipschitz >= 0:
            values, why = member.values, "the formula is cut off at the least and the greatest value"
        case Staircase():
            values, why = member.values, "the formula is cut off at the least and the greatest value"
        case Shepard():
            values, why = member.values, "the formula is an average of the values"
        case Bowl() if 0 <= member.share <= 1 and member.sharpness >= 0:
            why = "the formula is an average of the value at the centre and the value on the rim"
            values = [member.centre_value, member.rim_value]
        case _:
            return None
    return min(values), max(values), why


def _at_extreme_corners(layer: Layer) -> list[Fraction]:
    """Return the minimum and the maximum over the cube of an affine function."""
    (row,), (bias,) = layer.rows, layer.biases
    return [bias + sum((max(s * w, Fraction(0)) for w in row.values()), Fraction(0)) * s for s in (-1, 1)]


def check_membership(member: Member, within: FunctionClass) -> Check:
    """Return whether the function is a member of the class, decided piece by piece where the dimension is small."""
    name = "member of the class"
    if member.dimension <= MOST_DIMENSIONS or isinstance(member, Shepard):
        return Check(name, within.contains(member), "decided on every linear piece of the function, or from its form")
    return Check(name, None, f"by the construction of the witness ({within.source})")


def _training(member: Member, within: FunctionClass) -> list[Check]:
    """Return whether the training loss is zero, for classes that have a training set."""
    if not isinstance(within, EmpiricalRiskMinimisers):
        return []
    wrong = sum(member(key.point) != label for key, label in within.labels.items())
    how = f"evaluated at the {len(within.labels)} training points in exact arithmetic"
    return [Check("training loss = 0", not wrong, how)]


def _value(name: str, member: Member, at: Point, value: Exact) -> Check:
    """Return whether the function takes a value at a point."""
    return Check(name, member(at) == value, "evaluated in exact arithmetic")


def _disjoint(network: Memorising) -> bool:
    """Return whether no two spikes overlap."""
    return all(network.sharpness * l1(p, q) > 2 for p, q in combinations(network.centres, 2))
