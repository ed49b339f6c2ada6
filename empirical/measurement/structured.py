"""Decoders for units whose structure is known: they read visualizations where those of ordinary units cannot be read.

- *cosine*, for units ``u(x) = cos(w, x)`` of images with pixels in [0, 1]: ``M cos(b, x) + m cos(a, x)``;
- *distance*, for units that fall with the distance from a prototype: ``M − (M − m) ‖x − b‖ / ‖a − b‖``.

Both are exact for units of their kind (`fvproof.empirical.networks.readable`) and true extrema a, b.
"""

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.prediction import Predicted, end_images
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization


def cosine_prediction(phi: Visualization, images: ImageSet) -> Predicted:
    """Return what the decoder for cosine units predicts.

    Parameters
    ----------
    phi
        What it sees.
    images
        N images.

    Examples
    --------
    >>> images = ImageSet(np.array([[[[0.6, 0.8]]], [[[1.0, 0.0]]]], np.float32))
    >>> phi = Visualization([0, 1], [1, 0], "-4/5", "3/5")  # of cos(w, x), w = (3/5, −4/5)
    >>> np.round(cosine_prediction(phi, images).values, 3).tolist()
    [-0.28, 0.6]
    """
    rows, (low, high) = _rows(phi, images)
    lengths = np.maximum(np.linalg.norm(rows, axis=1), np.finfo(np.float64).tiny)
    to_low, to_high = (rows @ end / (lengths * max(np.linalg.norm(end), 1e-300)) for end in (low, high))
    return Predicted("cosine", None, float(phi.maximum) * to_high + float(phi.minimum) * to_low)


def distance_prediction(phi: Visualization, images: ImageSet) -> Predicted:
    """Return what the decoder for prototype units predicts.

    Parameters
    ----------
    phi
        What it sees; a and b differ.
    images
        N images.

    Examples
    --------
    >>> images = ImageSet(np.array([[[[0.5, 0.5]]], [[[1.0, 0.0]]]], np.float32))
    >>> distance_prediction(Visualization([1, 1], [0, 0], "-2", 0), images).values.round(3).tolist()
    [-1.0, -1.414]
    """
    rows, (low, high) = _rows(phi, images)
    whole = np.linalg.norm(high - low)
    if not whole:
        raise DomainError("the two visualizations of a unit must be different images")
    shares = np.linalg.norm(rows - high, axis=1) / whole
    return Predicted("distance", None, float(phi.maximum) - float(phi.spread) * shares)


def _rows(phi: Visualization, images: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, (N, d), and both visualizations, (2, d), in doubles."""
    return (
        images.batch().flatten(1).double().numpy(),
        end_images(phi, images.shape).reshape(2, -1).astype(np.float64),
    )
