"""What makes a visualization reliable, beyond the classes that say so themselves: units that are nearly affine."""

from fvproof.theory.statement import FVPROOF, Statement

RELIABLE: tuple[Statement, ...] = (
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
)
