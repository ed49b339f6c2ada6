"""Nearly affine units on a ball: how far the ball's decoder errs when |f − g| ≤ δ for an affine g of slope w.

In units of the ball: points have length ≤ 1, and w is the slope times the radius.
"""

from functools import cache

from fvproof.verify.proofs.ball import aligned
from fvproof.verify.proofs.distances import c, factor, factors_keep_order, less, mean_of_squares, more, u, w
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import absolute, between, every, number, reals

slope, delta, root, centre, f_x = reals("‖w‖ δ √(δ‖w‖) g(0) f(x)")
ww, wb, bb, wx, bx, xx, dd, wa = reals("⟨w,w⟩ ⟨w,b⟩ ⟨b,b⟩ ⟨w,x⟩ ⟨b,x⟩ ⟨x,x⟩ ‖w−‖w‖b‖² ⟨w,a⟩")
w_i, b_i, x_i = reals("w b x")
g_i, off = reals("w−‖w‖b ⟨w−‖w‖b,x⟩")
GRAM = Fold(
    "inner products of w − ‖w‖b, b and x",
    (slope,),
    (w_i, b_i, x_i, g_i),
    (wx, bx, bb, xx, off, dd),
    (number(0),) * 6,
    (wx + w_i * x_i, bx + b_i * x_i, bb + b_i * b_i, xx + x_i * x_i, off + g_i * x_i, dd + g_i * g_i),
    g_i == w_i - slope * b_i,
)
SQUARE = "√(δ‖w‖)² = δ‖w‖"
ROOT: dict[str, Hypothesis] = {"√(δ‖w‖) ≥ 0": root >= 0, SQUARE: root * root == delta * slope}


@cache
def one_more_product() -> Verdict:
    """Return the step of the inequality of Cauchy and Schwarz: 2·C·s·t ≤ A·t² + B·s² where C² ≤ A·B."""
    s, t, a, b, product = reals("s t A B C")
    given: dict[str, Hypothesis] = {"A ≥ 0": a >= 0, "B ≥ 0": b >= 0, "C² ≤ A·B": product * product <= a * b}
    means = at(mean_of_squares(), {u: a * (t * t), w: b * (s * s), c: product * (s * t)})
    square = at(factors_keep_order(), {less: product * product, more: a * b, factor: (s * t) * (s * t)})
    claim = 2 * product * s * t <= a * t * t + b * s * s
    return prove("2·C·s·t ≤ A·t² + B·s²", claim, given=given, by=[means, square])


@cache
def schwarz() -> list[Verdict]:
    """Return ⟨w − ‖w‖b, x⟩² ≤ ‖w − ‖w‖b‖²·‖x‖² and ⟨b, x⟩² ≤ ‖b‖²·‖x‖²."""
    step = one_more_product()
    s, t, a, b, product = reals("s t A B C")
    first = at(step, {s: g_i, t: x_i, a: dd, b: xx, product: off})
    second = at(step, {s: b_i, t: x_i, a: bb, b: xx, product: bx})
    return [
        step,
        induct("⟨w−‖w‖b,x⟩ = ⟨w,x⟩ − ‖w‖⟨b,x⟩", GRAM, off == wx - slope * bx),
        induct("⟨w−‖w‖b,x⟩² ≤ ‖w−‖w‖b‖²·‖x‖²", GRAM, every(dd >= 0, xx >= 0, off * off <= dd * xx), by=[first]),
        induct("⟨b,x⟩² ≤ ‖b‖²·‖x‖²", GRAM, every(bb >= 0, xx >= 0, bx * bx <= bb * xx), by=[second]),
    ]


@cache
def length_bounds() -> Verdict:
    """Return |t| ≤ s from t² ≤ s²: inner products with vectors of length ≤ 1 are at most the length of the other."""
    s, t = reals("s t")
    given: dict[str, Hypothesis] = {"t² ≤ s²": t * t <= s * s, "s ≥ 0": s >= 0}
    return prove("t² ≤ s² gives |t| ≤ s", between(-s, t, s), given=given)


@cache
def extrema() -> Verdict:
    """Return that m and M are within δ of g's extrema, and that ‖w − ‖w‖b‖² ≤ 4δ‖w‖."""
    given: dict[str, Hypothesis] = {
        "‖w‖ > 0": slope > 0,
        "M ≥ f(w/‖w‖) ≥ g − δ": centre + slope - delta <= M,
        "M = f(b) ≤ g(b) + δ": centre + wb + delta >= M,
        "m ≤ f(−w/‖w‖) ≤ g + δ": m <= centre - slope + delta,
        "m = f(a) ≥ g(a) − δ": m >= centre + wa - delta,
        "⟨w,b⟩ ≤ ‖w‖": wb <= slope,
        "⟨w,a⟩ ≥ −‖w‖": wa >= -slope,
        "⟨b,b⟩ ≤ 1": bb <= 1,
        "‖w−‖w‖b‖² expanded": dd == slope * slope - 2 * slope * wb + slope * slope * bb,
    }
    close = every(
        absolute(M - (centre + slope)) <= delta, absolute(m - (centre - slope)) <= delta, dd <= 4 * delta * slope
    )
    products = [
        at(factors_keep_order(), {less: bb, more: number(1), factor: slope * slope}),
        at(factors_keep_order(), {less: slope - 2 * delta, more: wb, factor: slope}),
    ]
    return prove("m and M are within δ, and ‖w−‖w‖b‖² ≤ 4δ‖w‖", close, given=given, by=products)


@cache
def slope_error() -> Verdict:
    """Return |⟨w,x⟩ − ‖w‖⟨b,x⟩| ≤ 2√(δ‖w‖)."""
    given: dict[str, Hypothesis] = {
        "⟨w−‖w‖b,x⟩² ≤ ‖w−‖w‖b‖²·‖x‖²": off * off <= dd * xx,
        "‖w−‖w‖b‖² ≤ 4δ‖w‖": dd <= 4 * delta * slope,
        "0 ≤ ‖x‖² ≤ 1": between(0, xx, 1),
        **ROOT,
    }
    product = at(factors_keep_order(), {less: xx, more: number(1), factor: dd})
    return prove("|⟨w,x⟩ − ‖w‖⟨b,x⟩| ≤ 2√(δ‖w‖)", absolute(off) <= 2 * root, given=given, by=[product])


@cache
def decoder_error() -> Verdict:
    """Return the bound 2δ + 2√(δ‖w‖), with E₁ and E₂ for the errors of M and m."""
    e_1, e_2, rest, f_gap = reals("E₁ E₂ ⟨w,x⟩−‖w‖⟨b,x⟩ f(x)−g(x)")
    error = (e_1 + e_2) / 2 + (e_1 - e_2) / 2 * bx - rest - f_gap
    given: dict[str, Hypothesis] = {
        "|M − (g(0)+‖w‖)| ≤ δ": between(-delta, e_1, delta),
        "|m − (g(0)−‖w‖)| ≤ δ": between(-delta, e_2, delta),
        "|⟨b,x⟩| ≤ 1": between(-1, bx, 1),
        "|⟨w,x⟩ − ‖w‖⟨b,x⟩| ≤ 2√(δ‖w‖)": between(-2 * root, rest, 2 * root),
        "|f(x) − g(x)| ≤ δ": between(-delta, f_gap, delta),
    }
    return prove("the decoder errs by 2δ + 2√(δ‖w‖) at most", absolute(error) <= 2 * delta + 2 * root, given=given)


@proof_of("nearly-affine")
def nearly_affine() -> Proof:
    """Prove the bound, and when it beats the uninformed decoder."""
    e_1, e_2, rest, f_gap = reals("E₁ E₂ ⟨w,x⟩−‖w‖⟨b,x⟩ f(x)−g(x)")
    parts: dict[str, Hypothesis] = {
        "M = g(0) + ‖w‖ + E₁": centre + slope + e_1 == M,
        "m = g(0) − ‖w‖ + E₂": centre - slope + e_2 == m,
        "⟨w,x⟩ = ‖w‖⟨b,x⟩ + rest": wx == slope * bx + rest,
        "f(x) = g(0) + ⟨w,x⟩ + (f(x)−g(x))": f_x == centre + wx + f_gap,
    }
    decoded = (M + m) / 2 + (M - m) / 2 * bx - f_x
    split = prove(
        "its error in four parts", decoded == (e_1 + e_2) / 2 + (e_1 - e_2) / 2 * bx - rest - f_gap, given=parts
    )
    small: dict[str, Hypothesis] = {
        "9δ < ‖w‖": 9 * delta < slope,
        "δ ≥ 0": delta >= 0,
        SQUARE: ROOT[SQUARE],
        "(M−m)/2 ≥ ‖w‖ − δ": M - m >= 2 * slope - 2 * delta,
    }
    beats = prove("it beats the uninformed decoder where δ < ‖w‖/9", 2 * delta + 2 * root < (M - m) / 2, given=small)
    bound, direction = decoder_error(), slope_error()
    error = (e_1 + e_2) / 2 + (e_1 - e_2) / 2 * bx - rest - f_gap
    easy = every(delta == 1, root == 1)
    mutants = [
        mutant(
            bound,
            "2δ + 2√(δ‖w‖) replaced by 2δ + 1.9√(δ‖w‖)",
            claim=absolute(error) * 10 <= 20 * delta + 19 * root,
            small=easy,
        ),
        mutant(bound, "|⟨b,x⟩| ≤ 1 dropped", without=["|⟨b,x⟩| ≤ 1"], small=easy),
        mutant(beats, "9δ < ‖w‖ replaced by δ < ‖w‖", without=["9δ < ‖w‖"], small=every(delta == 1, slope == 4)),
    ]
    return Proof([aligned()[1], *schwarz(), length_bounds(), extrema(), direction, bound, split, beats], mutants)
