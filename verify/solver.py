"""The solvers themselves, z3 and cvc5. Only `verify.kernel` asks them; everybody else asks the kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from time import process_time
from typing import Literal

import z3

Status = Literal["sat", "unsat", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a solver said about a list of formulas; only z3 gives a model."""

    status: Status
    model: z3.ModelRef | None
    reason: str
    time_s: float


def ask_z3(formulas: Sequence[z3.BoolRef], *, steps: int) -> Answer:
    """Return z3's answer: whether the formulas can hold together.

    Examples
    --------
    >>> t = z3.Real("t")
    >>> ask_z3([t * t < 0], steps=1000).status
    'unsat'
    """
    started = process_time()
    solver = z3.Solver()
    solver.set("rlimit", steps)
    solver.add(*formulas)
    result = solver.check()
    time_s = process_time() - started
    if result == z3.sat:
        return Answer("sat", solver.model(), "", time_s)
    if result == z3.unsat:
        return Answer("unsat", None, "", time_s)
    return Answer("unknown", None, solver.reason_unknown(), time_s)


def ask_cvc5(text: str, *, steps: int) -> Answer:
    """Return cvc5's answer to a question in SMT-LIB.

    Raises
    ------
    ImportError
        If cvc5, an optional extra, is not installed.

    Examples
    --------
    >>> ask_cvc5("(set-logic ALL) (declare-fun t () Real) (assert (< (* t t) 0.0)) (check-sat)", steps=10**6).status
    'unsat'
    """
    cvc5 = import_module("cvc5")  # an optional extra, written in C without types

    started = process_time()
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("rlimit", str(steps // 20))  # one step of cvc5 is worth many of z3
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
    said = ""
    try:
        while not (command := parser.nextCommand()).isNull():
            said = str(command.invoke(solver, parser.getSymbolManager())).strip() or said
    except RuntimeError as error:  # cvc5 cannot read the question
        said = str(error)
    status: Status = "sat" if said == "sat" else "unsat" if said == "unsat" else "unknown"
    return Answer(status, None, said if status == "unknown" else "", process_time() - started)


def smt2(formulas: Sequence[z3.BoolRef], comments: Sequence[str] = ()) -> str:
    """Return the formulas in SMT-LIB, with a question whether they can hold together."""
    solver = z3.Solver()
    solver.add(*formulas)
    body = solver.to_smt2().replace("; benchmark generated from python API\n(set-info :status unknown)\n", "")
    return "\n".join([*(f"; {comment}" for comment in comments), "(set-logic ALL)", body])


@cache
def named(solver: Literal["z3", "cvc5", "sympy"]) -> str:
    """Return the solver's name and version."""
    return f"{solver} {version('z3-solver' if solver == 'z3' else solver)}"
