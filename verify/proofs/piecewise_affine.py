"""Piecewise affine functions: the three-spike network has finitely many affine pieces, and sometimes two suffice."""

from functools import cache

from fvproof.verify.proofs.affine import tight
from fvproof.verify.proofs.black_box import feasible, sound
from fvproof.verify.proofs.mixing import SHARE, constants_have_phi, mix, share
from fvproof.verify.proofs.notation import SPREAD, UNIT, M, m, twins_defeat_decoders, v
from fvproof.verify.proofs.spikes import extrema_are_unique, no_go, sharpness, three_spikes
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
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
    maximum,
    minimum,
    number,
    reals,
    relu,
    truths,
)

p, q, c, k, u, t = reals("p q c k u t")


@cache
def pieces() -> list[Verdict]:
    """Return that a spike is affine between p and q where neither a coordinate nor the outer ReLU changes sign.

    The signs of z_i − c_i and of 1 − k·‖z−c‖₁ cut the cube into finitely many pieces.
    """
    d_p, d_q, d_mix = reals("‖p−c‖₁ ‖q−c‖₁ ‖(1−λ)p+λq−c‖₁")
    same_side = either(every(p >= c, q >= c), every(p <= c, q <= c))
    step = (d_p + absolute(p - c), d_q + absolute(q - c), d_mix + absolute(mix(share, p, q) - c))
    fold = Fold("distances on one side of c", (share,), (p, q, c), (d_p, d_q, d_mix), (number(0),) * 3, step, same_side)
    unit = {"0 ≤ λ ≤ 1": between(0, share, 1)}
    heights = (1 - k * d_p, 1 - k * d_q)
    one_sign = either(every(heights[0] >= 0, heights[1] >= 0), every(heights[0] <= 0, heights[1] <= 0))
    straight = relu(1 - k * mix(share, d_p, d_q)) == mix(share, relu(heights[0]), relu(heights[1]))
    given: dict[str, Hypothesis] = {**SHARE, "1 − k·‖z−c‖₁ has one sign": one_sign}
    return [
        induct("‖z−c‖₁ is affine between p and q", fold, d_mix == mix(share, d_p, d_q), given=unit),
        prove("so is the spike", straight, given=given),
    ]


@proof_of("piecewise-affine")
def piecewise_affine() -> Proof:
    """Prove the row, for any number of pieces."""
    distance, spike = pieces()
    d_p, d_q, d_mix = reals("‖p−c‖₁ ‖q−c‖₁ ‖(1−λ)p+λq−c‖₁")
    members = [three_spikes(), sharpness(), constants_have_phi(), distance, spike]
    steps = [sound(), feasible(), *members, extrema_are_unique(), no_go()]
    mutants = [
        mutant(spike, "the sign condition dropped", without=["1 − k·‖z−c‖₁ has one sign"]),
        mutant(
            distance,
            "‖z−c‖₁ replaced by 1.01·‖z−c‖₁",
            claim=d_mix * 100 == 101 * mix(share, d_p, d_q),
            small=share == 0,
        ),
    ]
    return Proof(steps, mutants)


def bend(at_mean: Number, value: Number, rise: Number, fall: Number) -> Number:
    """Return τ ↦ m + rise·τ and M − fall·(1−τ), the greater or the lesser of the two: m at 0, v at t, M at 1."""
    rising, falling = m + rise * at_mean, M - fall * (1 - at_mean)
    return choose(value <= m + (M - m) * t, maximum(rising, falling), minimum(rising, falling))


def mean_of_gaps() -> Verdict:
    """Return that the mean of |z_i − a_i| is 0 at a, 1 at b, and strictly between at every other x."""
    a, b, x, d, u_a, u_b, u_x = reals("a b x d Σ|a−a| Σ|b−a| Σ|x−a|")
    off_a, off_b = truths("x≠a x≠b")
    opposite = every(either(every(a == 0, b == 1), every(a == 1, b == 0)), between(0, x, 1))
    gaps = (u_a + absolute(a - a), u_b + absolute(b - a), u_x + absolute(x - a))
    start = (*(number(0),) * 4, FALSE, FALSE)
    step = (d + 1, *gaps, either(off_a, x != a), either(off_b, x != b))
    fold = Fold(
        "Σ|z−a| between opposite corners", (), (a, b, x), (d, u_a, u_b, u_x, off_a, off_b), start, step, opposite
    )
    inside = every(between(0, u_x, d), implies(off_a, u_x > 0), implies(off_b, u_x < d))
    return induct("the mean of |z_i−a_i| is 0 at a, 1 at b, between them at x", fold, every(u_a == 0, u_b == d, inside))


@proof_of("two-piece-affine")
def two_pieces() -> Proof:
    """Prove that two pieces suffice between opposite corners: bend the mean of |z_i − a_i|."""
    rise, fall, rise_0, fall_0, rise_1, fall_1 = reals("rise fall rise₀ fall₀ rise₁ fall₁")
    between_ends: dict[str, Hypothesis] = {"0 < t": t > 0, "t < 1": t < 1}

    def slopes(value: Number, up: Number, down: Number) -> dict[str, Hypothesis]:
        """Return what the slopes are, for a value at x."""
        return {
            f"{up}·t = {value} − m": up * t == value - m,
            f"{down}·(1−t) = M − {value}": down * (1 - t) == M - value,
        }

    given = {**between_ends, **SPREAD, **slopes(v, rise, fall)}
    ends = every(bend(number(0), v, rise, fall) == m, bend(number(1), v, rise, fall) == M)
    bent = prove("the bent function is m and M at the ends", ends, given={**between_ends, **slopes(v, rise, fall)})
    value = prove("the bent function is v at t", bend(t, v, rise, fall) == v, given=slopes(v, rise, fall))
    unit = {"u ∈ [0, 1]": between(0, u, 1)}
    stays = prove("the bent function stays in [m, M]", between(m, bend(u, v, rise, fall), M), given={**given, **unit})
    twins = (bend(t, m, rise_0, fall_0), bend(t, M, rise_1, fall_1))
    defeat = twins_defeat_decoders(*twins, {**slopes(m, rise_0, fall_0), **slopes(M, rise_1, fall_1)})
    steps = [sound(), feasible(), mean_of_gaps(), tight()[-1], bent, value, stays, defeat]
    mutants = [
        mutant(bent, "0 < t dropped: x = a", without=["0 < t"], small=every(UNIT, t == 0)),
        mutant(stays, "v ≤ M dropped", without=["v ≤ M"], small=every(UNIT, t * 2 == 1)),
    ]
    return Proof(steps, mutants)
