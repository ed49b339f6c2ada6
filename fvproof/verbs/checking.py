"""`fv.check`: re-check a certificate in exact arithmetic, from the files that it is about and nothing else."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from html import escape
from math import isfinite, isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typing_extensions import override

from fvproof.theory.errors import DomainError
from fvproof.verbs.check_process import MEMORY
from fvproof.verbs.checked import Findings, findings_from
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result, html_table

REFUTED, UNKNOWN = 1, 3
"""Exit codes if something is not what its certificate says, and if the time was up."""

MARKS = {True: "yes", False: "NO ", None: "-  "}

NAMES = ("certificate.json", "refutation.json", "twins.json")
"""What verbs call the certificates that they save; a refutation covers the twins beside it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CheckResult(Result):
    """What came of a certificate.

    Attributes
    ----------
    certificate
        Its file.
    findings
        Claims, checks and what was not checked; None if the time was up, so that nothing is known.
    timeout_s
        The seconds that it had.
    """

    certificate: Path
    findings: Findings | None
    timeout_s: float

    @property
    def holds(self) -> bool | None:
        """Whether everything that was checked is as the certificate says; None if nothing is known."""
        if self.findings is None:
            return None
        return all(check.holds is not False for check in self.findings.checks)

    @property
    @override
    def headline(self) -> str:
        if self.findings is None:
            return f"{self.certificate} could not be checked within {self.timeout_s:g} s: nothing is known"
        if not self.findings.checks:
            return self.findings.claims[0]
        told = [check.holds for check in self.findings.checks]
        return f"{self.certificate}: {told.count(True)} of {len(told)} checks hold, {told.count(False)} fail"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [] if self.findings is None else [asdict(check) for check in self.findings.checks]

    @property
    @override
    def text(self) -> str:
        if (found := self.findings) is None:
            return self.headline
        checks = [f"{MARKS[check.holds]} {check.name} ({check.how})" for check in found.checks]
        left = [f"{check.name} ({check.how})" for check in found.checks if check.holds is None]
        open_ones = "; ".join([*left, *found.unchecked])
        return "\n".join(
            [*found.claims, *checks, *found.compared, *([f"not checked: {open_ones}"] if open_ones else [])]
        )

    @override
    def record(self) -> dict[str, Any]:
        found = {} if self.findings is None else self.findings.record()
        return {"certificate": str(self.certificate), "holds": self.holds, **found}

    @property
    @override
    def code(self) -> int:
        return {True: 0, False: REFUTED, None: UNKNOWN}[self.holds]

    @override
    def _repr_html_(self) -> str:
        found = self.findings
        told = [] if found is None else [claim for claim in found.claims if claim != self.headline]
        claims = "".join(f"<li>{escape(claim)}</li>" for claim in told)
        return f"<p><b>{escape(self.headline)}</b></p><ul>{claims}</ul>{html_table(self.rows)}"


@checked
def check(
    certificate: str | Path | Result,
    *,
    property: str | Path | None = None,
    network: str | Path | None = None,
    timeout_s: float = 600.0,
) -> CheckResult:
    """Check a certificate: every bound is derived again, with integers only, and no solver or search is asked.

    It is about the exact numbers in the network's file, in real arithmetic. It is checked in a process of its own,
    which is held to its time and to 2 GiB of memory: a certificate is somebody else's file.

    Parameters
    ----------
    certificate
        A file of `fv.certify` or ``fvproof certify``, twins.json, refutation.json, or hull.json of ``fvproof fool
        silent``, with the files beside it; or what `fv.certify`, `fv.twins` or `fv.refute` returned.
    property
        A VNN-LIB file: a certificate for a property must be about all its alternatives, and no others. It is found by
        itself where it lies where the certificate says.
    network
        The network's file, if it was moved.
    timeout_s
        Seconds, positive; when they are up, nothing is known. 600 is what `fv.certify` may search for.

    Returns
    -------
    CheckResult
        ``.holds``; ``.findings`` with claims, checks, and what the certificate says that nothing can be derived from.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If the certificate is damaged, changed, about another network or property, or asks for too much memory.

    Not claimed: that a network computes in floating point what it is in real arithmetic.

    Source: weak duality for bounds, fvproof's own; see the guide "Certified extrema".

    Examples
    --------
    >>> import fvproof as fv
    >>> fv.check(fv.certify("digits-small", unit="hidden1:3")).holds
    True
    """
    if isnan(timeout_s) or timeout_s <= 0:
        raise DomainError(f"the timeout must be a positive number of seconds, not {timeout_s}")
    if not isinstance(certificate, str | Path | Result):
        raise DomainError(f"a certificate is a file, or what a verb returned, not {type(certificate).__name__}")
    if not isinstance(certificate, Result):
        return _checked(Path(certificate), (property, network), timeout_s)
    with TemporaryDirectory() as folder:
        place = certificate.save(folder)
        file = next((place / name for name in NAMES if (place / name).is_file()), None)
        if file is None:
            raise DomainError(f"there is no certificate to check: {certificate.headline}")
        return _checked(file, (property, network), timeout_s, inside=f"{place}{os.sep}")


def _asked(job: str, limit_s: float | None) -> subprocess.CompletedProcess[bytes]:
    """Return how a process ended that was given a job; it ends with this one, and when the time is up."""
    line = [sys.executable, "-P", "-m", "fvproof.verbs.check_process"]
    theirs, ours = os.pipe()  # nobody can write to it once this process has ended, and then the check ends too
    try:
        os.write(ours, job.encode() + b"\n")
        return subprocess.run(line, stdin=theirs, capture_output=True, timeout=limit_s)
    finally:
        os.close(theirs)
        os.close(ours)


def _checked(
    certificate: Path, about: tuple[str | Path | None, ...], timeout_s: float, *, inside: str = ""
) -> CheckResult:
    """Return what a process of its own finds, which can be held to its time and memory whatever it does.

    A few kilobytes can ask for days and for all memory. What lies inside a folder that will be gone is called by its
    name there.
    """
    job = json.dumps([str(certificate), *(None if path is None else str(path) for path in about)])
    try:
        done = _asked(job, timeout_s if isfinite(timeout_s) else None)
    except subprocess.TimeoutExpired:
        return CheckResult(Path(str(certificate).removeprefix(inside)), None, timeout_s)
    large = DomainError(f"{certificate} is refused: its check needs more than {MEMORY >> 30} GiB of memory")
    if done.returncode < 0:
        raise large
    shown = Path(str(certificate).removeprefix(inside))
    match json.loads(done.stdout.decode().replace(inside, "") if inside else done.stdout or "{}"):
        case {"claims": _} as found:
            return CheckResult(shown, findings_from(found), timeout_s)
        case {"large": True}:
            raise large
        case {"refused": str(told)}:
            raise DomainError(told)
        case {"file": str(file), "number": int(number), "error": str(told)}:
            raise OSError(number, told, file)
        case said:
            where = said.get("where") or done.stderr.decode(errors="backslashreplace")
            error = RuntimeError(said.get("fault") or said.get("error") or "the check ended before it was done")
            error.add_note(where)
            raise error
