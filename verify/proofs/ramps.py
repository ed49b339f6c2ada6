"""Ramps: monotone functions without jumps, built up coordinate by coordinate; maxima and minima of them are witnesses.

g_c(z) = clamp(min (z_i−a_i)/(c_i−a_i), 0, 1) over the i with c_i > a_i rises from 0 at a to 1 at c, where c ≰ a, and
h_c(z) = clamp(max (z_i−c_i)/(b_i−c_i), 0, 1) over the i with b_i > c_i rises from 0 at c to 1 at b, where c ≱ b.
"""

from collections.abc import Callable
from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold, FoldRun
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import induct, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.terms import (
    FALSE,
    TRUE,
    Claim,
    Number,
    absolute,
    between,
    choose,
    either,
    every,
    implies,
    maximum,
    minimum,
    number,
    reals,
    truths,
)

(near,) = reals("‖q−r‖")
"""At least |q_i − r_i| for every i: the distance in ℓ∞, and so in the other norms."""
from_i, to_i, slope, q_i, r_i, at_q, at_r, at_start, at_end, steepest = reals(
    "from_i to_i slope_i q_i r_i ratio(q) ratio(r) ratio(from) ratio(to) K"
)
some, ordered = truths("to≰from q≤r")
RISES = to_i > from_i


def ratios(name: str, join: Callable[..., Number], base: int) -> Fold:
    """Return the least (or greatest) of (z_i−from_i)/(to_i−from_i) at z = q, r, from and to, and the steepest slope."""
    points, values = (q_i, r_i, from_i, to_i), (at_q, at_r, at_start, at_end)
    joined = [choose(RISES, join(t, slope * (z - from_i)), t) for z, t in zip(points, values, strict=True)]
    flags = either(some, RISES), every(ordered, q_i <= r_i)
    return Fold(
        name,
        (near,),
        (from_i, to_i, slope, q_i, r_i),
        (*values, steepest, some, ordered),
        (*[number(base)] * 4, number(0), FALSE, TRUE),
        (*joined, choose(RISES, maximum(steepest, slope), steepest), *flags),
        every(absolute(q_i - r_i) <= near, implies(RISES, slope * (to_i - from_i) == 1)),
    )


LEAST = ratios("the least ratio (z−from)/(to−from)", minimum, 1)
GREATEST = ratios("the greatest ratio (z−from)/(to−from)", maximum, 0)


@cache
def ramps_rise() -> list[Verdict]:
    """Return that both rise without jumps, K-Lipschitz for K the steepest slope, with the values 0 and 1 at the ends.

    Before the first coordinate the least ratio is 1 and the greatest is 0.
    """
    given: dict[str, Hypothesis] = {"to_i > from_i": RISES, "slope_i = 1/(to_i−from_i)": slope * (to_i - from_i) == 1}
    positive = prove("slopes are positive", slope > 0, given=given)
    highest = maximum(steepest, slope)
    terms = [
        {less: q_i, more: r_i, factor: slope},
        {less: r_i, more: q_i, factor: slope},
        {less: absolute(q_i - r_i), more: near, factor: slope},
        {less: steepest, more: highest, factor: near},
        {less: slope, more: highest, factor: near},
    ]
    by = [positive, *(at(factors_keep_order(), instance) for instance in terms)]
    smooth = every(implies(ordered, at_q <= at_r), absolute(at_q - at_r) <= steepest * near, steepest >= 0)
    upward, downward = (
        every(at_start == choose(some, 0, 1), at_end == 1),
        every(at_start == 0, at_end == choose(some, 1, 0)),
    )
    return [
        positive,
        induct("the least ratio rises, from 0 to 1, and is K-Lipschitz", LEAST, every(smooth, upward), by=by),
        induct("the greatest ratio rises, from 0 to 1, and is K-Lipschitz", GREATEST, every(smooth, downward), by=by),
    ]


def clamp(ratio: Number) -> Number:
    """Return the number, or the nearer end of [0, 1]."""
    return maximum(0, minimum(1, ratio))


def ramp(fold: Fold, name: str, start: Number, end: Number, apart: Claim) -> FoldRun:
    """Return that a ramp has these ratios at its ends; its other places and its slope get names of its own."""
    at_point, other, slopes = reals(f"{name}(q) {name}(r) K_{name}")
    return fold.run(near, at_point, other, start, end, slopes, apart, ordered, label=f" for {name}")


def used(theorem: Verdict, name: str, start: Number, end: Number, apart: Claim) -> Instance:
    """Return the theorem about a ramp, for the ramp of that name."""
    at_point, other, slopes = reals(f"{name}(q) {name}(r) K_{name}")
    terms = {at_q: at_point, at_r: other, at_start: start, at_end: end, steepest: slopes, some: apart}
    return at(theorem, terms)


x_high, b_high, x_low = truths("x≰a b≰a x≱b")


@cache
def ramps_have_phi() -> tuple[Verdict, Verdict]:
    """Return that max(g_x, g_b) and min(h_x, h_a) are 0 at a, 1 at b, in [0, 1], and 1 and 0 at x."""
    _, upward, downward = ramps_rise()
    gx_a, gx_x, gb_a, gb_b, hx_x, hx_b, ha_a, ha_b = reals("g_x(a) g_x(x) g_b(a) g_b(b) h_x(x) h_x(b) h_a(a) h_a(b)")
    gx_b, gb_x, hx_a, ha_x, gx_z, gb_z, hx_z, ha_z = reals("g_x(b) g_b(x) h_x(a) h_a(x) g_x(z) g_b(z) h_x(z) h_a(z)")

    def upper(first: Number, second: Number) -> Number:
        return maximum(clamp(first), clamp(second))

    def lower(first: Number, second: Number) -> Number:
        return minimum(clamp(first), clamp(second))

    above: dict[str, Hypothesis] = {
        "g_x, ramp from a to x": ramp(LEAST, "g_x", gx_a, gx_x, x_high),
        "g_b, ramp from a to b": ramp(LEAST, "g_b", gb_a, gb_b, b_high),
        "not x ≤ a": x_high,
        "not b ≤ a": b_high,
    }
    below: dict[str, Hypothesis] = {
        "h_x, ramp from x to b": ramp(GREATEST, "h_x", hx_x, hx_b, x_low),
        "h_a, ramp from a to b": ramp(GREATEST, "h_a", ha_a, ha_b, b_high),
        "not x ≥ b": x_low,
        "not b ≤ a": b_high,
    }
    high = every(
        upper(gx_a, gb_a) == 0, upper(gx_b, gb_b) == 1, upper(gx_x, gb_x) == 1, between(0, upper(gx_z, gb_z), 1)
    )
    low = every(
        lower(hx_a, ha_a) == 0, lower(hx_b, ha_b) == 1, lower(hx_x, ha_x) == 0, between(0, lower(hx_z, ha_z), 1)
    )
    by_above = [used(upward, "g_x", gx_a, gx_x, x_high), used(upward, "g_b", gb_a, gb_b, b_high)]
    by_below = [used(downward, "h_x", hx_x, hx_b, x_low), used(downward, "h_a", ha_a, ha_b, b_high)]
    return (
        prove("max(g_x, g_b) is 0 at a, 1 at b and x, and in [0, 1]", high, given=above, by=by_above),
        prove("min(h_x, h_a) is 0 at a and x, 1 at b, and in [0, 1]", low, given=below, by=by_below),
    )


@cache
def ramps_are_continuous_members() -> list[Verdict]:
    """Return that maxima and minima of clamped ramps rise and are Lipschitz, and so is m + (M−m)·τ."""
    first_q, first_r, second_q, second_r, bound, tau_q, tau_r = reals("g₁(q) g₁(r) g₂(q) g₂(r) K·‖q−r‖ τ(q) τ(r)")
    rise = {"g₁ rises": first_q <= first_r, "g₂ rises": second_q <= second_r}
    flat = {
        "g₁ is K-Lipschitz": absolute(first_q - first_r) <= bound,
        "g₂ is K-Lipschitz": absolute(second_q - second_r) <= bound,
    }
    pairs = [
        (join(clamp(first_q), clamp(second_q)), join(clamp(first_r), clamp(second_r))) for join in (maximum, minimum)
    ]
    ordered_ends: dict[str, Hypothesis] = {"m ≤ M": m <= M}
    rising: dict[str, Hypothesis] = {**ordered_ends, "τ(q) ≤ τ(r)": tau_q <= tau_r}
    lipschitz: dict[str, Hypothesis] = {**ordered_ends, "τ is K-Lipschitz": absolute(tau_q - tau_r) <= bound}
    scale = M - m
    scaled = [at(factors_keep_order(), {less: t, more: bound, factor: scale}) for t in (tau_q - tau_r, tau_r - tau_q)]
    return [
        prove("maxima and minima of clamped ramps rise", every(*(s <= t for s, t in pairs)), given=rise),
        prove("and are K-Lipschitz", every(*(absolute(s - t) <= bound for s, t in pairs)), given=flat),
        prove("m + (M−m)·τ rises as τ does", m + scale * tau_q <= m + scale * tau_r, given=rising),
        prove(
            "and is (M−m)·K-Lipschitz",
            absolute((m + scale * tau_q) - (m + scale * tau_r)) <= scale * bound,
            given=lipschitz,
            by=scaled,
        ),
    ]
