"""Where a verb leaves its files: a folder of the user's, or one that goes with the result."""

from collections.abc import Collection
from pathlib import Path
from shutil import Error, copytree, rmtree
from tempfile import mkdtemp
from weakref import finalize

from fvproof.empirical.keeping.store import open_store
from fvproof.theory.errors import DomainError


class Scratch:
    """A folder that is there as long as somebody holds this, and not when Python has ended."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="fvproof-"))
        finalize(self, rmtree, self.path, ignore_errors=True)


def opened(out: str | Path | None) -> tuple[Path, Scratch | None]:
    """Return the user's folder, made if need be; without one, a folder that goes with what holds the second part.

    Raises
    ------
    DomainError
        If the folder cannot be made or written to.
    """
    if out is not None:
        return open_store(out), None
    scratch = Scratch()
    return scratch.path, scratch


def copied(source: Path, folder: str | Path, *, without: Collection[str] = ()) -> Path:
    """Copy what a folder holds into another one, which is made if need be, and return that.

    Parameters
    ----------
    source
        The folder; if it is the other one, nothing is done.
    folder
        Where to.
    without
        Names in the folder that are left out.

    Raises
    ------
    DomainError
        If something cannot be written.
    """
    place = open_store(folder)
    if place.resolve() == source.resolve():
        return place

    def left_out(inside: str, names: list[str]) -> set[str]:
        top = Path(inside) == source
        return {name for name in names if Path(inside, name).resolve() == place.resolve() or (top and name in without)}

    try:
        copytree(source, place, dirs_exist_ok=True, ignore=left_out)
    except (OSError, Error) as error:
        raise DomainError(f"the folder {place} must be one that can be written to: {error}") from error
    return place
