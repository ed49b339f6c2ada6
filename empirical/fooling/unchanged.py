"""Whether a manipulated network still does its work: the outputs for natural images, before and after."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.recognition import class_scores, recognised
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen


@dataclass(frozen=True, slots=True)
class Compared:
    """The outputs of two networks for the same images.

    Attributes
    ----------
    images
        How many.
    unchanged
        The share of images of which every output is the same, bit for bit.
    largest_change
        Of any output, absolute.
    same_prediction
        The share of images with the same largest output.
    top1_before, top1_after
        The share of images whose label is the largest output; None without labels, or without one output per class.
    """

    images: int
    unchanged: float
    largest_change: float
    same_prediction: float
    top1_before: float | None
    top1_after: float | None


def compared(before: Model, after: Model, images: ImageSet) -> Compared:
    """Return how the outputs of two networks for the same images differ.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model = load_model("digits-small")
    >>> same = compared(model, model, digits_images())
    >>> same.unchanged, same.largest_change, same.top1_before == same.top1_after
    (1.0, 0.0, True)
    """
    first, second = outputs(before, images), outputs(after, images)
    tops = [_top1(one, images.labels) for one in (first, second)]
    first, second = first.flatten(1).numpy(), second.flatten(1).numpy()
    return Compared(
        len(images),
        float((first == second).all(1).mean()),
        float(np.abs(first - second).max()),
        float((first.argmax(1) == second.argmax(1)).mean()),
        *tops,
    )


def _top1(output: Tensor, labels: np.ndarray | None) -> float | None:
    """Return the share of images whose label is the largest output."""
    scores = class_scores(output)
    return None if labels is None or scores is None else recognised(scores.numpy(), labels)


def outputs(model: Model, images: ImageSet) -> Tensor:
    """Return the network's outputs, float32 (N, K, ..), a batch of images at a time."""
    device = device_of(model)
    with frozen(model.network), torch.no_grad():
        parts = [model(batch.to(device)).float().cpu() for batch in images.batches()]
    return torch.cat(parts)
