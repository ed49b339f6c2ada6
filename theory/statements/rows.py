"""The rows of the table: for each class, the exact set of values that a unit can still take."""

from fvproof.theory.statements.statement import FVPROOF, PAPER, Statement

NO_GO = f"{PAPER}, section 4, Theorems 1 and 2"
VARIES = "a ≠ b and m < M, or m = M"
ELSEWHERE = "x ∉ {a, b}"
NOTHING = r"A_C(\varphi, x) = [m, M]"

ROWS = (
    Statement(
        "black-box",
        "All bounded functions",
        "black box",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a function with visualization φ; for unique extrema every "
        "value in (m, M). For m < M no decoder beats the uninformed one and none tells the side.",
        NOTHING,
        NO_GO,
    ),
    Statement(
        "relu-network",
        "Feed-forward ReLU networks",
        "ReLU networks",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a network of three spikes (for m = M, a constant) with "
        "visualization φ. For m < M no decoder beats the uninformed one and none tells the side.",
        NOTHING,
        NO_GO,
    ),
    Statement(
        "continuous",
        "Continuous functions",
        "continuous",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a continuous function with visualization φ. For m < M no "
        "decoder beats the uninformed one and none tells the side.",
        NOTHING,
        NO_GO,
    ),
    Statement(
        "smooth",
        "Infinitely smooth functions",
        "smooth",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a quotient of polynomials (Shepard's mean; for m = M, a "
        "constant) with visualization φ.",
        NOTHING,
        FVPROOF,
    ),
    Statement(
        "erm",
        "ReLU networks that minimise the empirical risk",
        "ReLU networks trained on S",
        (
            VARIES,
            "labels in [m, M] and consistent with φ",
            "x ∉ S ∪ {a, b}",
            "a loss ≥ 0 that is 0 for the right label",
        ),
        "Every value in [m, M] is possible at x, each for a network with visualization φ that takes every label of "
        "S, and so has the least risk. For m < M no decoder beats the uninformed one, though it knows S.",
        NOTHING,
        f"{PAPER}, section 4, Theorem 2",
    ),
    Statement(
        "lipschitz-unknown",
        "Lipschitz functions, constant unknown",
        "Lipschitz",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a network with visualization φ that has some Lipschitz "
        "constant.",
        NOTHING,
        NO_GO,
    ),
    Statement(
        "lipschitz",
        "Lipschitz functions, constant known",
        "L-Lipschitz",
        ("L ≥ 0", "M−m ≤ L·‖a−b‖", "‖·‖ is any distance"),
        "f(x) lies between max(m, M − L‖x−b‖) and min(M, m + L‖x−a‖); both ends are L-Lipschitz functions with "
        "visualization φ, and their mixtures attain every value between.",
        r"A_C(\varphi, x) = [\max(m, M - L\|x-b\|),\ \min(M, m + L\|x-a\|)]",
        f"{PAPER}, section 4; the interval: {FVPROOF}",
    ),
    Statement(
        "piecewise-affine",
        "Piecewise affine functions",
        "piecewise affine",
        (VARIES, ELSEWHERE),
        "Every value in [m, M] is possible at x, each for a function with visualization φ that is affine on "
        "finitely many pieces.",
        NOTHING,
        NO_GO,
    ),
    Statement(
        "two-piece-affine",
        "Two affine pieces between opposite corners",
        "at most two affine pieces",
        ("a and b are opposite corners", ELSEWHERE),
        "Every value in [m, M] is possible at x, each for the greater or the lesser of two affine functions with "
        "visualization φ. For other a and b the class's sets are tested against linear programs, not proved.",
        NOTHING,
        FVPROOF,
        "every d, opposite corners only",
    ),
    Statement(
        "monotone",
        "Monotone functions",
        "monotone",
        ("not a ≥ b, or m = M",),
        "f(x) = m where x ≤ a and M where x ≥ b; at every other x each value in [m, M] is possible, attained by "
        "mixtures of two monotone functions with visualization φ; Lipschitz ones, and so continuous ones, serve too.",
        r"A_C(\varphi, x) = \{m\} \text{ if } x \le a;\quad \{M\} \text{ if } x \ge b;\quad [m, M] \text{ else}",
        NO_GO,
    ),
    Statement(
        "affine",
        "Affine functions of more than one dimension",
        "affine",
        ("some i has {a_i, b_i} = {0, 1}, or m = M",),
        "f(x) lies in m + (M−m)·[min u_i, max u_i] with u_i = |x_i − a_i| over the i with {a_i, b_i} = {0, 1}; "
        "every value between is attained by an affine function of two of these coordinates with visualization φ.",
        r"A_C(\varphi, x) = m + (M-m)\,[\min_i u_i, \max_i u_i]",
        NO_GO,
    ),
    Statement(
        "convex",
        "Convex functions",
        "convex",
        ("a lies outside the smallest face G of the cube that holds b, or m = M", "t = t_a(x)"),
        "f(x) = M where x ∈ G; elsewhere f(x) lies in [m, m + t·(M−m)], and every value there is attained by a "
        "mixture of two convex functions with visualization φ.",
        r"A_C(\varphi, x) = \{M\} \text{ if } x \in G;\quad [m,\ m + t_a(x)\,(M-m)] \text{ else}",
        NO_GO,
    ),
    Statement(
        "affine-line",
        "Affine functions of one dimension",
        "affine",
        ("{a, b} = {0, 1}, or m = M",),
        "f is known everywhere: f(x) = m + (M−m)·|x−a|.",
        r"A_C(\varphi, x) = \{m + (M-m)\,|x-a|\}",
        f"{PAPER}, section 4",
        "d = 1",
    ),
    Statement(
        "constant",
        "Constant functions",
        "constant",
        ("m = M",),
        "f is known everywhere: f(x) = m.",
        r"A_C(\varphi, x) = \{m\}",
        f"{PAPER}, section 4",
    ),
    Statement(
        "monotone-lipschitz",
        "Monotone and Lipschitz functions, constant known",
        "monotone and L-Lipschitz",
        ("L ≥ 0", "M−m ≤ L·‖(b−a)⁺‖"),
        "f(x) lies between max(m, M − L‖(b−x)⁺‖) and min(M, m + L‖(x−a)⁺‖); both ends are members with "
        "visualization φ, and their mixtures attain every value between.",
        r"A_C(\varphi, x) = [\max(m, M - L\|(b-x)^+\|),\ \min(M, m + L\|(x-a)^+\|)]",
        FVPROOF,
    ),
    Statement(
        "concave",
        "Concave functions",
        "concave",
        ("b lies outside the smallest face G of the cube that holds a, or m = M", "t = t_b(x)"),
        "f(x) = m where x ∈ G; elsewhere f(x) lies in [M − t·(M−m), M], and every value there is attained: the "
        "convex row for m + M − f.",
        r"A_C(\varphi, x) = \{m\} \text{ if } x \in G;\quad [M - t_b(x)\,(M-m),\ M] \text{ else}",
        FVPROOF,
    ),
)
