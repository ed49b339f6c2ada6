"""`fvproof prove`: machine-check the statements of the theory."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from theory.errors import FvproofError
from theory.statements import STATEMENTS, Statement, statement

if TYPE_CHECKING:
    from verify.proof import Proof
    from verify.verdict import Verdict

EXIT_CODES = {"proved": 0, "refuted": 1, "vacuous": 1, "unknown": 3}


@click.command()
@click.argument("statements", nargs=-1, metavar="[STATEMENT ...]")
@click.option("--solver", type=click.Choice(["z3", "cvc5"]), default="z3", help="cvc5 decides every obligation again.")
@click.option(
    "--smt2", type=click.Path(file_okay=False, path_type=Path), help="Write the obligations there as SMT-LIB."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(statements: Sequence[str], *, solver: Literal["z3", "cvc5"], smt2: Path | None, as_json: bool) -> int:
    """Machine-check the statements of the theory: the named ones, or all of them.

    Shown for each: the verdict, the dimensions it is proved for, what it takes for granted, the solver's time, and its
    mutants (the statement made false by one change) with the models that refute them.

    Exit codes: 0 everything asked for is proved, 1 something is refuted, 2 no such statement, 3 something is unknown.
    """
    from tqdm import tqdm

    asked = [statement(key) for key in dict.fromkeys(statements)] or list(STATEMENTS.values())
    results = [_result(one, solver) for one in tqdm(asked, disable=None, leave=False, unit="statement")]
    if smt2 is not None:
        click.echo(f"{_export(asked, smt2)} obligations written to {smt2}", err=True)
    click.echo(json.dumps(results, ensure_ascii=False, indent=2) if as_json else _text(results))
    codes = {EXIT_CODES[result["verdict"]] for result in results}
    return 1 if 1 in codes else max(codes)


def _result(asked: Statement, solver: Literal["z3", "cvc5"]) -> dict[str, Any]:
    """Return what is known of one statement once the solvers have been asked."""
    from verify.proof import proof

    built = proof(asked.key)
    verdict, time_s = (built.verdict, built.time_s) if solver == "z3" else _agreed(built)
    return {
        "statement": asked.key,
        "title": asked.title,
        "claim": asked.claim,
        "source": asked.source,
        "scope": asked.scope,
        "verdict": type(verdict).__name__.lower(),
        "reason": "" if type(verdict).__name__ == "Proved" else str(verdict),
        "solver": solver,
        "time_s": round(time_s, 4),
        "assumed": sorted(map(str, built.ledger)),
        "obligations": [theorem.name for theorem in built.obligations],
        "unneeded": {name: list(hypotheses) for name, hypotheses in built.unneeded.items()},
        "mutants": [{"change": m.change, "killed": m.killed, "model": str(m.verdict)} for m in built.mutants],
    }


def _agreed(built: "Proof") -> "tuple[Verdict, float]":
    """Return the verdict once cvc5 has decided every exported obligation, and the time it took."""
    from verify.kernel import recheck
    from verify.verdict import Proved

    try:
        again = [recheck(theorem, "cvc5") for theorem in built.obligations]
    except ImportError:
        raise FvproofError("the solver cvc5 is not installed: pip install 'fvproof[cvc5]'") from None
    doubts = [verdict for verdict in again if not isinstance(verdict, Proved)]
    return doubts[0] if doubts else built.verdict, sum(verdict.time_s for verdict in again)


def _export(asked: Sequence[Statement], folder: Path) -> int:
    """Write every obligation as SMT-LIB, one folder per statement, and return how many there are."""
    from verify.proof import proof

    try:
        count = 0
        for one in asked:
            (folder / one.key).mkdir(parents=True, exist_ok=True)
            for i, theorem in enumerate(proof(one.key).obligations, start=1):
                (folder / one.key / f"{i:02}.smt2").write_text(theorem.obligation.smt2, encoding="utf-8")
                count += 1
    except OSError as error:
        raise FvproofError(f"the folder {folder} must be writable: {error.strerror}") from None
    return count


def _text(results: Sequence[dict[str, Any]]) -> str:
    """Return the tables for a reader, and a summary line."""
    from tabulate import tabulate

    heads = ["statement", "verdict", "scope", "obligations", "assumed", "seconds"]
    rows = [
        [r["statement"], r["verdict"], r["scope"], len(r["obligations"]), _names(r["assumed"]), f"{r['time_s']:.2f}"]
        for r in results
    ]
    mutants = [[r["statement"], mutant["change"], mutant["model"]] for r in results for mutant in r["mutants"]]
    parts = [tabulate(rows, heads, disable_numparse=True)]
    parts += [f"{r['statement']}: {r['verdict']}: {r['reason']}" for r in results if r["reason"]]
    parts += [f"assumed: {text}" for text in sorted({text for r in results for text in r["assumed"]})]
    parts += [
        tabulate(mutants, ["statement", "mutant", "refuted by"], maxcolwidths=[None, 44, 90], disable_numparse=True)
    ]
    unneeded = [f"{step} can do without: {', '.join(h)}" for r in results for step, h in r["unneeded"].items()]
    return "\n\n".join(["\n".join(parts[:1]), *parts[1:], *unneeded, _summary(results)])


def _names(assumed: Sequence[str]) -> str:
    """Return the names of the assumptions, without their texts."""
    return ", ".join(text.split(":")[0] for text in assumed) or "nothing"


def _summary(results: Sequence[dict[str, Any]]) -> str:
    """Return how much was proved, in one line; steps that several statements share count once."""
    from verify.proof import proof

    different = {id(theorem) for result in results for theorem in proof(result["statement"]).obligations}
    mutants = [mutant["killed"] for result in results for mutant in result["mutants"]]
    proved = sum(result["verdict"] == "proved" for result in results)
    time_s = sum(result["time_s"] for result in results)
    return (
        f"{proved} of {len(results)} statements proved, {len(different)} obligations, "
        f"{sum(mutants)} of {len(mutants)} mutants refuted, {time_s:.1f} s of solver time"
    )
