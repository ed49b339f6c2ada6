"""`fvproof prove`: machine-check the statements of the theory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click


@click.command()
@click.argument("statements", nargs=-1, metavar="[STATEMENT ...]")
@click.option("--solver", type=click.Choice(["z3", "cvc5"]), default="z3", help="cvc5 decides every obligation again.")
@click.option(
    "--recheck",
    is_flag=True,
    help="Derive every statement again from its formulas alone; no theorem and no verdict is believed.",
)
@click.option(
    "--smt2",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the obligations as SMT-LIB.",
)
@click.option(
    "--certificates",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for certificates, one per statement: `fvproof check DIR` needs no solver.",
)
@click.option(
    "--coq",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the statements as theorems of Coq, which coqc checks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    statements: Sequence[str],
    *,
    solver: Literal["z3", "cvc5"],
    recheck: bool,
    as_json: bool,
    **folders: Path | None,
) -> int:
    """Machine-check the statements of the theory: the named ones, or all of them.

    Shown for each: the verdict, the dimensions it is proved for, what it takes for granted, with the formulas, the
    solver's time, and its mutants (the statement made false by one change) with the models that refute them.

    With --recheck, every leaf of the derivation is solved again, by the solver that is named, and every other step is
    checked against its rule; that its hypotheses can be met together is shown again too.

    A certificate holds the formulas of a statement's theorems, how each rests on others, and for each a tree of cases
    whose leaves close by exact arithmetic: who checks it believes no solver.

    With --coq, the statements are written as theorems of Coq, with all definitions, and coqc checks them without a
    solver. Shown for each: whether it says the same, the verdict, and the axioms that it rests on.

    Exit codes: 0 everything asked for is proved, 1 something is refuted or rejected, 2 no such statement, 3 something
    is unknown, or coqc is not there to check it, 130 interrupted.
    """
    from fvproof.verbs.proving import prove  # a solver only when it is needed

    found = prove(*statements, solver=solver, recheck=recheck, coq=folders["coq"])
    if (smt2 := folders["smt2"]) is not None:
        click.echo(f"{found.export(smt2)} obligations written to {smt2}", err=True)
    if (certificates := folders["certificates"]) is not None:
        missing = found.certify(certificates)
        click.echo("\n".join([f"certificates written to {certificates}", *map(_missing, missing)]), err=True)
    click.echo(found.to_json() if as_json else found.text)
    return found.code


def _missing(name: str) -> str:
    """Return a line for a theorem without a certificate."""
    return f"no certificate was found for {name!r}"
