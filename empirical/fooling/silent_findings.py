"""What silent units did to visualizations, as one engine sees it: beside what the added units alone would show."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np

from fvproof.empirical.fooling.sameness import pooled_features
from fvproof.empirical.fooling.shifts import Shift, compare, stack
from fvproof.empirical.fooling.silent import Silenced, WithSilent
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.maximize import Run, maximize
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import find_layer
from fvproof.empirical.networks.units import Unit


def alone(found: Silenced) -> Model:
    """Return the network whose layer gives ⟨w', h⟩ + b' and nothing else: what visualizations are to show.

    Examples
    --------
    >>> from fvproof.empirical.fooling.silent import silence
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> found = silence(load_model("digits"), [Unit("logits", 3)], digits_images())
    >>> bool(alone(found)(digits_images().batch())[:, 3].max() <= 0)
    True
    """
    network = deepcopy(found.model.network)
    layer = find_layer(network, found.layer)
    assert isinstance(layer, WithSilent)
    parent, _, own = found.layer.rpartition(".")
    setattr(network.get_submodule(parent), own, layer.silent)
    return replace(found.model, name=f"{found.model.name}, alone", network=network)


def silent_shifts(
    model: Model,
    found: Silenced,
    units: Sequence[Unit],
    settings: Settings,
    natural: ImageSet,
    *,
    progress: Progress = lambda _: None,
) -> list[Shift]:
    """Return the visualizations of units before and after, and how alike they are.

    The *target* of a unit is the visualization of its silent companion alone. *Features* are what enters the layer,
    averaged over positions and taken from its mean over natural images.

    Parameters
    ----------
    model
        The network before.
    found
        That with silent units.
    units
        Of those that have one.
    settings
        Of the engine.
    natural
        Images that give the mean.
    progress
        Called with the steps done since the last call: 3 × units × steps in all.
    """
    mean = pooled_features(model, found.layer, natural).mean(0)

    def features(runs: Sequence[Run]) -> np.ndarray:
        return pooled_features(model, found.layer, ImageSet(stack(runs).numpy())) - mean

    own, fooled, target = (
        maximize(one, units, settings, progress=progress) for one in (model, found.model, alone(found))
    )
    return compare((own, fooled, target), (features(own), features(fooled), features(target)))
