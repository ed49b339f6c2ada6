"""`fv.prove`: machine-check the statements of the theory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from tqdm import tqdm
from typing_extensions import override

from fvproof.theory.errors import FvproofError, UnknownName
from fvproof.theory.statements import STATEMENTS, Statement, statement
from fvproof.verbs.kinds import checked
from fvproof.verbs.proofs_in_words import Found, in_words, summary
from fvproof.verbs.proving_in_coq import in_coq
from fvproof.verbs.results import Result, html_table
from fvproof.verify.proving import proof as proofs
from fvproof.verify.proving.answers import SolverFailed
from fvproof.verify.proving.assumption import Assumption, merged
from fvproof.verify.proving.interruption import attentive
from fvproof.verify.proving.kernel import recheck as decided_again
from fvproof.verify.proving.obligation import Proved, Verdict
from fvproof.verify.proving.proof import Proof
from fvproof.verify.proving.rechecking import Rederivation, Step, recheck_all
from fvproof.verify.proving.writing import written

EXIT_CODES = {"proved": 0, "none": 0, "refuted": 1, "vacuous": 1, "rejected": 1, "unknown": 3, "unchecked": 3}
NO_CVC5 = "the solver cvc5 is not installed: pip install 'fvproof[cvc5]'"
SOLVERS = ("z3", "cvc5")
Solver = Literal["z3", "cvc5"]

COLUMNS = ("statement", "title", "verdict", "scope")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ProveResult(Result):
    """What the solvers found of each statement.

    Attributes
    ----------
    found
        For each statement: statement, title, claim, source, scope, solver, verdict ("proved", "refuted", "vacuous",
        "rejected" or "unknown"), reason (why it is not proved), time_s, assumed and notes (with formulas),
        obligations, unneeded (hypotheses that a step can do without), mutants, with recheck each step, rechecked, and
        with coq what coqc says: theorem, text, exact, remarks, verdict, reason, axioms and time_s.
    """

    found: tuple[Found, ...]

    @property
    def proved(self) -> bool:
        """Whether all statements are proved."""
        return self.code == 0

    @property
    def proofs(self) -> dict[str, Proof]:
        """For each statement its proof: the kernel's theorems and the mutants. A solver that failed is asked again."""
        return {one["statement"]: proofs.proof(one["statement"]) for one in self.found}

    @property
    @override
    def headline(self) -> str:
        return summary(self.found)

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {key: one[key] for key in COLUMNS}
            | {
                "obligations": len(one["obligations"]),
                "assumed": ", ".join(entry["name"] for entry in one["assumed"]),
                "mutants refuted": f"{sum(m['killed'] for m in one['mutants'])} of {len(one['mutants'])}",
                "seconds": one["time_s"],
            }
            for one in self.found
        ]

    @property
    @override
    def text(self) -> str:
        return in_words(self.found)

    @override
    def record(self) -> list[Found]:
        return list(self.found)

    @override
    def to_json(self) -> str:
        """Return what was found as JSON, indented by two."""
        return json.dumps(self.record(), ensure_ascii=False, indent=2)

    @property
    @override
    def code(self) -> int:
        verdicts = [each["verdict"] for one in self.found for each in (one, one.get("coq", one))]
        codes = {EXIT_CODES[verdict] for verdict in verdicts}
        return 1 if 1 in codes else max(codes)

    def export(self, folder: str | Path) -> int:
        """Write every obligation as SMT-LIB, one folder per statement, and return how many there are.

        Raises
        ------
        FvproofError
            If the folder cannot be written to.
        """
        return _export([statement(one["statement"]) for one in self.found], Path(folder))

    def certify(self, folder: str | Path, *, time_s: float = 60.0) -> list[str]:
        """Write a certificate for each statement, and return the names of the theorems that have none.

        The package's own are used where they fit, and where they have none, none is written; for theorems that the
        package does not know, trees of cases are searched for.

        Parameters
        ----------
        folder
            Gets one file per statement, which `fvproof.check` checks without a solver.
        time_s
            Seconds of processor time for each theorem whose certificate must be searched for.

        Raises
        ------
        FvproofError
            If the folder cannot be written to.
        """
        from fvproof.verify.positivstellensatz.store import write_certificates  # SciPy only when it is needed

        return write_certificates(
            {key: one for key, one in self.proofs.items() if one.obligations}, Path(folder), time_s
        )

    @override
    def _repr_html_(self) -> str:
        keys = {"change": "mutant", "model": "refuted by"}
        mutants = [
            {"statement": one["statement"], **{name: mutant[key] for key, name in keys.items()}}
            for one in self.found
            for mutant in one["mutants"]
        ]
        return f"<p><b>{escape(self.headline)}</b></p>{html_table(self.rows)}{html_table(mutants)}"


@checked
def prove(*statements: str, solver: Solver = "z3", recheck: bool = False, coq: str | Path | None = None) -> ProveResult:
    """Machine-check statements of the theory: the named ones, or all of them.

    Each is proved for every dimension d, by z3 from formulas without quantifiers, by induction over the coordinates
    where it needs one: hypotheses ⇒ claim is proved where hypotheses ∧ ¬claim has no model, and the hypotheses have
    one. Its mutants, the statement made false by one change, must be refuted, by a model that is shown.

    Parameters
    ----------
    *statements
        Keys, those of `fvproof.theory.statements.STATEMENTS`: a class, such as "convex", or another statement, such as
        "minimax". None stand for all; that takes some seconds of a solver's time.
    solver
        "z3", which decides every statement; "cvc5", which must be installed, decides every obligation again,
        as a second opinion.
    recheck
        Derive every statement again from its formulas alone: every leaf is solved again by the solver that is named,
        every other step is checked against its rule, what it is about must exist (its hypotheses can be met
        together), and no theorem and no verdict is believed.
    coq
        A folder. There the statements are written as theorems of Coq, with their definitions, and coqc checks them, if
        it is installed: no solver is believed for them. Not every statement has such a theorem.

    Returns
    -------
    ProveResult
        ``.proved`` (True if all are), ``.found`` (of each, the verdict, what it takes for granted, its mutants),
        ``.proofs``, ``.table()``; ``.export(folder)`` writes the obligations as SMT-LIB, and ``.certify(folder)``
        certificates that `fvproof.check` checks without a solver.

    Raises
    ------
    UnknownName
        If there is no such statement or solver.
    FvproofError
        If cvc5 is not installed, or the folder cannot be written to.

    Source: each statement's own, in ``.found``.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.prove("minimax")
    >>> found.proved, found.found[0]["verdict"]
    (True, 'proved')
    """
    if solver not in SOLVERS:
        raise UnknownName("solver", solver, SOLVERS)
    asked = [statement(key) for key in dict.fromkeys(statements)] or list(STATEMENTS.values())
    with attentive():
        shown = tqdm(asked, disable=None, leave=False, unit="statement")
        found = tuple(_result(one, solver, recheck=recheck) for one in shown)
        _check_labels([one for one, result in zip(asked, found, strict=True) if result["obligations"]])
        return ProveResult(found if coq is None else in_coq(found, Path(coq)))


def _result(asked: Statement, solver: Solver, *, recheck: bool) -> Found:
    """Return what is known of one statement once the solvers have been asked."""
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
    merged(*(proofs.proof(one.key).ledger for one in asked))


NOTHING: Found = {"verdict": "unknown", "time_s": 0.0, "unneeded": {}}
NOTHING |= {"assumed": [], "notes": [], "obligations": [], "mutants": []}
"""What is known of a statement when its solver fails: there is no verdict."""


def _found(asked: Statement, solver: Solver, *, recheck: bool) -> Found:
    """Return what the solvers found."""
    built = proofs.proof(asked.key)
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


def _word(verdict: Verdict, again: Rederivation | None) -> tuple[str, str]:
    """Return the verdict as a word, and the reason if it is not proved."""
    word = type(verdict).__name__.lower()
    if word != "proved" or again is None or again.holds:
        return word, "" if word == "proved" else str(verdict)
    reasons = "; ".join(f"{step.name!r}: {step.fault}" for step in again.faults)
    is_open = all(step.is_open for step in again.faults)
    return "unknown" if is_open else "rejected", f"derived again, it does not follow: {reasons}"


def _entry(assumption: Assumption) -> Found:
    """Return an assumption with its formula, one text for each part; none for a principle that is no formula."""
    formula = [] if assumption.formula is None else written(assumption.formula)
    return {"name": assumption.name, "text": assumption.text, "formula": formula}


def _step(step: Step) -> Found:
    """Return one step of a derivation that was derived again."""
    return {"name": step.name, "how": step.how, "fault": step.fault, "time_s": round(step.time_s, 4)}


def _agreed(built: Proof) -> tuple[Verdict, float]:
    """Return the verdict once cvc5 has decided every exported obligation, and the time it took."""
    again = [decided_again(theorem, "cvc5") for theorem in built.obligations]
    doubts = [verdict for verdict in again if not isinstance(verdict, Proved)]
    return doubts[0] if doubts else built.verdict, sum(verdict.time_s for verdict in again)


def _export(asked: Sequence[Statement], folder: Path) -> int:
    """Write every obligation as SMT-LIB, one folder per statement, and return how many there are."""
    try:
        count = 0
        for one in asked:
            (folder / one.key).mkdir(parents=True, exist_ok=True)
            for i, theorem in enumerate(proofs.proof(one.key).obligations, start=1):
                (folder / one.key / f"{i:02}.smt2").write_text(theorem.obligation.smt2, encoding="utf-8")
                count += 1
    except OSError as error:
        raise FvproofError(f"the folder {folder} must be writable: {error.strerror}") from None
    return count
