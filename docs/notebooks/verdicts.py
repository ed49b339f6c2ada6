"""Statements in words, and proofs as tables: each step with its verdict, each mutant with the model that refutes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fvproof.theory import statements
from fvproof.verify.proving.assumption import Assumption, merged
from fvproof.verify.proving.kernel import Mutant
from fvproof.verify.proving.obligation import Proved, Verdict
from fvproof.verify.proving.verdict import Refuted, Unknown, Vacuous
from fvproof.verify.proving.writing import written


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading, shown as Markdown, with lines of text below."""

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def _repr_markdown_(self) -> str:
        rule = ["---"] * len(self.heading)
        lines = [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
            for row in (self.heading, rule, *self.rows)
        ]
        return "\n".join(lines) + "".join(f"\n\n{note}" for note in self.notes)


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of Markdown."""

    markdown: str

    def _repr_markdown_(self) -> str:
        return self.markdown


def statement(key: str) -> Text:
    """Return a statement as data has it: hypotheses, claim, formula, and where it is from."""
    found = statements.statement(key)
    given = "; ".join(found.hypotheses)
    words = typeset(f"*Given:* {given}.\n>\n> *Then:* {found.claim}")
    return Text(
        f"> **{found.title}** (`{key}`), from {found.source}; proved for {found.scope}.\n>\n"
        f"> {words}\n\n```math\n{found.latex}\n```"
    )


def typeset(words: str) -> str:
    """Return words in which x_i and s^d are set as subscripts and superscripts, except in code."""
    parts = words.split("`")
    for i in range(0, len(parts), 2):
        lowered = re.sub(r"(?<=\w)_(?:\{([^}]*)\}|(\w+))", r"<sub>\1\2</sub>", parts[i])
        parts[i] = re.sub(r"\^(?:\(([^)]*)\)|(\w))", r"<sup>\1\2</sup>", lowered)
    return "`".join(parts)


def steps(theorems: Iterable[Verdict]) -> Table:
    """Return the steps of a proof: what is claimed, from what, and the solver's verdict."""
    theorems = list(theorems)
    rows = [
        [str(i), typeset(step.name), typeset(_given(step)), _verdict(step)] for i, step in enumerate(theorems, start=1)
    ]
    return Table(["", "claim", "from", "verdict"], rows, _ledger(theorems))


def _ledger(theorems: Iterable[Verdict]) -> list[str]:
    """Return what the theorems take for granted, with the formulas, and apart from it the notes."""
    entries = sorted(merged(*(step.ledger for step in theorems if isinstance(step, Proved))), key=str)
    assumed = "; ".join(typeset(str(entry)) + _formula(entry) for entry in entries if not entry.is_note)
    noted = "; ".join(typeset(str(entry)) for entry in entries if entry.is_note)
    first = f"*Taken for granted:* {assumed}." if assumed else "Nothing is taken for granted but arithmetic and logic."
    return [first, *([f"*Noted, and nothing rests on it:* {noted}."] if noted else [])]


def _formula(assumption: Assumption) -> str:
    """Return the parts of an assumption's formula, which it says of all values of its constants."""
    parts = [] if assumption.formula is None else written(assumption.formula)
    return f" ({', '.join(f'`{part}`' for part in parts)})" if parts else ""


def _given(step: Verdict) -> str:
    """Return the names of a step's hypotheses and of the theorems it rests on."""
    if not isinstance(step, Proved):
        return ""
    if step.rule == "calculus":
        return "*integration by SymPy, checked by differentiation*"
    parents = (
        ["*induction over the coordinates*"] if step.rule == "induction" else [f"*{name}*" for name in step.parents]
    )
    parts = [*step.obligation.given, *dict.fromkeys(parents)]
    return "; ".join(parts) or "nothing"


def _verdict(step: Verdict) -> str:
    """Return the verdict in words."""
    match step:
        case Proved(unneeded=unneeded):
            return "proved" + (f" (even without: {'; '.join(unneeded)})" if unneeded else "")
        case Refuted():
            return f"**refuted**: `{step}`"
        case Vacuous():
            return f"**says nothing**: {step}"
        case Unknown():
            return f"**unknown**: {step}"


def mutants(changed: Iterable[Mutant]) -> Table:
    """Return statements that are false by one change, each with a case in which it fails."""
    rows = [
        [typeset(mutant.change), "refuted" if mutant.killed else "**not refuted**", f"`{mutant.verdict}`"]
        for mutant in changed
    ]
    return Table(["what is changed", "verdict", "a case in which it fails"], rows)
