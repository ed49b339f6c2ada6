"""Where silent filters point: beyond all natural feature vectors, to a target and to what optimisers look at first."""

from collections.abc import Mapping

import numpy as np

from fvproof.empirical.fooling.features import features
from fvproof.empirical.fooling.separation import moments, separation
from fvproof.empirical.fooling.starts import first_looks
from fvproof.empirical.fooling.windows import Geometry, windows
from fvproof.empirical.images import ImageSet, spread
from fvproof.empirical.networks.model import Model

TARGET_WINDOWS = 16
"""So many of a target's feature vectors are to lie beyond the natural ones: those farthest from their mean."""

PULL = 1.5
"""The target is to lie so many times as far from the natural mean as the hull ends."""

MOST_POINTS = 800
"""So many vectors of the first steps of engines are used."""


def look(model: Model, layer: str, where: Geometry | None) -> dict[str, np.ndarray]:
    """Return the feature vectors of what each engine looks at first, float64 (units, steps, positions, n)."""
    found = {}
    for engine, images in first_looks(model, layer).items():
        vectors = windows(features(model, layer, ImageSet(images.reshape(-1, *model.shape))), where)
        found[engine] = vectors.reshape(*images.shape[:2], *vectors.shape[1:])
    return found


def aim(shown: np.ndarray, looks: Mapping[str, np.ndarray], maps: np.ndarray, where: Geometry | None) -> np.ndarray:
    """Return the direction in which target and first steps lie farthest beyond the natural vectors.

    That of the target alone, from the natural mean, where they do not all lie beyond.
    """
    mean, _ = moments(maps, where)
    straight = shown.mean(0) - mean
    far = shown[np.argsort((mean - shown) @ straight, kind="stable")[:TARGET_WINDOWS]]
    middle = _middle(maps.shape, where)
    first = np.concatenate([vectors[:, :, middle].reshape(-1, len(mean)) for vectors in looks.values()])
    points = np.concatenate([mean + (far - mean) / PULL, first[spread(len(first), MOST_POINTS)]])
    found = separation(points, maps, where)
    return straight if found is None else found


def _middle(shape: tuple[int, ...], where: Geometry | None) -> np.ndarray:
    """Return the positions in the middle half of a map's rows and columns, whose windows do not reach the border.

    Examples
    --------
    >>> _middle((1, 3, 4, 4), Geometry((3, 3), (1, 1), (1, 1), (1, 1))).tolist()
    [5, 6, 9, 10]
    """
    if where is None:
        return np.arange(int(np.prod(shape[1:-1])))
    down, across = (_count(shape[2 + axis], where, axis) for axis in (0, 1))
    rows, columns = (np.arange(size // 4, size - size // 4) for size in (down, across))
    return (rows[:, None] * across + columns).ravel()


def _count(size: int, where: Geometry, axis: int) -> int:
    """Return how many positions a convolution has along an axis of its input."""
    span = where.dilation[axis] * (where.kernel[axis] - 1) + 1
    return (size + 2 * where.padding[axis] - span) // where.stride[axis] + 1
