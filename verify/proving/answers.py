"""What a solver may say, and what it means that it says nothing."""

from dataclasses import dataclass
from typing import Literal

import z3

Status = Literal["sat", "unsat", "unknown"]

LIMIT_S = 600
"""Seconds after which an answer is unknown, however few steps were counted: in nonlinear arithmetic one step of a
solver may take hours. Sixty times what the steps take otherwise, so that no verdict hangs on it but this one."""


@dataclass(frozen=True, slots=True, eq=False)
class SolverAnswer:
    """What a solver said about a list of formulas; only z3 gives a model."""

    status: Status
    model: z3.ModelRef | None
    reason: str
    time_s: float


class SolverFailed(RuntimeError):
    """A solver crashed, was killed, or broke off: there is no answer, and no verdict may rest on one."""
