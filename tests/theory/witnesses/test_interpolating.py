"""Networks of one hidden layer that take given values at given points, and decoders that they prove wrong."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.decoders import uninformed
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.norms import l1
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.contrarian import contrary_network
from fvproof.theory.witnesses.interpolating import interpolate
from tests.theory.cases import cases, coordinates, points


def broken_line(knots, t):
    """Return the value at t of the line through knots (place, value) that goes on level at both ends."""
    if t <= knots[0][0] or t >= knots[-1][0]:
        return knots[0][1] if t <= knots[0][0] else knots[-1][1]
    (s, u), (e, v) = next(pair for pair in pairwise(knots) if pair[0][0] <= t <= pair[1][0])
    return u + (v - u) * (t - s) / (e - s)


@given(st.data(), st.integers(1, 3), st.integers(1, 5))
def test_a_network_is_the_broken_line_through_its_points(data, dimension, count):
    places = data.draw(st.lists(points(dimension), min_size=count, max_size=count, unique=True))
    values = data.draw(st.lists(coordinates, min_size=count, max_size=count))
    f = interpolate(places, values)
    assert f.widths == (count,)
    assert [f(z) for z in places] == values
    weights = f.layers[0].rows[0]
    along = lambda z: sum((w * z[i] for i, w in weights.items()), Fraction(0))  # noqa: E731
    z = data.draw(points(dimension))
    assert f(z) == broken_line(sorted(zip(map(along, places), values, strict=True)), along(z))
    assert min(values) <= f(z) <= max(values)


def nearest(phi, x):
    """Answer with the value of the nearer extremum."""
    return phi.minimum if l1(x, phi.argmin) < l1(x, phi.argmax) else phi.maximum


@pytest.mark.parametrize("decoder", [uninformed, nearest])
@given(cases(), st.data())
def test_one_small_network_makes_a_decoder_err_on_a_whole_test_set(decoder, case, data):
    phi, _ = case
    assume(phi.argmin != phi.argmax)
    asked = data.draw(st.lists(points(phi.dimension), max_size=6))
    f = contrary_network(phi, decoder, asked)
    inputs = {x for x in asked if x not in (phi.argmin, phi.argmax)}
    assert f.widths == (len(inputs) + 2,)
    assert (f(phi.argmin), f(phi.argmax)) == (phi.minimum, phi.maximum)
    assert all(abs(decoder(phi, x) - f(x)) >= phi.spread / 2 for x in inputs)
    z = data.draw(points(phi.dimension))
    assert phi.minimum <= f(z) <= phi.maximum


@given(st.data(), st.integers(1, 4), st.integers(1, 6))
def test_a_network_reads_fewer_inputs_than_it_has_points(data, dimension, count):
    places = data.draw(st.lists(points(dimension), min_size=count, max_size=count, unique=True))
    f = interpolate(places, range(count))
    assert all(row == f.layers[0].rows[0] and len(row) < max(count, 2) for row in f.layers[0].rows)


def test_images_can_be_interpolated():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, 3 * 32 * 32) / 256 for _ in range(4)]
    f = interpolate(images, [0, 1, "1/3", "1/2"])
    assert [f(image) for image in images] == [0, 1, Fraction(1, 3), Fraction(1, 2)]


def test_what_cannot_be_interpolated_is_said():
    with pytest.raises(DomainError, match="one is given twice"):
        interpolate([[0, 1], [0, 1]], [0, 1])
    with pytest.raises(DomainError, match="there are 1 points and 2 values"):
        interpolate([[0, 1]], [0, 1])
    with pytest.raises(ShapeError, match="as many coordinates"):
        interpolate([[0], [0, 1]], [0, 1])
    with pytest.raises(ShapeError, match="coordinates"):
        contrary_network(Visualization([0], [1], 0, 1), uninformed, [[0, 1]])
