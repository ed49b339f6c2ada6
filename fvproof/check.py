"""`fvproof check`: re-check a certificate, in integer arithmetic, from nothing but the network's file."""

from pathlib import Path

import click

from theory.errors import DomainError


@click.command("check")
@click.argument("certificate", type=click.Path(path_type=Path), metavar="CERT")
@click.option("--network", type=click.Path(path_type=Path), metavar="NET", help="The network, if it was moved.")
def command(*, certificate: Path, network: Path | None) -> int:
    """Check a certificate that `fvproof certify` wrote: every bound is derived again, with integers only.

    The exit code is 0 if all claims follow, and 2 if the certificate is damaged, changed, or about another network.
    """
    from verify.certification.certificate import read_certificate
    from verify.certification.checker import check
    from verify.files.readers import read_layered

    claimed = read_certificate(certificate)
    check(claimed, read_layered(network or _find(claimed.network, certificate)))
    click.echo(f"{certificate}: every claim follows\n{_claims(certificate)}")
    return 0


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
