"""Ctrl-C and broken solvers: the work ends at once, and nobody gets a verdict."""

import ctypes
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest
import z3

from fvproof.verify.proving import interruption
from fvproof.verify.proving import proof as proofs
from fvproof.verify.proving.answers import SolverFailed
from fvproof.verify.proving.cvc5_process import Cvc5Process
from fvproof.verify.proving.interruption import attentive, interruptible
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.proof import Proof
from fvproof.verify.proving.solver import ask_z3
from fvproof.verify.proving.terms import reals

(s,) = reals("s")
ENOUGH_S = 120
"""Long beyond anything that is waited for; a process that needs it has failed."""

HARD = """
import sys
import fvproof.verify.proving.kernel, fvproof.verify.proving.proof
from fvproof.verify.proving.terms import either, every, no, truths

fvproof.verify.proving.kernel.STEPS = 4_000_000_000

def hard(key):
    sits = [[truths(f"pigeon{i}hole{j}")[0] for j in range(14)] for i in range(15)]
    crowded = [every(sits[i][j], sits[k][j]) for j in range(14) for i in range(15) for k in range(i)]
    claim = either(*(no(either(*holes)) for holes in sits), *crowded)
    print("asking", file=sys.stderr, flush=True)
    return fvproof.verify.proving.proof.Proof([fvproof.verify.proving.kernel.prove("pigeons", claim)], [])

fvproof.verify.proving.proof.proof = hard
"""
DECLARED = "(set-logic ALL)(declare-fun x () Real)(declare-fun y () Real)(declare-fun z () Real)"
QUARTIC = "(assert (= (+ (* x x x y) (* y y y z) (* z z z x)) 7.3))"
NONLINEAR = f"{DECLARED}{QUARTIC}(assert (< (+ (* x y) (* y z)) (- 11.0)))(check-sat)"
"""A question that keeps cvc5 busy for longer than anybody waits."""


@contextmanager
def running(script):
    """Start a script, and end it whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupted(process):
    """Return exit code and outputs of a process that is interrupted once it says that it asks."""
    line = process.stderr.readline()
    while line and line != "asking\n":
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=ENOUGH_S)
    return process.returncode, out, err


@pytest.mark.parametrize("options", ["", "'--json'", "'--recheck'"])
def test_ctrl_c_ends_prove_with_130_and_no_verdict(options):
    command = f"{HARD}\nfrom fvproof.cli.main import main\nmain(['prove', 'minimax', {options}])"
    with running(command) as process:
        assert interrupted(process) == (130, "", "")


def test_ctrl_c_ends_cvc5_at_once():
    pytest.importorskip("cvc5")
    script = f"""
import sys
from fvproof.verify.proving.cvc5_process import Cvc5Process
process = Cvc5Process()
process.ask("(check-sat)", steps=1000)
try:
    print("asking", file=sys.stderr, flush=True)
    process.ask({NONLINEAR!r}, steps=10**15)
except KeyboardInterrupt:
    print("ended")
"""
    with running(script) as process:
        assert interrupted(process)[:2] == (0, "ended\n")


def test_an_interruption_that_is_lost_ends_the_next_question():
    with suppress(KeyboardInterrupt), attentive():
        with suppress(KeyboardInterrupt):  # as where an object is finalised
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            prove("a square", s * s >= 0)


def test_an_interruption_that_is_lost_after_the_last_question_ends_the_whole():
    with pytest.raises(KeyboardInterrupt), attentive(), suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert prove("a square", s * s >= 0).name == "a square"


def test_an_interruption_that_another_error_hides_is_an_interruption():
    def meets_ctypes():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ctypes.ArgumentError("as ctypes does") from None

    with pytest.raises(KeyboardInterrupt), attentive():
        meets_ctypes()


def test_what_goes_wrong_in_the_work_is_raised_where_it_is_asked_for():
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0, lambda: None)


def crash(*_):
    raise z3.Z3Exception("out of memory")


def test_a_solver_that_crashes_gives_no_verdict_and_is_asked_again(monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(z3.Solver, "check", crash)
        with pytest.raises(SolverFailed, match="out of memory"):
            prove("false", s > 0)
    assert ask_z3([s > 0], steps=1000).status == "sat"


def test_a_solver_that_is_called_off_by_somebody_else_gives_no_verdict(monkeypatch):
    monkeypatch.setattr(z3.Solver, "check", lambda self: z3.unknown)
    monkeypatch.setattr(z3.Solver, "reason_unknown", lambda self: "interrupted from keyboard")
    with pytest.raises(SolverFailed, match="interrupted"):
        prove("a square", s * s >= 0)


def test_a_proof_that_broke_off_is_not_remembered(monkeypatch):
    monkeypatch.setattr(proofs, "_PROOFS", dict(proofs._PROOFS))
    entered = proofs.proof_of("minimax")(lambda: Proof([prove("a square", s * s >= 0)], []))
    with monkeypatch.context() as broken:
        broken.setattr(z3.Solver, "check", crash)
        with pytest.raises(SolverFailed):
            entered()
    assert entered().steps[0].name == "a square"


def test_a_cvc5_that_is_killed_gives_no_answer_and_is_started_again():
    pytest.importorskip("cvc5")
    process, question = Cvc5Process(), "(set-logic ALL)(assert true)(check-sat)"
    try:
        assert process.ask(question, steps=10**6).status == "sat"
        process._process.kill()
        with pytest.raises(SolverFailed, match="ended without an answer"):
            process.ask(question, steps=10**6)
        assert process.ask(question, steps=10**6).status == "sat"
    finally:
        process.end()


def test_a_term_that_an_interruption_left_half_made_is_passed_over_and_other_errors_are_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "unraisablehook", interruption._told)

    class Broken:
        def __del__(self):
            raise ValueError("ours")

    z3.BoolRef.__new__(z3.BoolRef)
    assert capsys.readouterr().err == ""
    Broken()
    assert "ValueError: ours" in capsys.readouterr().err
