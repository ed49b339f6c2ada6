"""Files with the certificates of proofs: statements, the theorems that they consist of, and what closes each."""

import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.theorems import Derived, Theorem, derived
from fvproof.verify.files.disk import reading
from fvproof.verify.files.records import MOST_BYTES, check_fields, check_head, json_from, read_json

FORMAT: Final = "fvproof-proofs"
VERSION: Final = 1
FIELDS: Final = ("format", "version", "statements", "theorems")


@dataclass(frozen=True, slots=True)
class CheckedProofs:
    """Statements that follow, or would if all their theorems did.

    Parameters
    ----------
    statements
        For each statement the places of the theorems that it consists of.
    derived
        All theorems.
    """

    statements: dict[str, tuple[int, ...]]
    derived: Derived

    def theorems(self, key: str) -> list[Theorem]:
        """Return the theorems that a statement consists of, and all that they rest on."""
        return self.derived.below(self.statements[key])

    def open(self, key: str) -> list[str]:
        """Return the names of the theorems of a statement that nothing shows to follow."""
        return [theorem.name for theorem in self.theorems(key) if theorem.is_open]


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


def check_proofs(path: Path) -> CheckedProofs:
    """Return the statements of a file, once every theorem that has a certificate is found to follow.

    Raises
    ------
    DomainError
        If the file is damaged, or a theorem does not follow from what is said.
    """
    record = read_proofs(path)
    try:
        found = derived(record["theorems"])
        statements = {str(key): tuple(places) for key, places in record["statements"].items()}
        if not statements or not all(places and set(places) <= set(range(len(found.theorems))) for places in statements.values()):
            raise DomainError("every statement must consist of theorems of the file")
    except (DomainError, TypeError, AttributeError) as error:
        told = error if isinstance(error, DomainError) else "it is not well formed"
        raise DomainError(f"{path} proves nothing: {told}") from None
    return CheckedProofs(statements, found)


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
