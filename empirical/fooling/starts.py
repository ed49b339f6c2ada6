"""What optimisers look at first: the images of the first steps, of every engine of the family."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fvproof.empirical.fooling.trajectories import trajectories
from fvproof.empirical.images import spread
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.maximization.maximize import maximize
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, channel_counts

FIRST_STEPS = 4
"""So many steps are looked at."""

UNITS = 4
"""Of so many units, which lie spread over the layer."""

SEED = 2_000_000
"""Far from the seeds that visualizations are made from."""

TARGET_STEPS = 128
"""Of ascent, for a target."""


def spread_units(model: Model, layer: str, count: int = UNITS) -> list[Unit]:
    """Return so many units of a layer, from the first to the last; all if there are no more.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> [str(unit) for unit in spread_units(load_model("digits"), "logits", 3)]
    ['logits:0', 'logits:4', 'logits:9']
    """
    return [Unit(layer, int(channel)) for channel in spread(channel_counts(model, [layer])[layer], count)]


def first_looks(model: Model, layer: str) -> dict[str, np.ndarray]:
    """Return for each engine what it looks at in its first steps.

    Returns
    -------
    dict
        Float32 (units, steps, C, H, W) in [0, 1] by the engine's name; the first step is the start itself.
    """
    units, settings = spread_units(model, layer), Settings(steps=FIRST_STEPS, seed=SEED)
    return {
        name: trajectories(model, units, change(settings))[:, :-1].astype(np.float32) / 255
        for name, change in ENGINES.items()
    }


def own_picture(model: Model, layer: str, units: Sequence[Unit] | None = None) -> np.ndarray:
    """Return the visualization of a unit of a layer, float32 (C, H, W): of some, the first that has succeeded."""
    runs = maximize(model, units or spread_units(model, layer), replace(Settings(), steps=TARGET_STEPS, seed=SEED))
    return next((run for run in runs if not run.status.failed), runs[0]).image
