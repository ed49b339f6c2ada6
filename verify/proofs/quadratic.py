"""Quadratic forms on the unit sphere: a and b are eigenvectors, and the rest of x is open.

x = p·b + q·a + y with y orthogonal to both, so that ‖y‖² = 1 − α − β with α = p² = ⟨b,x⟩² and β = q² = ⟨a,x⟩².
"""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.mixing import mix, mixtures_attain, share
from fvproof.verify.proofs.notation import UNIT, M, m, v
from fvproof.verify.proofs.order_quadratic import LENGTHS, eigenvalues, order
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import between, every, reals

p, q, f_x, f_y, rest = reals("⟨b,x⟩ ⟨a,x⟩ f(x) f(y) ‖y‖²")
b_a, b_y, a_y, dot = reals("B(b,a) B(b,y) B(a,y) ⟨a,b⟩")
ALPHA, BETA = p * p, q * q


@cache
def eigenvectors() -> list[Verdict]:
    """Return that b is an eigenvector (B(b,y) = 0 for y ⊥ b), likewise a, and that a ⊥ b.

    On the sphere, f at b + t·y divided by 1 + t²‖y‖² is at most M; at t = B(b,y)/(κ+1), κ = M‖y‖² − f(y), that says so.
    """
    t, kappa, cross = reals("t κ B(b,y)")
    tangent: dict[str, Hypothesis] = {
        "M + 2t·B(b,y) + t²·f(y) ≤ M·(1 + t²‖y‖²)": 2 * t * cross <= t * t * kappa,
        "t = B(b,y)/(κ+1)": t * (kappa + 1) == cross,
        "κ ≥ 0": kappa >= 0,
    }
    first = prove("B(b,y) = 0 for y ⊥ b", cross == 0, given=tangent)
    orthogonal: dict[str, Hypothesis] = {
        "B(b,a) = M·⟨a,b⟩": b_a == M * dot,
        "B(b,a) = m·⟨a,b⟩": b_a == m * dot,
        "m < M": m < M,
    }
    at_a, kappa_a, t_a = reals("B(a,y) κ′ t′")
    mirrored: dict[str, Hypothesis] = {
        "m + 2t·B(a,y) + t²·f(y) ≥ m·(1 + t²‖y‖²)": 2 * t_a * at_a >= -t_a * t_a * kappa_a,
        "t = −B(a,y)/(κ+1)": t_a * (kappa_a + 1) == -at_a,
        "κ = f(y) − m‖y‖² ≥ 0": kappa_a >= 0,
    }
    second = prove("B(a,y) = 0 for y ⊥ a", at_a == 0, given=mirrored, by=[
        at(first, {t: t_a, kappa: kappa_a, cross: -at_a})])  # fmt: skip
    return [first, second, prove("a and b are orthogonal", dot == 0, given=orthogonal)]


@cache
def sound() -> Verdict:
    """Return that f(x) lies in M·α + m·β + (1−α−β)·[m, M]."""
    given: dict[str, Hypothesis] = {
        "f(pb + qa + y) by bilinearity": f_x
        == ALPHA * M + BETA * m + f_y + 2 * p * q * b_a + 2 * p * b_y + 2 * q * a_y,
        "B(b,a) = 0": b_a == 0,
        "B(b,y) = 0": b_y == 0,
        "B(a,y) = 0": a_y == 0,
        "m‖y‖² ≤ f(y) ≤ M‖y‖²": between(m * rest, f_y, M * rest),
        "‖y‖² = 1 − α − β": rest == 1 - ALPHA - BETA,
    }
    base, length = ALPHA * M + BETA * m, 1 - ALPHA - BETA
    return prove("f(x) ∈ M·α + m·β + (1−α−β)·[m, M]", between(base + length * m, f_x, base + length * M), given=given)


@cache
def tight() -> list[Verdict]:
    """Return that M·⟨b,z⟩² + m·⟨a,z⟩² + μ·(1 − ⟨b,z⟩² − ⟨a,z⟩²), μ ∈ [m, M], has φ and takes every such value at x."""
    mu, on_b, on_a = reals("μ ⟨b,z⟩² ⟨a,z⟩²")
    member = M * on_b + m * on_a + mu * (1 - on_b - on_a)
    shares: dict[str, Hypothesis] = {
        "⟨b,z⟩² ≥ 0": on_b >= 0,
        "⟨a,z⟩² ≥ 0": on_a >= 0,
        "⟨b,z⟩² + ⟨a,z⟩² ≤ 1": on_b + on_a <= 1,
        "m ≤ μ": m <= mu,
        "μ ≤ M": mu <= M,
    }
    products = [
        at(factors_keep_order(), {less: low, more: high, factor: part})
        for low, high, part in (
            (mu, M, on_b),
            (m, mu, on_a),
            (m, mu, 1 - on_b - on_a),
            (mu, M, 1 - on_b - on_a),
            (m, M, on_a),
            (m, M, on_b),
        )
    ]
    ends = every(M * 1 + m * 0 + mu * (1 - 1 - 0) == M, M * 0 + m * 1 + mu * (1 - 0 - 1) == m)
    base, length = M * on_b + m * on_a, 1 - on_b - on_a
    ends_of = {"0 ≤ λ ≤ 1": between(0, share, 1), "m ≤ M": m <= M}
    mixed: dict[str, Hypothesis] = {"(1−λ)·low + λ·high = v": mix(share, base + length * m, base + length * M) == v}
    chosen = mix(share, m, M)
    return [
        prove("the form has φ", every(between(m, member, M), ends), given=shares, by=products),
        prove("μ = (1−λ)·m + λ·M lies in [m, M]", between(m, chosen, M), given=ends_of),
        prove("it gives the value v at x", base + chosen * length == v, given=mixed),
    ]


@proof_of("quadratic")
def quadratic() -> Proof:
    """Prove the interval, and the order of two points."""
    bounds, (phi, *value) = sound(), tight()
    signs, vector, at_most, attained, sign = *eigenvalues(), *order()
    tangent, tangent_a, orthogonal = eigenvectors()
    wider = f_x <= ALPHA * M + BETA * m + rest * M * 9 / 10
    mutants = [
        mutant(bounds, "(1−α−β)·M replaced by 0.9·(1−α−β)·M", claim=wider, small=every(UNIT, p == 0, q == 0)),
        mutant(bounds, "B(b,y) = 0 dropped", without=["B(b,y) = 0"], small=every(UNIT, q == 0, p * 2 == 1)),
        mutant(phi, "μ ≤ M dropped", without=["μ ≤ M"], small=UNIT),
        mutant(at_most, "μ ≤ 0 dropped", without=["μ ≤ 0"], small=every(UNIT, LENGTHS)),
        mutant(attained, "B(g,g) = m dropped", without=["B(g,g) = m"], small=every(UNIT, LENGTHS)),
        mutant(orthogonal, "m < M dropped", without=["m < M"], small=every(m == 0, M == 0)),
    ]
    steps = [
        tangent,
        tangent_a,
        orthogonal,
        bounds,
        phi,
        mixtures_attain(),
        *value,
        signs,
        vector,
        at_most,
        attained,
        sign,
    ]
    return Proof(steps, mutants)
