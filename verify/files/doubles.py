"""Points as large as images, as text: single or double precision, little-endian, deflated, base64; read with care."""

import numpy as np
from numpy.typing import NDArray

from fvproof.theory.errors import DomainError
from fvproof.verify.files.deflating import bytes_of, text_of

SHORT = 64
"""A point of so many coordinates or fewer is written number by number."""

MOST = 1 << 28
"""No point has more coordinates."""

KINDS = {"float32": "<f4", "float64": "<f8"}


def deflated(point: NDArray[np.float64]) -> dict[str, str | int]:
    """Return a point as text, exactly: in single precision, where that holds every coordinate.

    Examples
    --------
    >>> record = deflated(np.full(1000, 0.75))
    >>> record["kind"], record["count"], bool((inflated(record, "the point") == 0.75).all())
    ('float32', 1000, True)
    """
    kind = "float32" if np.array_equal(point.astype(np.float32).astype(np.float64), point) else "float64"
    return {"kind": kind, "count": len(point), "deflated": text_of(point.astype(KINDS[kind]).tobytes(), level=9)}


def inflated(record: dict, name: str) -> NDArray[np.float64]:
    """Return the point that `deflated` wrote.

    Raises
    ------
    DomainError
        If it is cut short, has another number of coordinates than stated, or one that is not finite.
    """
    kind, count, data = (record.get(key) for key in ("kind", "count", "deflated"))
    if set(record) != {"kind", "count", "deflated"}:
        raise DomainError(f"{name} must state its kind, how many coordinates it has, and these, deflated: no more")
    if (
        not isinstance(kind, str)
        or kind not in KINDS
        or type(count) is not int
        or not 0 < count <= MOST
        or not isinstance(data, str)
    ):
        raise DomainError(f"{name} must state its kind, {' or '.join(KINDS)}, and how many coordinates it has")
    content = bytes_of(data, count * np.dtype(KINDS[kind]).itemsize, name=name)
    point = np.frombuffer(content, KINDS[kind]).astype(np.float64)
    if not np.isfinite(point).all():
        raise DomainError(f"{name} must have finite coordinates")
    return point
