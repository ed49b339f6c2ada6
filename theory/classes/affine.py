"""Affine functions: exact in one dimension, nearly hopeless in many."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member
from fvproof.theory.domains import point_text
from fvproof.theory.exact.faces import extent, opposite, restricted
from fvproof.theory.exact.points import Point, alike, fractions
from fvproof.theory.examples import LINE, Examples, Setting
from fvproof.theory.interval import Interval
from fvproof.theory.network import affine
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of, pieces
from fvproof.theory.statement import NO_GO, PAPER, Statement
from fvproof.theory.tangents import affine_interval
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.crease import climbs
from fvproof.theory.witnesses.simplex import simplex_weights

MANY_INPUTS = Statement(
    "affine",
    "Affine functions of more than one dimension",
    "affine",
    ("some i has {a_i, b_i} = {0, 1}, or m = M",),
    "f(x) lies in m + (M−m)·[min u_i, max u_i] with u_i = |x_i − a_i| over the i with {a_i, b_i} = {0, 1}; "
    "every value between is attained by an affine function of two of these coordinates with visualization φ.",
    r"A_C(\varphi, x) = m + (M-m)\,[\min_i u_i, \max_i u_i]",
    NO_GO,
)
ONE_INPUT = Statement(
    "affine-line",
    "Affine functions of one dimension",
    "affine",
    ("{a, b} = {0, 1}, or m = M",),
    "f is known everywhere: f(x) = m + (M−m)·|x−a|.",
    r"A_C(\varphi, x) = \{m + (M-m)\,|x-a|\}",
    f"{PAPER}, section 4",
    "d = 1",
)


@dataclass(frozen=True, slots=True)
class Affine(CubeClass):
    """All functions f(z) = ⟨w, z⟩ + c.

    Let J hold the coordinates i with {a_i, b_i} = {0, 1}; only there can w_i be nonzero. Feasible are the φ with m = M,
    or J not empty. For m < M, with u_i(x) = |x_i − a_i|::

        A(φ, x) = m + (M − m)·[min_{i ∈ J} u_i(x), max_{i ∈ J} u_i(x)]

    one point if d = 1. With unique extrema a and b are opposite corners, and both ends are open unless they meet.
    Witness: weights |w_i| on the simplex.

    f(x) ≤ f(y) for all such f if and only if u_i(x) ≤ u_i(y) for all i in J.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2; the interval and the order are fvproof's.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(Affine().ambiguity(phi, ["1/4", "3/4"]), Affine().ambiguity(phi, ["1/2", "1/2"]))
    [1/4, 3/4] {1/2}
    """

    name: ClassVar[str] = "affine"
    title: ClassVar[str] = "affine function"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (MANY_INPUTS, ONE_INPUT)
    examples: ClassVar[Examples] = Examples((Setting("cube, d = 1", LINE), Setting("cube, d > 1")))

    @override
    def contains(self, member: Member) -> bool:
        """Decide for networks: all pieces must continue one affine map."""
        return len({piece.weights for piece in pieces(network_of(member))}) == 1

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Solve linear programs over the affine functions below the bound."""
        return affine_interval(known, x)

    def separations(self, phi: Visualization, x: Point, y: Point) -> Iterator[Member]:
        """Yield the affine functions of one coordinate that are higher at x."""
        yield from climbs(phi, x, y)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        free = opposite(phi.argmin, phi.argmax)
        if phi.spread and not len(free):
            ends = f"argmin {point_text(phi.argmin)}, argmax {point_text(phi.argmax)}"
            return (
                f"no coordinate is 0 at one extremum and 1 at the other ({ends}), so that M − m = 0, not {phi.spread}"
            )
        if unique_extrema and len(free) < phi.dimension:
            i = min(set(range(phi.dimension)) - {*map(int, free)})
            at = f"{fractions(phi.argmin)[i]} and {fractions(phi.argmax)[i]}"
            return f"extrema are unique only at opposite corners of the cube, but coordinate {i} is {at}"
        return None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        low, high = extent(phi.argmin, x, opposite(phi.argmin, phi.argmax))
        ends = [phi.minimum + share * phi.spread for share in (low, high)]
        closed = low == high or not unique_extrema
        return Interval(ends[0], ends[1], low_closed=closed, high_closed=closed)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        coordinates = opposite(phi.argmin, phi.argmax)
        starts = fractions(restricted(phi.argmin, coordinates))
        shares = [abs(t - s) for s, t in zip(starts, fractions(restricted(x, coordinates)), strict=True)]
        weights = [phi.spread * w for w in simplex_weights(shares, (value - phi.minimum) / phi.spread)]
        signed = {int(i): -w if start else w for i, w, start in zip(coordinates, weights, starts, strict=True)}
        constant = phi.minimum + sum((w for w, start in zip(weights, starts, strict=True) if start), Fraction(0))
        return affine(signed, constant, dimension=phi.dimension)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        start, p, q = (restricted(z, opposite(phi.argmin, phi.argmax)) for z in alike([phi.argmin, x, y]))
        return all(s <= t if not begin else s >= t for begin, s, t in zip(start, p, q, strict=True))
