"""The sanity check as an audit does it: classes that the images show, visualized, and the curve, kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.records import remembered
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.measurement.holdout import all_layers
from fvproof.empirical.measurement.similarity import LayerSimilarity, sanity_curve
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, channel_counts
from fvproof.theory.errors import DomainError

MOST_CLASSES = 20
"""Of more classes, so many evenly spaced ones are visualized."""

LEAST_IMAGES = 2
"""Of each class, to tell how alike natural images of one class are."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The similarity at each layer."""

    rows: tuple[LayerSimilarity, ...]


def class_units(model: Model, images: ImageSet) -> tuple[list[Unit], str | None]:
    """Return the output units of classes that the images show, or none and why there are none.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> units, problem = class_units(load_model("digits"), digits_images())
    >>> len(units), str(units[0]), problem
    (10, 'logits:0', None)
    """
    if images.labels is None:
        return [], "the images have no labels"
    labels, counts = np.unique(images.labels, return_counts=True)
    labels = labels[counts >= LEAST_IMAGES]
    if len(labels) < 2:
        return [], f"there must be at least {LEAST_IMAGES} images of each of two classes"
    try:
        layer = output_layer(model)
    except DomainError as error:
        return [], str(error)
    outputs = channel_counts(model, [layer])[layer]
    if labels.max() >= outputs:
        return [], f"labels must be outputs, 0 to {outputs - 1}, but they go from {labels.min()} to {labels.max()}"
    places = np.unique(np.linspace(0, len(labels) - 1, MOST_CLASSES).round().astype(int))
    return [Unit(layer, int(label)) for label in labels[places]], None


def similarity_curve(
    workspace: Workspace, images: ImageSet, runs: Sequence[Run], *, audited: Iterable[str]
) -> tuple[LayerSimilarity, ...]:
    """Return how alike visualizations and natural images of one class are, layer by layer; empty without runs.

    Parameters
    ----------
    workspace
        Where the curve is kept.
    images
        Natural images with labels.
    runs
        The visualizations of their classes.
    audited
        Layers that the curve must name.
    """
    if not runs:
        return ()
    model, layers = workspace.model, all_layers(workspace.model, audited)
    labels = np.array([run.unit.channel for run in runs])
    shown = ImageSet(np.stack([run.image for run in runs]).astype(np.float32), labels)

    def measured() -> list[Curve]:
        seed = workspace.settings.seed
        return [Curve(sanity_curve(model, images, shown, layers=layers, measures=("spearman",), seed=seed))]

    (curve,) = remembered(workspace, [f"similarity curve at {','.join(layers)}"], Curve, measured)
    return curve.rows
