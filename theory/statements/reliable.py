"""What makes a visualization reliable: domains and structures under which it tells everything, or the order."""

from fvproof.theory.statements.statement import FVPROOF, Statement

RELIABLE: tuple[Statement, ...] = (
    Statement(
        "affine-domain",
        "Affine units on any convex body",
        "affine on a convex body K",
        ("a, b ∈ K", "m < M", "N(a), N(b) normal cones of K"),
        "f(x) takes the values m + (M−m)·⟨w, x−a⟩ for w ∈ N(b) ∩ −N(a) with ⟨w, b−a⟩ = 1, and no others; where N(b) "
        "is a ray (smooth bodies), that is one value.",
        r"A(\varphi, x) = m + (M-m)\,\{\langle w, x-a\rangle : w \in N_K(b) \cap -N_K(a),\ \langle w, b-a\rangle = 1\}",
        FVPROOF,
    ),
    Statement(
        "affine-ball",
        "Affine units on a ball",
        "affine on the ball of radius ρ around x₀",
        ("m < M",),
        "The visualization determines f, in every dimension: f(x) = (M+m)/2 + (M−m)/2·⟨b−x₀, x−x₀⟩/ρ².",
        r"f(x) = \tfrac{M+m}{2} + \tfrac{M-m}{2} \cdot \tfrac{\langle b - x_0,\, x - x_0\rangle}{\rho^2}",
        FVPROOF,
    ),
    Statement(
        "nearly-affine",
        "Nearly affine units on a ball",
        "|f − g| ≤ δ on the ball of radius ρ, g affine with slope w",
        ("w ≠ 0", "‖w‖ counted per radius: ρ times the slope"),
        "The decoder of the ball errs by 2δ + 2√(δ‖w‖) at most (a fortiori by 3δ + 2√(δ‖w‖)), and beats the "
        "uninformed one where δ < ‖w‖/9; where f is affine on the ball, δ = 0 and it is exact.",
        r"\left|\tfrac{M+m}{2} + \tfrac{M-m}{2}\langle b, x\rangle - f(x)\right| \le 2\delta + 2\sqrt{\delta\|w\|}",
        FVPROOF,
    ),
    Statement(
        "ridge",
        "Ridge units",
        "g(⟨w, x⟩) on a sphere, g strictly increasing",
        ("w ≠ 0",),
        "b = w/‖w‖, so that f(x) ≤ f(y) iff ⟨b, x⟩ ≤ ⟨b, y⟩: the order of any two points is known. With g unknown "
        "f(x) takes every value in (m, M) at x ≠ ±b; with g known f is known.",
        r"f(x) \le f(y) \iff \langle b, x\rangle \le \langle b, y\rangle",
        FVPROOF,
    ),
    Statement(
        "radial",
        "Radial (prototype) units",
        "h(‖x − p‖), h strictly decreasing",
        ("the prototype p lies in the domain",),
        "b = p, so that f(x) ≥ f(y) iff ‖x−b‖ ≤ ‖y−b‖: the order of any two points is known. With h unknown f(x) "
        "takes every value in (m, M) for 0 < ‖x−b‖ < ‖a−b‖; with h known f is known.",
        r"f(x) \ge f(y) \iff \|x-b\| \le \|y-b\|",
        FVPROOF,
    ),
    Statement(
        "quadratic",
        "Quadratic forms on the sphere",
        "xᵀAx on the unit sphere, A symmetric",
        ("m < M", "α = ⟨b, x⟩², β = ⟨a, x⟩²"),
        "f(x) takes the values M·α + m·β + (1−α−β)·[m, M], each for a form with visualization φ; a and b are "
        "orthogonal eigenvectors. f(x) ≤ f(y) for every such form iff α(x) − α(y) + λ ≤ 0, where λ ≥ 0 is the largest "
        "eigenvalue of x′x′ᵀ − y′y′ᵀ, and x′, y′ are the parts of x, y orthogonal to a and b.",
        r"A(\varphi, x) = M\alpha + m\beta + (1-\alpha-\beta)\,[m, M]",
        FVPROOF,
    ),
)
