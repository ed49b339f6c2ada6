"""Text as its format breaks it, at line feeds and ASCII blanks and nowhere else, and what stray characters are called.

Python's `str.splitlines`, `str.split`, `str.strip`, `int` and `float` know many more breaks, blanks and digits.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

BLANKS = " \t\r\n"
"""What may stand around a number or a name."""

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
"""Numbers as they are typed."""

LONG = re.compile(r"[0-9]{4301}")
"""What no reader takes for a number, since the time for it grows with the square of the digits: Python's own limit."""
MOST_PRINTED = 100_000
"""Digits of an exact number that is printed, which takes a third of a second."""

CONTROLS = {
    "\0": "NULL",
    "\t": "CHARACTER TABULATION",
    "\n": "LINE FEED",
    "\v": "LINE TABULATION",
    "\f": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1c": "FILE SEPARATOR",
    "\x1d": "GROUP SEPARATOR",
    "\x1e": "RECORD SEPARATOR",
    "\x1f": "UNIT SEPARATOR",
    "\x85": "NEXT LINE",
}
"""Names of characters that have none in Unicode's own list."""


def decoded(data: bytes) -> str:
    """Return UTF-8 as text; a byte that is none becomes a character that no format takes, and `named` tells it."""
    return data.decode("utf-8", errors="surrogateescape")


def lines(text: str) -> list[str]:
    r"""Return the lines of a text, which end with a line feed, or a carriage return and a line feed.

    Examples
    --------
    >>> lines("a\r\nb\fc\n")
    ['a', 'b\x0cc']
    """
    found = [line.removesuffix("\r") for line in text.split("\n")]
    return found if found[-1] else found[:-1]


def named(character: str) -> str:
    r"""Return how a character is called.

    Examples
    --------
    >>> named("\f"), named("１"), named("\udcff")
    ('U+000C FORM FEED', 'U+FF11 FULLWIDTH DIGIT ONE', 'the byte 0xFF (no UTF-8)')
    """
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"the byte 0x{code - 0xDC00:X} (no UTF-8)"
    name = CONTROLS.get(character) or unicodedata.name(character, "a character without a name")
    return f"U+{code:04X} {name}"


def stray(text: str, also: str = "\t") -> str | None:
    r"""Return the name of the first character that is not printable ASCII (nor one of the others allowed), if any.

    Examples
    --------
    >>> stray("0.5,\u00a01"), stray("0.5, 1")
    ('U+00A0 NO-BREAK SPACE', None)
    """
    return next((named(c) for c in text if not (" " <= c <= "~" or c in also)), None)


def printable(text: str, most: int = 200) -> str:
    r"""Return somebody's text so that a message can hold it: on one line, without control characters, not endless.

    Examples
    --------
    >>> printable("two\nlines"), printable("endless", most=3)
    ('two\\nlines', 'end…')
    """
    kept = (c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text[:most])
    return "".join(kept) + ("" if len(text) <= most else "…")


def integer(text: str) -> int:
    """Return the integer that a text in JSON states.

    Raises
    ------
    ValueError
        If it has more than 4,300 digits, whatever the interpreter would take.
    """
    if LONG.search(text):
        raise ValueError("an integer has more digits than can be read")
    return int(text)


@contextmanager
def long_numbers() -> Iterator[None]:
    """Let exact results be printed with up to 100,000 digits.

    They have more than what they follow from, and Python by itself prints 4,300. Readers keep a limit of their own.

    Examples
    --------
    >>> with long_numbers():
    ...     len(str(10**5000))
    5001
    """
    before = sys.get_int_max_str_digits()
    if before:  # 0 is no limit
        sys.set_int_max_str_digits(max(before, MOST_PRINTED))
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)
