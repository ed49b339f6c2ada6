"""Ridge and radial units: an unknown increasing link hides the values and shows the order."""

from functools import cache

from fvproof.verify.proofs.ball import aligned, maximum_is_aligned
from fvproof.verify.proofs.notation import UNIT, M, m, v
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import Claim, Number, choose, every, iff, implies, number, reals

g_x, g_y, s, t, slope = reals("g(⟨w,x⟩) g(⟨w,y⟩) ⟨w,x⟩ ⟨w,y⟩ ‖w‖")
b_x, b_y = reals("⟨b,x⟩ ⟨b,y⟩")


def rising(first: Number, second: Number, g_first: Number, g_second: Number) -> Claim:
    """Return that a link is strictly increasing at two places."""
    up, down = implies(first < second, g_first < g_second), implies(first > second, g_first > g_second)
    return every(up, down, implies(first == second, g_first == g_second))


def link(at_height: Number, reach: Number) -> Number:
    """Return the link through (−reach, m), (height, v) and (reach, M), affine between."""
    (height,) = reals("height")
    low, high = reals("rise₁ rise₂")
    return choose(at_height <= height, m + low * (at_height + reach), M - high * (reach - at_height))


@cache
def any_value() -> list[Verdict]:
    """Return that some strictly increasing link takes any v ∈ (m, M) at any height strictly between the ends."""
    p, q, height, reach, low, high = reals("p q height reach rise₁ rise₂")
    given: dict[str, Hypothesis] = {
        "−reach < height": -reach < height,
        "height < reach": height < reach,
        "m < v": m < v,
        "v < M": v < M,
        "rise₁·(height+reach) = v − m": low * (height + reach) == v - m,
        "rise₂·(reach−height) = M − v": high * (reach - height) == M - v,
    }
    positive = prove("both slopes are positive", every(low > 0, high > 0), given=given)
    slopes: dict[str, Hypothesis] = {"rise₁ > 0": low > 0, "rise₂ > 0": high > 0, "p < q": p < q}
    lines = {key: given[key] for key in ("rise₁·(height+reach) = v − m", "rise₂·(reach−height) = M − v")}
    ends = every(link(-reach, reach) == m, link(reach, reach) == M, link(height, reach) == v)
    first = "rise₁·(height+reach) = v − m"
    inside = {key: given[key] for key in ("−reach < height", "height < reach")}
    return [
        positive,
        prove("the link is strictly increasing", link(p, reach) < link(q, reach), given={**slopes, **lines}),
        prove("it runs through m, v and M", ends, given={**inside, first: lines[first]}),
    ]


@proof_of("ridge")
def ridge() -> Proof:
    """Prove that the order is known, values are not, and both are where the link is known."""
    reach, at_b = reals("ρ‖w‖ ⟨w,b⟩")
    top: dict[str, Hypothesis] = {
        "g strictly increasing": rising(at_b, reach, *reals("g(⟨w,b⟩) g(ρ‖w‖)")),
        "f(b) is the maximum": reals("g(ρ‖w‖)")[0] <= reals("g(⟨w,b⟩)")[0],
    }
    best = prove("⟨w,b⟩ is the largest there is", at_b >= reach, given=top)
    increasing: dict[str, Hypothesis] = {"g strictly increasing": rising(s, t, g_x, g_y), "‖w‖ > 0": slope > 0}
    along: dict[str, Hypothesis] = {"⟨w,x⟩ = ‖w‖⟨b,x⟩": s == slope * b_x, "⟨w,y⟩ = ‖w‖⟨b,y⟩": t == slope * b_y}
    order = prove("f(x) ≤ f(y) iff ⟨b,x⟩ ≤ ⟨b,y⟩", iff(g_x <= g_y, b_x <= b_y), given={**increasing, **along})
    first, second, g_first, g_second = reals("‖w₁‖ ‖w₂‖ g(‖w₁‖) g(‖w₂‖)")
    known: dict[str, Hypothesis] = {
        "g strictly increasing": rising(first, second, g_first, g_second),
        "M = g(‖w₁‖) = g(‖w₂‖)": g_first == g_second,
    }
    exact = prove("with g known, M gives ‖w‖, and so f", first * b_x == second * b_x, given=known)
    steps = [best, *aligned(), maximum_is_aligned(), order, *any_value(), exact]
    mutants = [
        mutant(order, "g strictly increasing dropped", without=["g strictly increasing"], small=slope == 1),
        mutant(order, "‖w‖ > 0 dropped", without=["‖w‖ > 0"], small=slope == 0),
        mutant(any_value()[0], "v < M dropped", without=["v < M"], small=every(UNIT, v == 1)),
    ]
    return Proof(steps, mutants)


@proof_of("radial")
def radial() -> Proof:
    """Prove the same for h(‖x − p‖), with the prototype p at b."""
    near, far, h_near, h_far = reals("‖x−b‖ ‖y−b‖ h(‖x−b‖) h(‖y−b‖)")
    at_b, top, h_b = reals("‖b−p‖ h(0) h(‖b−p‖)")
    falling = {"h strictly decreasing": rising(near, far, -h_near, -h_far)}
    order = prove("f(x) ≥ f(y) iff ‖x−b‖ ≤ ‖y−b‖", iff(h_near >= h_far, near <= far), given=falling)
    prototype: dict[str, Hypothesis] = {
        "h strictly decreasing": rising(at_b, number(0), -h_b, -top),
        "f(b) ≥ f(p)": h_b >= top,
        "‖b−p‖ ≥ 0": at_b >= 0,
    }
    same = prove("b is the prototype", at_b == 0, given=prototype)
    p, q, d_x, d_a, low, high = reals("p q ‖x−b‖ ‖a−b‖ fall₁ fall₂")
    between_ends: dict[str, Hypothesis] = {
        "0 < ‖x−b‖": d_x > 0,
        "‖x−b‖ < ‖a−b‖": d_x < d_a,
        "m < v": m < v,
        "v < M": v < M,
    }
    lines: dict[str, Hypothesis] = {
        "fall₁·‖x−b‖ = M − v": low * d_x == M - v,
        "fall₂·(‖a−b‖−‖x−b‖) = v − m": high * (d_a - d_x) == v - m,
    }

    def profile(at_distance: Number) -> Number:
        """Return the profile through (0, M), (‖x−b‖, v) and (‖a−b‖, m)."""
        return choose(at_distance <= d_x, M - low * at_distance, m + high * (d_a - at_distance))

    positive = prove("both slopes are positive", every(low > 0, high > 0), given={**between_ends, **lines})
    slopes: dict[str, Hypothesis] = {"fall₁ > 0": low > 0, "fall₂ > 0": high > 0, "p < q": p < q}
    falls = prove("the profile is strictly decreasing", profile(p) > profile(q), given={**slopes, **lines})
    ends = every(profile(number(0)) == M, profile(d_x) == v, profile(d_a) == m)
    inside = {key: between_ends[key] for key in ("0 < ‖x−b‖", "‖x−b‖ < ‖a−b‖")}
    through = prove("it runs through M, v and m", ends, given={**inside, "fall₁·‖x−b‖ = M − v": low * d_x == M - v})
    mutants = [
        mutant(order, "h strictly decreasing dropped", without=["h strictly decreasing"]),
        mutant(same, "f(b) ≥ f(p) dropped", without=["f(b) ≥ f(p)"]),
        mutant(positive, "m < v dropped", without=["m < v"], small=every(UNIT, v == 0)),
    ]
    return Proof([same, order, positive, falls, through], mutants)
