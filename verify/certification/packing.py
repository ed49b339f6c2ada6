"""Integers by the thousand as text: 64-bit little-endian, deflated, base64; read back with care."""

import base64
import binascii
import zlib
from typing import Any

import numpy as np

from theory.errors import DomainError
from verify.files.records import field

LARGEST = 1 << 58
"""Packed integers are smaller than this, so that sums of a few of them never overflow."""
MOST_ENTRIES = 1 << 28


def packed(value: Any) -> Any:  # noqa: ANN401  arrays, and tuples of them to any depth
    """Return an array of integers, or tuples of them, as text.

    Examples
    --------
    >>> unpacked(packed((np.arange(3),)))
    (array([0, 1, 2]),)
    """
    if isinstance(value, tuple):
        return [packed(part) for part in value]
    data = zlib.compress(np.ascontiguousarray(value, dtype="<i8").tobytes(), 6)
    return {"shape": list(value.shape), "data": base64.b64encode(data).decode()}


def unpacked(record: object) -> Any:  # noqa: ANN401
    """Return the arrays that `packed` put away.

    Raises
    ------
    DomainError
        If the data are cut short, or do not have the shape stated.
    """
    if isinstance(record, list):
        return tuple(unpacked(part) for part in record)
    shape = field(record, "shape", list)
    if (
        not all(type(n) is int and 0 <= n < MOST_ENTRIES for n in shape)
        or int(np.prod(shape, dtype=object)) > MOST_ENTRIES
    ):
        raise DomainError(f"packed integers must have a shape of reasonable size, not {shape}")
    size = 8 * int(np.prod(shape, dtype=object))
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(field(record, "data", str), validate=True), size + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise DomainError("packed integers are damaged") from None
    if len(data) != size:
        raise DomainError(f"packed integers of shape {shape} are cut short or too long")
    array = np.frombuffer(data, dtype="<i8").astype(np.int64).reshape(shape)
    if array.size and max(int(array.max()), -int(array.min())) >= LARGEST:
        raise DomainError("packed integers must be below 2^58")
    return array
