"""Exact ReLU networks as formulas, so that a solver can say what they do on the whole cube.

The encoding is exact: weights are rationals, each ReLU is a case distinction. It is meant for witnesses and lemmas; a
trained network of more than about sixteen ReLUs may get the answer `Unknown`, and never a wrong one.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from fvproof.theory.errors import ShapeError
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import Obligation, Verdict
from fvproof.verify.proving.terms import Claim, Number, between, every, number, reals, relu

MOST_RELUS = 64
"""Up to so many, the witnesses of `theory` are decided in hundredths of a second; trained networks are harder."""


MOST_INPUTS = 32
"""And up to so many inputs."""


def is_small(network: ReluNetwork) -> bool:
    """Return whether the network is small enough to ask a solver about it."""
    return network.dimension <= MOST_INPUTS and relus(network) <= MOST_RELUS


def relus(network: ReluNetwork) -> int:
    """Return how many ReLUs the network has, and so how many case distinctions its encoding."""
    return sum(network.widths)


def encode(network: ReluNetwork, inputs: Sequence[Number]) -> tuple[Number, ...]:
    """Return the network's outputs as terms in the given inputs.

    Parameters
    ----------
    network
        An exact network of d inputs.
    inputs
        d real terms of z3.

    Raises
    ------
    ShapeError
        If the number of inputs is not d.

    Examples
    --------
    >>> from fvproof.theory.network import affine, positive_part
    >>> encode(positive_part(affine([Fraction(1, 2)], Fraction(-1), dimension=1)), reals("z"))
    (0 + 1*If(-1 + 1/2*z >= 0, -1 + 1/2*z, 0),)
    """
    if len(inputs) != network.dimension:
        raise ShapeError(f"the network reads {network.dimension} numbers, not {len(inputs)}")
    values = _affine(network.layers[0], inputs)
    for layer in network.layers[1:]:
        values = _affine(layer, [relu(value) for value in values])
    return values


def bounded(network: ReluNetwork, low: Fraction, high: Fraction) -> Verdict:
    """Return whether `low ≤ f ≤ high` on the whole cube: the theorem, or a point where it fails, or that nobody knows.

    Parameters
    ----------
    network
        A network of one output; see `MOST_RELUS`.
    low, high
        The bounds to be proved.

    Examples
    --------
    >>> from fvproof.theory.network import spike
    >>> peak = spike((Fraction(1, 2),), Fraction(4))
    >>> bounded(peak, Fraction(0), Fraction(1)).name
    '0 ≤ f ≤ 1 on the cube'
    >>> verdict = bounded(peak, Fraction(0), Fraction(1, 2))
    >>> peak((Fraction(verdict.model["z1"]),)) > Fraction(1, 2)
    True
    """
    question = bounds_obligation(network, low, high)
    return prove(question.name, question.claim, given=question.given)


def bounds_obligation(network: ReluNetwork, low: Fraction, high: Fraction) -> Obligation:
    """Return the claim `low ≤ f ≤ high` on the cube, to be proved here or, as SMT-LIB (`.smt2`), by another solver."""
    z = inputs_of(network)
    (value,) = encode(network, z)
    claim = between(_number(low), value, _number(high))
    return Obligation(f"{low} ≤ f ≤ {high} on the cube", claim, {"z in the cube": in_cube(z)}, ())


def takes(network: ReluNetwork, x: Point, value: Fraction) -> Verdict:
    """Return whether the encoded network takes the value at x, which evaluation in fractions must confirm.

    Examples
    --------
    >>> from fvproof.theory.network import spike
    >>> peak = spike((Fraction(1, 2),), Fraction(4))
    >>> takes(peak, (Fraction(5, 8),), Fraction(1, 2)).name
    'f(x) = 1/2'
    """
    z = inputs_of(network)
    (term,) = encode(network, z)
    at_x = every(*(s == _number(c) for s, c in zip(z, fractions(x), strict=True)))
    return prove(f"f(x) = {value}", term == _number(value), given={"z = x": at_x})


def inputs_of(network: ReluNetwork) -> tuple[Number, ...]:
    """Return real constants z1, …, zd for the network's inputs."""
    return reals(" ".join(f"z{i + 1}" for i in range(network.dimension)))


def in_cube(z: Sequence[Number]) -> Claim:
    """Return the claim that all coordinates lie in [0, 1]."""
    return every(*(between(number(0), s, number(1)) for s in z))


def _affine(layer: Layer, inputs: Sequence[Number]) -> tuple[Number, ...]:
    """Return the affine map's outputs as terms."""
    return tuple(
        reduce(lambda total, term: total + term, [_number(w) * inputs[i] for i, w in row.items()], _number(bias))
        for row, bias in zip(layer.rows, layer.biases, strict=True)
    )


def _number(value: Fraction) -> Number:
    """Return the fraction as a term."""
    return number(str(value))
