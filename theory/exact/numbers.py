"""Reading exact numbers."""

import re
from fractions import Fraction
from math import isfinite

from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS, REAL, stray

HUGE = re.compile(r"[eE][+-]?[0-9]{5}")
"""A decimal exponent with which the exact number would fill the memory."""
MOST_DIGITS = 4000
"""Of a number as text; Python writes 4,300."""
TOO_LARGE = 10**MOST_DIGITS
LONGEST = 60
"""Characters of a text that a message shows."""
RATIO = re.compile(r"[+-]?[0-9]+/[0-9]+")


def exact(value: object, *, name: str = "a number") -> Fraction:
    """Return the value as a fraction, without rounding.

    Parameters
    ----------
    value
        An integer, a fraction, a decimal or fraction as text (``"0.9"``, ``"1/4"``; ASCII digits only), or a float,
        which stands for the binary fraction that it holds (0.1 is 3602879701896397/36028797018963968; write ``"0.1"``
        for one tenth).
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
            return _read(value, name)
        if isinstance(value, bool):
            raise TypeError
        if isinstance(value, int):
            return Fraction(value)
        as_float = float(value)  # type: ignore[arg-type]
        if not isfinite(as_float):
            raise DomainError(f"{name} must be a finite number, not {value}")
        return Fraction(as_float) if as_float == value else exact(str(value), name=name)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, DomainError):
            raise
        raise DomainError(f"{name} must be a finite number, not {_quoted(value)}") from None


def _read(text: str, name: str) -> Fraction:
    """Return the decimal or the fraction that a text states; Python itself would take digits of every script."""
    if found := stray(text, BLANKS):
        raise DomainError(f"{name} must be a finite number in ASCII digits, not {_quoted(text)} with {found}")
    written = text.strip(BLANKS)
    if HUGE.search(written):
        raise DomainError(f"{name} must have an exponent of at most four digits, not {_quoted(text)}")
    if not (REAL.fullmatch(written) or RATIO.fullmatch(written)):
        raise ValueError
    if len(written) > 3 * MOST_DIGITS or max(map(abs, (number := Fraction(written)).as_integer_ratio())) >= TOO_LARGE:
        raise DomainError(f"{name} must have at most {MOST_DIGITS} digits, not as many as {_quoted(text)}")
    return number


def _quoted(value: object) -> str:
    """Return a value as a message shows it."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
