"""Activation maximization: the images that excite units most, or least, and an honest word on how well that went.

A visualization here is found by gradient ascent; nothing says that it is the global optimum. So each comes with what it
must beat: the best of as many noise images as there were steps and, if given, natural images. The method is that of
Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017), as Geirhos et al. (ICML 2024) use it; the
baselines and the statuses are fvproof's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Literal

import numpy as np

from fvproof.empirical.json_values import plain
from fvproof.empirical.maximization.ascent import Progress, ascend
from fvproof.empirical.maximization.baselines import Natural, Status, noise_extremes, status
from fvproof.empirical.maximization.parametrization import parametrization
from fvproof.empirical.maximization.rows import AscentRow, Wanted, rows
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.memory import Capacity, roomy
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import check_objectives
from fvproof.empirical.notices import notify

__all__ = ["Natural", "Run", "Settings", "Status", "maximize", "record"]

SEEN_STEPS = 16
"""Over so many of the last steps the activation that the optimiser saw is averaged, since the motions scatter it."""


DEFAULT = Settings()


@dataclass(frozen=True, slots=True, eq=False)
class Run(Generic[Wanted]):
    """One visualization and its record.

    Attributes
    ----------
    unit
        What was maximized or minimized.
    end
        "max" or "min".
    image
        Float32 `(C, H, W)` in [0, 1].
    activation
        Of this image, clean, in float32.
    activation_seen
        As the optimiser saw it, through motions and in its precision: the mean over the last steps.
    natural_low, natural_high
        Smallest and largest activation of natural images; None if none were given.
    noise_best
        The most extreme activation, at this end, of as many noise images as there were steps.
    status
        How it fared; do not go by one that `failed`.
    trace
        Float32 `(steps taken,)`, the activation as the optimiser saw it; NaN from the step at which it was no number.
    seed
        Of all random streams.
    settings
        How it was optimized.
    variant
        Which of the unit's distinct visualizations it is, from 0.
    likeness
        The largest cosine of its style and that of another of them, see `fvproof.empirical.maximization.diversity`;
        None if there is no other.
    way, way_activations
        The images after `settings.at` steps, float32 `(K, C, H, W)`, and their activations, clean, `(K,)`.
    """

    unit: Wanted
    end: Literal["max", "min"]
    image: np.ndarray
    activation: float
    activation_seen: float
    natural_low: float | None
    natural_high: float | None
    noise_best: float
    status: Status
    trace: np.ndarray
    seed: int
    settings: Settings
    variant: int = 0
    likeness: float | None = None
    way: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    way_activations: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))


def maximize(
    model: Model,
    units: Sequence[Wanted],
    settings: Settings = DEFAULT,
    *,
    minimize: bool = False,
    natural: Mapping[Wanted, np.ndarray] | Natural | None = None,
    progress: Progress | None = None,
) -> list[Run[Wanted]]:
    """Return for each unit the image that gradient ascent finds, or several distinct ones, with its record.

    Units of one layer are optimized in one batch, on the device that holds the network, whose layers above are not run.
    The network is left as it was found: no hooks, no gradients, training mode, `requires_grad` and the global random
    state as before. A batch too large for the memory is halved; this is said once, as is each unit that is not a number
    (`fvproof.empirical.notices`). The same seed gives the same result on one machine (on CUDA up to rounding, where the
    motions' gradient is summed in any order).

    Parameters
    ----------
    model
        The network.
    units
        Of any of its layers, or other objectives, see `fvproof.empirical.networks.objectives`.
    settings
        How to optimize.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images, see `fvproof.empirical.networks.units.activations`; with their
        spectrum where the parametrization needs it.
    progress
        Called with the number of steps done since the last call, each image's counted; `len(units) * settings.steps *
        settings.diversity` in all.

    Returns
    -------
    list of Run
        In the order of the units; of each, as many as its diversity.

    Raises
    ------
    UnknownName
        A layer that does not exist.
    DomainError
        A unit that its layer does not have; a parametrization by natural images without any; no memory for one image.

    Examples
    --------
    >>> from torch import nn
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> model = Model("brightness", nn.Sequential(nn.Flatten(), nn.Linear(64, 1)), (1, 8, 8))
    >>> _ = nn.init.ones_(model.network[1].weight)
    >>> (run,) = maximize(model, [Unit("1", 0)], Settings(steps=128, parametrization="pixel", transforms="off"))
    >>> bool(run.image.min() > 0.95)
    True
    """
    known = natural if isinstance(natural, Natural) else Natural(natural or {})
    wanted, sign, capacity = list(dict.fromkeys(units)), -1 if minimize else 1, Capacity(settings.batch)
    runs: dict[Wanted, list[Run[Wanted]]] = {unit: [] for unit in wanted}
    with roomy(), frozen(model.network):
        code = parametrization(settings.parametrization, model.shape, device_of(model), known.spectrum)
        check_objectives(model, units)
        noise = noise_extremes(model, wanted, settings, sign=sign, capacity=capacity)
        climb = partial(ascend, model, settings=settings, code=code, sign=sign, progress=progress)
        for row in rows(model, wanted, settings, climb, capacity):
            if not row.is_finite:
                end, step = "max" if sign > 0 else "min", np.isfinite(row.trace).sum()
                notify(f"unit {row.unit} ({end}) stopped at step {step}: its activation is not a number")
            runs[row.unit].append(_run(row, settings, sign, noise[row.unit], known.activations.get(row.unit)))
    return [run for unit in units for run in runs[unit]]


def _run(
    row: AscentRow[Wanted], settings: Settings, sign: int, noise_best: float, natural: np.ndarray | None
) -> Run[Wanted]:
    """Return the record of one unit: what was found beside what it must beat."""
    end, best = ("max", 1) if sign > 0 else ("min", 0)
    seen = row.trace[np.isfinite(row.trace)]
    low, high = (None, None) if natural is None else _range(natural)
    fate = status(
        row.activation, row.trace, sign=sign, felt=row.felt, noise_best=noise_best, natural_best=(low, high)[best]
    )
    if len(row.trace) < settings.steps and not fate.failed:
        fate = Status.AT_PLATEAU
    return Run(
        unit=row.unit,
        end=end,
        image=row.image,
        activation=row.activation,
        activation_seen=float(seen[-SEEN_STEPS:].mean()) if len(seen) else float("nan"),
        natural_low=low,
        natural_high=high,
        noise_best=noise_best,
        status=fate,
        trace=row.trace,
        seed=settings.seed,
        settings=settings,
        variant=row.variant,
        likeness=row.likeness,
        way=row.way,
        way_activations=row.way_activations,
    )


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest of the finite values; NaN if there are none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan"))


def record(run: Run) -> dict[str, Any]:
    """Return everything about a run but its image, as JSON can hold it: NaN and infinities become None.

    Examples
    --------
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> image, trace = np.zeros((1, 8, 8), np.float32), np.array([0.25, np.nan], np.float32)
    >>> run = Run(Unit("fc", 3), "max", image, 0.5, 0.25, None, None, 0.1, Status.NOT_A_NUMBER, trace, 0, DEFAULT)
    >>> found = record(run)
    >>> found["unit"], found["status"], found["trace"], found["settings"]["steps"]
    ('fc:3', 'stopped: not a number', [0.25, None], 512)
    """
    numbers = ("activation", "activation_seen", "natural_low", "natural_high", "noise_best", "likeness")
    return {
        "unit": str(run.unit),
        "end": run.end,
        **{name: plain(getattr(run, name)) for name in numbers},
        "status": str(run.status),
        "variant": run.variant,
        "steps_taken": len(run.trace),
        "seed": run.seed,
        "settings": run.settings.record(),
        "trace": plain([float(value) for value in run.trace]),
        "way": [
            {"steps": steps, "activation": plain(float(activation))}
            for steps, activation in zip(run.settings.at, run.way_activations, strict=True)
        ],
    }
