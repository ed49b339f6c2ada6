"""The direction of the widest gap between hulls, against geometry and against brute force."""

import numpy as np
import pytest

from fvproof.empirical.fooling.separation import moments, separation
from fvproof.empirical.fooling.windows import Geometry, windows

GEOMETRY = Geometry((3, 3), (1, 1), (1, 1), (1, 1))


def gap(direction, points, natural):
    direction = direction / np.linalg.norm(direction)
    return (points @ direction).min() - (natural @ direction).max()


def test_beyond_a_side_of_a_square_the_direction_is_that_sides_normal():
    square = np.array([[x, y] for x in (-1.0, 1.0) for y in (-1.0, 1.0)], np.float32)
    found = separation(np.array([[3.0, 0.2], [4.0, -0.3]]), square, None)
    assert found / np.linalg.norm(found) == pytest.approx([1, 0], abs=0.02)


def test_no_direction_in_the_plane_has_a_much_wider_gap():
    random = np.random.default_rng(0)
    natural = random.normal(size=(200, 2)).astype(np.float32)
    points = np.array([4.0, 3.0]) + 0.5 * random.normal(size=(20, 2))
    _, size = moments(natural, None)
    angles = np.linspace(0, 2 * np.pi, 3600)
    widest = max(gap(np.array([np.cos(a), np.sin(a)]), points / size, natural / size) for a in angles)
    assert widest > 0
    assert gap(separation(points, natural, None) * size, points / size, natural / size) > 0.97 * widest


def test_windows_of_a_convolution_are_searched_as_if_they_were_held_together():
    random = np.random.default_rng(1)
    maps = random.random((30, 2, 6, 6)).astype(np.float32)
    points = windows(random.random((3, 2, 6, 6)) + 0.9, GEOMETRY)[:, 14]
    held = windows(maps, GEOMETRY).reshape(-1, 18).astype(np.float32)
    found, wanted = separation(points, maps, GEOMETRY), separation(points, held, None)
    assert (points @ found).min() > (held @ found).max()
    assert found @ wanted == pytest.approx(np.linalg.norm(found) * np.linalg.norm(wanted), rel=1e-3)


def test_where_points_lie_among_the_natural_vectors_there_is_no_direction():
    natural = np.random.default_rng(2).normal(size=(500, 3)).astype(np.float32)
    assert separation(0.1 * natural[:5].astype(np.float64), natural, None) is None
