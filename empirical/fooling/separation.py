"""The direction in which some feature vectors lie farthest beyond all natural ones.

With P the hull of the vectors and H that of the natural ones, the direction u of the widest gap

    min over P of ⟨u, p⟩ − max over H of ⟨u, h⟩

points from the point of H that is nearest to P to the point of P that is nearest to H. It is approached by Gilbert's
algorithm (1966; Frank and Wolfe's on the distance of two hulls), which asks for nothing but the farthest vector in a
direction: of natural ones that is a convolution, so that their windows are never held together in memory.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from fvproof.empirical.fooling.windows import Geometry, windows
from fvproof.empirical.images import spread

STEPS = 300
"""Of the algorithm; more bring the hulls' nearest points closer to the truth, and closer to these images."""

MEAN_IMAGES = 200
"""So many images give mean and spread of the natural vectors."""

NUMBERS = 1 << 26
"""Of the natural maps, so many numbers at most are looked at."""

MOST, LEAST_GAP = 0.5, 0.01
"""The share of points that must lie beyond the natural vectors, by that many of their standard deviations: a few may
lie among them."""

LEAST_SPREAD = 0.03
"""No coordinate counts as less spread than this share of all coordinates' root mean square spread."""


def moments(maps: np.ndarray, where: Geometry | None) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread of the natural vectors, both float64 (n,)."""
    sample = windows(maps[spread(len(maps), MEAN_IMAGES)], where)
    variance = sample.var((0, 1))
    return sample.mean((0, 1)), np.sqrt(variance + LEAST_SPREAD**2 * variance.mean() + np.finfo(np.float64).tiny)


def separation(points: np.ndarray, maps: np.ndarray, where: Geometry | None) -> np.ndarray | None:
    """Return the direction in which points lie farthest beyond the natural vectors; None where most do not.

    Distances are measured in units of the natural spread of each coordinate.

    Parameters
    ----------
    points
        Float64 (k, n).
    maps
        What enters the layer for natural images; see `fvproof.empirical.fooling.windows`.
    where
        Of the convolution, None for a linear layer.

    Returns
    -------
    numpy.ndarray or None
        Float64 (n,).

    Examples
    --------
    >>> maps = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    >>> u = separation(np.array([[9.0, 0.0, 0.0], [9.0, 1.0, 0.0]]), maps, None)
    >>> bool(u[0] > 3 * abs(u[1:]).max()), separation(np.zeros((1, 3)), maps, None) is None
    (True, True)
    """
    mean, size = moments(maps, where)
    farthest = _farthest(np.asarray(maps[spread(len(maps), max(1, NUMBERS // maps[0].size))]), where)
    scaled = points / size
    ours, theirs = scaled.mean(0), mean / size
    for _ in range(STEPS):
        direction = ours - theirs
        nearest, natural = scaled[np.argmin(scaled @ direction)], farthest(direction / size) / size
        step = (nearest - ours) - (natural - theirs)
        along = -float(direction @ step) / max(float(step @ step), np.finfo(np.float64).tiny)
        along = min(1.0, max(0.0, along))
        ours, theirs = ours + along * (nearest - ours), theirs + along * (natural - theirs)
    found = (ours - theirs) / size
    apart = (points - farthest(found)) @ found > LEAST_GAP * np.linalg.norm(found * size)
    return found if apart.mean() >= MOST else None


def _farthest(maps: np.ndarray, where: Geometry | None) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from a direction to the natural vector that lies farthest in it."""
    if where is None:
        rows = maps.reshape(-1, maps.shape[-1])
        return lambda direction: rows[np.argmax(rows @ direction.astype(np.float32))].astype(np.float64)
    held = torch.from_numpy(maps)

    def look(direction: np.ndarray) -> np.ndarray:
        kernel = torch.from_numpy(direction.astype(np.float32)).view(1, held.shape[1], *where.kernel)
        values = functional.conv2d(held, kernel, None, where.stride, where.padding, where.dilation)
        image, position = divmod(int(values.argmax()), values[0].numel())
        return windows(maps[image : image + 1], where)[0, position]

    return look
