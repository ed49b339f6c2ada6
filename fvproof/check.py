"""`fvproof check`: re-check a certificate, in integer arithmetic, from nothing but the network's file."""

from pathlib import Path

import click

from theory.errors import DomainError

SILENT_UNITS = "fvproof-silent-units"
"""The format of the certificates of `fvproof fool silent`."""

REFUTED = 1
"""Exit code if silent units are not silent, or the network's file holds others."""


@click.command("check")
@click.argument("certificate", type=click.Path(path_type=Path), metavar="CERT")
@click.option("--network", type=click.Path(path_type=Path), metavar="NET", help="The network, if it was moved.")
def command(*, certificate: Path, network: Path | None) -> int:
    """Check a certificate that `fvproof certify` wrote: every bound is derived again, with integers only.

    The exit code is 0 if all claims follow, and 2 if the certificate is damaged, changed, or about another network.
    hull.json of `fvproof fool silent` is checked too, from the files beside it, with every rounding error bounded.
    """
    if _format(certificate) == SILENT_UNITS:
        return _check_silent_units(certificate)
    from verify.certification.certificate import read_certificate
    from verify.certification.checker import check
    from verify.files.readers import read_layered

    claimed = read_certificate(certificate)
    check(claimed, read_layered(network or _find(claimed.network, certificate)))
    click.echo(f"{certificate}: every claim follows\n{_claims(certificate)}")
    return 0


def _format(path: Path) -> object:
    """Return what format a certificate states, None if none."""
    from verify.files.records import read_json

    record = read_json(path)
    return record.get("format") if isinstance(record, dict) else None


def _check_silent_units(path: Path) -> int:
    """Check that silent units are silent on the convex hull of the natural features, and say so."""
    from empirical.manipulation.hull import recheck_hull

    checks = recheck_hull(path)
    for check in checks:
        click.echo(f"{'yes' if check.holds else 'NO '} {check.name} ({check.how})")
    return 0 if all(check.holds for check in checks) else REFUTED


def _find(name: str, certificate: Path) -> Path:
    """Return where the network's file is: as stated, or beside the certificate."""
    for path in (Path(name), certificate.parent / name, certificate.parent / Path(name).name):
        if path.is_file():
            return path
    raise DomainError(f"the network {name!r} is not where the certificate says: give --network NET")


def _claims(path: Path) -> str:
    """Return what a certificate claims, in words."""
    from verify.certification.certificate import read_certificate
    from verify.certification.statement import claims

    return claims(read_certificate(path))
