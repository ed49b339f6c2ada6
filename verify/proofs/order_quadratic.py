"""The order task for quadratic forms on the sphere: f(x) − f(y) is what the form makes of one symmetric matrix.

x = p·b + q·a + x′ with x′ orthogonal to both, likewise y; α = p², β = q². On what is orthogonal to a and b the form is
any B with m‖z‖² ≤ B(z, z) ≤ M‖z‖², and x′x′ᵀ − y′y′ᵀ has an eigenvalue λ ≥ 0, one μ ≤ 0, and else 0.
"""

from functools import cache

from verify.kernel import prove
from verify.obligation import Assumed, Hypothesis, at
from verify.proofs.distances import factor, factors_keep_order, less, more
from verify.proofs.notation import M, m
from verify.terms import TRUE, every, iff, reals
from verify.verdict import Assumption, Verdict

SPECTRAL = Assumption("spectral", "a symmetric matrix has orthonormal eigenvectors")
alpha_x, alpha_y, beta_x, beta_y = reals("α_x α_y β_x β_y")
square_x, square_y, inner = reals("‖x′‖² ‖y′‖² ⟨x′,y′⟩")
largest, other, root, gap, on_first, on_second = reals("λ μ √ f(x)−f(y) B(e,e) B(g,g)")
LENGTHS = every(*(length >= 0 for length in (alpha_x, alpha_y, beta_x, beta_y, square_x, square_y)))
"""Makes models read like points of the sphere."""


@cache
def eigenvalues() -> list[Verdict]:
    """Return the two eigenvalues of x′x′ᵀ − y′y′ᵀ, and that (⟨x′,y′⟩, λ − ‖x′‖²) are an eigenvector's coordinates."""
    given: dict[str, Hypothesis] = {
        "√ ≥ 0": root >= 0,
        "√² = (‖x′‖²−‖y′‖²)² + 4(‖x′‖²‖y′‖²−⟨x′,y′⟩²)": root * root
        == (square_x - square_y) * (square_x - square_y) + 4 * (square_x * square_y - inner * inner),
        "⟨x′,y′⟩² ≤ ‖x′‖²‖y′‖²": inner * inner <= square_x * square_y,
        "λ = (‖x′‖²−‖y′‖²+√)/2": largest * 2 == square_x - square_y + root,
        "μ = (‖x′‖²−‖y′‖²−√)/2": other * 2 == square_x - square_y - root,
    }
    signs = every(largest >= 0, other <= 0, largest + other == square_x - square_y)
    of_length: dict[str, Hypothesis] = {
        "λ² = (‖x′‖²−‖y′‖²)·λ + ‖x′‖²‖y′‖²−⟨x′,y′⟩²": largest * largest
        == (square_x - square_y) * largest + square_x * square_y - inner * inner
    }
    first, second = inner, largest - square_x
    image = every(
        first * square_x + second * inner == largest * first,
        -(first * inner + second * square_y) == largest * second,
    )
    return [
        prove("λ ≥ 0 ≥ μ and λ + μ = ‖x′‖² − ‖y′‖²", signs, given=given),
        prove("λ is an eigenvalue of x′x′ᵀ − y′y′ᵀ", image, given=of_length),
    ]


@cache
def order() -> list[Verdict]:
    """Return that f(x) ≤ f(y) for every form with φ iff α_x − α_y + λ ≤ 0."""
    lengths: dict[str, Hypothesis] = {
        "λ + μ = ‖x′‖² − ‖y′‖²": largest + other == square_x - square_y,
        "α_x + β_x + ‖x′‖² = 1": alpha_x + beta_x + square_x == 1,
        "α_y + β_y + ‖y′‖² = 1": alpha_y + beta_y + square_y == 1,
    }
    form: dict[str, Hypothesis] = {
        "f(x)−f(y) along a, b and the eigenvectors e, g": gap
        == M * (alpha_x - alpha_y) + m * (beta_x - beta_y) + largest * on_first + other * on_second,
    }
    bounds: dict[str, Hypothesis] = {
        "λ ≥ 0": largest >= 0,
        "μ ≤ 0": other <= 0,
        "B(e,e) ≤ M": on_first <= M,
        "m ≤ B(g,g)": m <= on_second,
    }
    products = [
        at(factors_keep_order(), {less: on_first, more: M, factor: largest}),
        at(factors_keep_order(), {less: m, more: on_second, factor: -other}),
    ]
    most = (M - m) * (alpha_x - alpha_y + largest)
    ends: dict[str, Hypothesis] = {"B(e,e) = M": on_first == M, "B(g,g) = m": on_second == m}
    given = {**form, **lengths}
    by = [*products, Assumed(SPECTRAL, TRUE)]
    return [
        prove("f(x) − f(y) ≤ (M−m)·(α_x − α_y + λ)", gap <= most, given={**given, **bounds}, by=by),
        prove("some form attains it", gap == most, given={**given, **ends}),
        prove("(M−m)·s ≤ 0 iff s ≤ 0", iff((M - m) * gap <= 0, gap <= 0), given={"m < M": m < M}),
    ]
