"""Decoders in files, asked in a process of their own that is stopped when the time is up, whatever they do.

The process only says what the decoder answered; whether that is wrong is decided here.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from signal import SIGKILL
from threading import Timer
from typing import Any

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.errors import DomainError
from fvproof.theory.tasks import Task
from fvproof.verify.files.twin_records import class_record
from fvproof.verify.refutation.asking import Failure
from fvproof.verify.refutation.judging import judge_answers
from fvproof.verify.refutation.records import answers_from, case_from
from fvproof.verify.refutation.refute import Broken, Effort, Outcome, Survived

START_S = 60.0
"""Seconds to load the decoder."""


def refute_file(
    within: FunctionClass, decoder: str, *, dimension: int, goal: str = Task.EXACT, effort: Effort | None = None
) -> Outcome:
    """Return what `refute` finds out about a decoder in a file, asked in a process of its own.

    Parameters
    ----------
    within
        The class of functions.
    decoder
        ``FILE.py:FUNCTION``.
    dimension, goal
        As for `refute`.
    effort
        As for `refute`; the process is stopped when the time for the search and for one more answer is up.

    Raises
    ------
    DomainError
        If the decoder cannot be loaded, or the search is not possible.
    """
    effort = effort or Effort()
    job = {**class_record(within), "decoder": decoder, "dimension": dimension, "goal": goal, "effort": asdict(effort)}
    said, stopped = _last_word(json.dumps(job), effort.search_s + effort.answer_s)
    match said:
        case {"trouble": str(message)}:
            raise DomainError(message)
        case {"fault": str(told), "where": str(where)}:
            error = RuntimeError(told)
            error.add_note(where)
            raise error
        case {"survived": tried, "complete": complete}:
            return Survived(goal, int(tried), complete=bool(complete))
        case {"broken": how, "slow": slow, "case": case}:
            return Broken(Failure(str(how), slow=bool(slow)), case_from(case))
        case {"wrong": answers, "case": case}:
            found = judge_answers(goal, within, case_from(case), answers_from(answers))
            assert found is not None, "the process called an answer wrong that is not"
            return found
        case {"trying": case}:
            how = f"had to be stopped after {effort.search_s + effort.answer_s:g} s" if stopped else "ends its process"
            return Broken(Failure(how, slow=stopped), case_from(case))
        case _:
            how = f"had to be stopped after {START_S:g} s" if stopped else "ended its process"
            raise DomainError(f"the decoder {decoder} {how} before it was asked anything")


def _last_word(job: str, limit_s: float) -> tuple[Mapping[str, Any], bool]:
    """Return the last thing that the process says, and whether it was stopped after that.

    The limit counts from the first case on: what comes before it takes long only where the machine is busy.
    """
    command, said = [sys.executable, "-P", "-m", "fvproof.verify.refutation.decoder_process"], {}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, process_group=0, **pipes) as process:  # Ctrl-C is for this process alone
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(START_S, process.kill)
        timer.start()
        try:
            process.stdin.write(f"{job}\n")
            process.stdin.flush()  # and it stays open: when this process ends, that one does
            for line in process.stdout:
                before, said = said, json.loads(line)
                if "trying" in said and "trying" not in before:
                    timer.cancel()
                    timer = Timer(limit_s, process.kill)
                    timer.start()
        except BaseException:  # Ctrl-C, or anything else: nobody else would stop it
            process.kill()
            raise
        finally:
            timer.cancel()
    return said, process.returncode == -SIGKILL
