"""The order task for convex functions: a functional that vanishes on the segment from a to y, and rises towards x.

With p the point of the segment that is nearest to x, ℓ(z) = ⟨x−p, z−p⟩ is at most 0 on the segment and positive at x.
Inner products are sums over the coordinates, by induction for every d.
"""

from functools import cache

from fvproof.verify.proofs.convex import face, lower_witness
from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.mixing import SHARE, mix, rescaled, share
from fvproof.verify.proofs.notation import UNIT, M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    TRUE,
    absolute,
    between,
    either,
    every,
    iff,
    implies,
    maximum,
    number,
    reals,
    truths,
)

s, t, xy, yy = reals("s t ⟨x−a,y−a⟩ ‖y−a‖²")
l_a, l_y, l_x = reals("ℓ(a) ℓ(y) ℓ(x)")
(off,) = truths("x≠p")
f_x, f_y = reals("f(x) f(y)")


@cache
def solved() -> list[Verdict]:
    """Return f(x) ≤ f(y) for x on the segment from a to y, and for y on the face of b, where f is M."""
    jensen: dict[str, Hypothesis] = {
        "f is convex between a and y": f_x <= mix(s, m, f_y),
        "m ≤ f(y)": m <= f_y,
        "s ≤ 1": s <= 1,
    }
    forced: dict[str, Hypothesis] = {"f(y) = M on G": f_y == M, "f(x) ≤ M": f_x <= M}
    return [
        prove("x = (1−s)·a + s·y gives f(x) ≤ f(y)", f_x <= f_y, given=jensen),
        prove("y ∈ G gives f(x) ≤ f(y)", f_x <= f_y, given=forced),
    ]


@cache
def functional() -> list[Verdict]:
    """Return ℓ at a, y and x in terms of inner products, for p = a + s·(y−a), u = x−a and w = y−a."""
    u, w = reals("u w")
    gaps = (u * w, w * w)
    values = ((u - s * w) * (-s * w), (u - s * w) * ((1 - s) * w))
    state = (xy, yy, l_a, l_y)
    step = tuple(total + term for total, term in zip(state, (*gaps, *values), strict=True))
    ends = Fold("ℓ at a and y", (s,), (u, w), state, (number(0),) * 4, step, TRUE)
    claim = every(l_a == -s * (xy - s * yy), l_y == (1 - s) * (xy - s * yy))
    square = (u - s * w) * (u - s * w)
    top = Fold(
        "ℓ at x", (s,), (u, w), (l_x, off), (number(0), FALSE), (l_x + square, either(off, u - s * w != 0)), TRUE
    )
    positive = prove("t² ≥ 0, and t² = 0 for t = 0 only", every(t * t >= 0, iff(t * t == 0, t == 0)))
    above = every(l_x >= 0, implies(off, l_x > 0))
    return [
        induct("ℓ(a) = −s(⟨x−a,y−a⟩ − s‖y−a‖²), ℓ(y) = (1−s)(…)", ends, claim),
        positive,
        induct("ℓ(x) > 0 where x is not p", top, above, by=[at(positive, {t: u - s * w})]),
    ]


@cache
def nearest() -> list[Verdict]:
    """Return that some s ∈ [0, 1] makes p the nearest point, and that then ℓ ≤ 0 at both ends of the segment."""
    stationary = either(every(s == 0, xy <= 0), every(s == 1, xy >= yy), every(xy == s * yy, between(0, s, 1)))
    (quotient,) = reals("q")
    divides = {"q·‖y−a‖² = ⟨x−a,y−a⟩ where ‖y−a‖ > 0": implies(yy > 0, quotient * yy == xy)}
    choice = [(0, xy <= 0), (1, xy >= yy), (quotient, every(xy == quotient * yy, between(0, quotient, 1)))]
    signs = {"p is nearest": stationary}
    values = {"ℓ(a) = …": l_a == -s * (xy - s * yy), "ℓ(y) = …": l_y == (1 - s) * (xy - s * yy)}
    return [
        prove(
            "a nearest point exists: s = 0, 1 or ⟨x−a,y−a⟩/‖y−a‖²",
            either(*(claim for _, claim in choice)),
            given=divides,
        ),
        prove("ℓ(a) ≤ 0 and ℓ(y) ≤ 0", every(l_a <= 0, l_y <= 0), given={**signs, **values}),
    ]


@cache
def functional_on_the_cube() -> list[Verdict]:
    """Return that ℓ is affine, and at most K = Σ|x_i−p_i| on the cube, so that ε = 1/K keeps ε·ℓ ≤ 1."""
    gap, p_i, z_i, q_i, l_z, l_q, l_mix, bound = reals("x−p p z q ℓ(z) ℓ(q) ℓ((1−λ)z+λq) K")
    places, state = (z_i, q_i, mix(share, z_i, q_i)), (l_z, l_q, l_mix)
    step = (*(total + gap * (place - p_i) for total, place in zip(state, places, strict=True)), bound + absolute(gap))
    cube = every(*(between(0, c, 1) for c in (p_i, z_i, q_i)))
    fold = Fold("ℓ on the cube", (share,), (gap, p_i, z_i, q_i), (*state, bound), (number(0),) * 4, step, cube)
    ways = (z_i - p_i, p_i - z_i)
    near = [at(factors_keep_order(), {less: way, more: number(1), factor: absolute(gap)}) for way in ways]
    (eps,) = reals("ε")
    given: dict[str, Hypothesis] = {"ε·K = 1": eps * bound == 1, "ℓ(z) ≤ K": l_z <= bound, "K ≥ 0": bound >= 0}
    scaled = at(factors_keep_order(), {less: l_z, more: bound, factor: eps})
    return [
        induct("ℓ is affine, and at most Σ|x−p|", fold, every(l_mix == mix(share, l_z, l_q), l_z <= bound), by=near),
        prove("ε = 1/Σ|x−p| > 0 keeps ε·ℓ ≤ 1 on the cube", every(eps > 0, eps * l_z <= 1), given=given, by=[scaled]),
    ]


@cache
def witness() -> list[Verdict]:
    """Return that m + (M−m)·max(0, ε·ℓ, 1 − k·Σ) has φ, and f(x) > f(y)."""
    eps, k, sum_a, sum_y, l_z, sum_z, l_b = reals("ε k Σ(a) Σ(y) ℓ(z) Σ(z) ℓ(b)")

    def height(slope: object, total: object) -> object:
        """Return max(0, ε·ℓ, 1 − k·Σ)."""
        return maximum(0, eps * slope, 1 - k * total)

    flat: dict[str, Hypothesis] = {"ε > 0": eps > 0, "ℓ(y) ≤ 0": l_y <= 0, "k·Σ(y) ≥ 1: y ∉ G": k * sum_y >= 1}
    start: dict[str, Hypothesis] = {"ε > 0": eps > 0, "ℓ(a) ≤ 0": l_a <= 0, "k·Σ(a) ≥ 1: a ∉ G": k * sum_a >= 1}
    inside: dict[str, Hypothesis] = {"ε·ℓ(z) ≤ 1 on the cube": eps * l_z <= 1, "k·Σ(z) ≥ 0": k * sum_z >= 0}
    climbs: dict[str, Hypothesis] = {**flat, "ℓ(x) > 0": l_x > 0, "m < M": m < M}
    (sum_x,) = reals("Σ(x)")
    above = m + (M - m) * height(l_x, sum_x) > m + (M - m) * height(l_y, sum_y)
    return [
        prove("the witness is m at a", height(l_a, sum_a) == 0, given=start),
        prove("the witness is M at b", height(l_b, number(0)) == 1, given={"ε·ℓ(b) ≤ 1": eps * l_b <= 1}),
        prove("the witness stays in [m, M]", between(0, height(l_z, sum_z), 1), given=inside),
        prove("the witness has f(x) > f(y)", above, given=climbs),
    ]


@cache
def convex_maxima() -> Verdict:
    """Return that the largest of 0 and two affine functions is convex."""
    p_1, p_2, q_1, q_2 = reals("ℓ₁(p) ℓ₂(p) ℓ₁(q) ℓ₂(q)")
    claim = maximum(0, mix(share, p_1, q_1), mix(share, p_2, q_2)) <= mix(
        share, maximum(0, p_1, p_2), maximum(0, q_1, q_2)
    )
    return prove("max(0, ℓ₁, ℓ₂) is convex", claim, given=SHARE)


@cache
def mirrored() -> Verdict:
    """Return that g = m+M−f turns every order round: a concave f is read like the convex g from b, where g is least."""
    f_x, f_y, g_x, g_y = reals("f(x) f(y) g(x) g(y)")
    mirror: dict[str, Hypothesis] = {"g(x) = m+M−f(x)": g_x == m + M - f_x, "g(y) = m+M−f(y)": g_y == m + M - f_y}
    return prove("f(x) ≤ f(y) iff g(y) ≤ g(x) for g = m+M−f", iff(f_x <= f_y, g_y <= g_x), given=mirror)


@proof_of("order-convex")
def convex() -> Proof:
    """Prove that f(x) ≤ f(y) for every convex f with φ iff x lies on the segment from a to y, or y ∈ G."""
    segment, on_face = solved()
    built = witness()
    steps = [
        segment,
        *face(),
        on_face,
        *functional(),
        *nearest(),
        *functional_on_the_cube(),
        lower_witness()[0],
        *built,
        convex_maxima(),
        rescaled(),
        mirrored(),
    ]
    mutants = [
        mutant(segment, "s ≤ 1 dropped: x beyond y", without=["s ≤ 1"], small=every(UNIT, s == 2)),
        mutant(built[3], "ℓ(x) > 0 dropped: x on the segment", without=["ℓ(x) > 0"], small=every(UNIT, l_x == 0)),
        mutant(built[3], "y ∉ G dropped", without=["k·Σ(y) ≥ 1: y ∉ G"], small=UNIT),
    ]
    return Proof(steps, mutants)
