"""What a fooling circuit did: to the outputs for natural images, and to the visualizations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fvproof.empirical.fooling.circuit_build import Built, all_outputs
from fvproof.empirical.fooling.detector import detected
from fvproof.empirical.fooling.shifts import Shift, compare, stack
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.sweep import sweep
from fvproof.empirical.keeping.workspace import Workspace, workspace
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.measurement.recognition import recognised
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import layer_sizes, output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.units import Unit, responses


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the network does on natural images before and after.

    Attributes
    ----------
    images
        How many.
    top1_before, top1_after, top5_before, top5_after
        Shares of images whose label is the largest output, or one of the five largest; None without labels (top 5 with
        fewer than ten outputs too).
    same_prediction
        The share of images whose largest output is the same unit.
    unchanged
        The share of images of which every output is the same to the last bit: those with E = 0.
    largest_detected
        The largest E on them.
    largest_change
        The largest |A − F|.
    bound
        What the theorem allows for that E, k·E; None where E exceeds the ε up to which it holds.
    """

    images: int
    top1_before: float | None
    top1_after: float | None
    top5_before: float | None
    top5_after: float | None
    same_prediction: float
    unchanged: float
    largest_detected: float
    largest_change: float
    bound: float | None


def behaviour(model: Model, built: Built, images: ImageSet) -> Behaviour:
    """Return what the network does on natural images before and after."""
    pixels = torch.from_numpy(images.images)
    before, after = (all_outputs(one, pixels) for one in (model, built.fooled))
    e = detected(built.detector, pixels)
    tops = [_top(outputs, images.labels, count) for count in (1, 5) for outputs in (before, after)]
    most = float(e.max())
    return Behaviour(
        len(images),
        *tops,
        same_prediction=float((before.argmax(1) == after.argmax(1)).mean()),
        unchanged=float((before == after).all(axis=1).mean()),
        largest_detected=most,
        largest_change=float(np.abs(before - after).max()),
        bound=built.constants.k * most if most <= built.constants.soft_limit else None,
    )


def shifts(
    before: Workspace, built: Built, units: Sequence[Unit], *, progress: Progress = lambda _: None
) -> list[Shift]:
    """Return the visualizations of units before and after, and how alike they are; what is finished is read.

    Parameters
    ----------
    before
        The network before, natural images whose activations visualizations are compared with, the settings, and where
        visualizations are kept.
    built
        The network after.
    units
        Of the layer with the circuit.
    progress
        Called with the steps done since the last call: 3 × units × steps in all.
    """
    runs = []
    for model in (before.model, built.fooled, built.shown):
        place = workspace(model, before.images, before.settings, before.folder, before.report)
        outputs = all_outputs(model, torch.from_numpy(before.images.images))
        natural = {unit: outputs[:, unit.channel] for unit in units}
        runs.append(sweep(place, units, natural=natural, progress=progress))
    own, fooled, target = runs
    features = _features(before.model, own), _features(before.model, fooled), _features(before.model, target)
    return compare((own, fooled, target), features, detected(built.detector, stack(fooled)))


def feature_layer(model: Model) -> str:
    """Return the last layer before the one that gives the network's output.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> feature_layer(load_model("digits"))
    'relu3'
    """
    names = list(layer_sizes(model))
    return names[max(names.index(output_layer(model)) - 1, 0)]


def _features(model: Model, runs: Sequence[Run]) -> np.ndarray:
    """Return the features of visualizations, (N, C), in the network before."""
    layer, device = feature_layer(model), device_of(model)
    with frozen(model.network), torch.no_grad(), capturing(model, [layer], responses) as run:
        return np.concatenate([run(batch.to(device))[layer].float().cpu().numpy() for batch in stack(runs).split(8)])


def _top(outputs: np.ndarray, labels: np.ndarray | None, count: int) -> float | None:
    """Return the share of images whose label is among the `count` largest outputs."""
    if labels is None or outputs.shape[1] < 2 * count or labels.max() >= outputs.shape[1]:
        return None
    return recognised(outputs, labels, count)
