"""A file of claims: TOML that says which pictures a model's release shows of which units. Reading it loads no torch."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fvproof.theory.errors import DomainError, FvproofError, UnknownName
from fvproof.verify.files.disk import contents

OF_MODEL = ("weights", "mean", "std", "range", "bgr", "shape", "output", "device", "axes", "limit", "crop")
"""Keys of a card that say how its network and images are read, as the command line's options do."""

OF_MEASURING = {"steps": int, "seed": int, "certify": (int, float), "predictions": bool}
"""Keys of a card that say how its claims are measured, and what they hold."""

OF_CLAIMS = ("picture", "unit", "end", "name")
"""Keys of one claim."""

PATHS = ("images", "weights")


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim of a card as it is written.

    Attributes
    ----------
    name
        For people: what it says, or its unit, end and picture.
    picture, unit, end
        What is claimed; "" where that is not said.
    problem
        What is wrong with it, in a sentence; "" if nothing is that can be seen without the network.
    """

    name: str
    picture: str = ""
    unit: str = ""
    end: str = "max"
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A file of claims.

    Attributes
    ----------
    path
        The file; paths in it start from its folder.
    model, images
        As for `fv.model`.
    reading
        How network and images are read.
    measuring
        How claims are measured.
    entries
        The claims.
    """

    path: Path
    model: str
    images: str | None
    reading: Mapping[str, Any]
    measuring: Mapping[str, Any]
    entries: tuple[Entry, ...]


def read_card(file: str | Path) -> ClaimCard:
    """Return what a card says; a claim that cannot be read is one with a problem, and the others go on.

    Raises
    ------
    DomainError
        If it cannot be read, is no TOML, holds no claims, or what it says of all of them is not understood.
    """
    path = Path(file)
    try:
        told = tomllib.loads(contents(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError(f"{path} must be TOML: {error}") from error
    for key in told:
        if key not in (known := ("model", "images", *OF_MODEL, *OF_MEASURING, "claim")):
            raise DomainError(f"{path}: {UnknownName('setting', key, known)}")
    for key in ("model", *PATHS):
        if not isinstance(told.get(key, ""), str):
            raise DomainError(f"{path}: {key} must be text, not {told[key]!r}")
    for key, kind in OF_MEASURING.items():
        if key in told and (not isinstance(told[key], kind) or isinstance(told[key], bool) is not (kind is bool)):
            words = {"predictions": "true or false", "certify": "a number of seconds"}.get(key, "a whole number")
            raise DomainError(f"{path}: {key} must be {words}, not {told[key]!r}")
    claims = told.get("claim")
    if not isinstance(claims, list) or not claims:
        raise DomainError(f"{path} must have claims: [[claim]] with picture and unit, each")
    return ClaimCard(
        path,
        told.get("model", "digits"),
        told.get("images"),
        {key: told[key] for key in OF_MODEL if key in told},
        {key: told[key] for key in OF_MEASURING if key in told},
        tuple(_entries(claims)),
    )


def _entries(claims: list[Any]) -> list[Entry]:
    """Return the claims; one that stands there twice has a problem."""
    found: list[Entry] = []
    for place, told in enumerate(claims, 1):
        entry = _entry(place, told)
        what = (entry.picture, entry.unit, entry.end)
        twins = [i for i, one in enumerate(found, 1) if (one.picture, one.unit, one.end) == what and not one.problem]
        if twins and not entry.problem:
            entry = Entry(entry.name, *what, problem=f"claim {place} is the same as claim {twins[0]}")
        found.append(entry)
    return found


def _entry(place: int, told: Any) -> Entry:  # noqa: ANN401  whatever TOML holds
    """Return one claim."""
    try:
        return _checked(place, told)
    except FvproofError as error:
        said = told if isinstance(told, dict) else {}
        picture, unit = (said.get(key) if isinstance(said.get(key), str) else "" for key in ("picture", "unit"))
        name = " ".join(part for part in (f"claim {place}", unit, picture) if part)
        return Entry(name, picture or "", unit or "", problem=str(error))


def _checked(place: int, told: Any) -> Entry:  # noqa: ANN401  whatever TOML holds
    """Return one claim, or raise the sentence about it."""
    if not isinstance(told, dict):
        raise DomainError(f"claim {place} must be a table, [[claim]]")
    for key, value in told.items():
        if key not in OF_CLAIMS:
            raise UnknownName("key", key, OF_CLAIMS)
        if not isinstance(value, str):
            raise DomainError(f"claim {place}: {key} must be text, not {value!r}")
    missing = [key for key in ("picture", "unit") if not told.get(key)]
    if missing:
        raise DomainError(f"claim {place} must say its {' and its '.join(missing)}")
    end = told.get("end", "max")
    if end not in ("max", "min"):
        raise UnknownName("end", end, ("max", "min"))
    name = told.get("name") or f"{told['unit']} {end} {told['picture']}"
    return Entry(name, told["picture"], told["unit"], end)
