"""The windows of a convolution, and bounds on the rounding of their scalar products."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.nn import functional

from fvproof.empirical.fooling.windows import Geometry, gamma, responses, windows
from fvproof.theory.errors import ShapeError

GEOMETRIES = [
    Geometry((3, 3), (1, 1), (1, 1), (1, 1)),
    Geometry((3, 2), (2, 1), (0, 1), (1, 2)),
    Geometry((1, 1), (2, 2), (0, 0), (1, 1)),
]


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_responses_are_those_of_torchs_convolution(geometry):
    stream = np.random.default_rng(0)
    maps = stream.normal(size=(3, 4, 9, 7)).astype(np.float32)
    filters = stream.normal(size=(5, 4, *geometry.kernel)).astype(np.float32)
    found = np.concatenate([part.values for part in responses(maps, geometry, filters.reshape(5, -1))])
    options = {"stride": geometry.stride, "padding": geometry.padding, "dilation": geometry.dilation}
    wanted = functional.conv2d(torch.tensor(maps).double(), torch.tensor(filters).double(), **options)
    assert np.abs(found - wanted.flatten(2).transpose(1, 2).numpy()).max() < 1e-12


def test_without_a_geometry_every_vector_is_a_window():
    tokens = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    assert windows(tokens, None).tolist() == tokens.tolist()
    assert windows(tokens[:, 0], None).shape == (2, 1, 4)


def test_no_response_is_farther_from_the_exact_one_than_the_stated_error():
    stream = np.random.default_rng(1)
    maps = (stream.normal(size=(4, 300)) * 10.0 ** stream.integers(-6, 6, (4, 300))).astype(np.float32)
    filters = stream.normal(size=(3, 300)).astype(np.float32)
    (found,) = responses(maps, None, filters)
    for i, h in enumerate(maps):
        for j, w in enumerate(filters):
            exact = sum(Fraction(float(a)) * Fraction(float(b)) for a, b in zip(w, h, strict=True))
            assert abs(Fraction(found.values[i, 0, j]) - exact) <= Fraction(found.error[j])
    assert found.error.max() < 1e-8 * np.abs(found.values).max()


def test_the_error_bound_covers_float32_sums_in_any_order():
    stream = np.random.default_rng(2)
    terms = stream.normal(size=4000).astype(np.float32)
    exact = sum(Fraction(float(term)) for term in terms)
    in_order = np.float32(0)
    for term in terms:
        in_order += term
    assert abs(Fraction(float(in_order)) - exact) <= Fraction(gamma(4000, bits=24)) * Fraction(
        np.abs(terms).sum().item()
    )


def test_maps_without_rows_and_columns_are_refused():
    with pytest.raises(ShapeError, match="must have shape"):
        windows(np.zeros((2, 3), np.float32), GEOMETRIES[0])
