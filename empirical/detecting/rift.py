"""The rift: whether one gradient serves a unit's visualization, and another one natural images.

With g₀ the unit's mean gradient where ascent starts (images that are almost grey), g₁ that at natural images, v what
the visualization has added to grey, and r(g) the correlation of g·x and the unit's activation over natural images x,

    rift = [cos(g₀, v) − cos(g₁, v)] + [r(g₁) − r(g₀)].

It is near 0 where the unit has much the same gradient everywhere, or where both fit both. A gradient slingshot (Bareeva
et al., 2024) turns g₀ towards its target, which says nothing about natural images, and leaves g₁ alone, which says
nothing about the target: both brackets are positive.
"""

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import AT_ONCE, ImageSet, spread
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.maximization.pruning import pruned
from fvproof.empirical.networks.folding import quick_convolutions
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, Wanted
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.networks.units import Position
from fvproof.empirical.shapes import laid_out

GRADIENTS = 10
"""Images through which gradients go at once: what they need of memory grows with it."""

NATURAL, STARTS = 100, 50
"""Images of either kind at which gradients are taken, at most."""

CONTRAST = 0.1
"""Of the images that are almost grey, as a share of that of noise which visualizations must beat."""

AFFINE = 0.7
"""r(g₁) of units that are measured: for others the mean gradient at natural images tells little about the unit."""


def rifts(model: Model, images: ImageSet, runs: Sequence[Run[Wanted]], natural: Sequence[np.ndarray]) -> list[float]:
    """Return the rift of each unit, from −4 to 4; NaN for a unit whose r(g₁) is below `AFFINE`.

    Parameters
    ----------
    model
        The network.
    images
        Natural images.
    runs
        One visualization of each unit.
    natural
        For each of them, the unit's activation of every image.

    Notes
    -----
    In deep networks gradients differ so much from image to image that hardly any unit is measured.
    """
    some = images.subset(spread(len(images), NATURAL)).batch()  # of all classes, where they are sorted by class
    noise = {
        seed: torch.cat(list(noise_batches(model.shape, STARTS, seed, batch=AT_ONCE)))
        for seed in {run.settings.seed for run in runs}
    }
    return [
        _rift(model, images, run, values, (some, 0.5 + CONTRAST * (noise[run.settings.seed] - 0.5)))
        for run, values in zip(runs, natural, strict=True)
    ]


def _rift(model: Model, images: ImageSet, run: Run[Wanted], natural: np.ndarray, ends: tuple[Tensor, Tensor]) -> float:
    """Return the rift of one unit, its gradients taken at some natural images and at some that are almost grey."""
    (some, grey), position = ends, run.settings.position
    usual = mean_gradient(model, run.unit, some, position)
    fit = _correlation(images, usual, natural)
    if not fit >= AFFINE:
        return float("nan")
    first = mean_gradient(model, run.unit, grey, position)
    added = torch.from_numpy(run.image).double() - 0.5
    return _cosine(first, added) - _cosine(usual, added) + fit - _correlation(images, first, natural)


def mean_gradient(model: Model, unit: Objective, images: Tensor, position: Position = "mean") -> Tensor:
    """Return the mean over images of the gradient of a unit's activation, (C, H, W) in float64."""
    total, network = torch.zeros(model.shape, dtype=torch.float64), model.network
    quick = (quick_norms(network), pruned(), quick_convolutions())
    with ExitStack() as inside, torch.enable_grad():
        for one in (frozen(network), *quick):
            inside.enter_context(one)
        read = inside.enter_context(reading(model, [unit], position))
        for batch in images.to(device_of(model)).split(GRADIENTS):
            x = laid_out(batch).clone().requires_grad_()
            value = read(x, None).sum()
            gradient = torch.autograd.grad(value, x, allow_unused=True)[0] if value.requires_grad else None
            if gradient is not None:  # as where it is 0 in every branch
                total += gradient.sum(0).double().cpu()
    return total / len(images)


def _correlation(images: ImageSet, gradient: Tensor, natural: np.ndarray) -> float:
    """Return r: the correlation, over natural images, of an affine function with this gradient and the unit."""
    straight = torch.cat([batch.double().flatten(1) @ gradient.flatten() for batch in images.batches()])
    values = torch.from_numpy(natural).double()
    return _cosine(straight - straight.mean(), values - values.mean())


def _cosine(a: Tensor, b: Tensor) -> float:
    """Return the cosine of two tensors; 0 if one of them is 0, NaN if one has numbers that are not finite.

    Examples
    --------
    >>> _cosine(torch.tensor([3.0, 4.0]), torch.tensor([6.0, 8.0])), _cosine(torch.zeros(2), torch.ones(2))
    (1.0, 0.0)
    """
    lengths = float(a.norm() * b.norm())
    return float((a * b).sum()) / lengths if lengths else 0.0
