"""Lemma 1 of the paper: spikes, and the network of three spikes that has any visualization and any value at x."""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.notation import APART, SPREAD, M, a, b, m, twins_defeat_decoders, v, visualized, x, z
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Support, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    TRUE,
    Number,
    Point,
    absolute,
    between,
    either,
    every,
    function,
    iff,
    implies,
    minimum,
    number,
    points,
    reals,
    relu,
)

distance = function("‖·−·‖", 2)
k, beta, s_a, s_b, s_x = reals("k β s_a s_b s_x")
c, p, q, r = points("c p q r")
METRIC = Assumption(
    "metric",
    "‖p−q‖ is zero for p = q only, symmetric, with the triangle inequality (see `distances`)",
    every(
        distance(p, q) >= 0,
        iff(distance(p, q) == 0, p == q),
        distance(p, q) == distance(q, p),
        distance(p, q) <= distance(p, r) + distance(r, q),
    ),
)


def metric(*among: Point) -> Assumed:
    """Return the axioms of a distance among the given points."""
    pairs = [(s, t) for s in among for t in among]
    zero = [every(distance(s, t) >= 0, iff(distance(s, t) == 0, s == t)) for s, t in pairs]
    symmetric = [distance(s, t) == distance(t, s) for s, t in pairs]
    triangle = [distance(s, t) <= distance(s, r) + distance(r, t) for s, t in pairs for r in among]
    return Assumed(METRIC, every(*zero, *symmetric, *triangle))


def spike(centre: Point, at: Point) -> Number:
    """Return the spike ReLU(1 − k·‖z−c‖)."""
    return relu(1 - k * distance(at, centre))


def network(value: Number, at: Point) -> Number:
    """Return the three-spike network β + (m−β)·s_a + (M−β)·s_b + (v−β)·s_x."""
    return beta + (m - beta) * spike(a, at) + (M - beta) * spike(b, at) + (value - beta) * spike(x, at)


def apart(*others: Point) -> dict[str, Hypothesis]:
    """Return the hypotheses that x is far enough from the other points for the spikes to be disjoint."""
    return {f"k·‖x−{other}‖ ≥ 2": k * distance(x, other) >= 2 for other in others}


SEPARATE: dict[str, Hypothesis] = {"k·‖a−b‖ ≥ 2": k * distance(a, b) >= 2, **apart(a, b)}
INSIDE: dict[str, Hypothesis] = {"m < β": m < beta, "β < M": beta < M}


@cache
def spike_shape() -> Verdict:
    """Return that a spike is 1 at its centre only, and 0 from the distance 1/k on."""
    shape = every(between(0, spike(c, z), 1), iff(spike(c, z) == 1, z == c))
    zero = implies(k * distance(z, c) >= 1, spike(c, z) == 0)
    return prove(
        "a spike is 1 at its centre only and 0 beyond 1/k",
        every(shape, zero),
        given={"k > 0": k > 0},
        by=[metric(c, z)],
    )


@cache
def spikes_are_disjoint() -> Verdict:
    """Return that of two spikes far enough apart one is zero."""
    given = {"k·‖c−q‖ ≥ 2": k * distance(c, q) >= 2}
    claim = either(spike(c, z) == 0, spike(q, z) == 0)
    return prove("spikes with k·‖c−q‖ ≥ 2 are disjoint", claim, given=given, by=[metric(c, q, z)])


@cache
def spikes_vanish_elsewhere() -> Verdict:
    """Return that a spike is zero at the centre of every other one."""
    given = {"k·‖c−q‖ ≥ 2": k * distance(c, q) >= 2}
    return prove("a spike is 0 at the other centres", spike(c, q) == 0, given=given, by=[metric(c, q)])


@cache
def one_spike_at_a_time() -> Verdict:
    """Return that a sum of three disjoint spikes stays in [m, M], and is m or M only where a spike is 1."""
    total = beta + (m - beta) * s_a + (M - beta) * s_b + (v - beta) * s_x
    spikes: dict[str, Hypothesis] = {f"{s} ∈ [0, 1]": between(0, s, 1) for s in (s_a, s_b, s_x)}
    pairs = ((s_a, s_b), (s_a, s_x), (s_b, s_x))
    disjoint: dict[str, Hypothesis] = {f"{s} = 0 or {t} = 0": either(s == 0, t == 0) for s, t in pairs}
    low, high = either(s_a == 1, every(v == m, s_x == 1)), either(s_b == 1, every(v == M, s_x == 1))
    claim = every(between(m, total, M), implies(total == m, low), implies(total == M, high))
    return prove("one spike at a time stays in [m, M]", claim, given={**INSIDE, **SPREAD, **spikes, **disjoint})


def near_any_point() -> list[Support]:
    """Return what is known of the three spikes at z: their shapes, and that one is not zero at most."""
    shapes = [at(spike_shape(), {c: centre}) for centre in (a, b, x)]
    disjoint = [at(spikes_are_disjoint(), {c: s, q: t}) for s, t in ((a, b), (x, a), (x, b))]
    return [*shapes, *disjoint, at(one_spike_at_a_time(), {s_a: spike(a, z), s_b: spike(b, z), s_x: spike(x, z)})]


@cache
def three_spikes() -> Verdict:
    """Return that the three-spike network has φ and takes the value v at x."""
    claim = every(visualized(lambda point: network(v, point)), network(v, x) == v)
    support = [*near_any_point(), metric(a, b, x)]
    return prove(
        "the three-spike network has φ and the value v at x", claim, given={**SEPARATE, **INSIDE, **SPREAD}, by=support
    )


@cache
def spikes_are_lipschitz() -> Verdict:
    """Return that a spike is k-Lipschitz."""
    claim = absolute(spike(c, z) - spike(c, q)) <= k * distance(z, q)
    return prove("a spike is k-Lipschitz", claim, given={"k > 0": k > 0}, by=[metric(c, q, z)])


@cache
def extrema_are_unique() -> Verdict:
    """Return that for m < v < M the three-spike network has its extrema at a and b only."""
    value = network(v, z)
    claim = every(implies(value == m, z == a), implies(value == M, z == b))
    given = {**apart(a, b), **INSIDE, "m < v": m < v, "v < M": v < M}
    return prove("for m < v < M its extrema are unique", claim, given=given, by=[*near_any_point(), metric(a, b, x, z)])


@cache
def sharpness() -> Verdict:
    """Return that k = 2/(the least distance between a, b and x) makes the spikes disjoint."""
    pairs = (distance(a, b), distance(x, a), distance(x, b))
    nearest = minimum(*pairs)
    given: dict[str, Hypothesis] = {
        **APART,
        "k = 2/(least distance), where that is > 0": implies(nearest > 0, k * nearest == 2),
    }
    sign = at(factors_keep_order(), {less: k, more: number(0), factor: nearest})
    farther = [at(factors_keep_order(), {less: nearest, more: far, factor: k}) for far in pairs]
    claim = every(*(k * far >= 2 for far in pairs))
    return prove("k = 2/(least distance) makes the spikes disjoint", claim, given=given,
                 by=[metric(a, b, x), sign, *farther])  # fmt: skip


@cache
def no_go() -> Verdict:
    """Return that the three-spike networks with the values m and M at x defeat every decoder."""
    return twins_defeat_decoders(network(m, x), network(M, x), apart(a, b), [metric(a, b, x)])


def layers() -> Verdict:
    """Return that 2d hidden units compute the distance ‖z−c‖₁ of a spike, since |t| = ReLU(t) + ReLU(−t)."""
    z_i, c_i, units, total = reals("z c units ‖z−c‖₁")
    after = (units + relu(z_i - c_i) + relu(c_i - z_i), total + absolute(z_i - c_i))
    fold = Fold("2d hidden units", (), (z_i, c_i), (units, total), (number(0), number(0)), after, TRUE)
    return induct("2d hidden units compute ‖z−c‖₁", fold, units == total)


@proof_of("spike")
def lemma_1() -> Proof:
    """Prove Lemma 1."""
    shape, disjoint = spike_shape(), spikes_are_disjoint()
    mutants = [
        mutant(disjoint, "k·‖c−q‖ ≥ 2 dropped", without=["k·‖c−q‖ ≥ 2"], small=k == 1),
        mutant(
            shape,
            "0 beyond 1/k replaced by 0 beyond 1/(2k)",
            claim=implies(k * distance(z, c) * 2 >= 1, spike(c, z) == 0),
        ),
    ]
    return Proof([layers(), shape, disjoint, spikes_vanish_elsewhere(), spikes_are_lipschitz()], mutants)
