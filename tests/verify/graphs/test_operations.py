"""Operations of graphs: each agrees with its matrix, backwards too, and on integers exactly."""

from fractions import Fraction

import numpy as np
import pytest

from fvproof.theory.errors import ShapeError
from fvproof.verify.graphs.integers import exact_operation, largest, patches, rounded_operation, split
from fvproof.verify.graphs.network import NetworkGraph, graph_of
from fvproof.verify.graphs.operations import Convolution, Dense, Given, Moved, Rectified, Scaled, Summed, Window
from fvproof.verify.graphs.steps import NetworkStep
from fvproof.verify.layered import fractions_of


def operations(rng):
    """Yield one operation of each kind."""
    groups, axes = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    channels, filters = (groups * int(n) for n in rng.integers(1, 4, size=2))
    size, strides, dilations = (tuple(int(n) for n in rng.integers(1, 3, size=axes)) for _ in range(3))
    pads = tuple((int(a), int(b)) for a, b in rng.integers(0, 3, size=(axes, 2)))
    image = (channels, *(int(n) for n in rng.integers(4, 6, size=axes)))
    yield Convolution(
        some(rng, filters, channels // groups, *size), image, Window(size, strides, dilations, pads), groups
    )
    yield Dense(some(rng, 4, 6))
    yield Scaled(some(rng, 7))
    yield Moved(rng.integers(-1, 5, size=9), 5)


def some(rng, *shape):
    """Return random numbers in single precision, some of them huge or tiny."""
    numbers = rng.standard_normal(shape) * 2.0 ** rng.choice([-30, 0, 0, 0, 12], size=shape)
    return numbers.astype(np.float32).astype(np.float64)


def matrix(operation):
    """Return the matrix of an operation, column by column."""
    return operation.forward(np.eye(operation.sizes[0])).T


@pytest.mark.parametrize("seed", range(25))
def test_backward_is_the_transpose_of_forward(seed):
    for operation in operations(np.random.default_rng(seed)):
        turned = operation.backward(np.eye(operation.sizes[1]))
        np.testing.assert_array_equal(turned, matrix(operation))


@pytest.mark.parametrize("bits", [10, 45, 58, 90])
@pytest.mark.parametrize("seed", range(8))
def test_integers_are_multiplied_exactly_and_rounded_down(seed, bits):
    rng = np.random.default_rng(seed)
    for operation in operations(rng):
        rounded, (whole, below) = rounded_operation(operation), exact_operation(operation)
        true = np.array([Fraction(w) for w in matrix(operation).flat], dtype=object).reshape(matrix(operation).shape)
        kept = np.array([int(abs(w) * 2**rounded.scale) * (1 if w > 0 else -1) for w in true.flat], dtype=object)
        v = integers(rng, (2, operation.sizes[1]), bits)
        product = v.astype(object) @ kept.reshape(true.shape)
        assert (rounded.backward(v) == product >> rounded.scale).all()
        assert (whole.backward(v) == (v.astype(object) @ true) * below).all()
        x = integers(rng, (2, operation.sizes[0]), bits)
        assert (rounded.forward(x) == (x.astype(object) @ kept.reshape(true.shape).T) >> rounded.scale).all()


def integers(rng, shape, bits):
    """Return random integers of so many bits, as 64-bit ones if these hold them."""
    numbers = np.array([int(n * 2**bits) for n in rng.uniform(-1, 1, size=int(np.prod(shape)))], dtype=object)
    return numbers.reshape(shape).astype(np.int64 if bits < 62 else object)


def test_weights_that_are_rounded_lead_astray_by_no_more_than_the_patches_say():
    for seed in range(25):
        rng = np.random.default_rng(seed)
        for operation in operations(rng):
            rounded = rounded_operation(operation)
            v, x = rng.standard_normal((1, operation.sizes[1])), rng.standard_normal((1, operation.sizes[0]))
            true = fractions_of(matrix(operation))
            kept = np.array(
                [Fraction(int(abs(w) * 2**rounded.scale), 2**rounded.scale) for w in true.flat], dtype=object
            )
            kept = kept.reshape(true.shape) * np.where(true < 0, -1, 1)
            error = abs(fractions_of(v)[0] @ (true - kept) @ fractions_of(x)[0])
            patch = patches(operation)
            sums = patch.inputs(whole(x)) * patch.ones.backward(patch.outputs(whole(v)))
            assert error <= (0 if rounded.exact else Fraction(int(sums.sum()), 2 ** (40 + rounded.scale)))
            outputs = patch.back(patch.ones.forward(patch.inputs(whole(x))))[0]
            worst = abs(fractions_of(true - kept)) @ fractions_of(abs(x))[0]
            assert all(worst <= [0 if rounded.exact else Fraction(int(n), 2 ** (20 + rounded.scale)) for n in outputs])


def whole(x):
    """Return absolute values, in steps of 2^-20, rounded up."""
    return np.ceil(abs(x) * 2**20).astype(np.int64)


def test_limbs_add_up_to_the_number():
    x = np.array([5, -1, -(1 << 40), (1 << 50) + 3])
    for room in (3, 17, 52):
        limbs = split(x, room)
        assert (sum(limb.astype(np.int64).astype(object) << (room * i) for i, limb in enumerate(limbs)) == x).all()
        assert all(largest(limb.astype(np.int64)) <= 1 << room for limb in limbs)


def test_a_chain_of_matrices_and_its_graph_take_the_same_values(random_network):
    chain = random_network((4, 6, 5, 3), 1)
    point = [Fraction(1, 3), Fraction(-2, 7), Fraction(0), Fraction(5)]
    assert graph_of(chain).outputs(point) == chain.outputs(point)


def test_a_step_that_reads_what_comes_after_it_or_does_not_fit_is_refused():
    first = NetworkStep(Given(), (), 2)
    for wrong in (
        NetworkStep(Rectified(), (1,), 2),
        NetworkStep(Dense(np.ones((1, 3))), (0,), 1),
        NetworkStep(Summed((1, -1)), (0, 0), 3),
        NetworkStep(Given(), (), 2),
    ):
        with pytest.raises(ShapeError, match="step 1"):
            NetworkGraph((first, wrong))
