"""The sanity check of a whole network: visualizations of its classes beside natural images, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.measurement.recognition import recognition
from fvproof.empirical.measurement.similarity import LayerSimilarity, sanity_curve
from fvproof.empirical.networks.layers import chosen_layers, output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.soundness import require_fit, require_sound
from fvproof.empirical.networks.units import Unit, activations, channel_counts
from fvproof.theory.errors import DomainError


@dataclass(frozen=True, slots=True, eq=False)
class Sanity:
    """What the sanity check of a network found.

    Attributes
    ----------
    curve
        Layer by layer, for each measure of similarity.
    runs
        The visualization of each class that the images show.
    accuracy
        Share of the natural images that the network puts into the class of their label; None where it does not give one
        output per class. A low one says that labels and outputs do not belong together, and then the curve means
        nothing.
    doubt
        What may be wrong, in a sentence, if the network hardly recognises the images, or why that cannot be told.
    """

    curve: tuple[LayerSimilarity, ...]
    runs: tuple[Run, ...]
    accuracy: float | None
    doubt: str | None = None


def check_sanity(model: Model, natural: ImageSet, settings: Settings, *, layers: Sequence[str] | None = None) -> Sanity:
    """Return how similar visualizations of the classes that occur are to natural images of these classes.

    Parameters
    ----------
    model
        A classifier: the units of its output layer are the classes.
    natural
        Images with labels, which are the numbers of output units; at least two images of each of at least two classes.
    settings
        How the classes are visualized. Its seed is also that of the bootstrap.
    layers
        Where similarity is measured; at all layers where none are named.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there are no labels or too few images, a label is no output, or there is no such layer.

    Source: Geirhos et al., ICML 2024, section 3.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model, images = load_model("digits-small"), digits_images().per_class(3)
    >>> found = check_sanity(model, images, Settings(steps=2), layers=["relu1"])
    >>> len(found.runs), [row.measure for row in found.curve]
    (10, ['spearman', 'pearson', 'cosine'])
    """
    if natural.labels is None:
        raise DomainError("the sanity check needs labels: a folder of class folders, or `labels` in the .npz file")
    require_fit(model, natural)
    require_sound(model)
    chosen_layers(model, layers)
    share, problem = recognition(model, natural)
    layer = output_layer(model)
    units = [Unit(layer, int(label)) for label in np.unique(natural.labels)]
    if (last := units[-1].channel) >= (outputs := channel_counts(model, [layer])[layer]):
        raise DomainError(f"labels must be numbers of outputs, 0 to {outputs - 1}, not {last}")
    batches = natural.batches()
    known = activations(model, units, batches)
    with tqdm(total=len(units) * settings.steps, desc="visualizing", unit="step", disable=None, leave=False) as bar:
        runs = maximize(model, units, settings, natural=known, progress=bar.update)
    labels = np.array([unit.channel for unit in units])
    visualizations = ImageSet(np.stack([run.image for run in runs]).astype(np.float32), labels)
    curve = sanity_curve(model, natural, visualizations, layers=layers, seed=settings.seed)
    return Sanity(curve, tuple(runs), share, problem)
