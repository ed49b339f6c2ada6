"""Characters at which Python breaks lines and words, or that it takes for digits, and that no format here knows."""

import sys
import unicodedata

CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
ENDS_OF_LINES = {line[-1] for line in "".join(CHARACTERS).splitlines(keepends=True)[:-1]}
FORMATS_OWN = set(" \t\r\n")
BREAKS = [
    c
    for c in CHARACTERS
    if c not in FORMATS_OWN
    and (c in ENDS_OF_LINES or unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") or not c.strip())
]
"""Separators and control characters, and whatever else `str.splitlines`, `str.split` or `str.strip` stops at."""
DIGITS = [c for c in CHARACTERS if unicodedata.category(c) in ("Nd", "Nl", "No") and not c.isascii()]
"""Digits and other numbers of all scripts but ASCII."""
LOOK_ALIKES = list("−‐﹣－．，；（）ＸΧХҮΥ＿⁄∕٫٬\ufeff\u200b\u200d\u2060\u00ad\u202e")
"""Signs, separators and letters that look like those of a format, or like nothing."""
STRANGE = [*BREAKS, *DIGITS, *LOOK_ALIKES]
