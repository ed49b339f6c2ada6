"""Files beside a certificate, named plainly and bound by their SHA-256: the digest says which file is meant, no more.

Whoever changes a file can write its new digest into the certificate, so that what a file holds is looked at too.
"""

from hashlib import file_digest
from pathlib import Path

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import printable
from fvproof.verify.files.disk import reading
from fvproof.verify.files.records import check_fields, field

LONGEST = 255
"""Bytes in a file's name."""


def file_record(path: Path) -> dict[str, str]:
    """Return a file's name and digest.

    Raises
    ------
    DomainError
        If the file cannot be read.
    """
    with reading(path), path.open("rb") as file:
        return {"file": path.name, "sha256": file_digest(file, "sha256").hexdigest()}


def file_beside(certificate: Path, record: object, further: tuple[str, ...] = ()) -> Path:
    """Return the file that a certificate names by `file_record`, if it lies beside it and is the one that was written.

    Parameters
    ----------
    certificate
        The file that holds the record.
    record
        The name and the digest, with further fields that the caller looks at.

    Raises
    ------
    DomainError
        If the record is damaged or names another folder, or the file is missing or another one.
    """
    check_fields(record, ("file", "sha256", *further), name="the record of a file")
    path = named_beside(certificate, field(record, "file", str))
    if not path.is_file():
        raise DomainError(f"there is no file {path}, which the certificate {certificate.name} is about")
    if file_record(path)["sha256"] != field(record, "sha256", str):
        raise DomainError(
            f"{path} is not the file that the certificate {certificate.name} was made for: its sha256 differs"
        )
    return path


def named_beside(certificate: Path, name: str) -> Path:
    """Return the path of a name in the certificate's folder.

    Raises
    ------
    DomainError
        If the name leads out of the folder.
    """
    if not name.isprintable() or len(name.encode()) > LONGEST or name in ("", ".", "..") or "/" in name or "\\" in name:
        raise DomainError(f"a file beside a certificate must be named without its folder, not {printable(name)!r}")
    return certificate.with_name(name)
