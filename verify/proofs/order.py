"""The order task without a metric: for which x and y every member with visualization φ has f(x) ≤ f(y)."""

from functools import cache

from fvproof.verify.proofs import affine as lines
from fvproof.verify.proofs import erm, memorising
from fvproof.verify.proofs import monotone as orders
from fvproof.verify.proofs.continuous import lipschitz_functions_are_continuous
from fvproof.verify.proofs.memorising import AT_ANY_POINT, network_is_lipschitz, values_stay_in_range
from fvproof.verify.proofs.monotone import below, order
from fvproof.verify.proofs.notation import UNIT, M, a, b, m, visualized, x, y
from fvproof.verify.proofs.piecewise_affine import pieces
from fvproof.verify.proofs.spikes import spike_shape, spikes_are_disjoint, spikes_vanish_elsewhere
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Number,
    Point,
    absolute,
    between,
    choose,
    differ,
    either,
    every,
    implies,
    no,
    number,
    reals,
)


def black_box(first: Number, second: Number, at: Point) -> Number:
    """Return the witness with one value at x and another at y; β elsewhere does not matter."""
    return choose(at == a, m, choose(at == b, M, choose(at == x, first, second)))


f_x, f_y, g_x, g_y = reals("f(x) f(y) g(x) g(y)")


@cache
def network(name: str, first: Number, second: Number) -> Verdict:
    """Return that a network has φ, takes two values in [m, M] at x and y, and every label of a training set.

    It has a spike at a, b, x, y and every training point; for a network that is not trained there are no such points.
    """
    at_a, at_b, at_x, at_y, at_s, anywhere = reals(
        " ".join(f"{name}({point})" for point in ("a", "b", "x", "y", "s_j", "z"))
    )
    values = ((at_a, m), (at_b, M), (at_x, first), (at_y, second), (at_s, erm.label))
    spikes: dict[str, Hypothesis] = {
        f"a spike for {point} = {value}": erm.memorised(value, point) for point, value in values
    }
    run = AT_ANY_POINT.run(memorising.beta, m, M, anywhere, *AT_ANY_POINT.state[1:])
    inside: dict[str, Hypothesis] = {"m ≤ β": m <= memorising.beta, "β ≤ M": memorising.beta <= M}
    given = {**spikes, "every value lies in [m, M]": run, **inside}
    range_of = at(values_stay_in_range(), {memorising.lowest: m, memorising.highest: M, memorising.total: anywhere})
    claim = every(*(point == value for point, value in values), between(m, anywhere, M))
    by = [range_of, *(erm.recalled(value, point) for point, value in values)]
    return prove(f"the network {name} has φ, {first} at x, {second} at y, and every label", claim, given=given, by=by)


@proof_of("order-free")
def free() -> Proof:
    """Prove that black boxes and networks realise both orders of any two points."""
    apart: dict[str, Hypothesis] = {
        "a ≠ b": differ(a, b),
        "x ∉ {a, b}": every(differ(x, a), differ(x, b)),
        "y ∉ {a, b}": every(differ(y, a), differ(y, b)),
        "x ≠ y": differ(x, y),
        "m < M": m < M,
    }
    up = every(visualized(lambda at: black_box(m, M, at)), black_box(m, M, x) < black_box(m, M, y))
    down = every(visualized(lambda at: black_box(M, m, at)), black_box(M, m, x) > black_box(M, m, y))
    boxes = prove("black boxes with f(x) < f(y) and with f(x) > f(y)", every(up, down), given=apart)
    networks = [network("f", m, M), network("g", M, m)]
    values = ((f_x, m), (f_y, M), (g_x, M), (g_y, m))
    taken: dict[str, Hypothesis] = {f"{name} = {value}": name == value for name, value in values}
    opposed = prove("f(x) < f(y) and g(x) > g(y)", every(f_x < f_y, g_x > g_y), given={**taken, "m < M": m < M})
    spikes = [spike_shape(), spikes_are_disjoint(), spikes_vanish_elsewhere()]
    continuous = [network_is_lipschitz(), lipschitz_functions_are_continuous()]
    mutants = [
        mutant(boxes, "x ≠ y dropped", without=["x ≠ y"], small=UNIT),
        mutant(boxes, "y ∉ {a, b} dropped", without=["y ∉ {a, b}"], small=UNIT),
        mutant(networks[0], "β ≤ M dropped", without=["β ≤ M"], small=UNIT),
    ]
    return Proof([boxes, *spikes, *networks, opposed, erm.least_risk(), *continuous, *pieces()], mutants)


@proof_of("order-monotone")
def monotone() -> Proof:
    """Prove that f(x) ≤ f(y) for every monotone f with φ iff x ≤ y, or x ≤ a, or y ≥ b."""
    f = orders.f
    bounds: dict[str, Hypothesis] = {"m ≤ f(y)": m <= f(y), "f(x) ≤ M": f(x) <= M}
    forced = {"x ≤ a ⇒ f(x) = m": implies(below(x, a), f(x) == m), "y ≥ b ⇒ f(y) = M": implies(below(b, y), f(y) == M)}
    rises = {"x ≤ y ⇒ f(x) ≤ f(y)": implies(below(x, y), f(x) <= f(y))}
    known = {"x ≤ y, or x ≤ a, or y ≥ b": either(below(x, y), below(x, a), below(b, y))}
    solved = prove("f(x) ≤ f(y)", f(x) <= f(y), given={**bounds, **forced, **rises, **known})
    free_pair: dict[str, Hypothesis] = {
        "not x ≤ y": no(below(x, y)),
        "not x ≤ a": no(below(x, a)),
        "not y ≥ b": no(below(b, y)),
        "not a ≥ b": no(below(b, a)),
        "m < M": m < M,
    }
    opposed = every(visualized(orders.highest), orders.highest(x) > orders.highest(y))
    unsolved = prove("else the highest witness has f(x) > f(y)", opposed, given=free_pair, by=[order(a, b, x, y)])
    mutants = [
        mutant(solved, "x ≤ y, or x ≤ a, or y ≥ b dropped", without=["x ≤ y, or x ≤ a, or y ≥ b"], small=UNIT),
        mutant(unsolved, "not x ≤ y dropped", without=["not x ≤ y"], small=UNIT),
    ]
    return Proof([*orders.sound(), solved, *orders.witnesses()[:2], unsolved], mutants)


@cache
def affine_gap() -> Verdict:
    """Return that f(x) ≤ f(y) where u_i(x) ≤ u_i(y) for all i with {a_i, b_i} = {0, 1}."""
    (y_i, gap) = reals("y f(x)−f(y)")
    farther = implies(lines.ENDS, absolute(lines.x - lines.a) <= absolute(y_i - lines.a))
    admissible = every(lines.CUBE, between(0, y_i, 1), lines.SIGNS, farther)
    coordinate = (lines.w, lines.a, lines.b, lines.x, y_i)
    step = (gap + lines.w * (lines.x - y_i),)
    fold = Fold("f(x)−f(y)", (), coordinate, (gap,), (number(0),), step, admissible)
    return induct("u(x) ≤ u(y) gives f(x) ≤ f(y)", fold, gap <= 0)


@proof_of("order-affine")
def affine() -> Proof:
    """Prove that f(x) ≤ f(y) for every affine f with φ iff u(x) ≤ u(y), coordinate by coordinate."""
    gap = affine_gap()
    y_i = reals("y_i")[0]
    one, zero = lines.x_i, number(0)
    higher = absolute(one - lines.a_i) > absolute(y_i - lines.a_i)
    given: dict[str, Hypothesis] = {"u_i(x) > u_i(y) for some i": higher, "m < M": m < M}
    opposed = lines.witness(zero, one, zero) > lines.witness(zero, y_i, zero)
    unsolved = prove("else the witness that reads coordinate i alone has f(x) > f(y)", opposed, given=given)
    mutants = [
        mutant(gap, "f(x) ≤ f(y) replaced by f(x) ≤ f(y) − 1/100", claim=reals("f(x)−f(y)")[0] * 100 <= -1),
        mutant(unsolved, "m < M dropped", without=["m < M"], small=every(m == 0, M == 0)),
    ]
    return Proof([*lines.signs(), gap, *lines.tight()[:2], unsolved], mutants)
