"""The maximum of two affine functions with a given visualization, a given value, and no other extrema."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from fvproof.theory.exact.faces import on_segment
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import ReluNetwork, maximum
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.crease import fall, ramp
from fvproof.theory.witnesses.simplex import simplex_weights

Weights = Mapping[int, Fraction]


def sharp_crease(phi: Visualization, x: Point, value: Fraction) -> ReluNetwork:
    """Return max(ℓ₁, ℓ₂), ℓ₁ and ℓ₂ affine, that is m at a only, M at b only, and takes the value at x.

    ``ℓ₁ = M − Σ w_i·|z_i − b_i|`` with all w_i > 0 is M at b only. If a is a corner,
    ``ℓ₂ = m + Σ c_i·|z_i − a_i|`` with all c_i > 0 is m at a only. If one coordinate k of a is inside (0, 1), both pass
    through m at a, and ℓ₂ leans against ℓ₁ in that coordinate just so much that they meet above m everywhere else.

    Parameters
    ----------
    phi
        A visualization with m < M whose argmax is a corner and whose argmin has at most one coordinate inside (0, 1).
    x, value
        A point, and a value that `TwoPieceAffine` lists for it among the maxima for unique extrema, or the known value
        at an extremum.

    Source
    ------
    fvproof.
    """
    inside = [k for k, coordinate in enumerate(fractions(phi.argmin)) if coordinate not in (0, 1)]
    return _valley(phi, x, value, inside[0]) if inside else _corner(phi, x, value)


def _corner(phi: Visualization, x: Point, value: Fraction) -> ReluNetwork:
    """Return the function for an argmin that is a corner."""
    a, b, z = fractions(phi.argmin), fractions(phi.argmax), fractions(x)
    share = (value - phi.minimum) / phi.spread
    ways, gaps = [abs(t - s) for s, t in zip(a, z, strict=True)], [abs(t - s) for s, t in zip(b, z, strict=True)]
    moved = sum(abs(s - t) for s, t in zip(a, b, strict=True))
    if share == max(ways):
        steep, masses = phi.spread / moved, [phi.spread / (2 * len(a))] * len(a)
    else:
        steep = max(phi.spread / moved, (phi.maximum - value) / sum(gaps))
        masses = [phi.spread * mass for mass in _masses(ways, share)]
    rising = ramp(phi.argmin, dict(enumerate(masses)), phi.minimum)
    return maximum([fall(phi, dict.fromkeys(range(len(a)), steep)), rising])


def _masses(ways: Sequence[Fraction], share: Fraction) -> list[Fraction]:
    """Return masses > 0 with sum below 1 and Σ masses·ways = share, for 0 < share < max ways."""
    top, mean = max(ways), sum(ways, Fraction(0)) / len(ways)
    if top == mean:
        return [share / top / len(ways)] * len(ways)
    total = (share / top + (min(1, share / mean) if mean > 0 else 1)) / 2
    return [total * weight for weight in simplex_weights(ways, share / total)]


def _valley(phi: Visualization, x: Point, value: Fraction, k: int) -> ReluNetwork:
    """Return the function for an argmin that is a corner but for coordinate k."""
    a, b, z = fractions(phi.argmin), fractions(phi.argmax), fractions(x)
    starts, gaps = [abs(s - t) for s, t in zip(a, b, strict=True)], [abs(s - t) for s, t in zip(z, b, strict=True)]
    shares = {i: gaps[i] / start for i, start in enumerate(starts) if start}
    level = (phi.maximum - value) / phi.spread
    straight = on_segment(phi.argmin, x, phi.argmax)
    if straight or min(shares.values()) < level:
        first = _first_through(shares, gaps, level, straight=straight)
        first = {i: phi.spread * (w / starts[i] if starts[i] else w) for i, w in first.items()}
        second = dict.fromkeys(first, ((value - phi.minimum) or phi.spread) / (2 * len(a)))
        lean = min(second[i] / w for i, w in first.items() if i == k or not starts[i]) / 2
    else:
        ways = [(gaps[k] - starts[k]) / (1 - starts[k]) if i == k else abs(z[i] - a[i]) for i in range(len(a))]
        second = {i: phi.spread * mass for i, mass in enumerate(_masses(ways, 1 - level))}
        first = {i: phi.spread / len(shares) / starts[i] for i in shares}
        lean = second[k] / (1 - starts[k]) / first[k]
        first |= {i: second[i] / (2 * lean) for i, start in enumerate(starts) if not start}
    slopes = second | {k: lean * first[k]}
    corner = tuple(b[i] if i == k else coordinate for i, coordinate in enumerate(a))
    return maximum([fall(phi, first), ramp(corner, slopes, phi.minimum - slopes[k] * starts[k])])


def _first_through(shares: Weights, gaps: Sequence[Fraction], level: Fraction, *, straight: bool) -> Weights:
    """Return the weights of a first flank that passes through m at a and through the value at x, in units of M − m.

    `shares` says how far x is from b, as a share of a's distance, in the coordinates in which a and b differ; in the
    others the weights are free.
    """
    low, high = min(shares.values()), max(shares.values())
    others = [i for i in range(len(gaps)) if i not in shares]
    slack = sum((gaps[i] for i in others), Fraction(0))
    if straight:
        mean, free = sum(shares.values(), Fraction(0)) / len(shares), Fraction(1)
    elif slack:
        mean = low if low == high else (low + min(level, high)) / 2
        free = (level - mean) / slack
    else:
        mean, free = level, Fraction(1)
    return dict(zip(shares, simplex_weights(list(shares.values()), mean), strict=True)) | dict.fromkeys(others, free)
