"""What a unit's visualization tells about natural images: decoders that see it, and how well they do.

A decoder sees φ = (a, b, m, M), the two visualizations with their activations, and an image x, and predicts the unit's
activation u(x). All decoders here have the form m + t(x)(M − m):

- *uninformed*: t = 1/2, which is all that can be known of a ReLU network in the worst case (theory, Proposition 1);
- *pixel projection*: t = ⟨x − a, b − a⟩ / ‖b − a‖², clipped to [0, 1]: where x lies along the way from a to b;
- *similarity* at a layer: t = (1 − s_a) / ((1 − s_a) + (1 − s_b)), s_a and s_b the Spearman similarity of x to a and to
  b there. This decoder also knows the network up to that layer, which the theory's decoders do not; at the unit's own
  layer and above, it is shown activations that hold u(x) itself.

The same decoders can be shown several images for each end (natural images that excite the unit least and most) in the
place of two visualizations: a, b, s_a, s_b, m and M are then means over the images of an end.

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
from fvproof.empirical.networks.objectives import Objective, Wanted
from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.visualization import Visualization


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


def end_images(phi: Visualization, shape: Shape) -> np.ndarray:
    """Return a and b as float32 images (2, C, H, W).

    Examples
    --------
    >>> end_images(Visualization([0, 0, 0, 0], [1, 1, 1, 1], 0, 1), (1, 2, 2)).shape
    (2, 1, 2, 2)
    """
    return np.stack([np.asarray(end, np.float32).reshape(shape) for end in (phi.argmin, phi.argmax)])


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The images that a decoder is shown of a unit, and their activations.

    Attributes
    ----------
    least, greatest
        Float32 (k, C, H, W) each, in [0, 1].
    low, high
        Their mean activations, m and M.
    """

    least: np.ndarray
    greatest: np.ndarray
    low: float
    high: float


def ends(phi: Visualization, shape: Shape) -> Ends:
    """Return a unit's two visualizations as what a decoder is shown."""
    images = end_images(phi, shape)
    return Ends(images[:1], images[1:], float(phi.minimum), float(phi.maximum))


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
        require_visualization(unit, phi, images)
    found = predicted(model, [ends(phi, images.shape) for phi in shown.values()], images, layers=layers)
    return dict(zip(shown, found, strict=True))


def require_visualization(unit: Objective, phi: Visualization, images: ImageSet) -> None:
    """Raise DomainError or ShapeError if nothing can be read off a unit's visualizations."""
    if not phi.spread:
        raise DomainError(f"the visualizations of {unit} must have different activations, not both {phi.minimum}")
    if phi.dimension != images.images[0].size:
        raise ShapeError(f"the visualizations of {unit} must have {images.images[0].size} pixels, not {phi.dimension}")
    if np.array_equal(*end_images(phi, images.shape)):
        raise DomainError("the two visualizations of a unit must be different images")


def predicted(
    model: Model, shown: Sequence[Ends], images: ImageSet, *, layers: Sequence[str] | None = None
) -> list[tuple[Predicted, ...]]:
    """Return what every decoder predicts that is shown these images: uninformed, pixel projection, layer by layer.

    Parameters
    ----------
    model, images, layers
        As in `predictions`.
    shown
        At least one; the images of both ends have the shape of the natural ones.
    """
    groups = [end for both in shown for end in (both.least, both.greatest)]
    means = np.stack([end.mean(0, dtype=np.float64).ravel() for end in groups])
    along = _projections(images, means[0::2], means[1::2])
    numbers = np.repeat(np.arange(len(groups)), [len(end) for end in groups])
    similar = similarities(model, images, np.concatenate(groups), layers=layers, groups=numbers.tolist())
    return [
        (
            Predicted("uninformed", None, np.full(len(images), (both.low + both.high) / 2)),
            Predicted("pixel projection", None, both.low + along[:, i] * (both.high - both.low)),
            *(
                Predicted(
                    "similarity", layer, both.low + _nearness(s[:, 2 * i], s[:, 2 * i + 1]) * (both.high - both.low)
                )
                for layer, s in similar.items()
            ),
        )
        for i, both in enumerate(shown)
    ]


def _projections(images: ImageSet, lows: np.ndarray, highs: np.ndarray) -> np.ndarray:
    """Return where each image lies along the way from each a to its b, (N, units), clipped to [0, 1].

    It is 1/2 where a = b.
    """
    ways = highs - lows
    squares = (ways**2).sum(1)
    offsets = (lows * ways).sum(1)
    parts = [batch.flatten(1).double().numpy() @ ways.T for batch in images.batches()]
    along = np.clip((np.concatenate(parts) - offsets) / np.where(squares > 0, squares, 1), 0, 1)
    return np.where(squares > 0, along, 0.5)


def _nearness(to_low: np.ndarray, to_high: np.ndarray) -> np.ndarray:
    """Return 0 where an image is like a, 1 where it is like b, 1/2 where it is as like the one as the other."""
    far_low, far_high = (np.clip(1 - similarity, 0, 2) for similarity in (to_low, to_high))
    total = far_low + far_high
    return np.where(total > 0, far_low / np.where(total > 0, total, 1), 0.5)
