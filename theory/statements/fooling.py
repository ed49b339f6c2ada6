"""How a network can be made to show anything."""

from fvproof.theory.statement import FVPROOF, PAPER, Statement

FOOLING: tuple[Statement, ...] = (
    Statement(
        "fooling-circuit",
        "The fooling circuit",
        "units computed by ReLUs",
        ("F and D lie in [lo, hi]", "c ≥ −lo", "k ≥ hi + c"),
        "A = F where the detector E is 0, A = D where it is 1; where E is 1 around the iterates of the optimiser, A "
        "rises as D does, so that the visualization of A is that of D.",
        r"A = \mathrm{ReLU}(F + c - kE) + \mathrm{ReLU}(D + c - k(1-E)) - c",
        f"{PAPER}, section 2",
    ),
    Statement(
        "fooling-circuit-soft",
        "The fooling circuit, imperfect detector",
        "units computed by ReLUs",
        ("F and D lie in [lo, hi]", "c ≥ −lo", "k·(1−ε) ≥ hi + c", "0 ≤ ε < 1"),
        "|A − F| ≤ k·ε where 0 ≤ E ≤ ε, and |A − D| ≤ k·ε where 1−ε ≤ E ≤ 1.",
        r"E \le \varepsilon \Rightarrow |A - F| \le k\varepsilon",
        FVPROOF,
    ),
    Statement(
        "silent-units",
        "Silent units with orthogonal filters",
        "units computed by ReLUs",
        ("w′ = w + λ·Δw, Δw ⊥ w", "b′ = −max over H of ⟨w′, h⟩"),
        "ReLU(⟨w′, h⟩ + b′) is 0 on the convex hull of H, so that adding it changes no output there, and positive "
        "wherever ⟨w′, h⟩ is larger than on H; where ⟨Δw, h*⟩ is, it exceeds every bound at h* for λ large enough.",
        r"\mathrm{ReLU}(\langle w', h\rangle + b') = 0 \text{ on } \mathrm{conv}\, H",
        f"{PAPER}, section 2; the convex hull: {FVPROOF}",
    ),
    Statement(
        "real-twins",
        "Twins of a real unit",
        "any K-Lipschitz unit u",
        ("k·|v − u(x)| ≥ K", "k·‖z−x‖ ≥ 1 for a, b and every other image z", "m < v < M"),
        "u + (v − u(x))·s_{x,k} takes the value v at x, agrees with u at every other image, stays in [m, M], and "
        "has its extrema where u has them.",
        r"u(z) + (v - u(x))\, s_{x,k}(z)",
        FVPROOF,
    ),
)
