"""Activation maximization: the images that excite units most, or least, and an honest word on how well that went.

A visualization here is found by gradient ascent; nothing says that it is the global optimum. So each comes with what it
must beat: the best of as many noise images as there were steps and, if given, natural images. The method is that of
Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017), as Geirhos et al. (ICML 2024) use it; the
baselines and the statuses are fvproof's.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import torch

from empirical.maximization.ascent import Ascent, Progress, Settings, ascend, reading
from empirical.maximization.baselines import Status, noise_batches, status
from empirical.networks.probing import frozen
from empirical.networks.units import Unit, activations, channel_counts, check_units
from empirical.networks.zoo import Model

__all__ = ["Run", "Settings", "Status", "maximize", "record"]

SEEN_STEPS = 16
"""Over so many of the last steps the activation that the optimiser saw is averaged, since the motions scatter it."""


DEFAULT = Settings()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
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
        Float32 `(steps,)`, the activation as the optimiser saw it; NaN from the step at which a unit was stopped.
    seed
        Of all random streams.
    settings
        How it was optimized.
    """

    unit: Unit
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


def maximize(
    model: Model,
    units: Sequence[Unit],
    settings: Settings = DEFAULT,
    *,
    minimize: bool = False,
    natural: Mapping[Unit, np.ndarray] | None = None,
    progress: Progress | None = None,
) -> list[Run]:
    """Return for each unit the image that gradient ascent finds, with its record.

    Units of one layer are optimized in one batch, on the device that holds the network, whose layers above are not run.
    The network is left as it was found: no hooks, no gradients, training mode, `requires_grad` and the global random
    state as before. The same seed gives the same result on one machine (on CUDA up to rounding, where the motions'
    gradient is summed in any order).

    Parameters
    ----------
    model
        The network.
    units
        Of any of its layers.
    settings
        How to optimize.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images, see `empirical.networks.units.activations`.
    progress
        Called with the number of steps done since the last call, each unit's counted; `len(units) * settings.steps` in
        all.

    Returns
    -------
    list of Run
        In the order of the units.

    Raises
    ------
    UnknownName
        A layer that does not exist.
    DomainError
        A unit that its layer does not have.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("brightness", nn.Sequential(nn.Flatten(), nn.Linear(64, 1)), (1, 8, 8))
    >>> _ = nn.init.ones_(model.network[1].weight)
    >>> (run,) = maximize(model, [Unit("1", 0)], Settings(steps=128, parametrization="pixel", transforms="off"))
    >>> bool(run.image.min() > 0.95)
    True
    """
    check_units(units, channel_counts(model, dict.fromkeys(unit.layer for unit in units)))
    wanted, sign = list(dict.fromkeys(units)), -1 if minimize else 1
    images = noise_batches(model.shape, settings.steps, settings.seed, batch=settings.batch)
    noise = activations(model, wanted, images, position=settings.position)
    climb = partial(ascend, model, settings=settings, sign=sign, progress=progress)
    with frozen(model.network):
        rows = [row for mates in _by_layer(wanted) for row in _rows(model, mates, settings, climb)]
    runs = {row.unit: _run(row, settings, sign, noise[row.unit], (natural or {}).get(row.unit)) for row in rows}
    return [runs[unit] for unit in units]


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """What ascent found for one unit."""

    unit: Unit
    image: np.ndarray
    activation: float
    trace: np.ndarray
    felt: bool


def _by_layer(units: Sequence[Unit]) -> list[list[Unit]]:
    """Return the units of each layer."""
    return [[unit for unit in units if unit.layer == layer] for layer in dict.fromkeys(unit.layer for unit in units)]


def _rows(model: Model, units: list[Unit], settings: Settings, climb: Callable[[list[Unit]], Ascent]) -> Iterator[_Row]:
    """Yield what ascent finds for units of one layer, batch by batch; a batch too large for the memory is halved."""
    size = min(settings.batch, len(units))
    while units:
        mates = units[:size]
        try:
            ascent = climb(mates)
        except torch.OutOfMemoryError:
            if size == 1:
                raise
            size = (size + 1) // 2
            _warn(f"out of memory: going on with {size} images at once")
            continue
        with torch.no_grad(), reading(model, mates, replace(settings, precision="float32")) as read:
            clean = read(ascent.images)
        columns = (column.cpu().numpy() for column in (ascent.images, clean, ascent.trace, ascent.felt))
        for unit, image, activation, trace, felt in zip(mates, *columns, strict=True):
            yield _Row(unit, image, float(activation), trace, bool(felt))
        units = units[size:]


def _run(row: _Row, settings: Settings, sign: int, noise: np.ndarray, natural: np.ndarray | None) -> Run:
    """Return the record of one unit: what was found beside what it must beat."""
    end, best = ("max", 1) if sign > 0 else ("min", 0)
    seen = row.trace[np.isfinite(row.trace)]
    if len(seen) < len(row.trace):
        _warn(f"unit {row.unit} ({end}) stopped at step {len(seen)}: its activation is not a number")
    low, high = (None, None) if natural is None else _range(natural)
    noise_best = _range(noise)[best]
    fate = status(
        row.activation, row.trace, sign=sign, felt=row.felt, noise_best=noise_best, natural_best=(low, high)[best]
    )
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
    )


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest of the finite values; NaN if there are none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan"))


def _warn(message: str) -> None:
    """Warn the caller of `maximize`."""
    warnings.warn(message, RuntimeWarning, stacklevel=4)


def record(run: Run) -> dict[str, Any]:
    """Return everything about a run but its image, as JSON can hold it: NaN and infinities become None.

    Examples
    --------
    >>> image, trace = np.zeros((1, 8, 8), np.float32), np.array([0.25, np.nan], np.float32)
    >>> run = Run(Unit("fc", 3), "max", image, 0.5, 0.25, None, None, 0.1, Status.NOT_A_NUMBER, trace, 0, DEFAULT)
    >>> found = record(run)
    >>> found["unit"], found["status"], found["trace"], found["settings"]["steps"]
    ('fc:3', 'stopped: not a number', [0.25, None], 512)
    """
    numbers = ("activation", "activation_seen", "natural_low", "natural_high", "noise_best")
    return {
        "unit": str(run.unit),
        "end": run.end,
        **{name: _finite(getattr(run, name)) for name in numbers},
        "status": str(run.status),
        "seed": run.seed,
        "settings": asdict(run.settings),
        "trace": [_finite(float(value)) for value in run.trace],
    }


def _finite(value: float | None) -> float | None:
    """Return the number, or None if it is not finite."""
    return value if value is not None and np.isfinite(value) else None
