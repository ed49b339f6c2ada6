"""`fvproof check`: re-check a certificate in exact arithmetic, from the files that it is about and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fvproof.theory.errors import DomainError
from fvproof.verify.processes import end_with_writer

if TYPE_CHECKING:
    from fvproof.verify.certificates.certificate import Certificate
    from fvproof.verify.layered import LayeredNetwork
    from fvproof.verify.refutation.checks import Check

REFUTED, UNKNOWN = 1, 3
"""Exit codes if something is not what its certificate says, and if the time was up."""

MEMORY = 2 << 30
"""Bytes that a check may use, where the system can hold it to that (Linux)."""


EXACT = "It holds for the exact functions in the JSON files; the ONNX and torch files hold their numbers rounded."
"""What certificates of twins are about."""


@click.command("check")
@click.argument("certificate", type=click.Path(path_type=Path), metavar="CERT")
@click.option("--property", "vnnlib", type=click.Path(path_type=Path), metavar="FILE", help="Must be about this one.")
@click.option("--network", type=click.Path(path_type=Path), metavar="NET", help="The network, if it was moved.")
@click.option("--timeout", type=float, default=600.0, show_default=True, metavar="S", help="Seconds.")
@click.option("--here", is_flag=True, hidden=True, help="Within this process.")
def command(*, certificate: Path, vnnlib: Path | None, network: Path | None, timeout: float, here: bool) -> int:
    """Check a certificate that `fvproof certify` wrote: every bound is derived again, with integers only.

    It is about the exact numbers in the network's file, in real arithmetic. What the certificate says of itself and
    nothing can be derived from, such as the name of a model, is listed as not checked. A certificate for a property
    says how many alternatives it covers; with --property, or where the file lies where the certificate says, it must be
    about all of them.

    The exit code is 0 if all claims follow, 2 if the certificate is damaged, changed, or about another network or
    property, and 3 if the time is up. A certificate whose check needs more than 2 GiB of memory is refused.

    twins.json of `fvproof counterexample`, refutation.json of `fvproof refute` and hull.json of `fvproof fool silent`
    are checked too, from the files beside them; the exit code is 1 if a function is not what they say.
    """
    if isnan(timeout) or timeout <= 0:
        raise DomainError(f"--timeout must be a positive number of seconds, not {timeout}")
    if not here:
        return _apart(certificate, {"--property": vnnlib, "--network": network}, timeout)
    end_with_writer(sys.stdin.fileno())
    _limit_memory()
    try:
        return check_here(certificate, vnnlib, network)
    except (MemoryError, RecursionError):
        raise DomainError(_too_large(certificate)) from None


def _apart(certificate: Path, options: dict[str, Path | None], timeout: float) -> int:
    """Check in a process of its own, which can be held to its time and memory whatever it does; return the exit code.

    A certificate is somebody else's file, and a few kilobytes can ask for days and for all memory. The process ends
    with this one, also where this one is killed: nobody can write to its input any more then.
    """
    given = [part for name, path in options.items() if path is not None for part in (name, str(path))]
    line = [sys.executable, "-P", "-m", "fvproof", "check", "--here", *given, "--", str(certificate)]
    theirs, ours = os.pipe()
    try:
        done = subprocess.run(line, stdin=theirs, capture_output=True, timeout=timeout if isfinite(timeout) else None)
    except subprocess.TimeoutExpired:
        click.echo(f"fvproof: {certificate} could not be checked within {timeout:g} s: nothing is known", err=True)
        return UNKNOWN
    finally:
        os.close(theirs)
        os.close(ours)
    if done.returncode < 0:
        raise DomainError(_too_large(certificate))
    for stream, text in ((False, done.stdout), (True, done.stderr)):
        click.echo(text.decode(errors="backslashreplace"), nl=False, err=stream)
    return done.returncode


def _too_large(certificate: Path) -> str:
    """Return that a certificate asks for too much."""
    return f"{certificate} is refused: its check needs more than {MEMORY >> 30} GiB of memory"


def _limit_memory() -> None:
    """Let no more memory be used by this process than is stated, where the system knows such a limit."""
    try:
        from resource import RLIMIT_DATA, setrlimit  # not on Windows
    except ImportError:
        return
    setrlimit(RLIMIT_DATA, (MEMORY, MEMORY))


def check_here(path: Path, vnnlib: Path | None = None, network: Path | None = None) -> int:
    """Check within this process, say what was found, and return the exit code; time and memory are not bounded."""
    kind = _format(path)
    if kind in KINDS:
        if vnnlib or network:
            raise DomainError(f"--property and --network go with certificates of `fvproof certify`, and {path} is none")
        return _shown(KINDS[kind](path))
    from fvproof.verify.certificates.certificate import read_certificate
    from fvproof.verify.certificates.checker import check
    from fvproof.verify.certificates.statement import claims, rounding, unchecked
    from fvproof.verify.files.readers import read_layered

    claimed = read_certificate(path)
    net = read_layered(network or _find(claimed.network, path))
    check(claimed, net)
    compared = _compared(claimed, net, vnnlib, path)
    said = [claims(claimed), *rounding(net.rounded), *compared]
    lines = [f"{path}: every claim follows", *said, *_not_checked(unchecked(claimed))]
    click.echo("\n".join(lines))
    return 0


def _compared(claimed: "Certificate", net: "LayeredNetwork", vnnlib: Path | None, path: Path) -> list[str]:
    """Return with which property a certificate was compared, if it is about one."""
    from fvproof.verify.certificates.checker import check_property
    from fvproof.verify.files.vnnlib import read_property

    named = None if claimed.kind != "property" else (claimed.about or {}).get("property")
    file = vnnlib or (None if named is None else _lies(named, path))
    if file is not None:
        check_property(claimed, net, read_property(file), str(file))
        return [f"compared with {file}: it is about all alternatives there, and no others"]
    needed = "not compared with a file of the property: give --property FILE"
    return [needed] if claimed.kind == "property" else []


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a certificate: its claims in words, the checks made anew, and what was not checked."""

    claims: "Sequence[str]"
    checks: "Sequence[Check]"
    unchecked: "Sequence[str]"


def _shown(found: Findings) -> int:
    """Print what was found, and return the exit code."""
    marks = {True: "yes", False: "NO ", None: "-  "}
    rows = [f"{marks[check.holds]} {check.name} ({check.how})" for check in found.checks]
    open_ones = [f"{check.name} ({check.how})" for check in found.checks if check.holds is None]
    click.echo("\n".join([*found.claims, *rows, *_not_checked([*open_ones, *found.unchecked])]))
    return REFUTED if any(check.holds is False for check in found.checks) else 0


def _not_checked(texts: "Sequence[str]") -> list[str]:
    """Return the line that says what was not checked."""
    return [f"not checked: {'; '.join(texts)}"] if texts else []


def _format(path: Path) -> str:
    """Return what format a certificate states, "" if none."""
    from fvproof.verify.files.records import read_json

    record = read_json(path)
    return str(record.get("format", "")) if isinstance(record, dict) else ""


def _twins(path: Path) -> Findings:
    """Return what came of twins."""
    from fvproof.empirical.exact.twin_files import recheck_torch  # torch only when it is needed
    from fvproof.verify.refutation.recheck import (
        claims_of,
        read_record,
        read_twins,
        recheck,
        recheck_onnx,
        unchecked_of,
    )

    checks = [*recheck(path), *recheck_onnx(path), *recheck_torch(path)]
    return Findings([*claims_of(read_twins(path)), EXACT], checks, unchecked_of(read_record(path)))


def _refutation(path: Path) -> Findings:
    """Return what came of a refutation."""
    from fvproof.empirical.exact.twin_files import recheck_torch  # torch only when it is needed
    from fvproof.verify.refutation.recheck import recheck_onnx
    from fvproof.verify.refutation.records import (
        TWINS,
        claims_of_refutation,
        read_refutation,
        recheck_refutation,
        unchecked_of_refutation,
    )

    twins = path.with_name(TWINS)
    checks = [*recheck_refutation(path), *recheck_onnx(twins), *recheck_torch(twins)]
    return Findings([*claims_of_refutation(read_refutation(path)), EXACT], checks, unchecked_of_refutation(path))


def _silent_units(path: Path) -> Findings:
    """Return what came of silent units."""
    from fvproof.empirical.fooling.hull import claims_of_hull, recheck_hull, unchecked_of_hull

    return Findings(claims_of_hull(path), recheck_hull(path), unchecked_of_hull(path))


KINDS: "dict[str, Callable[[Path], Findings]]" = {
    "fvproof-twins": _twins,
    "fvproof-refutation": _refutation,
    "fvproof-silent-units": _silent_units,
}
"""The formats that have no place for a network, and how they are checked."""


def _find(name: str, certificate: Path) -> Path:
    """Return where the network's file is: as stated, or beside the certificate."""
    if (found := _lies(name, certificate)) is not None:
        return found
    from fvproof.verify.files.records import printable

    raise DomainError(f"the network {printable(name)!r} is not where the certificate says: give --network NET")


def _lies(name: str, certificate: Path) -> Path | None:
    """Return where a file lies that a certificate names: as stated, or beside it; None if nowhere."""
    places = (Path(name), certificate.parent / name, certificate.parent / Path(name).name)
    try:
        return next((path for path in places if path.is_file()), None)
    except OSError:  # a name can be too long
        return None
