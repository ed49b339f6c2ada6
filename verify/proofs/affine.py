"""Affine functions f(z) = c + Σ w_i z_i: sums over the coordinates, by induction for every d."""

from functools import cache

from fvproof.verify.proofs.mixing import constants_have_phi, high, low, mix, mixtures_attain, rescaled
from fvproof.verify.proofs.notation import M, m, twins_defeat_decoders, v
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    Number,
    absolute,
    between,
    choose,
    either,
    every,
    implies,
    number,
    reals,
    truths,
)

w, a, b, x, least, most, rise, spread, s = reals("w a b x min_u max_u f(x)−m M−m s")
(some,) = truths("some{a,b}={0,1}")
CUBE = every(between(0, a, 1), between(0, b, 1), between(0, x, 1))
ENDS = either(every(a == 0, b == 1), every(a == 1, b == 0))
SIGNS = every(implies(w > 0, every(a == 0, b == 1)), implies(w < 0, every(a == 1, b == 0)))
STATE = Fold(
    "f(x)−m and M−m, coordinate by coordinate",
    (least, most),
    (w, a, b, x),
    (rise, spread, some),
    (number(0), number(0), FALSE),
    (rise + w * (x - a), spread + w * (b - a), either(some, ENDS)),
    every(CUBE, SIGNS, implies(ENDS, between(least, absolute(x - a), most))),
)
"""Weights that put the minimum at a and the maximum at b, and u_i = |x_i − a_i| within [min_u, max_u]."""


@cache
def signs() -> list[Verdict]:
    """Return that weights point from a to b: moving one coordinate lowers no minimum and raises no maximum."""
    low_end = {"0 at i lowers nothing": w * (0 - a) >= 0, "1 at i lowers nothing": w * (1 - a) >= 0}
    high_end = {"0 at i raises nothing": w * (0 - b) <= 0, "1 at i raises nothing": w * (1 - b) <= 0}
    return [
        prove(
            "w_i > 0 needs a_i = 0, w_i < 0 needs a_i = 1",
            every(implies(w > 0, a <= 0), implies(w < 0, a >= 1)),
            given=low_end,
        ),
        prove(
            "w_i > 0 needs b_i = 1, w_i < 0 needs b_i = 0",
            every(implies(w > 0, b >= 1), implies(w < 0, b <= 0)),
            given=high_end,
        ),
    ]


@cache
def sound() -> Verdict:
    """Return that f(x) − m lies in (M−m)·[min u, max u], and that without a coordinate from 0 to 1 f is constant."""
    invariant = every(
        spread >= 0,
        between(least * spread, rise, most * spread),
        implies(spread > 0, some),
    )
    return induct("f(x) ∈ m + (M−m)·[min u, max u]", STATE, invariant)


z_i, z_j, a_i, a_j, b_i, b_j, x_i, x_j = reals("z_i z_j a_i a_j b_i b_j x_i x_j")
TWO: dict[str, Hypothesis] = {
    "{a_i, b_i} = {0, 1}": either(every(a_i == 0, b_i == 1), every(a_i == 1, b_i == 0)),
    "{a_j, b_j} = {0, 1}": either(every(a_j == 0, b_j == 1), every(a_j == 1, b_j == 0)),
}


def mean(share: Number, first: Number, second: Number) -> Number:
    """Return the mixture (1−s)·|z_i−a_i| + s·|z_j−a_j|, which reads two coordinates only."""
    return mix(share, absolute(first - a_i), absolute(second - a_j))


def witness(share: Number, first: Number, second: Number) -> Number:
    """Return the witness m + (M−m)·((1−s)·|z_i−a_i| + s·|z_j−a_j|)."""
    return m + (M - m) * mean(share, first, second)


@cache
def tight() -> list[Verdict]:
    """Return that the witness has φ, takes every value between, and is affine."""
    ends = every(mean(s, a_i, a_j) == 0, mean(s, b_i, b_j) == 1)
    given: dict[str, Hypothesis] = {**TWO, "0 ≤ s ≤ 1": between(0, s, 1)}
    given |= {"0 ≤ z_i ≤ 1": between(0, z_i, 1), "0 ≤ z_j ≤ 1": between(0, z_j, 1)}
    u_i, u_j = absolute(x_i - a_i), absolute(x_j - a_j)
    first, last = m + (M - m) * u_i, m + (M - m) * u_j
    share = choose(last == first, 0, (v - first) / (last - first))
    mixture = at(mixtures_attain(), {low: first, high: last})
    inside: dict[str, Hypothesis] = {"v ∈ m + (M−m)·[u_i, u_j]": between(first, v, last)}
    value = every(between(0, share, 1), witness(share, x_i, x_j) == v)
    p_i, q_i, t = reals("p_i q_i t")
    straight = absolute((1 - t) * p_i + t * q_i - a_i) == (1 - t) * absolute(p_i - a_i) + t * absolute(q_i - a_i)
    end = {"a_i ∈ {0, 1}": either(a_i == 0, a_i == 1)}
    unit = {"p_i ∈ [0, 1]": between(0, p_i, 1), "q_i ∈ [0, 1]": between(0, q_i, 1), "0 ≤ t ≤ 1": between(0, t, 1)}
    return [
        prove(
            "τ = (1−s)·|z_i−a_i| + s·|z_j−a_j| goes from 0 to 1",
            every(ends, between(0, mean(s, z_i, z_j), 1)),
            given=given,
        ),
        rescaled(),
        prove("the witness takes the value v at x", value, given=inside, by=[mixture]),
        prove("|z_i − a_i| is affine on [0, 1]", straight, given={**end, **unit}),
    ]


@proof_of("affine")
def affine() -> Proof:
    """Prove the row for every d > 1."""
    bounds, (phi, range_of_phi, value, straight) = sound(), tight()
    diagonal = prove(
        "f is known exactly on the diagonal ab",
        rise == s * spread,
        given={"u_i = s for all i": STATE.run(s, s, rise, spread, some)},
        by=[at(bounds, {least: s, most: s})],
    )
    corner = {"{a_j, b_j} = {0, 1}": TWO["{a_j, b_j} = {0, 1}"], "x_i = a_i": x_i == a_i, "x_j = b_j": x_j == b_j}
    no_go = twins_defeat_decoders(witness(number(0), x_i, x_j), witness(number(1), x_i, x_j), corner)
    steps = [*signs(), bounds, phi, range_of_phi, value, straight, constants_have_phi(), diagonal, no_go]
    mutants = [
        mutant(
            bounds,
            "max u replaced by 0.9·max u",
            claim=rise * 10 <= most * spread * 9,
            small=every(least == 0, most == 1),
        ),
        mutant(phi, "{a_j, b_j} = {0, 1} dropped", without=["{a_j, b_j} = {0, 1}"]),
        mutant(straight, "a_i ∈ {0, 1} dropped", without=["a_i ∈ {0, 1}"]),
    ]
    return Proof(steps, mutants)


@proof_of("affine-line")
def affine_line() -> Proof:
    """Prove the row for d = 1: a and b are the ends, and f is known exactly."""
    c, f_a, f_b, f_x = reals("c f(a) f(b) f(x)")
    line = {"f(a) = c + w·a": f_a == c + w * a, "f(b) = c + w·b": f_b == c + w * b, "f(x) = c + w·x": f_x == c + w * x}
    extrema = {"f(a) = m": f_a == m, "f(b) = M": f_b == M}
    ends: dict[str, Hypothesis] = {"{a, b} = {0, 1}": ENDS, "0 ≤ x ≤ 1": between(0, x, 1)}
    exact = prove("f(x) = m + (M−m)·|x−a|", f_x == m + (M - m) * absolute(x - a), given={**line, **extrema, **ends})
    lowest: dict[str, Hypothesis] = {"0 lowers nothing": w * (0 - a) >= 0, "1 lowers nothing": w * (1 - a) >= 0}
    highest: dict[str, Hypothesis] = {"0 raises nothing": w * (0 - b) <= 0, "1 raises nothing": w * (1 - b) <= 0}
    cube: dict[str, Hypothesis] = {"a ∈ [0, 1]": between(0, a, 1), "b ∈ [0, 1]": between(0, b, 1), "w ≠ 0": w != 0}
    feasible = prove("{a, b} = {0, 1} is needed", ENDS, given={**lowest, **highest, **cube})
    mutants = [
        mutant(exact, "{a, b} = {0, 1} dropped", without=["{a, b} = {0, 1}"], small=every(m == 0, M == 1)),
        mutant(feasible, "w ≠ 0 dropped: m = M", without=["w ≠ 0"]),
    ]
    return Proof([feasible, exact, constants_have_phi()], mutants)
