"""Files read and written: whatever goes wrong is one sentence, and what may have no end is not read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from re import fullmatch
from stat import S_IFMT, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

from fvproof.theory.errors import DomainError

OPENED = r"/dev/(stdin|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+"
"""Names of what is open already: standard input, and what a shell puts in place of ``<(command)``."""


def require_regular(path: Path, name: str = "") -> None:
    """Return if a path leads to a regular file, or to a pipe that is open already.

    A named pipe waits for somebody who writes to it, and a device may have no end.

    Parameters
    ----------
    path
        As it was given.
    name
        What the file is, for the error message.

    Raises
    ------
    DomainError
        If there is no such file, or it is a folder, a named pipe, a socket or a device.

    Examples
    --------
    >>> require_regular(Path("/dev/null"), "the query")
    Traceback (most recent call last):
    fvproof.theory.errors.DomainError: the query: /dev/null cannot be read: it must be a regular file, and is a device
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # a name may hold a NUL
        raise _unreadable(path, name, error) from None
    if S_ISREG(mode) or (fullmatch(OPENED, str(path)) and (S_ISFIFO(mode) or S_ISSOCK(mode))):
        return
    raise _unreadable(path, name, f"it must be a regular file, and is {_kind(mode)}")


@contextmanager
def reading(path: Path, name: str = "") -> Iterator[None]:
    """Turn what goes wrong with a file while it is read into one sentence; parameters as for `require_regular`.

    Raises
    ------
    DomainError
        As for `require_regular`, or if the system refuses it.

    Examples
    --------
    >>> with reading(Path("nowhere.json")):
    ...     Path("nowhere.json").read_bytes()
    Traceback (most recent call last):
    fvproof.theory.errors.DomainError: nowhere.json cannot be read: No such file or directory
    """
    require_regular(path, name)
    try:
        yield
    except OSError as error:
        raise _unreadable(path, name, error) from None


def contents(path: Path, name: str = "") -> bytes:
    """Return all that a file holds.

    Raises
    ------
    DomainError
        As for `reading`.
    """
    with reading(path, name):
        return path.read_bytes()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make a file's folder where it is missing, and turn what goes wrong while it is written into one sentence.

    Raises
    ------
    DomainError
        If the system refuses it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DomainError(f"{path} cannot be written: {error.strerror or error}") from None


def _unreadable(path: Path, name: str, why: Exception | str) -> DomainError:
    """Return the sentence about a file that cannot be read."""
    return DomainError(f"{f'{name}: ' if name else ''}{path} cannot be read: {getattr(why, 'strerror', None) or why}")


def _kind(mode: int) -> str:
    """Return what a path leads to that is no regular file."""
    kinds = {S_ISDIR: "a folder", S_ISFIFO: "a named pipe", S_ISSOCK: "a socket"}
    return next((kind for test, kind in kinds.items() if test(S_IFMT(mode))), "a device")
