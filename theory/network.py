"""Exact feed-forward ReLU networks, and the algebra that builds the witnesses out of affine maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.errors import ShapeError
from fvproof.theory.exact.points import Point, fractions

Row = Mapping[int, Fraction]
"""The nonzero weights of one output of an affine map, by input."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An affine map with sparse rows: output j is `biases[j] + Σ_i rows[j][i]·input_i`."""

    rows: tuple[Row, ...]
    biases: tuple[Fraction, ...]

    def __call__(self, inputs: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the outputs for exact inputs."""
        return tuple(
            sum((weight * inputs[i] for i, weight in row.items()), start=bias)
            for row, bias in zip(self.rows, self.biases, strict=True)
        )

    def after(self, inner: "Layer") -> "Layer":
        """Return the affine map `self ∘ inner`."""
        rows = tuple(_combined(inner.rows, row) for row in self.rows)
        return Layer(rows, self(inner.biases))


def _combined(rows: Sequence[Row], coefficients: Row) -> Row:
    """Return the linear combination of sparse rows."""
    total: dict[int, Fraction] = {}
    for j, coefficient in coefficients.items():
        for i, weight in rows[j].items():
            total[i] = total.get(i, Fraction(0)) + coefficient * weight
    return {i: weight for i, weight in total.items() if weight}


@dataclass(frozen=True, slots=True)
class ReluNetwork:
    """A feed-forward network `layer_n ∘ ReLU ∘ … ∘ ReLU ∘ layer_1` with rational weights.

    Parameters
    ----------
    dimension
        The number d of inputs.
    layers
        At least one affine map; a ReLU stands between each and the next, none after the last.

    Examples
    --------
    >>> s = spike((Fraction(1, 2),), Fraction(4))
    >>> s((Fraction(1, 2),)), s((Fraction(5, 8),)), s((Fraction(1),)), s.widths
    (Fraction(1, 1), Fraction(1, 2), Fraction(0, 1), (2, 1))
    """

    dimension: int
    layers: tuple[Layer, ...]

    def __call__(self, x: Point) -> Fraction:
        """Return the value at x of a network with one output."""
        (value,) = self.outputs(x)
        return value

    def outputs(self, x: Point) -> tuple[Fraction, ...]:
        """Return all outputs at x, a point with `dimension` coordinates."""
        if len(x) != self.dimension:
            raise ShapeError(f"the network reads {self.dimension} coordinates, not {len(x)}")
        values = self.layers[0](fractions(x))
        for layer in self.layers[1:]:
            values = layer([max(value, Fraction(0)) for value in values])
        return values

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of ReLUs in each hidden layer."""
        return tuple(len(layer.rows) for layer in self.layers[:-1])

    @property
    def flat(self) -> bool:
        """Whether the last layer has no weights, so that the network is constant."""
        return not any(weight for row in self.layers[-1].rows for weight in row.values())


def affine(weights: Row | Sequence[Fraction], bias: Fraction, *, dimension: int) -> ReluNetwork:
    """Return the network without hidden layer `z ↦ bias + Σ_i weights_i·z_i`."""
    row = weights if isinstance(weights, Mapping) else dict(enumerate(weights))
    return ReluNetwork(dimension, (Layer(({i: w for i, w in row.items() if w},), (bias,)),))


def combination(
    coefficients: Sequence[Fraction], networks: Sequence[ReluNetwork], constant: Fraction = Fraction(0)
) -> ReluNetwork:
    """Return the network `z ↦ constant + Σ_j coefficients_j·networks_j(z)`."""
    return _then(_side_by_side(networks), [coefficients], [constant])


def positive_part(network: ReluNetwork) -> ReluNetwork:
    """Return the network `z ↦ max(f(z), 0)`."""
    return _then(_rectified(network), [[Fraction(1)]])


def maximum(networks: Sequence[ReluNetwork]) -> ReluNetwork:
    """Return the pointwise maximum, in ⌈log₂ n⌉ more hidden layers: `max(f, g) = f + ReLU(g − f)`."""
    while len(networks) > 1:
        pairs = [networks[i : i + 2] for i in range(0, len(networks), 2)]
        networks = [_larger(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return networks[0]


def _larger(f: ReluNetwork, g: ReluNetwork) -> ReluNetwork:
    """Return `max(f, g)`, f carried past the ReLU as ReLU(f) − ReLU(−f)."""
    one, zero = Fraction(1), Fraction(0)
    hidden = _rectified(_then(_side_by_side([f, g]), [[one, zero], [-one, zero], [-one, one]]))
    return _then(hidden, [[one, -one, one]])


def minimum(networks: Sequence[ReluNetwork]) -> ReluNetwork:
    """Return the pointwise minimum, `−max(−f, −g, …)`."""
    return negated(maximum([negated(network) for network in networks]))


def negated(network: ReluNetwork) -> ReluNetwork:
    """Return the network `z ↦ −f(z)`."""
    return combination([Fraction(-1)], [network])


def clamped(network: ReluNetwork, low: Fraction, high: Fraction) -> ReluNetwork:
    """Return `z ↦ min(max(f(z), low), high) = low + ReLU(f(z) − low) − ReLU(f(z) − high)`, for low ≤ high."""
    one = Fraction(1)
    hidden = _rectified(_then(network, [[one], [one]], [-low, -high]))
    return _then(hidden, [[one, -one]], [low])


def l1_distance(centre: Point) -> ReluNetwork:
    """Return the network `z ↦ ‖z − centre‖₁ = Σ_i ReLU(z_i − c_i) + ReLU(c_i − z_i)`."""
    d, one = len(centre), Fraction(1)
    return _then(_rectified(_signed_gaps(centre)), [[one] * (2 * d)])


def linf_distance(centre: Point) -> ReluNetwork:
    """Return the network `z ↦ ‖z − centre‖_∞`, a maximum of 2d affine maps."""
    gaps = _signed_gaps(centre).layers[0]
    parts = [
        ReluNetwork(len(centre), (Layer((row,), (bias,)),)) for row, bias in zip(gaps.rows, gaps.biases, strict=True)
    ]
    return maximum(parts)


def _signed_gaps(centre: Point) -> ReluNetwork:
    """Return the 2d outputs z_i − c_i and c_i − z_i."""
    one, coordinates = Fraction(1), fractions(centre)
    rows = [{i: sign} for i in range(len(centre)) for sign in (one, -one)]
    biases = [sign * c for c in coordinates for sign in (-one, one)]
    return ReluNetwork(len(centre), (Layer(tuple(rows), tuple(biases)),))


def spike(centre: Point, sharpness: Fraction) -> ReluNetwork:
    """Return the simple network of Lemma 1: `s(z) = ReLU(1 − k·‖z − c‖₁)`, two hidden layers, 2d + 1 units.

    It is 1 at c only, and 0 where ‖z − c‖₁ ≥ 1/k.

    Source
    ------
    Geirhos et al., ICML 2024, Lemma 1.
    """
    return positive_part(combination([-sharpness], [l1_distance(centre)], Fraction(1)))


def _rectified(network: ReluNetwork) -> ReluNetwork:
    """Return the network with a ReLU after every output."""
    n = len(network.layers[-1].rows)
    identity = Layer(tuple({j: Fraction(1)} for j in range(n)), (Fraction(0),) * n)
    return ReluNetwork(network.dimension, (*network.layers, identity))


def _then(
    network: ReluNetwork, matrix: Sequence[Sequence[Fraction]], biases: Sequence[Fraction] | None = None
) -> ReluNetwork:
    """Return the network followed by an affine map, which merges with the last layer."""
    rows = tuple({j: weight for j, weight in enumerate(row) if weight} for row in matrix)
    outer = Layer(rows, tuple(biases or [Fraction(0)] * len(rows)))
    return ReluNetwork(network.dimension, (*network.layers[:-1], outer.after(network.layers[-1])))


def _side_by_side(networks: Sequence[ReluNetwork]) -> ReluNetwork:
    """Return one network with the outputs of all, after the shallow ones are made as deep as the deepest."""
    if len({network.dimension for network in networks}) != 1:
        raise ShapeError(f"networks side by side must read one input, not {[n.dimension for n in networks]}")
    depth = max(len(network.layers) for network in networks)
    deep = [_deepened(network, depth) for network in networks]
    layers = [_stacked([network.layers[0] for network in deep], [0] * len(deep))]
    layers += [
        _stacked([n.layers[i] for n in deep], [len(n.layers[i - 1].rows) for n in deep]) for i in range(1, depth)
    ]
    return ReluNetwork(networks[0].dimension, tuple(layers))


def _deepened(network: ReluNetwork, depth: int) -> ReluNetwork:
    """Return the same function with `depth` layers: t = ReLU(t) − ReLU(−t)."""
    one = Fraction(1)
    while len(network.layers) < depth:
        n = len(network.layers[-1].rows)
        signs = [[sign * (i == j) for i in range(n)] for j in range(n) for sign in (one, -one)]
        merge = [[sign * (i == j) for i in range(n) for sign in (one, -one)] for j in range(n)]
        network = _then(_rectified(_then(network, signs)), merge)
    return network


def _stacked(layers: Sequence[Layer], inputs: Sequence[int]) -> Layer:
    """Return layers one above the other; each reads its own stretch of inputs, of the given lengths (0: shared)."""
    rows, offset = [], 0
    for layer, width in zip(layers, inputs, strict=True):
        rows.extend({i + offset: weight for i, weight in row.items()} for row in layer.rows)
        offset += width
    return Layer(tuple(rows), tuple(bias for layer in layers for bias in layer.biases))
