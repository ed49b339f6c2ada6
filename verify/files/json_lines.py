"""JSON as RFC 8259 has it, one value a line: numbers as text, each key of an object once, and nothing else taken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS, decoded, integer, named
from fvproof.verify.files.disk import contents


def json_lines(path: Path) -> list[Any]:
    """Return the values in a file, one a line; a line ends with a line feed, and blank ones are left out.

    Raises
    ------
    DomainError
        If the file cannot be read, or a line is no JSON: the message names the line.
    """
    return [_value(path, number, line) for number, line in _filled(contents(path))]


def _filled(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold something, with their numbers."""
    return ((i, line) for i, line in enumerate(decoded(data).split("\n"), 1) if line.strip(BLANKS))


def _value(path: Path, number: int, line: str) -> Any:  # noqa: ANN401  JSON
    """Return the value of a line."""
    try:
        return json_value(line)
    except DomainError as error:
        raise DomainError(f"{path}, line {number}: {error}") from None


def json_value(text: str) -> Any:  # noqa: ANN401  JSON
    """Return the value that a text holds; a decimal is given as text, so that it stays exact.

    Raises
    ------
    DomainError
        If it is no JSON, is nested too deeply, has an object with one key twice, or digits by the thousand.

    Examples
    --------
    >>> json_value('{"at": ["1/2", 0.1], "value": 1}')
    {'at': ['1/2', '0.1'], 'value': 1}
    """
    try:
        return json.loads(text, parse_int=integer, parse_float=str, object_pairs_hook=json_object)
    except json.JSONDecodeError as error:
        found = named(text[error.pos]) if error.pos < len(text) else "the end"
        raise DomainError(f"{error.msg} at column {error.pos + 1}, which is {found}") from None
    except RecursionError:
        raise DomainError("the lists are nested too deeply") from None
    except DomainError:
        raise
    except ValueError:
        raise DomainError("an integer has more digits than can be read") from None


def json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, none of whose keys may be there twice: readers differ in which of two they believe.

    Raises
    ------
    DomainError
        If one is.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for i, key in enumerate(keys) if key in keys[:i])
        raise DomainError(f"the key {twice!r} is there twice")
    return found
