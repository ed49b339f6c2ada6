"""What an optimiser looks at on its way: the images it shows to a network, at steps that are spaced logarithmically."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit

PER_OCTAVE = 2
"""So many steps are kept while the number of steps doubles."""


def kept_steps(steps: int) -> list[int]:
    """Return the steps whose images are kept, the first and the last among them.

    Examples
    --------
    >>> kept_steps(32)
    [0, 1, 2, 3, 5, 7, 10, 15, 22, 31]
    """
    spaced = [0]
    while spaced[-1] < steps - 1:
        spaced.append(max(spaced[-1] + 1, round((spaced[-1] + 1) * 2 ** (1 / PER_OCTAVE)) - 1))
    return [*(step for step in spaced if step < steps - 1), steps - 1]


def trajectories(
    model: Model, units: Sequence[Unit], settings: Settings, *, progress: Progress = lambda _: None
) -> np.ndarray:
    """Return the images that gradient ascent looks at on its way, for units of one layer, all in one batch.

    Parameters
    ----------
    model
        The network.
    units
        Of one layer, each once.
    settings
        How to optimize.
    progress
        Called after each step with the number of images.

    Returns
    -------
    array
        uint8 (units, K + 1, C, H, W): the image as the network saw it at each kept step, moved like all others, and at
        last the image that was found, as it is.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model = load_model("digits-small")
    >>> trajectories(model, [Unit("logits", 0), Unit("logits", 1)], Settings(steps=32)).shape
    (2, 11, 1, 8, 8)
    """
    kept, seen, step = set(kept_steps(settings.steps)), [], 0

    def look(images: Tensor) -> Tensor:
        nonlocal step
        if torch.is_grad_enabled():  # a step of ascent, and no reading of clean images or noise
            if step in kept:
                seen.append(_bytes(images.detach().cpu().numpy()))
            step += 1
        return model.normalize(images)

    watched, together = replace(model, normalize=look), replace(settings, batch=len(units))
    runs = maximize(watched, units, together, progress=progress)
    return np.stack([*seen, _bytes(np.stack([run.image for run in runs]))], axis=1)


def _bytes(images: np.ndarray) -> np.ndarray:
    """Return images in [0, 1] as uint8."""
    return np.rint(images * 255).astype(np.uint8)
