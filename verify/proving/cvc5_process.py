"""The process in which cvc5 answers: it holds Python's lock while it thinks, and would not hear Ctrl-C in this one.

A question is a line of JSON on its stdin, an answer a line on its stdout. It ends when its stdin does.
"""

import json
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from signal import SIG_IGN, SIGINT, signal
from time import process_time
from typing import IO, Any, final

from fvproof.verify.proving.answers import LIMIT_S, SolverAnswer, SolverFailed
from fvproof.verify.proving.interruption import check_called_off


@final
class Cvc5Process:
    """cvc5 in a process of its own, started when it is first asked, and again when it was ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, text: str, *, steps: int) -> SolverAnswer:
        """Return the answer to a question in SMT-LIB.

        Raises
        ------
        SolverFailed
            If the process ends before it answers.
        """
        try:
            answer = self._exchange(json.dumps({"text": text, "steps": steps}))
            check_called_off()
        except BaseException:
            self.end()
            raise
        return SolverAnswer(answer["status"], None, answer["reason"], answer["time_s"])

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _exchange(self, question: str) -> dict[str, Any]:
        """Return what the process answers to a line."""
        process = self._started()
        with suppress(BrokenPipeError):  # it ended; that it gives no answer says so below
            _pipe(process.stdin).write(question + "\n")
            _pipe(process.stdin).flush()
        answer = _pipe(process.stdout).readline()
        if not answer.endswith("\n"):
            raise SolverFailed(f"cvc5 ended without an answer (exit code {process.wait()})")
        return json.loads(answer)

    def _started(self) -> "subprocess.Popen[str]":
        """Return the process, which is started if need be."""
        if self._process is None:
            command = [sys.executable, "-m", "fvproof.verify.proving.cvc5_process"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process


def _pipe(end: IO[str] | None) -> IO[str]:
    """Return an end of a pipe, which is there."""
    assert end is not None
    return end


def main() -> None:
    """Answer questions until there are no more."""
    signal(SIGINT, SIG_IGN)  # who asks is interrupted too, and then ends this process
    for line in sys.stdin:
        print(json.dumps(decide(**json.loads(line))), flush=True)


def decide(text: str, steps: int) -> dict[str, Any]:
    """Return what cvc5 says, here and now.

    Examples
    --------
    >>> decide("(set-logic ALL) (declare-fun t () Real) (assert (< (* t t) 0.0)) (check-sat)", 10**6)["status"]
    'unsat'
    """
    cvc5 = import_module("cvc5")  # an optional extra, written in C without types

    started = process_time()
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("rlimit", str(steps // 20))  # one step of cvc5 is worth many of z3
    solver.setOption("tlimit-per", str(1000 * LIMIT_S))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
    said = ""
    try:
        while not (command := parser.nextCommand()).isNull():
            said = str(command.invoke(solver, parser.getSymbolManager())).strip() or said
    except RuntimeError as error:  # cvc5 cannot read the question
        said = str(error)
    known = said in ("sat", "unsat")
    return {"status": said if known else "unknown", "reason": "" if known else said, "time_s": process_time() - started}


if __name__ == "__main__":
    main()
