"""`fvproof check`: re-check a certificate in exact arithmetic, from the files that it is about and nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from theory.errors import DomainError

if TYPE_CHECKING:
    from verify.checks import Check

REFUTED = 1
"""Exit code if twins, a refutation or silent units are not what their certificate says."""


@click.command("check")
@click.argument("certificate", type=click.Path(path_type=Path), metavar="CERT")
@click.option("--network", type=click.Path(path_type=Path), metavar="NET", help="The network, if it was moved.")
def command(*, certificate: Path, network: Path | None) -> int:
    """Check a certificate that `fvproof certify` wrote: every bound is derived again, with integers only.

    The exit code is 0 if all claims follow, and 2 if the certificate is damaged, changed, or about another network.

    twins.json of `fvproof counterexample`, refutation.json of `fvproof refute` and hull.json of `fvproof fool silent`
    are checked too, from the files beside them; the exit code is 1 if a function is not what they say.
    """
    kind = _format(certificate)
    if kind in RECHECKS:
        return _shown(RECHECKS[kind](certificate))
    from verify.certification.certificate import read_certificate
    from verify.certification.checker import check
    from verify.certification.statement import claims
    from verify.files.readers import read_layered

    claimed = read_certificate(certificate)
    check(claimed, read_layered(network or _find(claimed.network, certificate)))
    click.echo(f"{certificate}: every claim follows\n{claims(claimed)}")
    return 0


def _format(path: Path) -> str:
    """Return what format a certificate states, "" if none."""
    from verify.files.records import read_json

    record = read_json(path)
    return str(record.get("format", "")) if isinstance(record, dict) else ""


def _shown(checks: "Sequence[Check]") -> int:
    """Print checks, and return the exit code."""
    for check in checks:
        click.echo(f"{'NO ' if check.holds is False else 'yes'} {check.name} ({check.how})")
    return REFUTED if any(check.holds is False for check in checks) else 0


def _twins(path: Path) -> "Sequence[Check]":
    """Return the checks of twins, made anew."""
    from verify.files.recheck import recheck

    return recheck(path)


def _refutation(path: Path) -> "Sequence[Check]":
    """Return the checks of a refutation, made anew."""
    from verify.refutation.records import recheck_refutation

    return recheck_refutation(path)


def _silent_units(path: Path) -> "Sequence[Check]":
    """Return the checks of silent units, made anew."""
    from empirical.manipulation.hull import recheck_hull

    return recheck_hull(path)


RECHECKS: "dict[str, Callable[[Path], Sequence[Check]]]" = {
    "fvproof-twins": _twins,
    "fvproof-refutation": _refutation,
    "fvproof-silent-units": _silent_units,
}
"""The formats that have no place for a network, and how they are checked."""


def _find(name: str, certificate: Path) -> Path:
    """Return where the network's file is: as stated, or beside the certificate."""
    for path in (Path(name), certificate.parent / name, certificate.parent / Path(name).name):
        if path.is_file():
            return path
    raise DomainError(f"the network {name!r} is not where the certificate says: give --network NET")
