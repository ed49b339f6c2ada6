"""What exemplars shown beside the visualization would add, and what an inexact optimiser takes away."""

from fvproof.theory.statement import FVPROOF, Statement

EXEMPLARS: tuple[Statement, ...] = (
    Statement(
        "exemplars-free",
        "Exemplars for networks",
        "black box, ReLU and ERM networks, piecewise affine",
        (
            "a ≠ b and m < M, or m = M",
            "x is none of a, b, z_1, …, z_n",
            "exemplars with values v_j ∈ [m, M], consistent with φ",
        ),
        "Every value in [m, M] is possible at x, whatever the exemplars show: no number of them helps.",
        r"A_C(\varphi, x \mid z_1, \dots, z_n) = [m, M]",
        FVPROOF,
    ),
    Statement(
        "exemplars-lipschitz",
        "Exemplars for Lipschitz functions",
        "L-Lipschitz",
        ("L ≥ 0", "values v_j consistent with L and φ"),
        "f(x) lies in the intersection of the intervals [v_j − L‖x−z_j‖, v_j + L‖x−z_j‖] with the row's, and every "
        "value there is attained. If all exemplars show (m+M)/2, an error ε < (M−m)/2 everywhere needs a, b or an "
        "exemplar near every x: the balls of radius ε/L around the exemplars, with two of radius ((M−m)/2 + ε)/L "
        "around a and b, cover I.",
        r"A(\varphi, x) = \bigcap_j [v_j - L\|x-z_j\|,\ v_j + L\|x-z_j\|] \cap [m, M]",
        FVPROOF,
    ),
    Statement(
        "exemplars-monotone",
        "Exemplars for monotone functions",
        "monotone",
        ("values v_j that do not contradict the order", "a and b among the z_j, with the values m and M"),
        "f(x) lies between the largest value below x (m where there is none) and the least above it (M where there is "
        "none), and every value there is attained (x joins the exemplars with it).",
        r"A(\varphi, x) = [\max_{z_j \le x} v_j,\ \min_{z_j \ge x} v_j]",
        FVPROOF,
    ),
    Statement(
        "exemplars-affine",
        "Exemplars for affine functions",
        "affine",
        ("x = Σ λ_j·z_j with Σ λ_j = 1",),
        "f(x) = Σ λ_j·v_j is known; d+1 exemplars in general position, a and b among them, settle f everywhere.",
        r"f\left(\sum_j \lambda_j z_j\right) = \sum_j \lambda_j v_j",
        FVPROOF,
    ),
    Statement(
        "exemplars-convex",
        "Exemplars for convex functions",
        "convex",
        (
            "λ_j ≥ 0 with Σ λ_j = 1; among the z_j any y ∈ I with the value M",
            "values v_j that no such combination undercuts",
        ),
        "f(x) ≤ Σ λ_j·v_j where x = Σ λ_j·z_j, and λ·f(x) ≥ v_i − Σ λ_j·v_j where z_i = λ·x + Σ λ_j·z_j: two linear "
        "programs. Their values are attained: the infimum over all combinations is a convex function with the values "
        "v_j, and x joins the exemplars with any value that undercuts none.",
        r"f(x) \le \sum_j \lambda_j v_j, \qquad \lambda f(x) \ge v_i - \sum_j \lambda_j v_j",
        FVPROOF,
    ),
    Statement(
        "noisy-exemplars",
        "Exemplars with errors",
        "Lipschitz, monotone, black box, networks",
        (
            "|f(z_j) − v_j| ≤ s_j, with a and b among the z_j (s = 0)",
            "f(q) − f(p) ≤ r(p, q) for all p and q: L‖p−q‖, L‖(q−p)⁺‖, or 0 for q ≤ p (q = p) and else no bound",
            "r ≥ 0 with r(p, p) = 0 and the triangle inequality",
        ),
        "Some member has all this iff v_i − s_i − (v_j + s_j) ≤ r(z_j, z_i) for all i, j and each [v_j − s_j, "
        "v_j + s_j] meets [m, M]. Then f(x) lies between the greatest of m and v_j − s_j − r(x, z_j) and the least of "
        "M and v_j + s_j + r(z_j, x), and every value there is attained.",
        r"A(\varphi, x) = \bigcap_j [v_j - s_j - r(x, z_j),\ v_j + s_j + r(z_j, x)] \cap [m, M]",
        FVPROOF,
    ),
    Statement(
        "approximate-visualization",
        "Approximate visualizations",
        "black box, networks, Lipschitz, affine, convex",
        ("m = f(a) ≤ min f + η", "M = f(b) ≥ max f − η", "for networks: a ≠ b and x ∉ {a, b}"),
        "Values lie in [m−η, M+η], and a and b become exemplars: networks take every value there at x; an "
        "L-Lipschitz f(x) lies between max(m−η, M − L‖x−b‖, m − L‖x−a‖) and min(M+η, m + L‖x−a‖, M + L‖x−b‖); an "
        "affine f(x), a and b opposite corners, between m + (M−m+η)·min u − η·max u and m + (M−m+η)·max u − η·min u; "
        "a convex f(x) between the linear programs of the exemplars with M+η for M; all attained. So a convex f(x) ≤ "
        "m + t·(M+η−m), and f(x) ≥ M − η/δ on the face of b where b + δ(b−x) lies in the cube.",
        r"A_\eta(\varphi, x) \subseteq [m-\eta,\ M+\eta]",
        FVPROOF,
    ),
)
