"""Files with the certificates of proofs: statements, the theorems that they consist of, and what closes each."""

import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.theorems import Theorem, derived
from fvproof.verify.files.disk import reading
from fvproof.verify.files.records import MOST_BYTES, check_fields, check_head, json_from, read_json

FORMAT: Final = "fvproof-proofs"
VERSION: Final = 1
FIELDS: Final = ("format", "version", "statements", "theorems")
SHIPPED: Final = Path(__file__).parents[1] / "proofs" / "certificates.json.xz"
"""The certificates of all statements of this package."""


Told = tuple[str, bool | None, str]
"""What was checked, whether it holds (None: not checked), and how."""


@dataclass(frozen=True, slots=True)
class ProofFindings:
    """What came of certificates of proofs: what follows, what does not, and what was not looked at."""

    claims: list[str]
    checks: list[Told]
    unchecked: list[str]


def read_proofs(path: Path) -> dict[str, Any]:
    """Return the record in a file, which may be compressed.

    Raises
    ------
    DomainError
        If it holds no such record.
    """
    record: Any = json_from(_inflated(path), path) if path.suffix == ".xz" else read_json(path)
    try:
        check_head(record, FORMAT, VERSION)
        check_fields(record, FIELDS, name="a certificate of proofs")
    except DomainError as error:
        raise DomainError(f"{path} holds no proofs: {error}") from None
    return record


def checked_files(path: Path) -> ProofFindings:
    """Return what came of a file, or of all files of a folder.

    Raises
    ------
    DomainError
        If a file is damaged, or a theorem of it does not follow from what is said.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise DomainError(f"{path} holds no certificates of proofs")
    own = _own()
    parts = [_checked(file, own) for file in files]
    lines = [line for part in parts for line in part.claims]
    many = "1 statement, from its" if len(lines) == 1 else f"{len(lines)} statements, from their"
    head = f"{path}: {many} formulas up, by cases, induction and exact arithmetic"
    assumed = dict.fromkeys(line for part in parts for line in part.unchecked)
    return ProofFindings([head, *lines], [check for part in parts for check in part.checks], list(assumed))


def _checked(path: Path, own: Mapping[str, Any]) -> ProofFindings:
    """Return what came of one file: a line for each statement, a check for what is amiss, and what is assumed."""
    record = read_proofs(path)
    try:
        found = derived(record["theorems"])
        said = meanings(record["theorems"])
        statements = {key: found.below(places) for key, places in record["statements"].items() if places}
        meant = {key: sorted(said[place] for place in places) for key, places in record["statements"].items()}
        if statements.keys() != meant.keys() or not statements:
            raise DomainError("a statement consists of theorems")
    except (DomainError, TypeError, LookupError, AttributeError) as error:
        told = error if isinstance(error, DomainError) else "it is not well formed"
        raise DomainError(f"{path} proves nothing: {told}") from None
    checks = [_is_own(key, meant[key], own) for key in statements]
    checks += [
        (f"{key}: {theorem.name}", False, "no certificate: nothing shows that it follows")
        for key, theorems in statements.items() for theorem in theorems if theorem.is_open
    ]  # fmt: skip
    assumed = [
        f"assumed: {name}: {text}" for theorems in statements.values() for t in theorems for name, text, _ in t.assumed
    ]
    return ProofFindings([_line(key, theorems) for key, theorems in statements.items()], checks, assumed)


def _line(key: str, theorems: Sequence[Theorem]) -> str:
    """Return what a statement rests on, in a line."""
    rules = [theorem.rule for theorem in theorems]
    counted = ", ".join(f"{rules.count(rule)} by {rule}" for rule in dict.fromkeys(rules))
    steps = sum(theorem.steps or 0 for theorem in theorems)
    names = ", ".join(dict.fromkeys(name for theorem in theorems for name, *_ in theorem.assumed)) or "nothing"
    return f"{key}: {len(theorems)} theorems, {counted}; {steps} steps; assumed: {names}"


def _is_own(key: str, meant: Sequence[str], own: Mapping[str, Any]) -> Told:
    """Return whether a statement says what it says in this package, formula by formula."""
    name = f"{key} is the statement of this package, formula by formula"
    if key not in own:
        return name, None, "this package has no statement of that name"
    return name, meant == own[key], "compared with the package's own certificates"


@cache
def _own() -> dict[str, list[str]]:
    """Return what the statements of this package mean, as the certificates say that come with it."""
    if not SHIPPED.is_file():
        return {}
    record = read_proofs(SHIPPED)
    said = meanings(record["theorems"])
    return {key: sorted(said[place] for place in places) for key, places in record["statements"].items()}


def _inflated(path: Path) -> bytes:
    """Return the bytes of a compressed file, if there are not too many."""
    try:
        with reading(path):
            reader = lzma.LZMADecompressor(memlimit=1 << 28)
            data = reader.decompress(path.read_bytes(), MOST_BYTES + 1)
    except lzma.LZMAError as error:
        raise DomainError(f"{path} cannot be read: {error}") from None
    if len(data) > MOST_BYTES or not reader.eof:
        raise DomainError(f"{path} is cut short, or larger than {MOST_BYTES >> 20} MiB")
    return data


def keys(theorems: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a few letters for each theorem, which no theorem has of which something else is asked."""
    found = []
    for one in theorems:
        by = [s["formula"] if "assumed" in s else [_said(theorems[s["theorem"]]), s["at"]] for s in one["by"]]
        found.append(_digest([one["rule"], _said(one), by]))
    return found


def meanings(theorems: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a few letters for each theorem, which no theorem has that says or rests on something else."""
    found: list[str] = []
    for one in theorems:
        by = [s["formula"] if "assumed" in s else [found[s["theorem"]], s["at"]] for s in one["by"]]
        found.append(_digest([one["rule"], _said(one), one.get("fold"), by]))
    return found


def _said(theorem: Mapping[str, Any]) -> list[Any]:
    """Return what a theorem says, without names."""
    texts = [text for _, text in theorem["given"]]
    return [theorem["words"], texts, theorem["claim"], theorem.get("fold", {}).get("reached", "")]


def _digest(said: Any) -> str:  # noqa: ANN401  whatever JSON can write
    """Return a few letters for what is said."""
    return sha256(json.dumps(said).encode()).hexdigest()[:32]
