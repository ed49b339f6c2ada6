"""Theorems that a solver proves, and that have no certificate yet: the list only gets shorter."""

UNCERTIFIED: tuple[str, ...] = (
    "(Σst)² ≤ Σs²·Σt² for s = q−p, t = r−q: with one more coordinate",
    "2·C·s·t ≤ A·t² + B·s²",
    "Lipschitz: the function halfway has φ and v at x",
    "beyond a, units open to the left: f(x) ≤ m + (s/q)·(M−m)",
    "beyond a, units open to the right: f(x) ≤ m + (s/q)·(M−m)",
    "else s > t is among the joint values",
    "for m < v < M its extrema are unique",
    "monotone and Lipschitz: the function halfway has φ and v at x",
    "no decoder beats the uninformed one, none tells the side",
    "t_a is convex and in [0, 1]: with one more coordinate",
    "the extension has φ, s at x and t at y",
    "the greatest ratio rises, from 0 to 1, and is K-Lipschitz: with one more coordinate",
    "the least ratio rises, from 0 to 1, and is K-Lipschitz: with one more coordinate",
    "three ReLUs have φ and the value v at x",
    "ℓ(x) − ℓ(b) ≤ ρ·(ℓ(a) − ℓ(b)): with one more coordinate",
)
