"""What a unit's visualization tells about natural images: decoders that see it, and how well they do.

A decoder sees φ = (a, b, m, M), the two visualizations with their activations, and an image x, and predicts the unit's
activation u(x). All decoders here have the form m + t(x)(M − m):

- *uninformed*: t = 1/2, which is all that can be known of a ReLU network in the worst case (theory, Proposition 1);
- *pixel projection*: t = ⟨x − a, b − a⟩ / ‖b − a‖², clipped to [0, 1]: where x lies along the way from a to b;
- *similarity* at a layer: t = (1 − s_a) / ((1 − s_a) + (1 − s_b)), s_a and s_b the Spearman similarity of x to a and to
  b there. This decoder also knows the network up to that layer, which the theory's decoders do not; at the unit's own
  layer and above, it is shown activations that hold u(x) itself.

All but the first are right at a and at b. Natural activations may lie outside [m, M], since an optimiser does not find
the true extrema. They are counted, and predictions are held against them as they are; that Proposition 1 bounds the
uninformed decoder's error by (M − m)/2 then no longer follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.measurement.directions import similarities
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Wanted
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.visualization import Visualization

BATCH = 64
"""Images at once in pixel space."""


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """What one decoder predicts.

    Attributes
    ----------
    decoder
        "uninformed", "pixel projection" or "similarity".
    layer
        Where similarity is measured; None for the others.
    values
        (N,) float64, the predicted activation of each image.
    """

    decoder: str
    layer: str | None
    values: np.ndarray


def visualization(low: Run, high: Run) -> Visualization:
    """Return a unit's two visualizations, with their clean activations, as what a decoder sees.

    Raises
    ------
    DomainError
        If they are not of one unit, an activation is not finite, or the maximization is weaker than the minimization.
    """
    if low.unit != high.unit:
        raise DomainError(f"the two visualizations must be of one unit, not of {low.unit} and {high.unit}")
    return Visualization(low.image, high.image, low.activation, high.activation)


def end_images(phi: Visualization, shape: tuple[int, int, int]) -> np.ndarray:
    """Return a and b as float32 images (2, C, H, W).

    Examples
    --------
    >>> end_images(Visualization([0, 0, 0, 0], [1, 1, 1, 1], 0, 1), (1, 2, 2)).shape
    (2, 1, 2, 2)
    """
    return np.stack([np.asarray(end, np.float32).reshape(shape) for end in (phi.argmin, phi.argmax)])


def predictions(
    model: Model, shown: Mapping[Wanted, Visualization], images: ImageSet, *, layers: Sequence[str] | None = None
) -> dict[Wanted, tuple[Predicted, ...]]:
    """Return what every decoder predicts for every unit and image: uninformed, pixel projection, then layer by layer.

    Parameters
    ----------
    model
        The network.
    shown
        Units of any layers and what a decoder sees of each.
    images
        N natural images.
    layers
        Where similarity is measured; at all layers where none are named.

    Raises
    ------
    DomainError
        If a unit's visualizations have equal activations: it then seems constant, and there is nothing to predict.
    ShapeError
        If a visualization has not as many pixels as an image.
    UnknownName
        If there is no such layer.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> from fvproof.empirical.networks.units import Unit
    >>> images, unit = digits_images(), Unit("logits", 3)
    >>> phi = Visualization(np.zeros(64), np.ones(64), -5, 5)
    >>> found = predictions(load_model("digits-small"), {unit: phi}, images, layers=["relu1"])
    >>> [(one.decoder, one.values.shape) for one in found[unit]]
    [('uninformed', (450,)), ('pixel projection', (450,)), ('similarity', (450,))]
    """
    for unit, phi in shown.items():
        if not phi.spread:
            raise DomainError(f"the visualizations of {unit} must have different activations, not both {phi.minimum}")
        if phi.dimension != images.images[0].size:
            raise ShapeError(
                f"the visualizations of {unit} must have {images.images[0].size} pixels, not {phi.dimension}"
            )
    ends = np.concatenate([end_images(phi, images.shape) for phi in shown.values()])
    rows = ends.reshape(len(ends), -1).astype(np.float64)
    along = _projections(images, rows[0::2], rows[1::2])
    similar = similarities(model, images, ends, layers=layers)
    found = {}
    for i, (unit, phi) in enumerate(shown.items()):
        shares: list[tuple[str, str | None, np.ndarray]] = [
            ("uninformed", None, np.full(len(images), 0.5)),
            ("pixel projection", None, along[:, i]),
            *(("similarity", layer, _nearness(s[:, 2 * i], s[:, 2 * i + 1])) for layer, s in similar.items()),
        ]
        low, spread = float(phi.minimum), float(phi.spread)
        found[unit] = tuple(Predicted(decoder, layer, low + share * spread) for decoder, layer, share in shares)
    return found


def _projections(images: ImageSet, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
    """Return where each image lies along the way from each a to its b, (N, units), clipped to [0, 1]."""
    ways = highs - lows
    squares = (ways**2).sum(1)
    if not squares.all():
        raise DomainError("the two visualizations of a unit must be different images")
    offsets = (lows * ways).sum(1)
    parts = [batch.flatten(1).double().numpy() @ ways.T for batch in images.batches(BATCH)]
    return np.clip((np.concatenate(parts) - offsets) / squares, 0, 1)


def _nearness(to_low: np.ndarray, to_high: np.ndarray) -> np.ndarray:
    """Return 0 where an image is like a, 1 where it is like b, 1/2 where it is as like the one as the other."""
    far_low, far_high = (np.clip(1 - similarity, 0, 2) for similarity in (to_low, to_high))
    total = far_low + far_high
    return np.where(total > 0, far_low / np.where(total > 0, total, 1), 0.5)
