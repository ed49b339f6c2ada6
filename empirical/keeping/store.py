"""Finished work on disk, one file per piece: what a killed run leaves behind, so that the next need not do it again.

A piece is named by a digest of all that its result depends on: weights, settings, images, and this package's own code.
It is written in one stroke, so that a file is either whole or not there; one that was damaged later is noticed,
reported and made anew. While a piece is computed its lock is held, which dies with the process that holds it: several
processes and runs share a store without computing anything twice. Files are zip archives of plain arrays and JSON:
reading one never runs code.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from fvproof.theory.errors import DomainError

STALE_S = 3600.0
"""Half-written files older than this, in seconds, were left by a killed run: no write takes nearly so long."""


@dataclass(frozen=True, slots=True, eq=False)
class FinishedPiece:
    """One finished piece of work.

    Attributes
    ----------
    record
        Everything that JSON can hold.
    arrays
        Arrays by name; "record" is taken.
    """

    record: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]


class DamagedPiece(DomainError):
    """A file of the store is not what was written."""


def open_store(given: str | Path) -> Path:
    """Return the folder, made if need be, without the half-written files of killed runs.

    Raises
    ------
    DomainError
        If it is no path, or the folder cannot be made or written to.
    """
    if not isinstance(given, str | Path):
        raise DomainError(f"a folder must be text or a path, not {type(given).__name__}")
    folder = Path(given)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"probe.{os.getpid()}.part"
        probe.touch()
        probe.unlink()
        for part in folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > STALE_S:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise DomainError(f"the folder {folder} must be one that can be written to: {error.strerror}") from error
    return folder


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file in one stroke: a reader finds the old one, or the new one whole.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DomainError(f"{path} must be a file that can be written: {error.strerror}") from error


def place(store: Path, key: str) -> Path:
    """Return the file of the piece with this key."""
    return store / f"{key}.npz"


def put(store: Path, key: str, piece: FinishedPiece) -> None:
    """Write a piece of work under its key.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    record = json.dumps({"key": key, "record": piece.record}, sort_keys=True).encode()
    write_atomically(place(store, key), _archive({**piece.arrays, "record": np.frombuffer(record, np.uint8)}))


def get(store: Path, key: str) -> FinishedPiece | None:
    """Return the piece of work with this key, or None where there is none.

    Raises
    ------
    DamagedPiece
        If there is a file, but not as it was written.
    """
    path = place(store, key)
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        content = json.loads(arrays.pop("record").tobytes())
        if content["key"] != key:
            raise ValueError(f"it says that it is {content['key']}")
        return FinishedPiece(content["record"], arrays)
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever a reader of archives makes of bytes that are none
        raise DamagedPiece(f"{path} is damaged: {error}") from error


def finished(
    store: Path,
    keys: Sequence[str],
    compute: Callable[[], Sequence[FinishedPiece]],
    *,
    report: Callable[[str], object],
) -> list[FinishedPiece]:
    """Return the pieces with these keys, which belong together: from the store, or computed now and kept there.

    Pieces that are computed in one batch have the same rounding only in the same company. So if one is missing or
    damaged, all are computed, but those that were finished stay as they are.

    Parameters
    ----------
    store
        The folder.
    keys
        One per piece.
    compute
        Gives all the pieces, in the order of the keys.
    report
        Called with a sentence for each damaged file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = finished(Path(folder), ["a" * 64], lambda: [FinishedPiece({"found": 1}, {})], report=print)
    ...     (again,) = finished(Path(folder), ["a" * 64], lambda: [FinishedPiece({"found": 2}, {})], report=print)
    >>> again.record
    {'found': 1}
    """
    if (pieces := intact(store, keys)) is not None:
        return pieces
    with claimed(store, keys[0]):
        whole = {key: piece for key in keys if (piece := _get_or_report(store, key, report)) is not None}
        if missing := [key for key in keys if key not in whole]:
            fresh = dict(zip(keys, compute(), strict=True))
            for key in missing:
                put(store, key, fresh[key])
                whole[key] = fresh[key]
        return [whole[key] for key in keys]


def intact(store: Path, keys: Sequence[str]) -> list[FinishedPiece] | None:
    """Return the pieces with these keys; None where one is missing or damaged."""
    try:
        found = [get(store, key) for key in keys]
    except DamagedPiece:
        return None
    whole = [piece for piece in found if piece is not None]
    return whole if len(whole) == len(keys) else None


@contextmanager
def claimed(store: Path, key: str) -> Iterator[None]:
    """Hold the lock of a piece, waiting for whoever holds it now.

    Raises
    ------
    DomainError
        If the folder cannot be written to.
    """
    path = store / f"{key}.lock"
    lock = FileLock(path)
    try:
        lock.acquire()
    except OSError as error:
        raise DomainError(f"the folder {store} must be one that can be written to: {error.strerror}") from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def _get_or_report(store: Path, key: str, report: Callable[[str], object]) -> FinishedPiece | None:
    """Return the piece, or None where it is missing or damaged; the latter is reported."""
    try:
        return get(store, key)
    except DamagedPiece as error:
        report(f"{error}; it is computed anew")
        return None


def _archive(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the arrays as the bytes of an .npz file."""
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
