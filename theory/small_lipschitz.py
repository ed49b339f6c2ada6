"""When a known Lipschitz constant makes a visualization useful: the exact conditions.

At x a decoder beats the uninformed one if and only if ``min(‖x − a‖, ‖x − b‖) < (M − m)/L``. With

    R(a, b) = max { min(‖x − a‖, ‖x − b‖) : x in the cube },

the covering radius of the two extrema, it does so on the whole cube if and only if ``R(a, b) < (M − m)/L``. As
``M − m ≤ L·‖a − b‖`` must hold, some L allows this if and only if ``R(a, b) < ‖a − b‖``. At the smallest feasible
``L = (M − m)/‖a − b‖`` the function is known exactly on the segment from a to b.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations, product

from fvproof.theory.classes.lipschitz import Lipschitz
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.faces import is_corner, opposite
from fvproof.theory.exact.norms import Norm, distance
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import Exact, square_root
from fvproof.theory.visualization import Visualization

LIMIT = 12
"""The largest dimension in which covering radii in ℓ1 and ℓ2 are searched for."""


def helps_everywhere(within: Lipschitz, phi: Visualization) -> bool:
    """Return whether the best decoder beats the uninformed one at every point of the cube.

    Raises
    ------
    InfeasibleVisualization
        If no member of the class has the visualization.
    DomainError
        If the covering radius is too hard to find (see `covering_radius`).

    Source
    ------
    Geirhos et al., ICML 2024, section 4 (small constants are the exception); the exact condition is fvproof's.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> helps_everywhere(Lipschitz("9/10", "l1"), phi), helps_everywhere(Lipschitz(1, "l1"), phi)
    (True, False)
    """
    within.require(phi)
    return phi.spread == 0 or within.lipschitz * covering_radius(phi.argmin, phi.argmax, within.norm) < phi.spread


def covering_radius(a: Point, b: Point, norm: str = Norm.L2) -> Exact:
    """Return R(a, b), the largest distance of a point of the cube to the nearer of a and b.

    - ℓ∞: the larger of ``min(A_i, B_j)`` over i ≠ j, with A_i = max(a_i, 1 − a_i) and B_j likewise, and of the same in
      one dimension for a_i and b_i.
    - Opposite corners: with k = ⌊d/2⌋, ``d/2`` in ℓ1 and ``√(k + (d − 2k)/4)`` in ℓ2.
    - Else, in ℓ1 and ℓ2, the maximum is attained at a corner of the cube, or on an edge where both distances agree.

    Raises
    ------
    DomainError
        If d > 12 in ℓ1 or ℓ2 and a and b are no opposite corners: the number of edges grows with 2^d.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> zero, one = (Fraction(0),) * 4, (Fraction(1),) * 4
    >>> covering_radius(zero, one, "l1"), covering_radius(zero, one, "l2"), covering_radius(zero, one, "linf")
    (Fraction(2, 1), sqrt(2), Fraction(1, 1))
    """
    d, p, q = len(a), fractions(a), fractions(b)
    if norm == Norm.LINF:
        return _largest_linf(p, q)
    if is_corner(a) and len(opposite(a, b)) == d:
        return Fraction(d, 2) if norm == Norm.L1 else square_root(d // 2 + Fraction(d % 2, 4))
    if d > LIMIT:
        raise DomainError(f"the covering radius in {norm} is searched for in at most {LIMIT} dimensions, not {d}")
    return max(min(distance(x, p, Norm(norm)), distance(x, q, Norm(norm))) for x in _candidates(p, q, Norm(norm)))


def _largest_linf(a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> Fraction:
    """Return the covering radius in ℓ∞."""
    far_a, far_b = ([max(t, 1 - t) for t in point] for point in (a, b))
    pairs = (min(far_a[i], far_b[j]) for i, j in permutations(range(len(a)), 2))
    alone = (min(abs(x - s), abs(x - t)) for s, t in zip(a, b, strict=True) for x in (0, 1, (s + t) / 2))
    return max([*pairs, *alone], default=Fraction(0))


def _candidates(a: tuple[Fraction, ...], b: tuple[Fraction, ...], norm: Norm) -> Iterator[tuple[Fraction, ...]]:
    """Yield the corners of the cube, and the points of its edges at which both distances agree."""
    d = len(a)
    yield from product((Fraction(0), Fraction(1)), repeat=d)
    for i in range(d):
        for rest in product((Fraction(0), Fraction(1)), repeat=d - 1):
            sides = [
                _size(x, t, norm) - _size(x, s, norm)
                for x, s, t in zip(rest, _without(a, i), _without(b, i), strict=True)
            ]
            t = _balance(a[i], b[i], sum(sides, Fraction(0)), norm)
            if t is not None:
                yield (*rest[:i], t, *rest[i:])


def _balance(s: Fraction, t: Fraction, rest: Fraction, norm: Norm) -> Fraction | None:
    """Return the coordinate x in [0, 1] at which size(x − s) = size(x − t) + rest, if there is just one."""
    if s == t:
        return None
    if norm == Norm.L1:
        x = (s + t) / 2 + (rest / 2 if t > s else -rest / 2)
        return x if min(s, t) <= x <= max(s, t) else None
    x = (s + t) / 2 + rest / (2 * (t - s))
    return x if 0 <= x <= 1 else None


def _size(x: Fraction, s: Fraction, norm: Norm) -> Fraction:
    """Return what one coordinate contributes to a distance: |x − s|, or its square in ℓ2."""
    return abs(x - s) if norm == Norm.L1 else (x - s) ** 2


def _without(p: tuple[Fraction, ...], i: int) -> tuple[Fraction, ...]:
    """Return the coordinates of p but for one."""
    return p[:i] + p[i + 1 :]
