"""The solvers themselves, z3 and cvc5. Only the kernel asks them; everybody else asks the kernel."""

from atexit import register
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from time import process_time
from typing import Literal

import z3

from fvproof.verify.proving import answers
from fvproof.verify.proving.answers import SolverAnswer, SolverFailed
from fvproof.verify.proving.cvc5_process import Cvc5Process
from fvproof.verify.proving.interruption import interruptible
from fvproof.verify.proving.language import symbols

Solver = Literal["z3", "cvc5"]


def ask_z3(formulas: Sequence[z3.BoolRef], *, steps: int) -> SolverAnswer:
    """Return z3's answer: whether the formulas can hold together.

    Raises
    ------
    SolverFailed
        If z3 breaks off.
    KeyboardInterrupt
        On Ctrl-C, at once: z3 would take it for itself, and answer `unknown`.
    ValueError
        If one name stands for two things in the formulas.

    Examples
    --------
    >>> t = z3.Real("t")
    >>> ask_z3([t * t < 0], steps=1000).status
    'unsat'
    """
    symbols(*formulas)
    solver = z3.Solver()
    solver.add(*formulas)
    return _answer(solver, steps)


def _answer(solver: z3.Solver, steps: int) -> SolverAnswer:
    """Return what z3 says of the formulas that a solver holds."""
    solver.set("rlimit", steps)
    solver.set("timeout", 1000 * answers.LIMIT_S)
    solver.set(ctrl_c=False)
    started = process_time()
    try:
        result = interruptible(solver.check, solver.interrupt)
    except z3.Z3Exception as error:
        raise SolverFailed(f"z3 broke off: {error}") from error
    time_s = process_time() - started
    if result == z3.sat:
        return SolverAnswer("sat", solver.model(), "", time_s)
    if result == z3.unsat:
        return SolverAnswer("unsat", None, "", time_s)
    reason = solver.reason_unknown()
    if reason.startswith("interrupted"):
        raise SolverFailed(f"z3 broke off: {reason}")
    return SolverAnswer("unknown", None, reason, time_s)


def decide(text: str, solver: Solver, *, steps: int) -> SolverAnswer:
    """Return a solver's answer to a question in SMT-LIB, of which nothing said before is a part.

    Raises
    ------
    ImportError
        If cvc5, an optional extra, is asked and not installed.
    SolverFailed
        If the solver breaks off.

    Examples
    --------
    >>> decide("(declare-fun t () Real) (assert (< (* t t) 0.0)) (check-sat)", "z3", steps=1000).status
    'unsat'
    """
    return ask_cvc5(text, steps=steps) if solver == "cvc5" else _ask_anew(text, steps=steps)


def _ask_anew(text: str, *, steps: int) -> SolverAnswer:
    """Return z3's answer in a context of its own."""
    solver = z3.Solver(ctx=z3.Context())
    try:
        solver.from_string(text)
    except z3.Z3Exception as error:
        raise SolverFailed(f"z3 cannot read the question: {error}") from error
    return _answer(solver, steps)


def ask_cvc5(text: str, *, steps: int) -> SolverAnswer:
    """Return cvc5's answer to a question in SMT-LIB.

    Raises
    ------
    ImportError
        If cvc5, an optional extra, is not installed.
    SolverFailed
        If the process of the solver ends before it answers.

    Examples
    --------
    >>> ask_cvc5("(set-logic ALL) (declare-fun t () Real) (assert (< (* t t) 0.0)) (check-sat)", steps=10**6).status
    'unsat'
    """
    if find_spec("cvc5") is None:
        raise ImportError("cvc5 is not installed")
    return cvc5_process().ask(text, steps=steps)


@cache
def cvc5_process() -> Cvc5Process:
    """Return the process in which cvc5 answers, for as long as this one lives."""
    process = Cvc5Process()
    register(process.end)
    return process


@cache
def named(solver: Literal["z3", "cvc5", "sympy"]) -> str:
    """Return the solver's name and version."""
    return f"{solver} {version('z3-solver' if solver == 'z3' else solver)}"
