"""Weights on the simplex with a given mean."""

from collections.abc import Sequence
from fractions import Fraction


def simplex_weights(shares: Sequence[Fraction], mean: Fraction) -> list[Fraction]:
    """Return weights ≥ 0 with sum 1 and Σ weights·shares = mean, all positive unless the mean is the least or greatest.

    Parameters
    ----------
    shares
        At least one number.
    mean
        A number between the least and the greatest share.

    Examples
    --------
    >>> [str(w) for w in simplex_weights([Fraction(0), Fraction(1)], Fraction(1, 4))]
    ['3/4', '1/4']
    """
    n = len(shares)
    even = sum(shares, Fraction(0)) / n
    if mean == even:
        return [Fraction(1, n)] * n
    pole = max(shares) if mean > even else min(shares)
    pull = (mean - even) / (pole - even)
    weights = [(1 - pull) / n] * n
    weights[shares.index(pole)] += pull
    return weights
