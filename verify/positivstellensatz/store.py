"""Certificates of proofs as files, and what is kept of trees that were found once."""

import json
import lzma
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fvproof.verify.certificates.proofs import FORMAT, VERSION, read_proofs
from fvproof.verify.files.disk import writing
from fvproof.verify.proving.derivations import Derivation, Record
from fvproof.verify.proving.proof import Proof

SHIPPED: Final = Path(__file__).parents[1] / "proofs" / "certificates.json.xz"
"""The certificates of all statements of this package."""


def proof_record(proofs: Mapping[str, Proof], trees: Mapping[str, Any]) -> dict[str, Any]:
    """Return statements and their theorems as an object that `json` can write, with the trees that are known."""
    derivation = Derivation()
    statements = {key: [derivation.place(step) for step in one.steps] for key, one in proofs.items()}
    theorems = derivation.records
    for record, key in zip(theorems, keys(theorems), strict=True):
        if key in trees:
            record["steps"] = trees[key]
    return {"format": FORMAT, "version": VERSION, "statements": statements, "theorems": theorems}


def keys(theorems: Sequence[Record]) -> list[str]:
    """Return a few letters for each theorem that no other question has: what is asked, and of what."""
    found = []
    for one in theorems:
        by = [s["formula"] if "assumed" in s else [_said(theorems[s["theorem"]]), s["at"]] for s in one["by"]]
        found.append(_digest([one["rule"], _said(one), by]))
    return found


def _said(theorem: Record) -> list[Any]:
    """Return what a theorem says, without its names."""
    texts = [text for _, text in theorem["given"]]
    return [theorem["words"], texts, theorem["claim"], theorem.get("fold", {}).get("reached", "")]


def _digest(said: Any) -> str:  # noqa: ANN401  whatever JSON can write
    """Return a few letters for what is said."""
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def trees(path: Path = SHIPPED) -> dict[str, Any]:
    """Return the trees of a file by the keys of their questions; none if there is no file."""
    if not path.is_file():
        return {}
    theorems = read_proofs(path)["theorems"]
    return {key: one["steps"] for key, one in zip(keys(theorems), theorems, strict=True) if "steps" in one}


def write_proofs(record: Mapping[str, Any], path: Path) -> None:
    """Write certificates as JSON, compressed where the name ends in ``.xz``."""
    data = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    with writing(path):
        path.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME) if path.suffix == ".xz" else data)
