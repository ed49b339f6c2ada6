"""What a fooling circuit did: to the outputs for natural images, and to the visualizations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from empirical.images import ImageSet
from empirical.manipulation.circuit_build import Built, all_outputs
from empirical.manipulation.detector import detected
from empirical.maximization.ascent import Progress
from empirical.maximization.maximize import Run, Settings
from empirical.measurement.recognition import recognised
from empirical.networks.capturing import capturing
from empirical.networks.layers import layer_sizes, output_layer
from empirical.networks.probing import device_of, frozen
from empirical.networks.units import Unit, responses
from empirical.networks.zoo import Model
from empirical.sweep import sweep
from empirical.workspace import Workspace, workspace

ANOTHER_SEED = 1_000_000
"""Far from the seeds that the detector has seen ascents from."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """One unit's visualization before and after, beside what it was to show.

    Attributes
    ----------
    own
        Of F.
    fooled
        Of A.
    target
        Of D: what F's unit shows when it starts from the same noise.
    pixels_to_target, pixels_to_own
        Pearson's correlation of the fooled visualization's pixels with those of the others.
    features_to_target, features_to_own
        Cosine of the mean activations of the network's last layer but one.
    detected
        E of the fooled visualization.
    """

    own: Run
    fooled: Run
    target: Run
    pixels_to_target: float
    pixels_to_own: float
    features_to_target: float
    features_to_own: float
    detected: float

    @property
    def fools(self) -> bool:
        """Whether the fooled visualization is closer to its target than to its own, in pixels and in features."""
        return self.pixels_to_target > self.pixels_to_own and self.features_to_target > self.features_to_own


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
    features = [_features(before.model, found) for found in (own, fooled, target)]
    e = detected(built.detector, _stack(fooled))
    return [
        Shift(
            o,
            f,
            t,
            pixels_to_target=_pearson(f.image, t.image),
            pixels_to_own=_pearson(f.image, o.image),
            features_to_target=_cosine(features[1][i], features[2][i]),
            features_to_own=_cosine(features[1][i], features[0][i]),
            detected=float(e[i]),
        )
        for i, (o, f, t) in enumerate(zip(own, fooled, target, strict=True))
    ]


def variations(settings: Settings) -> dict[str, Settings]:
    """Return what an auditor may do otherwise than the optimiser that the detector learned from.

    Examples
    --------
    >>> list(variations(Settings()))
    ['another seed', 'pixels', 'no motions', 'four times the steps', 'four times the learning rate']
    """
    return {
        "another seed": replace(settings, seed=settings.seed + ANOTHER_SEED),
        "pixels": replace(settings, parametrization="pixel"),
        "no motions": replace(settings, transforms="off"),
        "four times the steps": replace(settings, steps=4 * settings.steps),
        "four times the learning rate": replace(settings, learning_rate=4 * settings.learning_rate),
    }


def feature_layer(model: Model) -> str:
    """Return the last layer before the one that gives the network's output.

    Examples
    --------
    >>> from empirical.networks.zoo import load_model
    >>> feature_layer(load_model("digits"))
    'relu3'
    """
    names = list(layer_sizes(model))
    return names[max(names.index(output_layer(model)) - 1, 0)]


def _features(model: Model, runs: Sequence[Run]) -> np.ndarray:
    """Return the features of visualizations, (N, C), in the network before."""
    layer, device = feature_layer(model), device_of(model)
    with frozen(model.network), torch.no_grad(), capturing(model, [layer], responses) as run:
        return np.concatenate([run(batch.to(device))[layer].float().cpu().numpy() for batch in _stack(runs).split(8)])


def _stack(runs: Sequence[Run]) -> torch.Tensor:
    """Return the images that were found, (N, C, H, W)."""
    return torch.from_numpy(np.stack([run.image for run in runs]))


def _top(outputs: np.ndarray, labels: np.ndarray | None, count: int) -> float | None:
    """Return the share of images whose label is among the `count` largest outputs."""
    if labels is None or outputs.shape[1] < 2 * count or labels.max() >= outputs.shape[1]:
        return None
    return recognised(outputs, labels, count)


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of two images' pixels; 0 if one is of a single value."""
    return _cosine(a - a.mean(), b - b.mean())


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Return the cosine of the angle between two arrays; 0 if one of them is 0.

    Examples
    --------
    >>> _cosine(np.array([3.0, 0.0]), np.array([1.0, 1.0]))
    0.7071067811865475
    """
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0
