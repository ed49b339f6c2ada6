"""Unique extrema: which ends of the intervals open when the unit is known to have one minimum and one maximum point.

Affine and convex functions have a file of their own.
"""

from functools import cache

from fvproof.verify.proofs import affine as lines
from fvproof.verify.proofs import convex as convex_row
from fvproof.verify.proofs import lipschitz as rows
from fvproof.verify.proofs import monotone_lipschitz as climbing
from fvproof.verify.proofs.black_box import f, has_three_values
from fvproof.verify.proofs.black_box import witness as three_values
from fvproof.verify.proofs.lipschitz import FEASIBLE, L
from fvproof.verify.proofs.mixing import mixtures_have_phi, share
from fvproof.verify.proofs.monotone import antisymmetric, below, order
from fvproof.verify.proofs.monotone_lipschitz import climb, climbs
from fvproof.verify.proofs.notation import UNIT, M, a, b, m, v, visualized, x, z
from fvproof.verify.proofs.spikes import distance, metric
from fvproof.verify.proofs.unique_straight import affine, convex, t
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import Number, Point, between, differ, every, implies, maximum, minimum, reals

INSIDE: dict[str, Hypothesis] = {"m < v": m < v, "v < M": v < M}


@cache
def open_by_definition() -> Verdict:
    """Return that m and M are no values at x, whatever the class: they are values at a and at b only."""
    f_x = f(x)
    given: dict[str, Hypothesis] = {
        "m ≤ f(x) ≤ M": between(m, f_x, M),
        "f is m at a only": implies(f_x == m, x == a),
        "f is M at b only": implies(f_x == M, x == b),
        "x ∉ {a, b}": every(differ(x, a), differ(x, b)),
    }
    return prove("m < f(x) < M", every(m < f_x, f_x < M), given=given)


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
    f_0, f_1, f_a, f_b = reals("f(0) f(1) f(a) f(b)")
    bottom: dict[str, Hypothesis] = {"f(0) ≤ f(a)": f_0 <= f_a, "f(a) = m": f_a == m, "m ≤ f(0)": m <= f_0}
    top: dict[str, Hypothesis] = {"f(b) ≤ f(1)": f_b <= f_1, "f(b) = M": f_b == M, "f(1) ≤ M": f_1 <= M}
    q, r = rows.q, rows.r
    ends: dict[str, Hypothesis] = {
        "a is the least point": every(below(a, q), below(a, r)),
        "b is the greatest point": every(below(q, b), below(r, b)),
        "m ≤ v": m <= v,
        "v ≤ M": v <= M,
    }
    by = [order(q, r), antisymmetric((q, r), (q, a), (r, a), (q, b), (r, b))]
    rises = implies(below(q, r), three_values(v, q) <= three_values(v, r))
    return [
        prove("monotone: f(0) = m, so that a = 0", f_0 == m, given=bottom),
        prove("monotone: f(1) = M, so that b = 1", f_1 == M, given=top),
        prove("monotone: m at 0, M at 1, v elsewhere is monotone", rises, given=ends, by=by),
        *has_three_values(),
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
    only = every(implies(half(z) == m, z == a), implies(half(z) == M, z == b))
    given: dict[str, Hypothesis] = {
        **climbing.STEEP,
        **climbing.FEASIBLE,
        "v ∈ A(x)": between(climbing.lowest(x), v, climbing.highest(x)),
    }
    q, r = climbing.q, climbing.r
    members = [g(r) - g(q) <= L * climb(q, r) for g in (low, high)]
    return [
        prove(
            "monotone and Lipschitz: its extrema are unique",
            only,
            given={**INSIDE, **ends},
            by=[climbs(a, b, x, z), antisymmetric((z, a), (z, b))],
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


@proof_of("unique-extrema")
def unique_extrema() -> Proof:
    """Prove which ends open."""
    (only, *members), (bottom, top, rises, *values) = lipschitz(), monotone()
    alone, *climbers = monotone_lipschitz()
    straight, bowls = affine(), convex()
    ends, upper = bowls["only"], bowls["open above"]
    opened = open_by_definition()
    mutants = [
        mutant(opened, "f is m at a only dropped", without=["f is m at a only"], small=UNIT),
        mutant(alone, "b is the greatest dropped", without=["b is the greatest"], small=every(UNIT, L == 1)),
        mutant(only, "v < M dropped", without=["v < M"], small=every(UNIT, L == 1, v == 1)),
        mutant(rises, "a is the least point dropped", without=["a is the least point"], small=UNIT),
        mutant(straight["positive"], "f is m elsewhere too", without=["f is m at a only"]),
        mutant(ends, "0 < λ < 1 replaced by λ = 1", without=["0 < λ < 1"], small=share == 1),
        mutant(
            upper, "f(y) < M dropped: x between a and b", without=["f(y) < M: y ≠ b"], small=every(UNIT, t * 2 == 1)
        ),
        mutant(bowls["attained"], "k = 1/Σ|a−b| dropped", without=["k·Σ|a−b| = 1"], small=t * 2 == 1),
    ]
    steps = [opened, only, *members, bottom, top, rises, *values, alone, *climbers]
    members_too = [*lines.tight(), *convex_row.upper_witness(), *convex_row.lower_witness(), convex_row.mixture()]
    return Proof([*steps, *straight.values(), *bowls.values(), *members_too, mixtures_have_phi()], mutants)
