"""`fvproof prove`: machine-check the statements of the theory."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from fvproof.theory.errors import FvproofError
from fvproof.theory.statements import STATEMENTS, Statement, statement

if TYPE_CHECKING:
    from fvproof.verify.proving.assumption import Assumption
    from fvproof.verify.proving.obligation import Verdict
    from fvproof.verify.proving.proof import Proof
    from fvproof.verify.proving.rechecking import Rederivation, Step

EXIT_CODES = {"proved": 0, "refuted": 1, "vacuous": 1, "rejected": 1, "unknown": 3}
NO_CVC5 = "the solver cvc5 is not installed: pip install 'fvproof[cvc5]'"


@click.command()
@click.argument("statements", nargs=-1, metavar="[STATEMENT ...]")
@click.option("--solver", type=click.Choice(["z3", "cvc5"]), default="z3", help="cvc5 decides every obligation again.")
@click.option(
    "--recheck",
    is_flag=True,
    help="Derive every statement again from its formulas alone; no theorem and no verdict is believed.",
)
@click.option(
    "--smt2", type=click.Path(file_okay=False, path_type=Path), help="Write the obligations there as SMT-LIB."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(
    statements: Sequence[str], *, solver: Literal["z3", "cvc5"], recheck: bool, smt2: Path | None, as_json: bool
) -> int:
    """Machine-check the statements of the theory: the named ones, or all of them.

    Shown for each: the verdict, the dimensions it is proved for, what it takes for granted, with the formulas, the
    solver's time, and its mutants (the statement made false by one change) with the models that refute them.

    With --recheck, every leaf of the derivation is solved again, by the solver that is named, and every other step is
    checked against its rule.

    Exit codes: 0 everything asked for is proved, 1 something is refuted or rejected, 2 no such statement, 3 something
    is unknown, 130 interrupted.
    """
    from tqdm import tqdm

    from fvproof.verify.proving.interruption import attentive

    asked = [statement(key) for key in dict.fromkeys(statements)] or list(STATEMENTS.values())
    with attentive():
        results = [
            _result(one, solver, recheck=recheck) for one in tqdm(asked, disable=None, leave=False, unit="statement")
        ]
        if smt2 is not None:
            click.echo(f"{_export(asked, smt2)} obligations written to {smt2}", err=True)
        _check_labels([one for one, result in zip(asked, results, strict=True) if result["obligations"]])
        said = json.dumps(results, ensure_ascii=False, indent=2) if as_json else _text(results)
    click.echo(said)
    codes = {EXIT_CODES[result["verdict"]] for result in results}
    return 1 if 1 in codes else max(codes)


def _result(asked: Statement, solver: Literal["z3", "cvc5"], *, recheck: bool) -> dict[str, Any]:
    """Return what is known of one statement once the solvers have been asked."""
    from fvproof.verify.proving.answers import SolverFailed

    about = {"statement": asked.key, "title": asked.title, "claim": asked.claim, "source": asked.source}
    about |= {"scope": asked.scope, "solver": solver}
    try:
        return about | _found(asked, solver, recheck=recheck)
    except SolverFailed as failure:
        return about | NOTHING | {"reason": str(failure)}
    except ImportError:
        raise FvproofError(NO_CVC5) from None


def _check_labels(asked: Sequence[Statement]) -> None:
    """Refuse a label that stands for one assumption in one statement and for another in the next."""
    from fvproof.verify.proving.assumption import merged
    from fvproof.verify.proving.proof import proof

    merged(*(proof(one.key).ledger for one in asked))


NOTHING: dict[str, Any] = {"verdict": "unknown", "time_s": 0.0, "unneeded": {}}
NOTHING |= {"assumed": [], "notes": [], "obligations": [], "mutants": []}
"""What is known of a statement when its solver fails: there is no verdict."""


def _found(asked: Statement, solver: Literal["z3", "cvc5"], *, recheck: bool) -> dict[str, Any]:
    """Return what the solvers found."""
    from fvproof.verify.proving.proof import proof
    from fvproof.verify.proving.rechecking import recheck_all

    built = proof(asked.key)
    verdict, time_s = _agreed(built) if solver == "cvc5" and not recheck else (built.verdict, built.time_s)
    again = recheck_all(built.steps, solver) if recheck else None
    word, reason = _word(verdict, again)
    return {
        "verdict": word,
        "reason": reason,
        "time_s": round(time_s + (again.time_s if again else 0.0), 4),
        "assumed": [_entry(one) for one in built.assumed],
        "notes": [_entry(one) for one in built.notes],
        "obligations": [theorem.name for theorem in built.obligations],
        "unneeded": {name: list(hypotheses) for name, hypotheses in built.unneeded.items()},
        "mutants": [{"change": m.change, "killed": m.killed, "model": str(m.verdict)} for m in built.mutants],
    } | ({"rechecked": [_step(step) for step in again.steps]} if again else {})


def _word(verdict: "Verdict", again: "Rederivation | None") -> tuple[str, str]:
    """Return the verdict as a word, and the reason if it is not proved."""
    word = type(verdict).__name__.lower()
    if word != "proved" or again is None or again.holds:
        return word, "" if word == "proved" else str(verdict)
    reasons = "; ".join(f"{step.name!r}: {step.fault}" for step in again.faults)
    is_open = all(step.is_open for step in again.faults)
    return "unknown" if is_open else "rejected", f"derived again, it does not follow: {reasons}"


def _entry(assumption: "Assumption") -> dict[str, Any]:
    """Return an assumption with its formula, one text for each part; none for a principle that is no formula."""
    from fvproof.verify.proving.writing import written

    formula = [] if assumption.formula is None else written(assumption.formula)
    return {"name": assumption.name, "text": assumption.text, "formula": formula}


def _step(step: "Step") -> dict[str, Any]:
    """Return one step of a derivation that was derived again."""
    return {"name": step.name, "how": step.how, "fault": step.fault, "time_s": round(step.time_s, 4)}


def _agreed(built: "Proof") -> "tuple[Verdict, float]":
    """Return the verdict once cvc5 has decided every exported obligation, and the time it took."""
    from fvproof.verify.proving.kernel import recheck
    from fvproof.verify.proving.obligation import Proved

    again = [recheck(theorem, "cvc5") for theorem in built.obligations]
    doubts = [verdict for verdict in again if not isinstance(verdict, Proved)]
    return doubts[0] if doubts else built.verdict, sum(verdict.time_s for verdict in again)


def _export(asked: Sequence[Statement], folder: Path) -> int:
    """Write every obligation as SMT-LIB, one folder per statement, and return how many there are."""
    from fvproof.verify.proving.proof import proof

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
    parts += [_shown("assumed", entry) for entry in _each(results, "assumed")]
    parts += [_shown("note, on which nothing rests", entry) for entry in _each(results, "notes")]
    parts += [
        tabulate(mutants, ["statement", "mutant", "refuted by"], maxcolwidths=[None, 44, 90], disable_numparse=True)
    ]
    unneeded = [f"{step} can do without: {', '.join(h)}" for r in results for step, h in r["unneeded"].items()]
    return "\n\n".join(["\n".join(parts[:1]), *parts[1:], *unneeded, *_again(results), _summary(results)])


def _each(results: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the assumptions or the notes of all statements, each once."""
    entries = {entry["name"]: entry for result in results for entry in result[kind]}
    return [entries[name] for name in sorted(entries)]


def _shown(kind: str, entry: dict[str, Any]) -> str:
    """Return an assumption for a reader: its words, and its formula below."""
    return "\n".join([f"{kind}: {entry['name']}: {entry['text']}", *(f"    {line}" for line in entry["formula"])])


def _names(assumed: Sequence[dict[str, Any]]) -> str:
    """Return the names of the assumptions."""
    return ", ".join(entry["name"] for entry in assumed) or "nothing"


def _again(results: Sequence[dict[str, Any]]) -> list[str]:
    """Return what was derived again, in one line for each statement."""
    lines = []
    for result in results:
        if steps := result.get("rechecked"):
            ways = [step["how"] for step in steps]
            counted = ", ".join(f"{ways.count(how)} by {how}" for how in dict.fromkeys(ways))
            lines.append(f"{result['statement']}: {len(steps)} steps derived again: {counted}")
    return ["\n".join(lines)] if lines else []


def _summary(results: Sequence[dict[str, Any]]) -> str:
    """Return how much was proved, in one line; steps that several statements share count once."""
    from fvproof.verify.proving.proof import proof

    decided = [result for result in results if result["obligations"]]
    different = {id(theorem) for result in decided for theorem in proof(result["statement"]).obligations}
    mutants = [mutant["killed"] for result in results for mutant in result["mutants"]]
    proved = sum(result["verdict"] == "proved" for result in results)
    time_s = sum(result["time_s"] for result in results)
    return (
        f"{proved} of {len(results)} statements proved, {len(different)} obligations, "
        f"{sum(mutants)} of {len(mutants)} mutants refuted, {time_s:.1f} s of solver time"
    )
