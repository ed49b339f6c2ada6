"""Approximate visualizations: an optimiser that stops within η of the extrema shows two exemplars and a wider range."""

from functools import cache

from fvproof.verify.proofs import convex, erm, exemplars_convex, memorising
from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.exemplars import lipschitz_extension
from fvproof.verify.proofs.memorising import AT_ANY_POINT, beta, values_stay_in_range
from fvproof.verify.proofs.mixing import mixtures_attain
from fvproof.verify.proofs.notation import UNIT, M, m, v
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import absolute, between, choose, every, maximum, minimum, number, reals

eta, L, f_x, f_y, f_z, d_a, d_b, t, delta = reals("η L f(x) f(y) f(z) ‖x−a‖ ‖x−b‖ t δ")
LOW, HIGH = m - eta, M + eta


@cache
def widened() -> Verdict:
    """Return f(x) ∈ [m−η, M+η], for m = f(a) and M = f(b) within η of the true extrema."""
    least, most = reals("min_f max_f")
    given: dict[str, Hypothesis] = {
        "m ≤ min f + η": m <= least + eta,
        "M ≥ max f − η": most - eta <= M,
        "min f ≤ f(x) ≤ max f": between(least, f_x, most),
    }
    return prove("f(x) ∈ [m−η, M+η]", between(LOW, f_x, HIGH), given=given)


@cache
def free() -> Verdict:
    """Return that a network with the values m at a, M at b and any v ∈ [m−η, M+η] at x stays in [m−η, M+η]."""
    f_a, f_b = reals("f(a) f(b)")
    values = ((f_a, m), (f_b, M), (f_x, v))
    spikes: dict[str, Hypothesis] = {f"a spike for {name}": erm.memorised(value, name) for name, value in values}
    anywhere = {"m, M and v in [m−η, M+η]": AT_ANY_POINT.run(beta, LOW, HIGH, f_z, *AT_ANY_POINT.state[1:])}
    range_of_f = at(values_stay_in_range(), {memorising.lowest: LOW, memorising.highest: HIGH, memorising.total: f_z})
    claim = every(*(name == value for name, value in values), between(LOW, f_z, HIGH))
    given = {**spikes, **anywhere, "β ∈ [m−η, M+η]": between(LOW, beta, HIGH)}
    by = [range_of_f, *(erm.recalled(value, name) for name, value in values)]
    return prove("a network has m at a, M at b, v at x, within [m−η, M+η]", claim, given=given, by=by)


@cache
def lipschitz() -> Verdict:
    """Return the interval of a Lipschitz unit: now the values at a and b bound it from both sides."""
    low, high = maximum(LOW, M - L * d_b, m - L * d_a), minimum(HIGH, m + L * d_a, M + L * d_b)
    given: dict[str, Hypothesis] = {
        "|f(x)−m| ≤ L·‖x−a‖": absolute(f_x - m) <= L * d_a,
        "|f(x)−M| ≤ L·‖x−b‖": absolute(f_x - M) <= L * d_b,
        "f(x) ∈ [m−η, M+η]": between(LOW, f_x, HIGH),
    }
    return prove("f(x) lies between the wider extensions", between(low, f_x, high), given=given)


@cache
def convex_bounds() -> list[Verdict]:
    """Return the bounds of a convex unit: above from a, and on the face of b from below."""
    above: dict[str, Hypothesis] = {
        "f is convex between a and y": f_x <= (1 - t) * m + t * f_y,
        "f(y) ≤ M+η": f_y <= HIGH,
        "t ≥ 0": t >= 0,
    }
    below: dict[str, Hypothesis] = {
        "f is convex between x and b + δ(b−x)": (1 + delta) * M <= f_y + delta * f_x,
        "f(y) ≤ M+η": f_y <= HIGH,
    }
    return [
        prove("f(x) ≤ m + t·(M+η−m)", f_x <= m + t * (HIGH - m), given=above),
        prove("δ·f(x) ≥ δ·M − η where b + δ(b−x) lies in the cube", delta * f_x >= delta * M - eta, given=below),
    ]


w, u, z_i, pos, neg, rise, spread, here, corner = reals("w u z Σw⁺ Σw⁻ f(x)−m Σw f(z)−m f(corner)−m")
least, most = reals("min_u max_u")
WEIGHTS = Fold(
    "an affine function from the argmin 0 to the argmax 1",
    (least, most),
    (w, u, z_i),
    (pos, neg, rise, spread, here, corner),
    (number(0),) * 6,
    (
        pos + maximum(w, 0),
        neg + maximum(-w, 0),
        rise + w * u,
        spread + w,
        here + w * z_i,
        corner + choose(w < 0, w, 0),
    ),
    every(between(least, u, most), between(0, z_i, 1)),
)
"""Turn the cube so that the argmin is 0 and the argmax 1; then u_i is the coordinate of x, and Σw is M − m."""


@cache
def affine() -> list[Verdict]:
    """Return the interval of an affine unit between opposite corners: both ends move by η·(max u − min u)."""
    terms = {factor: maximum(w, 0), less: u, more: most}, {factor: maximum(-w, 0), less: least, more: u}
    below = {factor: maximum(w, 0), less: least, more: u}, {factor: maximum(-w, 0), less: u, more: most}
    unit = {factor: maximum(w, 0), less: number(0), more: z_i}, {factor: maximum(-w, 0), less: z_i, more: number(1)}
    by = [at(factors_keep_order(), instance) for instance in (*terms, *below, *unit)]
    inside = between(least * pos - most * neg, rise, most * pos - least * neg)
    sums = every(spread == pos - neg, pos >= 0, neg >= 0, here >= -neg, corner == -neg, inside)
    weights = induct("f(x)−m ∈ [min u·Σw⁺ − max u·Σw⁻, max u·Σw⁺ − min u·Σw⁻]; min f = m − Σw⁻", WEIGHTS, sums, by=by)
    gap = at(factors_keep_order(), {factor: most - least, less: neg, more: eta})
    given: dict[str, Hypothesis] = {
        "f is affine": WEIGHTS.run(),
        "min f ≥ m − η": corner >= -eta,
        "min u ≤ max u": least <= most,
    }
    low, high = (spread + eta) * least - eta * most, (spread + eta) * most - eta * least
    sound = prove("f(x)−m ∈ [(M−m+η)·min u − η·max u, (M−m+η)·max u − η·min u]", between(low, rise, high), given=given,
                  by=[weights, gap])  # fmt: skip
    first, second, size = reals("z_i z_j M−m")
    unit_square: dict[str, Hypothesis] = {"0 ≤ z_i ≤ 1": between(0, first, 1), "0 ≤ z_j ≤ 1": between(0, second, 1)}
    signs: dict[str, Hypothesis] = {"M ≥ m": size >= 0, "η ≥ 0": eta >= 0}
    value = (size + eta) * second - eta * first
    products = [
        at(factors_keep_order(), {factor: scale, less: lower, more: upper})
        for scale, coordinate in ((size + eta, second), (eta, first))
        for lower, upper in ((number(0), coordinate), (coordinate, number(1)))
    ]
    inside = every(between(-eta, value, size + eta), (size + eta) - eta == size)
    stays = prove("(M−m+η)·u_j − η·u_i is M−m at b, and stays in [m−η, M+η]", inside,
                  given={**unit_square, **signs}, by=products)  # fmt: skip
    return [weights, sound, stays]


@cache
def convex_envelope() -> Verdict:
    """Return that combinations of values in [m−η, M+η] have values there: the linear programs' ends are attained."""
    whole, total = reals("Σλ Σλv")
    run = exemplars_convex.VALUES.run(LOW, HIGH, whole, total)
    given: dict[str, Hypothesis] = {"values in [m−η, M+η]": run, "Σ λ_j = 1": whole == 1}
    inside = at(exemplars_convex.envelope()[2], {m: LOW, M: HIGH})
    return prove("combinations stay in [m−η, M+η]", between(LOW, total, HIGH), given=given, by=[inside])


@proof_of("approximate-visualization")
def approximate() -> Proof:
    """Prove how every interval widens."""
    wide, bounded, (above, below) = widened(), lipschitz(), convex_bounds()
    weights, sound, stays = affine()
    steps = [wide, free(), bounded, *lipschitz_extension(), *convex.upper_end()[:2], above, *convex.face()[:2], below]
    steps += [*exemplars_convex.envelope()[:2], convex_envelope(), weights, sound, stays, mixtures_attain()]
    small = every(UNIT, eta * 10 == 1)
    mutants = [
        mutant(wide, "η replaced by 0.9·η", claim=f_x * 10 >= m * 10 - eta * 9, small=small),
        mutant(bounded, "m−η replaced by m", claim=m <= f_x, small=every(small, L == 1)),
        mutant(
            sound,
            "(M−m+η)·max u − η·min u replaced by (M−m)·max u",
            claim=rise <= spread * most,
            small=every(least == 0, most == 1, eta == 1, spread == 1),
        ),
        mutant(stays, "η ≥ 0 dropped", without=["η ≥ 0"]),
        mutant(above, "M+η replaced by M", claim=f_x <= m + t * (M - m), small=every(small, t == 1)),
    ]
    return Proof(steps, mutants)
