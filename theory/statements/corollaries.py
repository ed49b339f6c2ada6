"""What follows from the rows."""

from theory.statements.statement import PAPER, Statement

COROLLARIES: tuple[Statement, ...] = (
    Statement(
        "black-box-everywhere",
        "One function defeats a decoder everywhere",
        "black box",
        ("a ≠ b and m < M",),
        "For every decoder there is one function with visualization φ on which it is wrong about the side, and errs "
        "by (M−m)/2 at least, at every x ∉ {a, b}.",
        r"\forall D\ \exists f:\ \varphi \in \Phi(f) \wedge \forall x \notin \{a, b\}:\ "
        r"|D(\varphi)(x) - f(x)| \ge \tfrac{M-m}{2}",
        f"{PAPER}, section 4",
    ),
)
