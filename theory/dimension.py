"""The curse of dimension in closed form: how little a visualization tells about an input drawn at random.

x is uniform on the cube. Radii are shares of (M − m)/2, the uninformed decoder's error: 0 is exact, 1 is hopeless. The
number of inputs may be an integer or a symbol; formulas in it come from SymPy's integrals.
"""

from fractions import Fraction
from functools import cache

import sympy

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.numbers import exact
from fvproof.theory.visualization import Visualization

D = sympy.Symbol("d", integer=True, positive=True)
"""The number of inputs."""
S = sympy.Symbol("s", positive=True)
"""The variable of integration."""


def affine_radius(d: int | sympy.Expr = D) -> sympy.Expr:
    """Return the expected radius for affine functions between opposite corners, (d − 1)/(d + 1).

    The u_i are independent and uniform, and E[max u − min u] = ∫ P(min u ≤ s < max u) ds = ∫ (1 − s^d − (1 − s)^d) ds.
    If only k coordinates are 0 at one extremum and 1 at the other, k takes the place of d.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> affine_radius(), f"{float(affine_radius(224 * 224 * 3)):.4%}"
    ((d - 1)/(d + 1), '99.9987%')
    """
    return _integral(1 - S**D - (1 - S) ** D).subs(D, _number(d))


def affine_side(d: int | sympy.Expr = D) -> sympy.Expr:
    """Return the probability 2^(1 − d) that the side is solvable for affine functions between opposite corners.

    All u_i are at least 1/2, or all are below.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> affine_side(3)
    1/4
    """
    return 2 * sympy.Rational(1, 2) ** _number(d)


def convex_radius(d: int | sympy.Expr = D) -> sympy.Expr:
    """Return the expected radius for convex functions, d/(d + 1), whatever φ is.

    The points with t_a(x) ≤ s are the cube shrunk by s towards a: P(t_a(x) ≤ s) = s^d, and E[t_a] = ∫ (1 − s^d) ds.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> convex_radius(), convex_radius(4)
    (d/(d + 1), 4/5)
    """
    return _integral(1 - S**D).subs(D, _number(d))


def convex_side(d: int | sympy.Expr = D) -> sympy.Expr:
    """Return the probability 2^(−d) that the side is solvable for convex functions: P(t_a(x) < 1/2).

    Source
    ------
    fvproof.

    Examples
    --------
    >>> convex_side(2)
    1/4
    """
    return sympy.Rational(1, 2) ** _number(d)


def monotone_radius(phi: Visualization) -> Fraction:
    """Return the expected radius for monotone functions, 1 − P(x ≤ a) − P(x ≥ b) = 1 − Π a_i − Π (1 − b_i).

    Source
    ------
    fvproof.

    Examples
    --------
    >>> monotone_radius(Visualization(["1/2", "1/2"], [1, "1/2"], 0, 1))
    Fraction(3, 4)
    """
    below = above = Fraction(1)
    for a, b in zip(phi.argmin, phi.argmax, strict=True):
        below, above = below * Fraction(a), above * (1 - Fraction(b))
    return 1 - below - above


def quadratic_radius(d: int | sympy.Expr = D) -> sympy.Expr:
    """Return the expected radius (d − 2)/d for quadratic forms on the sphere, x uniform there.

    α = ⟨b, x⟩² and β = ⟨a, x⟩² have mean 1/d each, as the d squared coordinates in any orthonormal basis sum to 1.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> quadratic_radius(2), quadratic_radius(8)
    (0, 3/4)
    """
    return sympy.simplify(1 - 2 / _number(d))


def ball_volume(d: int, radius: object, norm: str = Norm.L2) -> sympy.Expr:
    """Return the volume of a ball of ℝ^d in the norm: (2r)^d/d! for ℓ1, π^(d/2) r^d/Γ(d/2 + 1) for ℓ2, (2r)^d for ℓ∞.

    Examples
    --------
    >>> ball_volume(2, "1/2"), ball_volume(3, 1, "l1")
    (pi/4, 4/3)
    """
    r, n = sympy.Rational(str(exact(radius, name="the radius"))), _number(d)
    match Norm(norm):
        case Norm.L1:
            return (2 * r) ** n / sympy.factorial(n)
        case Norm.L2:
            return sympy.pi ** (n / 2) * r**n / sympy.gamma(n / 2 + 1)
        case Norm.LINF:
            return (2 * r) ** n


def lipschitz_volume(d: int, spread: object, lipschitz: object, norm: str = Norm.L2) -> sympy.Expr:
    """Return a bound on the volume where a decoder of L-Lipschitz functions beats the uninformed one.

    That is where ‖x − a‖ or ‖x − b‖ is below (M − m)/L: at most two balls, and at most the cube.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> f"{float(lipschitz_volume(100, 1, 1)):.1e}"
    '4.7e-40'
    """
    radius = exact(spread, name="the spread") / _positive(lipschitz, "the Lipschitz constant")
    return sympy.Min(1, 2 * ball_volume(d, radius, norm))


def exemplars_needed(d: int, error: object, lipschitz: object, spread: object = 1, norm: str = Norm.L2) -> int:
    """Return how many exemplars a decoder of L-Lipschitz functions needs at least to err by ε < (M − m)/2 or less.

    Let f be (m + M)/2 but for cones at a and b. At an x that is neither within ε/L of an exemplar nor within
    ((M − m)/2 + ε)/L of a or b, the radius exceeds ε. So these balls cover the cube, and their volumes add up to 1 at
    least: the number grows exponentially with d once the balls around a and b are small.

    Raises
    ------
    DomainError
        If ε or L is not positive, or ε is not below (M − m)/2.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> [exemplars_needed(d, "1/10", 4, norm="linf") for d in (2, 4, 8)]
    [328, 157408, 25596640768]
    """
    epsilon, constant, rise = (
        _positive(error, "the error"),
        _positive(lipschitz, "the Lipschitz constant"),
        exact(spread),
    )
    if not 2 * epsilon < rise:
        raise DomainError(f"the error must be below half the spread, {rise / 2}, but is {epsilon}")
    rest = 1 - 2 * ball_volume(d, (rise / 2 + epsilon) / constant, norm)
    return max(0, int(sympy.ceiling(rest / ball_volume(d, epsilon / constant, norm))))


def _number(d: int | sympy.Expr) -> sympy.Expr:
    """Return the number of inputs for a formula."""
    if isinstance(d, int) and d < 1:
        raise DomainError(f"the number of inputs must be at least 1, not {d}")
    return sympy.sympify(d)


def _positive(value: object, name: str) -> Fraction:
    """Return a number as a positive fraction."""
    number = exact(value, name=name)
    if number <= 0:
        raise DomainError(f"{name} must be positive, but is {number}")
    return number


@cache
def _integral(integrand: sympy.Expr) -> sympy.Expr:
    """Return ∫₀¹ of an expression in s and d over s, as a formula in d."""
    return sympy.simplify(sympy.integrate(integrand, (S, 0, 1)))
