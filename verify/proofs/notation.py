"""The letters of the text: a unit f with visualization φ = (a, b, m, M), a query x, and any point z whatever.

Points are an uninterpreted sort: nothing is known of them but which are the same, so that a proof covers every d.
"""

from collections.abc import Callable, Mapping, Sequence

from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import Hypothesis, Support, Verdict
from fvproof.verify.proving.terms import (
    Claim,
    Number,
    Point,
    absolute,
    between,
    differ,
    every,
    iff,
    maximum,
    no,
    points,
    reals,
)

a, b, x, y, z = points("a b x y z")
m, M, v, p = reals("m M v p")
HALF = (m + M) / 2
SPREAD = {"m ≤ v": m <= v, "v ≤ M": v <= M}
APART = {"a ≠ b": differ(a, b), "x ≠ a": differ(x, a), "x ≠ b": differ(x, b)}
UNIT = every(m == 0, M == 1)
"""Makes the numbers of a countermodel easy to read."""

Unit = Callable[[Point], Number]


def visualized(f: Unit, at: Point = z) -> Claim:
    """Return the claim φ ∈ Φ(f), its bounds claimed at one point; for any point whatever, if it is a constant."""
    return every(f(a) == m, f(b) == M, between(m, f(at), M))


def error_on_twins(answer: Number, first: Number, second: Number) -> Number:
    """Return the larger of a decoder's two errors on a pair of twins."""
    return maximum(absolute(answer - first), absolute(answer - second))


def twins_defeat_decoders(
    low: Number, high: Number, given: Mapping[str, Hypothesis], by: Sequence[Support] = ()
) -> Verdict:
    """Return the no-go: where m and M can both be attained at x, nothing beats the uninformed decoder.

    Parameters
    ----------
    low, high
        The values of two witnesses at x.
    given, by
        What makes them m and M.
    """
    open_side = no(iff(low >= HALF, high >= HALF))
    claim = every(error_on_twins(p, low, high) >= (M - m) / 2, open_side)
    name = "no decoder beats the uninformed one, none tells the side"
    return prove(name, claim, given={**given, "m < M": m < M}, by=by)
