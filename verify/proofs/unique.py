"""Unique extrema: which ends of the intervals open when the unit is known to have one minimum and one maximum point."""

from functools import cache

from verify.fold import Fold
from verify.kernel import induct, mutant, prove
from verify.obligation import Assumed, Hypothesis, at
from verify.proof import Proof, proof_of
from verify.proofs import lipschitz as rows
from verify.proofs import monotone_lipschitz as climbing
from verify.proofs.black_box import witness as three_values
from verify.proofs.distances import factor, factors_keep_order, less, more
from verify.proofs.lipschitz import FEASIBLE, L
from verify.proofs.mixing import mix, share
from verify.proofs.monotone import ORDER, below, order
from verify.proofs.monotone_lipschitz import climb, climbs
from verify.proofs.notation import UNIT, M, a, b, m, v, visualized, x, z
from verify.proofs.spikes import distance, metric
from verify.terms import (
    FALSE,
    Number,
    Point,
    between,
    either,
    every,
    implies,
    maximum,
    minimum,
    number,
    reals,
    truths,
)
from verify.verdict import Verdict

INSIDE: dict[str, Hypothesis] = {"m < v": m < v, "v < M": v < M}


def least(point: Point) -> Number:
    """Return the least L-Lipschitz function with m at a, M at b and v at x."""
    return maximum(rows.lowest(point), v - L * distance(point, x))


def greatest(point: Point) -> Number:
    """Return the greatest one."""
    return minimum(rows.highest(point), v + L * distance(point, x))


def halfway(point: Point) -> Number:
    """Return the function halfway between the least and the greatest."""
    return (least(point) + greatest(point)) / 2


@cache
def lipschitz() -> list[Verdict]:
    """Return that every v ∈ A(x) strictly between m and M is taken by a member with unique extrema."""
    given: dict[str, Hypothesis] = {**FEASIBLE, "v ∈ A(x)": between(rows.lowest(x), v, rows.highest(x))}
    only = every(implies(halfway(z) == m, z == a), implies(halfway(z) == M, z == b))
    has_phi = every(visualized(halfway), halfway(x) == v)
    q, r = rows.q, rows.r
    near = [rows.lipschitz(g(q), g(r), distance(q, r)) for g in (least, greatest)]
    return [
        prove("Lipschitz: its extrema are unique", only, given={**INSIDE, "L > 0": L > 0}, by=[metric(a, b, x, z)]),
        prove("Lipschitz: the function halfway has φ and v at x", has_phi, given=given, by=[metric(a, b, x, z)]),
        prove("Lipschitz: the least is a member", near[0], given=rows.STEEP, by=[metric(q, r, b, x)]),
        prove("Lipschitz: the greatest is a member", near[1], given=rows.STEEP, by=[metric(q, r, a, x)]),
        rows.mixture(),
    ]


@cache
def monotone() -> list[Verdict]:
    """Return that a is the least point and b the greatest, and that then every v strictly between is possible."""
    f_0, f_a = reals("f(0) f(a)")
    bottom: dict[str, Hypothesis] = {"f(0) ≤ f(a)": f_0 <= f_a, "f(a) = m": f_a == m, "m ≤ f(0)": m <= f_0}
    q, r = rows.q, rows.r
    ends: dict[str, Hypothesis] = {
        "a is the least point": every(below(a, q), below(a, r)),
        "b is the greatest point": every(below(q, b), below(r, b)),
        "m ≤ v": m <= v,
        "v ≤ M": v <= M,
    }
    equal = [implies(every(below(s, t), below(t, s)), s == t) for s, t in ((q, r), (q, a), (r, a), (q, b), (r, b))]
    antisymmetric = Assumed(ORDER, every(*equal))
    rises = implies(below(q, r), three_values(v, q) <= three_values(v, r))
    return [
        prove("monotone: f(0) = m, so that a = 0, and likewise b = 1", f_0 == m, given=bottom),
        prove("monotone: m at 0, M at 1, v elsewhere is monotone", rises, given=ends, by=[order(q, r), antisymmetric]),
    ]


@cache
def monotone_lipschitz() -> list[Verdict]:
    """Return the same for the least point a and the greatest point b, with the length of the climb for the distance."""

    def low(point: Point) -> Number:
        return maximum(climbing.lowest(point), v - L * climb(point, x))

    def high(point: Point) -> Number:
        return minimum(climbing.highest(point), v + L * climb(x, point))

    def half(point: Point) -> Number:
        return (low(point) + high(point)) / 2

    ends: dict[str, Hypothesis] = {
        "L > 0": L > 0,
        "a is the least point": below(a, z),
        "b is the greatest": below(z, b),
    }
    equal = [implies(every(below(s, t), below(t, s)), s == t) for s, t in ((z, a), (z, b))]
    only = every(implies(half(z) == m, z == a), implies(half(z) == M, z == b))
    given: dict[str, Hypothesis] = {
        **climbing.STEEP,
        **climbing.FEASIBLE,
        "v ∈ A(x)": between(climbing.lowest(x), v, climbing.highest(x)),
    }
    q, r = climbing.q, climbing.r
    members = [g(r) - g(q) <= L * climb(q, r) for g in (low, high)]
    antisymmetric = Assumed(ORDER, every(*equal))
    return [
        prove(
            "monotone and Lipschitz: its extrema are unique",
            only,
            given={**INSIDE, **ends},
            by=[climbs(a, b, x, z), antisymmetric],
        ),
        prove(
            "monotone and Lipschitz: the function halfway has φ and v at x",
            every(visualized(half), half(x) == v),
            given=given,
            by=[climbs(a, b, x, z)],
        ),
        prove("monotone and Lipschitz: the least is a member", members[0], given=rows.STEEP, by=[climbs(q, r, b, x)]),
        prove(
            "monotone and Lipschitz: the greatest is a member", members[1], given=rows.STEEP, by=[climbs(q, r, a, x)]
        ),
        climbing.mixture(),
    ]


w, u, total, most, fewest, t = reals("ω u f(x) max_u min_u t")


@cache
def affine() -> list[Verdict]:
    """Return that with all weights positive f(x) lies strictly between min u and max u, and f = m at a only.

    Everything is measured in units of M − m from m, so that the weights add up to 1.
    """
    mass, below_most, above_least = reals("Σω Σω·(max_u−u) Σω·(u−min_u)")
    low_some, high_some = truths("some_u<max_u some_u>min_u")
    step = (
        mass + w,
        total + w * u,
        below_most + w * (most - u),
        above_least + w * (u - fewest),
        either(low_some, u < most),
        either(high_some, u > fewest),
    )
    state = (mass, total, below_most, above_least, low_some, high_some)
    fold = Fold(
        "positive weights",
        (fewest, most),
        (w, u),
        state,
        (*(number(0),) * 4, FALSE, FALSE),
        step,
        every(w > 0, between(fewest, u, most)),
    )
    sums = every(below_most == most * mass - total, above_least == total - fewest * mass)
    signs = every(
        below_most >= 0, above_least >= 0, implies(low_some, below_most > 0), implies(high_some, above_least > 0)
    )
    products = [at(factors_keep_order(), {less: number(0), more: gap, factor: w}) for gap in (most - u, u - fewest)]
    inside = induct("affine: positive weights leave the ends open", fold, every(sums, signs), by=products)
    eps, mean, value = reals("ε mean_u v")
    tau = (value - eps * mean) / (1 - eps)
    given: dict[str, Hypothesis] = {
        "0 < ε < 1": every(eps > 0, eps < 1),
        "ε·(mean u − min u) ≤ v − min u": eps * (mean - fewest) <= value - fewest,
        "ε·(max u − mean u) ≤ max u − v": eps * (most - mean) <= most - value,
    }
    shift = every(between(fewest, tau, most), mix(eps, tau, mean) == value)
    return [
        inside,
        prove("affine: a little weight on every coordinate can be had", shift, given=given),
    ]


@cache
def convex() -> list[Verdict]:
    """Return that mixtures with 0 < λ < 1 have unique extrema, and that the upper end needs x between a and b."""
    t_a, h_b = reals("t_a(z) h_b(z)")
    strict: dict[str, Hypothesis] = {
        "0 < λ < 1": every(share > 0, share < 1),
        "h_b(z) ∈ [0, 1]": between(0, h_b, 1),
        "t_a(z) ∈ [0, 1]": between(0, t_a, 1),
    }
    value = mix(share, h_b, t_a)
    first, second = reals("first second")
    positive = prove(
        "positive times positive is positive",
        first * second > 0,
        given={"first > 0": first > 0, "second > 0": second > 0},
    )
    shares = ((share, t_a), (1 - share, h_b), (share, 1 - t_a), (1 - share, 1 - h_b))
    products = [at(positive, {first: part, second: height}) for part, height in shares]
    ends = every(implies(value == 0, t_a == 0), implies(value == 1, h_b == 1))
    f_x, f_y = reals("f(x) f(y)")
    upper: dict[str, Hypothesis] = {
        "f is convex between a and y": f_x <= (1 - t) * m + t * f_y,
        "f(y) < M: y ≠ b": f_y < M,
        "t > 0": t > 0,
    }
    return [
        positive,
        prove("convex: a proper mixture is m at a only and M at b only", ends, given=strict, by=products),
        prove("convex: the upper end is open where y = a + (x−a)/t is not b", f_x < m + t * (M - m), given=upper),
    ]


@proof_of("unique-extrema")
def unique_extrema() -> Proof:
    """Prove which ends open."""
    (only, *members), (bottom, rises) = lipschitz(), monotone()
    (inside, shift), (positive, ends, upper) = affine(), convex()
    alone, *climbers = monotone_lipschitz()
    mutants = [
        mutant(alone, "b is the greatest dropped", without=["b is the greatest"], small=every(UNIT, L == 1)),
        mutant(only, "v < M dropped", without=["v < M"], small=every(UNIT, L == 1, v == 1)),
        mutant(rises, "a is the least point dropped", without=["a is the least point"], small=UNIT),
        mutant(ends, "0 < λ < 1 replaced by λ = 1", without=["0 < λ < 1"], small=share == 1),
        mutant(
            upper, "f(y) < M dropped: x between a and b", without=["f(y) < M: y ≠ b"], small=every(UNIT, t * 2 == 1)
        ),
    ]
    return Proof([only, *members, bottom, rises, alone, *climbers, inside, shift, positive, ends, upper], mutants)
