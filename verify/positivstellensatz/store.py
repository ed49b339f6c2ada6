"""Certificates of proofs as files, and what is kept of trees that were found once."""

import json
import lzma
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fvproof.verify.certificates.proofs import FORMAT, SHIPPED, VERSION, keys, read_proofs
from fvproof.verify.certificates.theorems import derived
from fvproof.verify.files.disk import writing
from fvproof.verify.positivstellensatz.tree import NotFound, Patience, tree
from fvproof.verify.proving.derivations import Derivation
from fvproof.verify.proving.obligation import Proved
from fvproof.verify.proving.proof import Proof


def proof_record(proofs: Mapping[str, Proof], trees: Mapping[str, Any]) -> dict[str, Any]:
    """Return statements and their theorems as an object that `json` can write, with the trees that are known."""
    derivation = Derivation()
    steps = {key: [step for step in one.steps if isinstance(step, Proved)] for key, one in proofs.items()}
    statements = {key: [derivation.place(step) for step in proved] for key, proved in steps.items()}
    theorems = derivation.records
    for record, key in zip(theorems, keys(theorems), strict=True):
        if trees.get(key) is not None:
            record["steps"] = trees[key]
    return {"format": FORMAT, "version": VERSION, "statements": statements, "theorems": theorems}


def trees() -> dict[str, Any]:
    """Return the trees of the package's file by the keys of their questions; None for a question that resisted."""
    if not SHIPPED.is_file():
        return {}
    theorems = read_proofs(SHIPPED)["theorems"]
    asked = [(key, one) for key, one in zip(keys(theorems), theorems, strict=True) if one["rule"] == "cases"]
    return {key: one.get("steps") for key, one in asked}


def search(
    record: Mapping[str, Any], known: dict[str, Any], patience: Patience, told: Callable[[str, str], None]
) -> None:
    """Enter the trees that are missing and can be found; what is known to resist is left.

    Parameters
    ----------
    record
        Statements and theorems, see `proof_record`.
    known
        Trees by the keys of their questions.
    patience
        How much is tried for each theorem.
    told
        Is told the name of a theorem, and what became of it.
    """
    theorems = record["theorems"]
    found = derived([{name: one[name] for name in one if name != "steps"} for one in theorems])
    asked = zip(found.theorems, keys(theorems), strict=True)
    for theorem, key in sorted(asked, key=lambda one: len(found.terms.below(one[0].question))):  # what is easy first
        if theorem.is_open and key not in known:
            try:
                known[key] = tree(found.terms, theorem.question, patience)
                told(theorem.name, f"{len(known[key])} steps")
            except NotFound as reason:
                told(theorem.name, f"no certificate was found: {reason}")


def write_certificates(proofs: Mapping[str, Proof], folder: Path, time_s: float) -> list[str]:
    """Write a file for each statement, and return the names of the theorems without a tree."""
    known = trees()
    search(proof_record(proofs, known), known, Patience(time_s=time_s), lambda *_: None)
    missing: dict[str, None] = {}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for key, one in proofs.items():
        record = proof_record({key: one}, known)
        write_proofs(record, folder / f"{key}.json")
        missing |= {t["name"]: None for t in record["theorems"] if t["rule"] == "cases" and "steps" not in t}
    return list(missing)


def write_proofs(record: Mapping[str, Any], path: Path) -> None:
    """Write certificates as JSON, compressed where the name ends in ``.xz``."""
    data = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    with writing(path):
        path.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME) if path.suffix == ".xz" else data)
