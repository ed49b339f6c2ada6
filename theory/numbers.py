"""Reading exact numbers."""

import re
from fractions import Fraction
from math import isfinite

from theory.errors import DomainError

HUGE = re.compile(r"[eE][+-]?[0-9_]{5}")
"""A decimal exponent with which the exact number would fill the memory."""


def exact(value: object, *, name: str = "a number") -> Fraction:
    """Return the value as a fraction, without rounding.

    Parameters
    ----------
    value
        An integer, a fraction, a decimal or fraction as text (``"0.9"``, ``"1/4"``), or a float, which stands for the
        binary fraction that it holds (0.1 is 3602879701896397/36028797018963968; write ``"0.1"`` for one tenth).
    name
        What the value is, for the error message.

    Raises
    ------
    DomainError
        If the value is no finite number.

    Examples
    --------
    >>> exact("0.9")
    Fraction(9, 10)
    >>> exact(0.5)
    Fraction(1, 2)
    """
    if isinstance(value, Fraction):
        return value
    try:
        if isinstance(value, str):
            if HUGE.search(value):
                raise DomainError(f"{name} must have an exponent of at most four digits, not {value!r}")
            if not value.isascii():  # digits of other scripts: an exponent written in them would not be seen above
                raise DomainError(f"{name} must be a finite number, not {value!r}")
            return Fraction(value.strip())
        if isinstance(value, int):
            return Fraction(value)
        as_float = float(value)  # type: ignore[arg-type]
        if not isfinite(as_float):
            raise DomainError(f"{name} must be a finite number, not {value}")
        return Fraction(as_float) if as_float == value else exact(str(value), name=name)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, DomainError):
            raise
        raise DomainError(f"{name} must be a finite number, not {value!r}") from None
