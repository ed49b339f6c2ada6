"""What coqc says of the statements, beside what the solvers found."""

from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from fvproof.verbs.proofs_in_words import Found
from fvproof.verify.proving.coq import CoqVerdict, check, theorems

NONE: Found = {"verdict": "none", "reason": "", "exact": False, "axioms": [], "time_s": 0.0}
"""What is known of a statement that has no theorem in Coq."""


def in_coq(found: Sequence[Found], folder: Path) -> tuple[Found, ...]:
    """Return the findings with what coqc says of each statement, once its development lies in the folder.

    Raises
    ------
    FvproofError
        If the folder cannot be written to.
    """
    keys = [one["statement"] for one in found if one["statement"] in theorems()]
    shown = tqdm(check(folder, keys), total=len(keys), disable=None, leave=False, unit="theorem")
    verdicts = {verdict.theorem.key: _entry(verdict) for verdict in shown}
    return tuple(one | {"coq": verdicts.get(one["statement"], NONE)} for one in found)


def _entry(verdict: CoqVerdict) -> Found:
    """Return what is shown of a theorem."""
    theorem = verdict.theorem
    return {
        "theorem": theorem.name,
        "text": theorem.text,
        "exact": theorem.exact,
        "remarks": theorem.remarks,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "axioms": list(verdict.axioms),
        "time_s": verdict.time_s,
    }
