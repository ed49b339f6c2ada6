"""What makes a function a twin, checked in exact arithmetic: its values, its extrema, its class."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from fvproof.theory.bodies import Ellipsoid, Polytope
from fvproof.theory.classes.base import FunctionClass, Member
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.domains import CUBE, UNIT_SPHERE, Ball, Cube, Domain, Sphere
from fvproof.theory.exact.norms import l1
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.bowl import Bowl
from fvproof.theory.witnesses.extension import Extension
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.theory.witnesses.profile import RadialFunction, RidgeFunction, size
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.theory.witnesses.staircase import Staircase
from fvproof.verify.files.floats import as_network

QUERIES = ("x", "y")
"""What the queries are called."""

FORMS = (Shepard, RidgeFunction, RadialFunction, QuadraticForm)
"""Functions that belong to a class or not by their form alone."""

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
    >>> from fvproof.theory.classes import function_class
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
        check_bounds(member, phi.minimum, phi.maximum, phi.domain),
        *_training(member, within),
        check_membership(member, within),
    ]


def check_bounds(member: Member, low: Fraction, high: Fraction, domain: Domain = CUBE) -> Check:
    """Return whether low ≤ f ≤ high on the whole domain: by z3 for small networks on the cube, else from the form."""
    name = f"{low} ≤ f ≤ {high} on the {domain}"
    if domain == CUBE and (holds := _solved(member, low, high)) is not None:
        return Check(name, holds, "z3, on an encoding of the network")
    found = bounds_by_form(member, domain)
    if found is None:
        return Check(name, None, "not decided for a function of this form and size")
    return Check(name, low <= found[0] and found[1] <= high, found[2])


def _solved(member: Member, low: Fraction, high: Fraction) -> bool | None:
    """Return what z3 says of low ≤ f ≤ high on the cube; None where it is not asked, or does not know."""
    network = as_network(member)
    if not isinstance(network, Memorising | ReluNetwork):
        return None
    from fvproof.verify.proving.encode import MOST_INPUTS, bounded, is_small  # SymPy only when it is needed
    from fvproof.verify.proving.obligation import Proved
    from fvproof.verify.proving.verdict import Refuted

    if isinstance(network, Memorising) and network.dimension <= MOST_INPUTS:
        network = network.network()
    if not isinstance(network, ReluNetwork) or not is_small(network):
        return None
    verdict = bounded(network, low, high)
    return isinstance(verdict, Proved) if isinstance(verdict, Proved | Refuted) else None


def bounds_by_form(member: Member, domain: Domain = CUBE) -> tuple[Exact, Exact, str] | None:
    """Return bounds on the domain that follow from how a function is built, and why; None where none do."""
    match member:
        case ReluNetwork(layers=(*_, last)) if member.flat or len(member.layers) == 1:
            why = f"how far an affine function rises over the {domain} is known"
            values = _affine_extremes(last, domain)
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
        case RidgeFunction() if member.ball == domain and member.knots[0][0] <= -1 and member.knots[-1][0] >= 1:
            values, why = [value for _, value in member.knots], "the link is piecewise linear, from −1 to 1"
        case RadialFunction():
            values, why = _profile_values(member), "the profile is piecewise linear, up to the farthest corner"
        case QuadraticForm() if domain == UNIT_SPHERE:
            values, why = [member.other, *(value for _, value in member.axes)], "the eigenvalues are known"
        case _:
            return None
    return (min(values), max(values), why) if values else None


def _affine_extremes(layer: Layer, domain: Domain) -> list[Exact]:
    """Return the minimum and the maximum of an affine function on the domain."""
    (row,), (bias,) = layer.rows, layer.biases
    if not any(row.values()):
        return [bias]
    match domain:
        case Cube():
            return [bias + sum((max(s * w, Fraction(0)) for w in row.values()), Fraction(0)) * s for s in (-1, 1)]
        case Sphere():
            rise = square_root(sum((w * w for w in row.values()), Fraction(0)))
            return [bias - rise, bias + rise]
        case Ball() | Ellipsoid():
            centre = domain.centre or (Fraction(0),) * (1 + max(row, default=0))
            middle = bias + sum((w * centre[i] for i, w in row.items()), Fraction(0))
            rise = domain.reach(tuple(row.get(i, Fraction(0)) for i in range(len(centre))))
            return [middle - rise, middle + rise]
        case Polytope():
            return [bias + sum((w * corner[i] for i, w in row.items()), Fraction(0)) for corner in domain.corners]
        case _:
            return []


def _profile_values(member: RadialFunction) -> list[Exact]:
    """Return the values of the profile at its knots, if they reach from 0 to the farthest corner of the cube."""
    (first, _), *_, (last, _) = member.knots
    farthest = tuple(Fraction(t < Fraction(1, 2)) for t in fractions(member.prototype))
    reaches = first <= 0 and size(member.prototype, farthest, member.norm) <= last
    return [value for _, value in member.knots] if reaches else []


def check_membership(member: Member, within: FunctionClass) -> Check:
    """Return whether the function is a member of the class, decided piece by piece where the dimension is small."""
    name = "member of the class"
    if member.dimension <= MOST_DIMENSIONS or isinstance(member, FORMS) or within.domain != CUBE:
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
