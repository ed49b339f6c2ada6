"""Activation maximization: the images that excite units most, or least, and an honest word on how well that went.

A visualization here is found by gradient ascent; nothing says that it is the global optimum. So each comes with what it
must beat: the best of as many noise images as there were steps and, if given, natural images. The method is that of
Olah, Mordvintsev and Schubert, "Feature Visualization" (Distill 2017), as Geirhos et al. (ICML 2024) use it; the
baselines and the statuses are fvproof's.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import torch

from empirical.maximization.ascent import Ascent, Progress, ascend, clean_activations
from empirical.maximization.baselines import Natural, Status, noise_batches, status
from empirical.maximization.diversity import largest_likeness
from empirical.maximization.parametrization import parametrization
from empirical.maximization.settings import Settings
from empirical.networks.objectives import Objective, layers_of
from empirical.networks.probing import device_of, frozen
from empirical.networks.readout import check_objectives
from empirical.networks.units import activations
from empirical.networks.zoo import Model

__all__ = ["Natural", "Run", "Settings", "Status", "maximize", "record"]

Wanted = TypeVar("Wanted", bound=Objective)

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
        The largest cosine of its style and that of another of them, see `empirical.maximization.diversity`; None if
        there is no other.
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
    state as before. The same seed gives the same result on one machine (on CUDA up to rounding, where the motions'
    gradient is summed in any order).

    Parameters
    ----------
    model
        The network.
    units
        Of any of its layers, or other objectives, see `empirical.networks.objectives`.
    settings
        How to optimize.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images, see `empirical.networks.units.activations`; with their spectrum
        where the parametrization needs it.
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
        A unit that its layer does not have; a parametrization by natural images without any.

    Examples
    --------
    >>> from torch import nn
    >>> from empirical.networks.objectives import Unit
    >>> model = Model("brightness", nn.Sequential(nn.Flatten(), nn.Linear(64, 1)), (1, 8, 8))
    >>> _ = nn.init.ones_(model.network[1].weight)
    >>> (run,) = maximize(model, [Unit("1", 0)], Settings(steps=128, parametrization="pixel", transforms="off"))
    >>> bool(run.image.min() > 0.95)
    True
    """
    known = natural if isinstance(natural, Natural) else Natural(natural or {})
    code = parametrization(settings.parametrization, model.shape, device_of(model), known.spectrum)
    check_objectives(model, units)
    wanted, sign = list(dict.fromkeys(units)), -1 if minimize else 1
    images = noise_batches(model.shape, settings.steps, settings.seed, batch=settings.batch)
    noise = activations(model, wanted, images, position=settings.position)
    climb = partial(ascend, model, settings=settings, code=code, sign=sign, progress=progress)
    runs: dict[Wanted, list[Run[Wanted]]] = {unit: [] for unit in wanted}
    with frozen(model.network):
        for row in _rows(model, wanted, settings, climb):
            beside = noise[row.unit], known.activations.get(row.unit)
            runs[row.unit].append(_run(row, settings, sign, *beside))
    return [run for unit in units for run in runs[unit]]


@dataclass(frozen=True, slots=True, eq=False)
class _Row(Generic[Wanted]):
    """What ascent found for one unit."""

    unit: Wanted
    variant: int
    image: np.ndarray
    activation: float
    trace: np.ndarray
    felt: bool
    likeness: float | None


def _by_layers(units: Sequence[Wanted]) -> list[list[Wanted]]:
    """Return the units in groups that read the same layers."""
    groups: dict[tuple[str, ...], list[Wanted]] = {}
    for unit in units:
        groups.setdefault(layers_of(unit), []).append(unit)
    return list(groups.values())


def _rows(
    model: Model, units: Sequence[Wanted], settings: Settings, climb: Callable[[list[Wanted]], Ascent]
) -> Iterator[_Row[Wanted]]:
    """Yield what ascent finds, batch by batch; one too large for the memory is halved, for good, and this is said."""
    size = max(1, settings.batch // settings.diversity)
    for group in _by_layers(units):
        left = group
        while left:
            mates = left[:size]
            ascent, fitting = _fitting(mates, climb)
            if fitting < len(mates):
                size = fitting
                _warn(f"out of memory: going on with {size * settings.diversity} images at once")
            yield from _columns(model, left[:fitting], settings, ascent)
            left = left[fitting:]


def _fitting(units: list[Wanted], climb: Callable[[list[Wanted]], Ascent]) -> tuple[Ascent, int]:
    """Return what ascent finds for all units or, while they are too many for the memory, the first half; how many."""
    while True:
        try:
            return climb(units), len(units)
        except torch.OutOfMemoryError:
            if len(units) == 1:
                raise
            units = units[: (len(units) + 1) // 2]
        torch.cuda.empty_cache()


def _columns(model: Model, units: Sequence[Wanted], settings: Settings, ascent: Ascent) -> Iterator[_Row[Wanted]]:
    """Yield the rows of one batch."""
    count = settings.diversity
    clean = clean_activations(model, units, settings, ascent.images).cpu()
    place, alike = layers_of(units[0])[-1], np.full(len(clean), None)
    if count > 1:
        alike = largest_likeness(model, place, ascent.images, count).cpu().numpy()
    images, traces = ascent.images.cpu().numpy(), ascent.trace.cpu().numpy()
    felt, taken = ascent.felt.tolist(), ascent.taken.tolist()
    for i, activation in enumerate(clean.tolist()):
        unit, variant = units[i // count], i % count
        nearest = None if alike[i] is None else float(alike[i])
        yield _Row(unit, variant, images[i], activation, traces[i, : taken[i]], felt[i], nearest)


def _run(
    row: _Row[Wanted], settings: Settings, sign: int, noise: np.ndarray, natural: np.ndarray | None
) -> Run[Wanted]:
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
    )


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the smallest and the largest of the finite values; NaN if there are none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan"))


def _warn(message: str) -> None:
    """Warn the caller of `maximize`."""
    warnings.warn(message, RuntimeWarning, stacklevel=3)


def record(run: Run) -> dict[str, Any]:
    """Return everything about a run but its image, as JSON can hold it: NaN and infinities become None.

    Examples
    --------
    >>> from empirical.networks.objectives import Unit
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
        **{name: _finite(getattr(run, name)) for name in numbers},
        "status": str(run.status),
        "variant": run.variant,
        "steps_taken": len(run.trace),
        "seed": run.seed,
        "settings": asdict(run.settings),
        "trace": [_finite(float(value)) for value in run.trace],
    }


def _finite(value: float | None) -> float | None:
    """Return the number, or None if it is not finite."""
    return value if value is not None and np.isfinite(value) else None
