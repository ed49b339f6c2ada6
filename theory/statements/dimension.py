"""The curse of dimension: how little of the cube a visualization tells about."""

from theory.statements.statement import FVPROOF, Statement

DIMENSION: tuple[Statement, ...] = (
    Statement(
        "dimension-convex",
        "The curse of dimension, convex",
        "convex",
        ("x uniform on I", "m < M"),
        "t_a(x) ≤ s has the probability s^d, so that the expected radius is d/(d+1)·(M−m)/2, and the side is known "
        "with probability 2^(−d).",
        r"P(t_a(x) \le s) = s^d,\qquad \mathbb{E}\,r = \tfrac{d}{d+1} \cdot \tfrac{M-m}{2}",
        FVPROOF,
    ),
    Statement(
        "dimension-affine",
        "The curse of dimension, affine",
        "affine",
        ("a and b opposite corners", "x uniform on I", "m < M"),
        "The expected radius is (d−1)/(d+1)·(M−m)/2, and the side is known with probability 2^(1−d).",
        r"\mathbb{E}\,r = \tfrac{d-1}{d+1} \cdot \tfrac{M-m}{2},\qquad P(\text{side}) = 2^{1-d}",
        FVPROOF,
    ),
)
