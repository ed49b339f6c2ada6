"""Proofs in words: the tables, assumptions, mutants and the summary that `fv.prove` shows."""

from collections.abc import Sequence
from typing import Any

from tabulate import tabulate

from fvproof.verify.proving import proof as proofs

Found = dict[str, Any]
"""What is known of one statement, see `fvproof.verbs.proving.prove`."""


def in_words(results: Sequence[Found]) -> str:
    """Return the tables for a reader, and a summary line."""
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
    return "\n\n".join([*parts, *unneeded, *_again(results), *_coq(results), summary(results)])


def _each(results: Sequence[Found], kind: str) -> list[Found]:
    """Return the assumptions or the notes of all statements, each once."""
    entries = {entry["name"]: entry for result in results for entry in result[kind]}
    return [entries[name] for name in sorted(entries)]


def _shown(kind: str, entry: Found) -> str:
    """Return an assumption for a reader: its words, and its formula below."""
    return "\n".join([f"{kind}: {entry['name']}: {entry['text']}", *(f"    {line}" for line in entry["formula"])])


def _names(assumed: Sequence[Found]) -> str:
    """Return the names of the assumptions."""
    return ", ".join(entry["name"] for entry in assumed) or "nothing"


def _again(results: Sequence[Found]) -> list[str]:
    """Return what was derived again, in one line for each statement."""
    lines = []
    for result in results:
        if steps := result.get("rechecked"):
            ways = [step["how"] for step in steps]
            counted = ", ".join(f"{ways.count(how)} by {how}" for how in dict.fromkeys(ways))
            lines.append(f"{result['statement']}: {len(steps)} steps derived again: {counted}")
    return ["\n".join(lines)] if lines else []


def _coq(results: Sequence[Found]) -> list[str]:
    """Return what coqc says of each statement, in a table, and a line that sums it up."""
    checked = [(result["statement"], result["coq"]) for result in results if "coq" in result]
    if not checked:
        return []
    rows = [[key, _likeness(c), c["verdict"], len(c["axioms"]), f"{c['time_s']:.2f}"] for key, c in checked]
    axioms = sorted({axiom for _, c in checked for axiom in c["axioms"]})
    reasons = [f"{key}: {c['verdict']} by Coq: {c['reason']}" for key, c in checked if c["reason"]]
    proved = [c for _, c in checked if c["verdict"] == "proved"]
    exact = sum(c["exact"] for c in proved)
    return [
        tabulate(rows, ["statement", "theorem of Coq", "verdict", "axioms", "seconds"], disable_numparse=True),
        *dict.fromkeys(reasons),
        *(["\n".join(["axioms, those of Coq's real numbers:", *(f"    {name}" for name in axioms)])] if axioms else []),
        f"{len(proved)} of {len(checked)} statements proved by Coq, {exact} of them as they are stated",
    ]


def _likeness(found: Found) -> str:
    """Return how a theorem of Coq compares to its statement."""
    return "none" if found["verdict"] == "none" else "the same" if found["exact"] else "weaker"


def summary(results: Sequence[Found]) -> str:
    """Return how much was proved, in one line; steps that several statements share count once."""
    decided = [result for result in results if result["obligations"]]
    different = {id(theorem) for result in decided for theorem in proofs.proof(result["statement"]).obligations}
    mutants = [mutant["killed"] for result in results for mutant in result["mutants"]]
    proved = sum(result["verdict"] == "proved" for result in results)
    time_s = sum(result["time_s"] for result in results)
    return (
        f"{proved} of {len(results)} statements proved, {len(different)} obligations, "
        f"{sum(mutants)} of {len(mutants)} mutants refuted, {time_s:.1f} s of solver time"
    )
