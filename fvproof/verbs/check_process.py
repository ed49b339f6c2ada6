"""The process in which a certificate is checked: a job as JSON on stdin, what was found as JSON on stdout."""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from fvproof.theory.errors import FvproofError
from fvproof.theory.texts import long_numbers
from fvproof.verbs.checked import check_here
from fvproof.verify.processes import end_with_writer

MEMORY = 2 << 30
"""Bytes that a check may use, where the system can hold it to that (Linux)."""


def main() -> None:
    """Check one certificate; whatever else is printed goes to stderr."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = json.loads(sys.stdin.readline())
    end_with_writer(sys.stdin.fileno())
    _limit_memory()
    certificate, *about = job
    with long_numbers():
        json.dump(_said(Path(certificate), *(None if path is None else Path(path) for path in about)), out)
    out.close()


def _said(certificate: Path, *about: Path | None) -> dict[str, Any]:
    """Return what was found, or why the certificate is refused."""
    try:
        return check_here(certificate, *about).record()
    except (MemoryError, RecursionError):
        return {"large": True}
    except FvproofError as error:
        return {"refused": str(error)}
    except OSError as error:
        return {"number": error.errno, "error": error.strerror, "file": error.filename}
    except Exception as error:  # noqa: BLE001  ours: it must not pass for a verdict
        return {"fault": f"{type(error).__name__}: {error}", "where": traceback.format_exc()}


def _limit_memory() -> None:
    """Let no more memory be used by this process than is stated, where the system knows such a limit."""
    try:
        from resource import RLIMIT_DATA, setrlimit  # not on Windows
    except ImportError:
        return
    setrlimit(RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
