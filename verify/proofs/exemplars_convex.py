"""Exemplars for convex functions: combinations of them bound f(x) from above, and turned round from below.

Among the exemplars are a and b, and every point of the cube with the value M.
"""

from functools import cache

from fvproof.verify.proofs.mixing import SHARE, greater, less, lesser, mix, mixtures_keep_order, more, share
from fvproof.verify.proofs.notation import UNIT, M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import between, every, number, reals

weight, v, mean, following, mass, total = reals("λ_j v_j f(mean) f(next) Σλ Σλv")
MEANS = Fold(
    "means of exemplars",
    (),
    (weight, following, v),
    (mass, mean, total),
    (number(0),) * 3,
    (mass + weight, following, total + weight * v),
    every(weight >= 0, (mass + weight) * following <= mass * mean + weight * v),
)
"""A mean that moves from exemplar to exemplar: f is convex between it and the next one."""


@cache
def jensen() -> Verdict:
    """Return f(Σλ_j·z_j) ≤ Σλ_j·v_j, by induction on the number of exemplars."""
    return induct("Σλ_j·f(Σλ_j·z_j/Σλ_j) ≤ Σ λ_j·v_j", MEANS, every(mass >= 0, mass * mean <= total))


@cache
def bounds() -> list[Verdict]:
    """Return the two bounds at x: as a combination of exemplars, and as one of the points that combine to one."""
    share_x, f_x, others = reals("λ f(x) Σλv")
    run: dict[str, Hypothesis] = {"the mean is x": MEANS.run(mass, mean, total), "Σ λ_j = 1": mass == 1}
    turned: dict[str, Hypothesis] = {"z_i = λx + Σ λ_j·z_j": v <= share_x * f_x + others}
    return [
        prove("f(x) ≤ Σ λ_j·v_j", mean <= total, given=run, by=[jensen()]),
        prove("λ·f(x) ≥ v_i − Σ λ_j·v_j", share_x * f_x >= v - others, given=turned),
    ]


at_p, at_q, z, value_p, value_q, value_r, p, q, r = reals("λ_j(p) λ_j(q) z_j value(p) value(q) value(r) p q r")
MIXED = Fold(
    "combinations for p and q, mixed for r",
    (share,),
    (at_p, at_q, v, z),
    (value_p, value_q, value_r, p, q, r),
    (number(0),) * 6,
    (
        value_p + at_p * v,
        value_q + at_q * v,
        value_r + mix(share, at_p, at_q) * v,
        p + at_p * z,
        q + at_q * z,
        r + mix(share, at_p, at_q) * z,
    ),
    every(at_p >= 0, at_q >= 0),
)
"""The weights for r are those for p and q, mixed."""


@cache
def mixed() -> Verdict:
    """Return that combinations mix: weights mixed give the mixed point and the mixed value."""
    claim = every(value_r == mix(share, value_p, value_q), r == mix(share, p, q))
    return induct("combinations mix", MIXED, claim)


weighted, sum_of, whole = reals("λ_j Σλv Σλ")
VALUES = Fold(
    "values of combinations",
    (m, M),
    (weighted, v),
    (whole, sum_of),
    (number(0),) * 2,
    (whole + weighted, sum_of + weighted * v),
    every(weighted >= 0, between(m, v, M)),
)
"""The mass and the value of a combination, bound by bound."""


@cache
def envelope() -> list[Verdict]:
    """Return that the infimum of all combinations' values is convex, is v_i at z_i, and lies in [m, M].

    It is convex up to any ε > 0, and so convex.
    """
    g_p, g_q, g_r, g_z, eps = reals("g(p) g(q) g((1−λ)p+λq) g(z_i) ε")
    least: dict[str, Hypothesis] = {
        "the mixture is a combination for (1−λ)p + λq": MIXED.run(),
        "none is below g": g_r <= value_r,
        "some is within ε of g at p": value_p <= g_p + eps,
        "some is within ε of g at q": value_q <= g_q + eps,
        **SHARE,
    }
    alone: dict[str, Hypothesis] = {"z_i alone is a combination": g_z <= v, "none at z_i undercuts v_i": v <= g_z}
    kept = at(mixtures_keep_order(), {less: value_p, more: g_p + eps, lesser: value_q, greater: g_q + eps})
    range_of = every(m * whole <= sum_of, sum_of <= M * whole)
    return [
        prove("the infimum is convex", g_r <= mix(share, g_p, g_q) + eps, given=least, by=[mixed(), kept]),
        prove("it is v_i at z_i", g_z == v, given=alone),
        induct("it lies in [m, M]", VALUES, range_of),
    ]


@proof_of("exemplars-convex")
def convex() -> Proof:
    """Prove both bounds, and that they are attained."""
    above, below = bounds()
    (f_x,) = reals("f(x)")
    mutants = [
        mutant(above, "Σ λ_j = 1 dropped", without=["Σ λ_j = 1"]),
        mutant(below, "z_i = λx + Σ λ_j·z_j dropped", without=["z_i = λx + Σ λ_j·z_j"], small=f_x == 0),
        mutant(envelope()[1], "a combination undercuts v_i", without=["none at z_i undercuts v_i"], small=UNIT),
    ]
    return Proof([jensen(), above, below, mixed(), *envelope()], mutants)
