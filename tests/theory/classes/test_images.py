"""Arrays of doubles are answered exactly as the fractions that they hold, and images in a moment."""

from fractions import Fraction
from time import process_time

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import CLASSES, function_class
from fvproof.theory.exact.points import fractions
from fvproof.theory.examples import first
from fvproof.theory.visualization import Visualization
from tests.theory.cases import few

PIXELS = 224 * 224 * 3
doubles = st.sampled_from([0.0, 1.0, 0.0, 1.0, 0.25, 0.5, 1 / 3, 1e-7, 1e-30, 1 - 2.0**-53]) | st.floats(0, 1)


def arrays(dimension):
    return st.lists(doubles, min_size=dimension, max_size=dimension).map(np.array)


def with_parameters(name, training=()):
    wanted = CLASSES[name].examples.parameters(first, 1)
    return function_class(name, **wanted | {key: training for key in wanted if key == "training"})


@pytest.mark.parametrize("name", CLASSES)
@few
@given(st.integers(1, 4).flatmap(lambda d: st.tuples(arrays(d), arrays(d), arrays(d))), st.booleans())
def test_arrays_are_answered_as_their_fractions(name, points, unique_extrema):
    a, b, x = points
    asked = with_parameters(name, training=[(x * 0.5, "1/2")])
    spread = 0 if name == "constant" else 1
    phi = Visualization(a, b, 0, spread)
    same = Visualization(fractions(phi.argmin), fractions(phi.argmax), 0, spread)
    assert asked.violation(phi, unique_extrema=unique_extrema) == asked.violation(same, unique_extrema=unique_extrema)
    assume(asked.feasible(phi, unique_extrema=unique_extrema))
    exact = asked.ambiguity(same, fractions(phi.query(x)), unique_extrema=unique_extrema)
    assert asked.ambiguity(phi, x, unique_extrema=unique_extrema) == exact
    assert asked.ambiguity(phi, fractions(phi.query(x)), unique_extrema=unique_extrema) == exact


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_an_image_is_answered_in_well_under_a_second(name):
    random = np.random.default_rng(0)
    x = random.random(PIXELS)
    asked = with_parameters(name, training=[(random.random(PIXELS), "1/2") for _ in range(5)])
    phi = Visualization(np.zeros(PIXELS), np.ones(PIXELS), 0, 0 if name == "constant" else 1)
    start = process_time()
    asked.ambiguity(phi, x)
    assert process_time() - start < 1


@pytest.mark.parametrize("name", ["relu-network", "smooth", "lipschitz", "monotone", "convex", "erm"])
def test_an_image_has_witnesses(name):
    random = np.random.default_rng(0)
    x = random.random(PIXELS)
    asked = with_parameters(name)
    phi = Visualization(np.zeros(PIXELS), np.ones(PIXELS), 0, 1)
    f = asked.witness(phi, x, "1/3")
    assert (f(phi.argmin), f(phi.argmax), f(phi.query(x))) == (0, 1, Fraction(1, 3))
