"""Files that only stand for others: pointers that stores of large files leave, and pages of websites."""

from pathlib import Path

from fvproof.theory.errors import DomainError

LOOKED_AT = 512
"""Bytes at the beginning that are looked at."""

KINDS = (
    (b"version https://git-lfs.github.com/spec/", "a pointer of git-lfs: fetch the file with `git lfs pull`"),
    (b"/annex/objects/", "a pointer of git-annex: fetch the file with `git annex get`"),
    (b"outs:\n- md5:", "a pointer of DVC: fetch the file with `dvc pull`"),
    (b"<!doctype html", "a web page, as a download that failed leaves it"),
    (b"<html", "a web page, as a download that failed leaves it"),
)
"""How such files begin, in small letters, and what they are."""


def require_itself(path: Path) -> None:
    r"""Raise DomainError if a file is only a pointer to the one that is meant.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pointer = Path(folder) / "weights.pt"
    ...     _ = pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    ...     require_itself(pointer)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    fvproof.theory.errors.DomainError: ...weights.pt is not the file itself but a pointer of git-lfs: fetch the ...
    """
    told = _pointer(path)
    if told is not None:
        raise DomainError(f"{path} is not the file itself but {told}")


def _pointer(path: Path) -> str | None:
    """Return what a file is that stands for another; None of one that is itself, or that cannot be read."""
    if path.is_symlink() and not path.exists() and "annex/objects" in str(path.readlink()):
        return KINDS[1][1]
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT).lstrip().lower()
    except OSError:
        return None
    return next((told for begins, told in KINDS if start.startswith(begins)), None)
