"""What holds for every class: the minimax lemma, the uninformed decoder, spikes and what they memorise."""

from fvproof.theory.statement import FVPROOF, PAPER, Statement

FOUNDATIONS = (
    Statement(
        "minimax",
        "The minimax lemma",
        "",
        ("A_C(φ, x) is an interval with ends low ≤ high, each open or closed",),
        "The least error that a decoder can guarantee at x is the radius r of A = A_C(φ, x), whether or not the ends "
        "belong to A. The midpoint attains it; random answers do not help. exact is solvable iff r = 0; approximate "
        "iff r < (M−m)/2, or r = 0 (an exact answer counts, where m = M); side iff A lies within [m, (m+M)/2) or "
        "within [(m+M)/2, M].",
        r"\inf_D \sup_{f \in C,\, \varphi \in \Phi(f)} |D(\varphi)(x) - f(x)| = r_C(\varphi, x)",
        FVPROOF,
    ),
    Statement(
        "proposition-1",
        "The uninformed decoder",
        "",
        ("m ≤ f(x) ≤ M",),
        "Answering (m+M)/2 everywhere errs by (M−m)/2 at most, whatever f is.",
        r"\left|\tfrac{m+M}{2} - f(x)\right| \le \tfrac{M-m}{2}",
        f"{PAPER}, Proposition 1",
    ),
    Statement(
        "spike",
        "A simple ReLU network",
        "ReLU networks",
        ("k > 0", "‖·‖ is any distance; ℓ1 for the network"),
        "The spike ReLU(1 − k·‖z−c‖) is 1 at c only, 0 from the distance 1/k on, and k-Lipschitz; 2d hidden units "
        "compute ‖z−c‖₁. Spikes at points with k·‖c−c'‖ ≥ 2 are disjoint.",
        r"s_{c,k}(z) = \mathrm{ReLU}(1 - k\,\|z - c\|_1)",
        f"{PAPER}, Lemma 1",
    ),
    Statement(
        "memorising-network",
        "Networks that memorise",
        "ReLU networks",
        ("spikes s_j at distinct points c_j, far enough apart to be disjoint", "lowest ≤ β ≤ highest"),
        "The network f = β + Σ_j (v_j − β)·s_j takes the value v_j at c_j, stays between the least and the greatest "
        "of β and the v_j, takes its extrema at the c_j only (where β is neither), and is k·Σ|v_j − β|-Lipschitz.",
        r"f(z) = \beta + \sum_j (v_j - \beta)\, s_{c_j,k}(z)",
        f"{PAPER}, Lemma 2",
    ),
    Statement(
        "interpolation",
        "One ReLU for each point",
        "ReLU networks",
        ("n distinct points z_1, …, z_n", "values v_1, …, v_n"),
        "A network of one hidden layer with n ReLUs takes the value v_j at each z_j, and stays between the least and "
        "the greatest of the values everywhere.",
        r"f(z) = v_1 + \sum_{j=1}^{n} (s_j - s_{j-1})\,\mathrm{ReLU}(\langle w, z\rangle - t_j)",
        FVPROOF,
    ),
    Statement(
        "three-units",
        "Three hidden ReLUs suffice",
        "ReLU networks",
        ("a ≠ b", "x ∉ {a, b}", "m ≤ v ≤ M"),
        "A network of one hidden layer with three ReLUs has the visualization φ and the value v at x. For m < M no "
        "decoder beats the uninformed one on such networks, and none tells the side.",
        r"A_C(\varphi, x) = [m, M]\ \text{for the networks of one hidden layer with three ReLUs}",
        FVPROOF,
    ),
    Statement(
        "two-units",
        "Two hidden ReLUs do not suffice",
        "ReLU networks",
        ("a ≠ b and m < M", "x ∉ {a, b}", "one hidden layer with at most two ReLUs"),
        "Every value in [m, M] is possible at x, unless x lies on the line through a and b, beyond b, and this line "
        "goes on beyond a within the cube too: then exactly the values from M − t·(M−m) to M are, where x lies the "
        "share t of the way from b to the border of the cube. Likewise beyond a, from m to m + t·(M−m).",
        r"A(\varphi, x) = [M - t_b(x)(M-m),\ M]\ \text{beyond } b,\qquad [m,\ m + t_a(x)(M-m)]\ \text{beyond } a,"
        r"\qquad [m, M]\ \text{elsewhere}",
        FVPROOF,
    ),
    Statement(
        "one-unit",
        "One hidden ReLU",
        "ReLU networks",
        (
            "m < M",
            "x ∉ {a, b}",
            "one hidden ReLU",
            "in a coordinate in which a and b differ, b is 0 or 1 (for the first set), or a is (for the second)",
        ),
        "Possible at x are exactly the values from m to m + max(0, 1−ρ)·(M−m), where ρ is the least "
        "|x_i−b_i|/|a_i−b_i| over the coordinates in which a and b differ and b is 0 or 1 (M alone on the smallest "
        "face on which b lies); and, with a and b exchanged, from M − max(0, 1−ρ)·(M−m) to M. Without such a "
        "coordinate no network has φ.",
        r"A(\varphi, x) = [m,\ m + (1-\rho_b(x))^+(M-m)] \cup [M - (1-\rho_a(x))^+(M-m),\ M]",
        FVPROOF,
    ),
    Statement(
        "average",
        "Good on average is no way out",
        "ReLU networks",
        ("a ≠ b and m ≤ M", "x_1, …, x_n are distinct and not in {a, b}", "the decoder is deterministic"),
        "One network of one hidden layer with n + 2 ReLUs has the visualization φ and makes the decoder err by (M−m)/2 "
        "at least on every one of the n inputs, hence on average too.",
        r"\exists f\; \forall j:\ |D(\varphi)(x_j) - f(x_j)| \ge \tfrac{M-m}{2}",
        FVPROOF,
    ),
    Statement(
        "distances",
        "The norms give distances",
        "",
        ("‖·‖ is ℓ1, ℓ2 or ℓ∞",),
        "‖q−p‖ is ≥ 0, zero for equal points only, symmetric, and has the triangle inequality. The climb ‖(q−p)⁺‖ is "
        "≥ 0, zero iff q ≤ p, at most ‖q−p‖, and has the triangle inequality: the axioms that the Lipschitz rows rest "
        "on.",
        r"\|r-p\| \le \|q-p\| + \|r-q\|,\qquad \|(r-p)^+\| \le \|(q-p)^+\| + \|(r-q)^+\|",
        FVPROOF,
    ),
)
