"""What follows from the rows."""

from fvproof.theory.statement import FVPROOF, PAPER, Statement

COROLLARIES: tuple[Statement, ...] = (
    Statement(
        "black-box-everywhere",
        "One function defeats a decoder everywhere",
        "black box",
        ("a ≠ b and m < M",),
        "For every decoder there is one function with visualization φ on which, at every x ∉ {a, b}, it errs by "
        "(M−m)/2 at least and answers on the wrong side of (m+M)/2. For every decoder that answers about the side "
        "alone there is one on which it is wrong at every such x.",
        r"\forall D\ \exists f:\ \varphi \in \Phi(f) \wedge \forall x \notin \{a, b\}:\ "
        r"|D(\varphi)(x) - f(x)| \ge \tfrac{M-m}{2}",
        f"{PAPER}, section 4",
    ),
    Statement(
        "randomized-decoders",
        "Randomized decoders",
        "",
        ("a decoder answers with a distribution",),
        "On one of two twins with the values low and high the expected error is the radius at least. Where low < "
        "(m+M)/2 ≤ high, the answer about the side is wrong with probability 1/2 at least on one of them.",
        r"\max(\mathbb{E}|P - \mathrm{low}|,\ \mathbb{E}|P - \mathrm{high}|) \ge r_C(\varphi, x)",
        FVPROOF,
    ),
    Statement(
        "small-lipschitz-constants",
        "Small Lipschitz constants are the exception",
        "L-Lipschitz",
        ("L > 0", "m < M", "M−m ≤ L·‖a−b‖"),
        "A decoder beats the uninformed one at x iff min(‖x−a‖, ‖x−b‖) < (M−m)/L, that is in two balls around a and "
        "b; everywhere iff L·R < M−m for R = max over I of that minimum. Off a and b, f(x) is known iff L·(‖x−a‖ + "
        "‖x−b‖) = M−m: only for the smallest L, (M−m)/‖a−b‖, and then at the points between a and b, where f = m + "
        "s·(M−m) on the segment.",
        r"r_C(\varphi, x) < \tfrac{M-m}{2} \iff \min(\|x-a\|, \|x-b\|) < \tfrac{M-m}{L}",
        f"{PAPER}, section 4; the exact conditions: {FVPROOF}",
    ),
    Statement(
        "order-free",
        "The order of two points, without structure",
        "black box, continuous, ReLU and ERM networks, piecewise affine",
        (
            "a ≠ b and m < M",
            "x ≠ y, both outside {a, b}",
            "for ERM networks: x, y ∉ S, labels in [m, M] and consistent with φ",
        ),
        "Both f(x) < f(y) and f(x) > f(y) are possible, each for a member with visualization φ, which a network takes "
        "with every label of S: the order is never known.",
        r"\exists f, g:\ f(x) < f(y),\ g(x) > g(y)",
        FVPROOF,
    ),
    Statement(
        "order-monotone",
        "The order of two points, monotone",
        "monotone",
        ("not a ≥ b", "m < M"),
        "f(x) ≤ f(y) for every member iff x ≤ y, or x ≤ a, or y ≥ b.",
        r"x \le y \ \vee\ x \le a \ \vee\ y \ge b",
        FVPROOF,
    ),
    Statement(
        "order-affine",
        "The order of two points, affine",
        "affine",
        ("some i has {a_i, b_i} = {0, 1}", "m < M"),
        "f(x) ≤ f(y) for every member iff u_i(x) ≤ u_i(y) for all i with {a_i, b_i} = {0, 1}: the order is known "
        "iff u(x) − u(y) has no two coordinates of opposite sign.",
        r"u(x) \le u(y)",
        FVPROOF,
    ),
    Statement(
        "order-lipschitz",
        "The order of two points, Lipschitz",
        "L-Lipschitz",
        ("L > 0", "M−m ≤ L·‖a−b‖", "x ≠ y"),
        "(f(x), f(y)) takes all values s ∈ A(x), t ∈ A(y) with |s−t| ≤ L·‖x−y‖, so that f(x) ≤ f(y) for every "
        "member iff the largest value at x is at most the least value at y.",
        r"\min(M, m + L\|x-a\|) \le \max(m, M - L\|y-b\|)",
        FVPROOF,
    ),
    Statement(
        "order-monotone-lipschitz",
        "The order of two points, monotone and Lipschitz",
        "monotone and L-Lipschitz",
        ("L > 0", "M−m ≤ L·‖(b−a)⁺‖"),
        "f(x) ≤ f(y) for every member iff x ≤ y or the largest value at x is at most the least value at y.",
        r"x \le y \ \vee\ \min(M, m + L\|(x-a)^+\|) \le \max(m, M - L\|(b-y)^+\|)",
        FVPROOF,
    ),
    Statement(
        "order-convex",
        "The order of two points, convex and concave",
        "convex, concave",
        ("a outside the smallest face G that holds b (concave: b outside that of a)", "m < M"),
        "Convex: f(x) ≤ f(y) for every member iff x lies on the segment from a to y, or y ∈ G. Concave, the mirror: "
        "iff y lies on the segment from b to x, or x ∈ G.",
        r"x \in [a, y] \ \vee\ y \in G",
        FVPROOF,
    ),
    Statement(
        "unique-extrema",
        "Unique extrema",
        "Lipschitz, monotone, both, affine, convex",
        ("f is m at a only and M at b only", "x ∉ {a, b}", "m < M"),
        "m and M are no values at x. Lipschitz: every other value of the row is one; so for monotone Lipschitz "
        "functions, where a = 0 and b = 1. Monotone: a = 0, b = 1, and the set is (m, M). Affine: {a_i, b_i} = {0, 1} "
        "for every i, and both ends are open unless they meet. Convex: b is a corner, the lower end is open, the upper "
        "one too unless x lies on the segment from a to b, where it is attained.",
        r"m < f(x) < M",
        FVPROOF,
    ),
)
