"""`fvproof check`: re-check a certificate in exact arithmetic, from the files that it is about and nothing else."""

from pathlib import Path
from typing import Any

import click


@click.command("check")
@click.argument("certificate", type=click.Path(path_type=Path), metavar="CERT")
@click.option("--property", type=click.Path(path_type=Path), metavar="FILE", help="Must be about this one.")
@click.option("--network", type=click.Path(path_type=Path), metavar="NET", help="The network, if it was moved.")
@click.option("--timeout", "timeout_s", type=float, default=600.0, show_default=True, metavar="S", help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, certificate: Path, as_json: bool, **given: Any) -> int:  # noqa: ANN401  click's
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
    from fvproof.verbs.checking import check  # numpy only when it is needed

    found = check(certificate, **given)
    if found.findings is None:
        click.echo(f"fvproof: {found.headline}", err=True)
    else:
        click.echo(found.to_json() if as_json else found.text)
    return found.code
