"""Affine units on a ball, and on any convex body: the visualization tells everything where normal cones are rays.

Vectors are measured from the centre of the ball; sums over the coordinates by induction, for every d.
"""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.mixing import rescaled
from fvproof.verify.proofs.notation import UNIT, M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import TRUE, between, every, iff, implies, number, reals

slope, radius, centre, f_x, m_x = reals("‖w‖ ρ f(x₀) f(x) ⟨b,x⟩")
ww, wb, bb, wx, bx, dd = reals("⟨w,w⟩ ⟨w,b⟩ ⟨b,b⟩ ⟨w,x⟩ ⟨b,x⟩ ‖ρw−‖w‖b‖²")
w_i, b_i, x_i = reals("w b x")
ALIGNED = Fold(
    "inner products of w, b and x",
    (slope, radius),
    (w_i, b_i, x_i),
    (ww, wb, bb, wx, bx, dd),
    (number(0),) * 6,
    (
        ww + w_i * w_i,
        wb + w_i * b_i,
        bb + b_i * b_i,
        wx + w_i * x_i,
        bx + b_i * x_i,
        dd + (radius * w_i - slope * b_i) * (radius * w_i - slope * b_i),
    ),
    TRUE,
)


@cache
def aligned() -> list[Verdict]:
    """Return what the squared length of ρw − ‖w‖b says: it is ≥ 0, and where it is 0, ρ⟨w,x⟩ = ‖w‖⟨b,x⟩."""
    (t,) = reals("t")
    square = prove("t² ≥ 0, and t² = 0 for t = 0 only", every(t * t >= 0, iff(t * t == 0, t == 0)))
    expanded = dd == radius * radius * ww - 2 * slope * radius * wb + slope * slope * bb
    identity = induct("‖ρw−‖w‖b‖² = ρ²⟨w,w⟩ − 2ρ‖w‖⟨w,b⟩ + ‖w‖²⟨b,b⟩", ALIGNED, expanded)
    parallel = every(dd >= 0, implies(dd == 0, radius * wx == slope * bx))
    by = [at(square, {t: radius * w_i - slope * b_i})]
    return [square, identity, induct("‖ρw−‖w‖b‖ = 0 gives ρ⟨w,x⟩ = ‖w‖⟨b,x⟩", ALIGNED, parallel, by=by)]


@cache
def maximum_is_aligned() -> Verdict:
    """Return that the maximum of ⟨w,·⟩ on the ball is ρ‖w‖, and lies in the direction of w."""
    given: dict[str, Hypothesis] = {
        "‖w‖ > 0": slope > 0,
        "ρ > 0": radius > 0,
        "⟨w,w⟩ = ‖w‖²": ww == slope * slope,
        "⟨b,b⟩ ≤ ρ²": bb <= radius * radius,
        "⟨w,b⟩ ≥ ⟨w, ρw/‖w‖⟩": wb >= slope * radius,
        "‖ρw−‖w‖b‖² expanded": dd == radius * radius * ww - 2 * slope * radius * wb + slope * slope * bb,
        "‖ρw−‖w‖b‖² ≥ 0": dd >= 0,
    }
    products = [at(factors_keep_order(), terms) for terms in comparisons()]
    return prove("⟨w,b⟩ = ρ‖w‖ and ρw = ‖w‖b", every(dd == 0, wb == slope * radius), given=given, by=products)


@cache
def minimum_is_opposed() -> Verdict:
    """Return that the minimum of ⟨w,·⟩ on the ball is −ρ‖w‖: the same for −w and a."""
    wa, aa, sum_sq = reals("⟨w,a⟩ ⟨a,a⟩ ‖ρw+‖w‖a‖²")
    given: dict[str, Hypothesis] = {
        "‖w‖ > 0": slope > 0,
        "ρ > 0": radius > 0,
        "⟨w,w⟩ = ‖w‖²": ww == slope * slope,
        "⟨a,a⟩ ≤ ρ²": aa <= radius * radius,
        "⟨w,a⟩ ≤ ⟨w, −ρw/‖w‖⟩": wa <= -slope * radius,
        "‖ρw+‖w‖a‖² expanded": sum_sq == radius * radius * ww + 2 * slope * radius * wa + slope * slope * aa,
        "‖ρw+‖w‖a‖² ≥ 0": sum_sq >= 0,
    }
    mirror = at(maximum_is_aligned(), {wb: -wa, bb: aa, dd: sum_sq})
    return prove("⟨w,a⟩ = −ρ‖w‖", wa == -slope * radius, given=given, by=[mirror])


def comparisons() -> list[dict[object, object]]:
    """Return the two products of inequalities that the expansion needs."""
    return [
        {less: bb, more: radius * radius, factor: slope * slope},
        {less: slope * radius, more: wb, factor: slope * radius},
    ]


@proof_of("affine-ball")
def ball() -> Proof:
    """Prove that on a ball the visualization of an affine unit determines it, in every dimension."""
    known: dict[str, Hypothesis] = {
        "M = f(x₀) + ρ‖w‖": centre + slope * radius == M,
        "m = f(x₀) − ρ‖w‖": centre - slope * radius == m,
        "ρ⟨w,x⟩ = ‖w‖⟨b,x⟩": radius * wx == slope * bx,
        "f(x) = f(x₀) + ⟨w,x⟩": f_x == centre + wx,
    }
    middle, half = (M + m) / 2, (M - m) / 2
    value = f_x * (radius * radius) == middle * (radius * radius) + half * bx
    exact = prove("f(x) = (M+m)/2 + (M−m)/2·⟨b,x⟩/ρ²", value, given=known)
    best = maximum_is_aligned()
    wrong = f_x * (radius * radius) == middle * (radius * radius) + half * bx * 9 / 10
    mutants = [
        mutant(exact, "(M−m)/2 replaced by 0.9·(M−m)/2", claim=wrong, small=every(UNIT, radius == 1, bx == 1)),
        mutant(
            best, "⟨b,b⟩ ≤ ρ² dropped: b beyond the ball", without=["⟨b,b⟩ ≤ ρ²"], small=every(slope == 1, radius == 1)
        ),
        mutant(
            best,
            "⟨w,b⟩ ≥ ⟨w, ρw/‖w‖⟩ dropped: b no maximum",
            without=["⟨w,b⟩ ≥ ⟨w, ρw/‖w‖⟩"],
            small=every(slope == 1, radius == 1),
        ),
    ]
    return Proof([*aligned(), best, minimum_is_opposed(), exact], mutants)


@proof_of("affine-domain")
def domain() -> Proof:
    """Prove the set of values on any convex body, from the normal cones at a and b."""
    from_a, from_b, span, at_x = reals("⟨w,z−a⟩ ⟨w,z−b⟩ ⟨w,b−a⟩ ⟨w,x−a⟩")
    (f_z,) = reals("f(z)")
    split = {"⟨w,z−a⟩ = ⟨w,z−b⟩ + ⟨w,b−a⟩": from_a == from_b + span}
    member: dict[str, Hypothesis] = {"f(z) = m + ⟨w,z−a⟩": f_z == m + from_a, "M = m + ⟨w,b−a⟩": m + span == M, **split}
    cones = prove(
        "f has φ iff −w ∈ N(a) and w ∈ N(b)", iff(between(m, f_z, M), every(-from_a <= 0, from_b <= 0)), given=member
    )
    cone: dict[str, Hypothesis] = {
        "−w ∈ N(a)": from_a >= 0,
        "w ∈ N(b)": from_b <= 0,
        "⟨w,b−a⟩ = 1": span == 1,
        "m ≤ M": m <= M,
        **split,
    }
    witness = m + (M - m) * from_a
    tight = prove(
        "m + (M−m)·⟨w,z−a⟩ has φ", every(between(m, witness, M), m + (M - m) * span == M), given=cone, by=[rescaled()]
    )
    first, second, n_x, n_b = reals("λ μ ⟨n,x−a⟩ ⟨n,b−a⟩")
    rays: dict[str, Hypothesis] = {"w = λn, ⟨w,b−a⟩ = 1": first * n_b == 1, "w′ = μn, ⟨w′,b−a⟩ = 1": second * n_b == 1}
    single = prove("where N(b) is a ray, f(x) has one value", first * n_x == second * n_x, given=rays)
    n_a, n_z, n_span = reals("⟨w′,z−a⟩ ⟨w′,z−b⟩ ⟨w′,b−a⟩")
    scaled: dict[str, Hypothesis] = {
        "w′ = w/(M−m) at x": n_x * (M - m) == at_x,
        "w′ = w/(M−m) from a": n_a * (M - m) == from_a,
        "w′ = w/(M−m) from b": n_z * (M - m) == from_b,
        "w′ = w/(M−m) along b−a": n_span * (M - m) == span,
        "⟨w,b−a⟩ = M−m": span == M - m,
        "−w ∈ N(a)": from_a >= 0,
        "w ∈ N(b)": from_b <= 0,
        "m < M": m < M,
    }
    normal = every(n_a >= 0, n_z <= 0, n_span == 1)
    sound = prove("f(x) = m + (M−m)·⟨w′,x−a⟩ for a w′ in both cones with ⟨w′,b−a⟩ = 1",
                  every(normal, m + at_x == m + (M - m) * n_x), given=scaled)  # fmt: skip
    mutants = [
        mutant(tight, "w ∈ N(b) dropped", without=["w ∈ N(b)"], small=UNIT),
        mutant(tight, "−w ∈ N(a) dropped", without=["−w ∈ N(a)"], small=UNIT),
        mutant(single, "N(b) no ray", without=["w′ = μn, ⟨w′,b−a⟩ = 1"], small=every(first == 1, n_b == 1)),
    ]
    return Proof([cones, sound, tight, single], mutants)
