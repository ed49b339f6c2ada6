"""How a share is written: never as all where something is missing, never as none where there is something."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import isfinite
from typing import Literal

Rounded = Literal["nearest", "down", "up"]

_WAYS = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}


def percent(share: float | Fraction, decimals: int = 0, *, rounded: Rounded = "nearest") -> str:
    """Return a share in percent, rounded away from the claim that it supports.

    "100%" is written of all alone, and "0%" of none alone. A share between them that would be rounded to one of the two
    gets one decimal more, which leaves it on its own side: 99.96% is "99.9%", and 0.02% is "<0.1%".

    Parameters
    ----------
    share
        1 is all. Shares below 0 and above 1, such as those of an error, are written as they are.
    decimals
        At most so many, 0 to 5.
    rounded
        "down" where much is the claim ("unchanged in 99.9%"), "up" where little is ("at most 0.1% fire"), "nearest"
        where nothing is claimed.

    Returns
    -------
    str
        "–" of a share that is no finite number.

    Examples
    --------
    >>> percent(0.614), percent(0.9996), percent(0.0002), percent(1), percent(0)
    ('61%', '99.9%', '<0.1%', '100%', '0%')
    >>> percent(0.57, rounded="down"), percent(0.571, rounded="up"), percent(0.99996, 1), percent(-0.25)
    ('57%', '58%', '99.99%', '−25%')
    """
    if not isfinite(share):
        return "–"
    exact = _hundredfold(share)
    text = _written(exact, decimals, rounded)
    if 0 < exact < 100 and Decimal(text) in (0, 100):
        return _near_an_end(exact, decimals + 1, rounded)
    return f"{text}%".replace("-", "−")


def _hundredfold(share: float | Fraction) -> Decimal:
    """Return a share in percent; of a float the decimal number that is shown for it, so that 0.57 is 57, not 56.99.."""
    if isinstance(share, Fraction):
        return 100 * Decimal(share.numerator) / Decimal(share.denominator)
    return 100 * Decimal(repr(float(share)))


def _written(exact: Decimal, decimals: int, rounded: Rounded) -> str:
    """Return a number with so many decimals."""
    text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=_WAYS[rounded]):f}"
    return text.lstrip("-") if Decimal(text) == 0 else text


def _near_an_end(exact: Decimal, decimals: int, rounded: Rounded) -> str:
    """Return a share that is nearly all or nearly nothing: with more decimals, or as what it is more or less than."""
    step = Decimal(1).scaleb(-decimals)
    if exact > 100 - step:
        return f"{'>' if rounded == 'up' else ''}{100 - step}%"
    if exact < step:
        return f"{'' if rounded == 'up' else '<'}{step}%"
    return f"{_written(exact, decimals, rounded)}%"
