"""The curse of dimension: how little of the cube a visualization tells about."""

from fvproof.theory.statement import FVPROOF, Statement

DIMENSION: tuple[Statement, ...] = (
    Statement(
        "dimension-convex",
        "The curse of dimension, convex",
        "convex",
        ("x uniform on I", "a ∉ G, m < M"),
        "t_a(x) ≤ s has the probability s^d for every s in [0, 1], so that E t_a = 1 − ∫ s^d ds = d/(d+1), the "
        "expected radius is d/(d+1)·(M−m)/2, and the side is known with probability 2^(−d). (The face G of b, where f "
        "is known, has the probability 0.)",
        r"P(t_a(x) \le s) = s^d,\qquad \mathbb{E}\,r = \tfrac{d}{d+1} \cdot \tfrac{M-m}{2}",
        FVPROOF,
    ),
    Statement(
        "dimension-affine",
        "The curse of dimension, affine",
        "affine",
        ("a and b opposite corners", "x uniform on I", "m < M"),
        "max u ≤ s has the probability s^d and min u > s the probability (1−s)^d, so that the expected radius is "
        "(d−1)/(d+1)·(M−m)/2, and the side is known with probability 2^(1−d).",
        r"\mathbb{E}\,r = \tfrac{d-1}{d+1} \cdot \tfrac{M-m}{2},\qquad P(\text{side}) = 2^{1-d}",
        FVPROOF,
    ),
)
