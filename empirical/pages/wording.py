"""Numbers and names as a reader is shown them."""

import math
from collections.abc import Callable, Sequence

from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.theory.wording import percent

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Return a number with three significant digits and a proper minus sign.

    Examples
    --------
    >>> number(-0.12345), number(0.99996), number(2.04e-7), number(float("nan"))
    ('−0.123', '1.00', '2.0 × 10⁻⁷', 'not a number')
    """
    if not math.isfinite(value):
        return "not a number"
    value = float(f"{value:.3g}")
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    if -4 <= magnitude < 6:
        return f"{value:.{max(0, 2 - magnitude)}f}".replace("-", "−")
    return f"{value / 10.0**magnitude:.1f} × 10{str(magnitude).translate(SUPERSCRIPTS)}".replace("-", "−")


def points(share: float, *, signed: bool = False) -> str:
    """Return a difference of two shares in percentage points.

    Examples
    --------
    >>> points(-0.0512), points(0.031, signed=True), points(float("nan"))
    ('−5.1 points', '+3.1 points', 'not a number')
    """
    if not math.isfinite(share):
        return "not a number"
    return f"{100 * share:{'+' if signed else ''}.1f} points".replace("-", "−")


def interval(estimate: Estimate, show: Callable[[float], str] = number) -> str:
    """Return the interval of an estimate, shares rounded outwards; nothing where there is none.

    Examples
    --------
    >>> interval(Estimate(0.5, -0.25, 0.75)), interval(Estimate(0.5, 0.254, 0.746), percent)
    ('−0.250 to 0.750', '25% to 75%')
    """
    finite = math.isfinite(estimate.low) and math.isfinite(estimate.high)
    if show is percent:
        return f"{percent(estimate.low, rounded='down')} to {percent(estimate.high, rounded='up')}" if finite else ""
    return f"{show(estimate.low)} to {show(estimate.high)}" if finite else ""


def in_brackets(estimate: Estimate, show: Callable[[float], str] = number) -> str:
    """Return the interval of an estimate in brackets, after a blank; nothing where there is none.

    Examples
    --------
    >>> in_brackets(Estimate(0.5, -0.25, 0.75)), in_brackets(Estimate(0.5, math.nan, math.nan))
    (' (−0.250 to 0.750)', '')
    """
    found = interval(estimate, show)
    return f" ({found})" if found else ""


def listed(names: Sequence[str], most: int = 6) -> str:
    """Return the names in one line, not too many of them.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
