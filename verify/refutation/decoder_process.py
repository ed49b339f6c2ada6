"""The process in which somebody's decoder runs: a job as JSON on stdin, one JSON object per line on stdout."""

import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any, TextIO

from fvproof.theory.errors import DomainError, FvproofError
from fvproof.verify.files.records import field
from fvproof.verify.files.twin_records import class_from
from fvproof.verify.processes import end_with_writer
from fvproof.verify.refutation.asking import described
from fvproof.verify.refutation.records import answers_record, case_record
from fvproof.verify.refutation.refute import Broken, Effort, Refutation, Survived, refute


def main() -> None:
    """Run one job; whatever the decoder prints goes to stderr."""
    signal(SIGINT, SIG_IGN)  # who asked is interrupted, and then ends this process
    job, out = json.loads(sys.stdin.readline()), os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    end_with_writer(os.dup(sys.stdin.fileno()))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115  as long as the process runs
    os.dup2(sys.stdin.fileno(), 0)
    try:
        _say(out, _run(job, out))
    except FvproofError as error:
        _say(out, {"trouble": str(error)})
    except Exception as error:  # noqa: BLE001  ours, not the decoder's: it must not count as an answer
        _say(out, {"fault": described(error), "where": traceback.format_exc()})


def _run(job: dict[str, Any], out: TextIO) -> dict[str, Any]:
    """Return what came out of a job; before each case is tried, it is named."""
    decoder = load_decoder(field(job, "decoder", str))
    _say(out, {"loaded": True})
    outcome = refute(
        class_from(job),
        decoder,
        dimension=field(job, "dimension", int),
        goal=field(job, "goal", str),
        effort=Effort(**field(job, "effort", dict)),
        watch=lambda case: _say(out, {"trying": case_record(case)}),
    )
    match outcome:
        case Survived():
            return {"survived": outcome.tried, "complete": outcome.complete}
        case Broken():
            failure = outcome.failure
            return {"broken": failure.how, "slow": failure.slow, "case": case_record(outcome.case)}
        case Refutation():
            case = (outcome.twins.visualization, outcome.twins.queries)
            return {"wrong": answers_record(outcome.answers), "case": case_record(case)}


def _say(out: TextIO, message: dict[str, Any]) -> None:
    """Write one line."""
    out.write(json.dumps(message) + "\n")


def load_decoder(spec: str) -> Callable[..., object]:
    """Return the function in a Python file.

    Parameters
    ----------
    spec
        ``FILE.py:FUNCTION``.

    Raises
    ------
    DomainError
        If there is no such file or function, or the file cannot be run.
    """
    file, _, name = spec.rpartition(":")
    path = Path(file)
    if not file or path.suffix != ".py" or not name.isidentifier():
        raise DomainError(f"a decoder is named as FILE.py:FUNCTION, not {spec!r}")
    if not path.is_file():
        raise DomainError(f"there is no file {path} with a decoder")
    found = importlib.util.spec_from_file_location("decoder", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["decoder"] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        found.loader.exec_module(module)
    except BaseException as error:  # noqa: BLE001  somebody else's file may raise anything
        raise DomainError(f"{path} cannot be run: {described(error)}") from None
    function = getattr(module, name, None)
    if not callable(function):
        names = sorted(key for key, value in vars(module).items() if callable(value) and not key.startswith("_"))
        raise DomainError(f"{path} has no function {name!r}; it has {', '.join(names[:10]) or 'none'}")
    return function


if __name__ == "__main__":
    main()
