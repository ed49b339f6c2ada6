"""The maximum of two affine functions with a given visualization and a given value at a point."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from fvproof.theory.exact.faces import fixed, opposite
from fvproof.theory.exact.points import Point, fractions, gauge
from fvproof.theory.network import ReluNetwork, affine, maximum
from fvproof.theory.visualization import Visualization


def crease(phi: Visualization, x: Point, value: Fraction) -> ReluNetwork:
    """Return max(ℓ₁, ℓ₂), ℓ₁ and ℓ₂ affine, with visualization φ and the value at x.

    Write s_i(z) = |z_i − b_i| for the coordinates in which b is 0 or 1, and T for (value − m)/(M − m). Either
    ``ℓ₂ = m`` and ``ℓ₁ = M − Σ w_i·s_i`` passes through the value, or ℓ₂ rises from m at a to the value at x along one
    coordinate i and ℓ₁ closes the other side: steeply if a_i is 0 or 1; as the other flank of a valley if b_i is;
    as an affine function with the same visualization if some coordinate is 0 at one extremum and 1 at the other.

    Parameters
    ----------
    phi
        A visualization with m < M whose argmin is not on the smallest face that holds the argmax.
    x, value
        A point, and a value that `TwoPieceAffine` lists for it among the maxima.

    Source
    ------
    fvproof.
    """
    a, b, z = fractions(phi.argmin), fractions(phi.argmax), fractions(x)
    share = (value - phi.minimum) / phi.spread
    gaps = {int(i): (abs(a[i] - b[i]), abs(z[i] - b[i])) for i in fixed(b)}
    drop = next((i for i, (start, at) in gaps.items() if start and 1 - at / start >= share), None)
    if drop is None:
        return maximum([_rise(phi, z, share), _other_side(phi, z, value, gaps)])
    weights = {drop: phi.spread / gaps[drop][0]}
    missing = phi.maximum - value - weights[drop] * gaps[drop][1]
    if missing:
        lever = next(i for i, (_, at) in gaps.items() if at)
        weights[lever] = weights.get(lever, Fraction(0)) + missing / gaps[lever][1]
    return maximum([affine({}, phi.minimum, dimension=len(z)), fall(phi, weights)])


def usable(phi: Visualization) -> Sequence[int] | np.ndarray:
    """Return the coordinates on which a maximum or minimum of two affine functions with visualization φ can depend.

    All of them if one is 0 at one extremum and 1 at the other, else those in which an extremum is 0 or 1.
    """
    if len(opposite(phi.argmin, phi.argmax)):
        return np.arange(phi.dimension)
    return np.union1d(fixed(phi.argmin), fixed(phi.argmax)).astype(int)


def _steepest(phi: Visualization, x: tuple[Fraction, ...]) -> int:
    """Return the usable coordinate in which x is farthest on its way from a to the border."""
    start = fractions(phi.argmin)
    return max(map(int, usable(phi)), key=lambda i: gauge((start[i],), (x[i],)))


def _rise(phi: Visualization, x: tuple[Fraction, ...], share: Fraction) -> ReluNetwork:
    """Return ℓ₂: m at a, and the value at x, by one coordinate alone."""
    if not share:
        return affine({}, phi.minimum, dimension=len(x))
    i = _steepest(phi, x)
    start = fractions(phi.argmin)[i]
    slope = share * phi.spread / (x[i] - start)
    return affine({i: slope}, phi.minimum - slope * start, dimension=len(x))


def _other_side(
    phi: Visualization, x: tuple[Fraction, ...], value: Fraction, gaps: Mapping[int, tuple[Fraction, Fraction]]
) -> ReluNetwork:
    """Return ℓ₁: M at b, at most m at a and at most the value at x, where the fall alone does not reach it."""
    i = _steepest(phi, x)
    if value == phi.minimum or fractions(phi.argmin)[i] in (0, 1):
        starts, ats = (sum(part, Fraction(0)) for part in zip(*gaps.values(), strict=True))
        steep = max(phi.spread / starts, (phi.maximum - value) / ats)
        return fall(phi, dict.fromkeys(gaps, steep))
    if i in gaps:
        return fall(phi, {i: phi.spread / gaps[i][0]})
    return fall(phi, {int(opposite(phi.argmin, phi.argmax)[0]): phi.spread})


def climbs(phi: Visualization, x: Point, y: Point) -> Iterator[ReluNetwork]:
    """Yield the affine functions of one coordinate with visualization φ that are higher at x than at y."""
    for i in map(int, opposite(phi.argmin, phi.argmax)):
        f = ramp(phi.argmin, {i: phi.spread}, phi.minimum)
        if f(x) > f(y):
            yield f


def fall(phi: Visualization, weights: Mapping[int, Fraction]) -> ReluNetwork:
    """Return z ↦ M − Σ w_i·|z_i − b_i|, for coordinates in which b is 0 or 1."""
    return ramp(phi.argmax, {i: -w for i, w in weights.items()}, phi.maximum)


def ramp(corner: Point, weights: Mapping[int, Fraction], constant: Fraction) -> ReluNetwork:
    """Return z ↦ constant + Σ w_i·|z_i − c_i|, for coordinates in which the corner c is 0 or 1."""
    ends = fractions(corner)
    signed = {i: -w if ends[i] else w for i, w in weights.items()}
    lifted = constant + sum((w for i, w in weights.items() if ends[i]), Fraction(0))
    return affine(signed, lifted, dimension=len(ends))
