"""The order task for quadratic forms on the sphere: f(x) − f(y) is what the form makes of one symmetric matrix.

x = p·b + q·a + x′ with x′ orthogonal to both, likewise y; α = p², β = q². On what is orthogonal to a and b the form is
any B with m‖z‖² ≤ B(z, z) ≤ M‖z‖², and x′x′ᵀ − y′y′ᵀ has an eigenvalue λ ≥ 0, one μ ≤ 0, and else 0.
"""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.terms import POINT, every, function, iff, points, reals

SPECTRAL = Assumption(
    "spectral", "x′x′ᵀ − y′y′ᵀ = λ·eeᵀ + μ·ggᵀ for orthonormal eigenvectors e and g, as for any symmetric matrix"
)
x_off, y_off = points("x′ y′")
form, first_value, last_value = (function(name, 2) for name in ("B(·,·)", "λ(·,·)", "μ(·,·)"))
e, g = (function(name, 2, POINT)(x_off, y_off) for name in ("e(·,·)", "g(·,·)"))
top, bottom, on_first, on_second = first_value(x_off, y_off), last_value(x_off, y_off), form(e, e), form(g, g)
"""The eigenvalues of x′x′ᵀ − y′y′ᵀ, and the form at its eigenvectors."""
alpha_x, alpha_y, beta_x, beta_y = reals("α_x α_y β_x β_y")
square_x, square_y, inner = reals("‖x′‖² ‖y′‖² ⟨x′,y′⟩")
largest, other, root, gap = reals("λ μ √ f(x)−f(y)")
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
        "λ + μ = ‖x′‖² − ‖y′‖²": top + bottom == square_x - square_y,
        "α_x + β_x + ‖x′‖² = 1": alpha_x + beta_x + square_x == 1,
        "α_y + β_y + ‖y′‖² = 1": alpha_y + beta_y + square_y == 1,
    }
    split: dict[str, Hypothesis] = {
        "f(x)−f(y) along a and b, and off them": gap
        == M * (alpha_x - alpha_y) + m * (beta_x - beta_y) + form(x_off, x_off) - form(y_off, y_off),
    }
    bounds: dict[str, Hypothesis] = {
        "λ ≥ 0": top >= 0,
        "μ ≤ 0": bottom <= 0,
        "B(e,e) ≤ M": on_first <= M,
        "m ≤ B(g,g)": m <= on_second,
    }
    products = [
        at(factors_keep_order(), {less: on_first, more: M, factor: top}),
        at(factors_keep_order(), {less: m, more: on_second, factor: -bottom}),
    ]
    most = (M - m) * (alpha_x - alpha_y + top)
    ends: dict[str, Hypothesis] = {"B(e,e) = M": on_first == M, "B(g,g) = m": on_second == m}
    given = {**split, **lengths}
    along = Assumed(SPECTRAL, form(x_off, x_off) - form(y_off, y_off) == top * on_first + bottom * on_second)
    return [
        prove("f(x) − f(y) ≤ (M−m)·(α_x − α_y + λ)", gap <= most, given={**given, **bounds}, by=[*products, along]),
        prove("some form attains it", gap == most, given={**given, **ends}, by=[along]),
        prove("(M−m)·s ≤ 0 iff s ≤ 0", iff((M - m) * gap <= 0, gap <= 0), given={"m < M": m < M}),
    ]
