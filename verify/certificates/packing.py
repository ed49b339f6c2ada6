"""Integers by the thousand as text: 64-bit little-endian, deflated, base64; read back with care."""

from typing import Any

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import printable
from fvproof.verify.files.deflating import bytes_of, text_of
from fvproof.verify.files.records import check_fields, field

LARGEST = 1 << 58
"""Packed integers are smaller than this, so that sums of a few of them never overflow."""
MOST_AXES = 2
MOST_ENTRIES = 1 << 26
"""A certificate has no more packed integers, lest a few kilobytes of text inflate to fill the memory."""


def packed(value: Any) -> Any:  # noqa: ANN401  arrays, and tuples of them to any depth
    """Return an array of integers, or tuples of them, as text.

    Examples
    --------
    >>> unpacked(packed((np.arange(3),)))
    (array([0, 1, 2]),)
    """
    if isinstance(value, tuple):
        return [packed(part) for part in value]
    return {"shape": list(value.shape), "data": text_of(np.ascontiguousarray(value, dtype="<i8").tobytes())}


def unpacked(record: object) -> Any:  # noqa: ANN401
    """Return the arrays that `packed` put away.

    Raises
    ------
    DomainError
        If the data are cut short, or do not have the shape stated.
    """
    if isinstance(record, list):
        return tuple(unpacked(part) for part in record)
    check_fields(record, ("shape", "data"), name="packed integers")
    shape = field(record, "shape", list)
    sizes = all(type(n) is int and 0 <= n <= MOST_ENTRIES for n in shape)
    if len(shape) > MOST_AXES or not sizes or int(np.prod(shape, dtype=object)) > MOST_ENTRIES:
        raise DomainError(f"packed integers must have a shape of reasonable size, not {printable(repr(shape), 60)}")
    size = 8 * int(np.prod(shape, dtype=object))
    data = bytes_of(field(record, "data", str), size, name=f"packed integers of shape {shape}")
    array = np.frombuffer(data, dtype="<i8").astype(np.int64).reshape(shape)
    if array.size and max(int(array.max()), -int(array.min())) >= LARGEST:
        raise DomainError("packed integers must be below 2^58")
    return array


def check_sizes(record: object) -> None:
    """Raise unless all packed integers in a record together are of reasonable number, as they state it."""
    if (count := _stated(record)) > MOST_ENTRIES:
        raise DomainError(
            f"it has {printable(str(count), 20)} packed integers, and more than {MOST_ENTRIES} are not read"
        )


def _stated(record: object) -> int:
    """Return how many packed integers a record states to hold."""
    if isinstance(record, dict) and isinstance(shape := record.get("shape"), list):
        sizes = [n for n in shape if type(n) is int and n >= 0]
        return int(np.prod([min(n, MOST_ENTRIES + 1) for n in sizes], dtype=object))
    parts = record.values() if isinstance(record, dict) else record if isinstance(record, list) else ()
    return sum(map(_stated, parts))
