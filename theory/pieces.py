"""The linear pieces of an exact ReLU network, one by one: how membership in a class is decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.network import ReluNetwork, Row

Form = tuple[Fraction, ...]
"""An affine form on the inputs: d weights and the constant term."""
Vertex = tuple[tuple[Fraction, ...], frozenset[int]]
"""A corner of a polytope and the numbers of the inequalities that are tight there."""

LIMIT = 20_000
"""The number of pieces beyond which a network counts as too large to decide."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A polytope in the cube, with interior, on which a network is affine.

    Parameters
    ----------
    weights, constant
        The affine map z ↦ ⟨weights, z⟩ + constant that the network is here.
    vertices
        The corners of the polytope.
    """

    weights: tuple[Fraction, ...]
    constant: Fraction
    vertices: tuple[tuple[Fraction, ...], ...]

    def __call__(self, z: Sequence[Fraction]) -> Fraction:
        """Return the value at z of the affine map of this piece, also off the piece."""
        return _value((*self.weights, self.constant), z)

    def slope(self, norm: Norm) -> Fraction:
        """Return the least Lipschitz constant of the map in the norm; for ℓ2 its square."""
        match norm:
            case Norm.L1:
                return max(map(abs, self.weights))
            case Norm.LINF:
                return sum(map(abs, self.weights), Fraction(0))
            case Norm.L2:
                return sum((w * w for w in self.weights), Fraction(0))


def network_of(member: object) -> ReluNetwork:
    """Return the exact network that a member is, or is the same function as.

    Raises
    ------
    DomainError
        If the member is no exact network and offers none.
    """
    if isinstance(member, ReluNetwork):
        return member
    if hasattr(member, "network"):
        return member.network()  # type: ignore[union-attr]
    raise DomainError(
        f"membership is decided for exact ReLU networks and this package's witnesses, not for {type(member).__name__}"
    )


def pieces(network: ReluNetwork) -> list[Piece]:
    """Return the pieces of a network with one output: polytopes that cover the cube and overlap on borders only.

    The cube is cut along the zero set of one ReLU after another, and each polytope is kept by its corners (double
    description method), so that an affine map is bounded on it by looking at the corners. The time grows with 2^d and
    with the number of pieces: meant for the small networks that one can also draw.

    Raises
    ------
    DomainError
        If there are more than 20,000 pieces.

    Examples
    --------
    >>> from fvproof.theory.network import affine, positive_part
    >>> [str(piece.weights[0]) for piece in pieces(positive_part(affine([Fraction(2)], Fraction(-1), dimension=1)))]
    ['2', '0']
    """
    found: list[Piece] = []
    for piece in _split(network, _cube(network.dimension), _inputs(network.dimension), 0):
        if len(found) == LIMIT:
            raise DomainError(f"membership is decided for networks of at most {LIMIT} linear pieces")
        found.append(piece)
    return found


def extrema(network: ReluNetwork) -> tuple[Fraction, set[tuple[Fraction, ...]], Fraction, set[tuple[Fraction, ...]]]:
    """Return the minimum over the cube, corners of pieces at which it is attained, and the same for the maximum.

    An extremum is unique if and only if one corner attains it.

    Examples
    --------
    >>> from fvproof.theory.network import affine
    >>> low, argmin, high, argmax = extrema(affine([Fraction(1)], Fraction(0), dimension=1))
    >>> low, len(argmin), high, len(argmax)
    (Fraction(0, 1), 1, Fraction(1, 1), 1)
    """
    values = {vertex: piece(vertex) for piece in pieces(network) for vertex in piece.vertices}
    low, high = min(values.values()), max(values.values())
    return low, {z for z, v in values.items() if v == low}, high, {z for z, v in values.items() if v == high}


def is_convex(found: Sequence[Piece]) -> bool:
    """Return whether the network with these pieces is convex: nowhere below the affine map of any of its pieces."""
    maps = {(piece.weights, piece.constant): piece for piece in found}.values()
    return all(other(z) <= piece(z) for piece in found for z in piece.vertices for other in maps)


def _cube(dimension: int) -> list[Vertex]:
    """Return the corners of the cube; inequality 2i is z_i ≥ 0 and 2i + 1 is z_i ≤ 1."""
    corners = product((0, 1), repeat=dimension)
    return [(tuple(map(Fraction, c)), frozenset(2 * i + end for i, end in enumerate(c))) for c in corners]


def _inputs(dimension: int) -> list[Form]:
    """Return the coordinates as affine forms."""
    return [tuple(Fraction(i == j) for j in range(dimension + 1)) for i in range(dimension)]


def _split(network: ReluNetwork, region: list[Vertex], inputs: list[Form], depth: int) -> Iterator[Piece]:
    """Yield the pieces within a region on which the outputs before layer `depth` are the given affine forms."""
    layer, zero = network.layers[depth], (Fraction(0),) * (network.dimension + 1)
    forms = [_combined(row, bias, inputs) for row, bias in zip(layer.rows, layer.biases, strict=True)]
    if depth == len(network.layers) - 1:
        yield Piece(forms[0][:-1], forms[0][-1], tuple(z for z, _ in region))
        return
    for part, active in _patterns(region, forms, 0):
        outputs = [form if j in active else zero for j, form in enumerate(forms)]
        yield from _split(network, part, outputs, depth + 1)


def _combined(row: Row, bias: Fraction, forms: list[Form]) -> Form:
    """Return the affine form `bias + Σ_i row_i·form_i`."""
    weights = [sum((w * forms[i][k] for i, w in row.items()), Fraction(0)) for k in range(len(forms[0]))]
    return (*weights[:-1], weights[-1] + bias)


def _patterns(region: list[Vertex], forms: list[Form], j: int) -> Iterator[tuple[list[Vertex], frozenset[int]]]:
    """Yield the parts of the region on which no form from the j-th on changes sign, with the positive ones."""
    if j == len(forms):
        yield region, frozenset()
        return
    values = [_value(forms[j], z) for z, _ in region]
    above, below = region, region
    if min(values) < 0 < max(values):
        above, below = _halves(region, values)
    if max(values) > 0:
        yield from ((part, active | {j}) for part, active in _patterns(above, forms, j + 1))
    if min(values) < 0 or max(values) == 0:
        yield from _patterns(below, forms, j + 1)


def _halves(region: list[Vertex], values: list[Fraction]) -> tuple[list[Vertex], list[Vertex]]:
    """Return the two parts of a polytope on which a form that changes sign is ≥ 0 and ≤ 0."""
    number = 1 + max(max(tight) for _, tight in region)
    valued = [((z, tight | {number} if v == 0 else tight), v) for (z, tight), v in zip(region, values, strict=True)]
    cuts = [
        (tuple((v * q - w * p) / (v - w) for p, q in zip(y, z, strict=True)), s & t | {number})
        for ((y, s), v), ((z, t), w) in combinations(valued, 2)
        if v * w < 0 and _adjacent(region, s & t)
    ]
    return [u for u, v in valued if v >= 0] + cuts, [u for u, v in valued if v <= 0] + cuts


def _adjacent(region: list[Vertex], shared: frozenset[int]) -> bool:
    """Return whether an edge joins two corners: no third one has all the inequalities tight that they share."""
    return sum(shared <= tight for _, tight in region) == 2


def _value(form: Form, z: Sequence[Fraction]) -> Fraction:
    """Return the value of an affine form."""
    return sum((w * t for w, t in zip(form[:-1], z, strict=True)), form[-1])
