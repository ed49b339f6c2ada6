"""Approximate visualizations: an optimiser that stops within η of the extrema shows two exemplars and a wider range."""

from functools import cache

from verify.kernel import mutant, prove
from verify.obligation import Hypothesis, at
from verify.proof import Proof, proof_of
from verify.proofs import convex, erm, memorising
from verify.proofs.exemplars import lipschitz_extension
from verify.proofs.memorising import AT_ANY_POINT, beta, values_stay_in_range
from verify.proofs.notation import UNIT, M, m, v
from verify.terms import absolute, between, every, maximum, minimum, reals
from verify.verdict import Verdict

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


@proof_of("approximate-visualization")
def approximate() -> Proof:
    """Prove how every interval widens."""
    wide, bounded, (above, below) = widened(), lipschitz(), convex_bounds()
    steps = [wide, free(), bounded, *lipschitz_extension(), *convex.upper_end()[:2], above, *convex.face()[:2], below]
    small = every(UNIT, eta * 10 == 1)
    mutants = [
        mutant(wide, "η replaced by 0.9·η", claim=f_x * 10 >= m * 10 - eta * 9, small=small),
        mutant(bounded, "m−η replaced by m", claim=m <= f_x, small=every(small, L == 1)),
        mutant(above, "M+η replaced by M", claim=f_x <= m + t * (M - m), small=every(small, t == 1)),
    ]
    return Proof(steps, mutants)
