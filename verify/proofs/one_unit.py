"""Networks with one hidden unit: exactly what they leave open.

They are max(m, ·) or min(M, ·) of an affine map, whose weights have known signs where b, or a, is 0 or 1.
"""

from functools import cache

from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proofs.two_units import scaled
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Claim,
    absolute,
    between,
    either,
    every,
    implies,
    maximum,
    no,
    number,
    reals,
)

x_i, a_i, b_i, w, down, across, rho, share = reals("x_i a_i b_i w_i ℓ(a)−ℓ(b) ℓ(x)−ℓ(b) ρ share")


def highest_at_b() -> Claim:
    """Return that no coordinate of the cube makes ℓ greater than at b, with all coordinates in [0, 1]."""
    inside = every(*(between(0, z, 1) for z in (x_i, a_i, b_i)))
    return every(inside, w * (0 - b_i) <= 0, w * (1 - b_i) <= 0)


@cache
def one_is_flat() -> Verdict:
    """Return that a network of one unit with c > 0 is m + (M − m)·max(0, ℓ) on the cube: for m = 0 and M = 1."""
    gamma, at_z, at_a, at_b = reals("γ ℓ(z) ℓ(a) ℓ(b)")
    given: dict[str, Hypothesis] = {
        "f(a) = 0": maximum(gamma, at_a) == 0,
        "f(b) = 1": maximum(gamma, at_b) == 1,
        "0 ≤ f(z) ≤ 1": between(0, maximum(gamma, at_z), 1),
    }
    claim = every(maximum(gamma, at_z) == maximum(0 * gamma, at_z), at_a <= 0, at_b == 1, at_z <= 1)
    return prove("one unit is max(0, ℓ), with ℓ(a) ≤ 0 and ℓ ≤ 1 = ℓ(b)", claim, given=given)


@cache
def one_is_below() -> list[Verdict]:
    """Return that ℓ(x) ≤ 1 − ρ, and that ℓ is 1 on the smallest face that holds b."""
    fixed = either(b_i == 0, b_i == 1)
    far = implies(every(fixed, no(a_i == b_i)), absolute(x_i - b_i) >= rho * absolute(a_i - b_i))
    state = (down + w * (a_i - b_i), across + w * (x_i - b_i))
    zero = (number(0), number(0))
    ratio = Fold("ℓ at a and x", (rho,), (w, x_i, a_i, b_i), (down, across), zero, state, every(highest_at_b(), far))
    face = every(highest_at_b(), implies(fixed, x_i == b_i))
    on_face = Fold("ℓ on b's face", (), (w, x_i, a_i, b_i), (down, across), zero, state, face)
    nothing = every(highest_at_b(), implies(fixed, a_i == b_i))
    unheld = Fold("ℓ if b is not held", (), (w, x_i, a_i, b_i), (down, across), zero, state, nothing)
    below = induct("ℓ(x) − ℓ(b) ≤ ρ·(ℓ(a) − ℓ(b))", ratio, across <= rho * down)
    given: dict[str, Hypothesis] = {
        "ℓ(x) − ℓ(b) ≤ ρ·(ℓ(a) − ℓ(b))": across <= rho * down,
        "ℓ(a) − ℓ(b) ≤ −1": down <= -1,
        "ρ ≥ 0": rho >= 0,
    }
    return [
        below,
        prove("ℓ(x) ≤ 1 − ρ", 1 + across <= 1 - rho, given=given),
        induct("ℓ is 1 on the smallest face that holds b", on_face, across == 0),
        induct("without a coordinate that holds b, ℓ(a) = ℓ(b)", unheld, down == 0),
    ]


@cache
def one_attains() -> Verdict:
    """Return that 1 − |z_i−b_i|/|a_i−b_i| − κ·|z_j−b_j| attains every share up to 1 − ρ, with b_i, b_j in {0, 1}."""
    gap, x_gap, z_gap, far, z_far, a_far, kappa = reals("|a_i−b_i| |x_i−b_i| |z_i−b_i| |x_j−b_j| |z_j−b_j| |a_j−b_j| κ")
    rate = reals("1/|a_i−b_i|")[0]
    given: dict[str, Hypothesis] = {
        "|a_i−b_i| > 0": every(gap > 0, rate * gap == 1),
        "ρ = |x_i−b_i|/|a_i−b_i|": rho == rate * x_gap,
        "0 ≤ share ≤ max(0, 1−ρ)": every(share >= 0, share <= maximum(0 * rho, 1 - rho)),
        "|x_j−b_j| > 0": far > 0,
        "κ makes it the share, where that is less": kappa * far == maximum(0 * rho, 1 - rho - share),
        "gaps ≥ 0": every(x_gap >= 0, z_gap >= 0, z_far >= 0, a_far >= 0),
    }
    claim = every(
        maximum(0 * rho, 1 - rate * x_gap - kappa * far) == share,
        1 - rate * gap - kappa * a_far <= 0,
        1 - rate * z_gap - kappa * z_far <= 1,
    )
    return prove("every share up to 1 − ρ is attained", claim, given=given)


@proof_of("one-unit")
def one_unit() -> Proof:
    """Prove what one hidden unit leaves open; min(M, ·) is the same upside down, a and b exchanged."""
    flat, (below, bound, face, unheld), tight = one_is_flat(), one_is_below(), one_attains()
    upside = reals("f")[0]
    mirror = prove("upside down: m + M − f runs from m to M too", between(m, m + M - upside, M),
                   given={"m ≤ f ≤ M": between(m, upside, M)})  # fmt: skip
    mutants = [
        mutant(bound, "1 − ρ replaced by 1 − 1.1·ρ", claim=(1 + across) * 10 <= 10 - 11 * rho, small=rho == 1),
        mutant(flat, "f(b) = 1 dropped", without=["f(b) = 1"]),
        mutant(tight, "share ≤ max(0, 1−ρ) dropped", without=["0 ≤ share ≤ max(0, 1−ρ)"], small=rho == 1),
    ]
    return Proof([flat, below, bound, face, unheld, tight, scaled(), mirror], mutants)
