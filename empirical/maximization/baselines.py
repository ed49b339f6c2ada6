"""What a visualization must beat to be one, noise and natural images, and the word for how it fared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.maximization.ascent import is_low
from fvproof.empirical.maximization.parametrization import gauges
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.maximization.spectrum import Spectrum
from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.probing import device_of
from fvproof.empirical.networks.units import activations
from fvproof.empirical.shapes import Shape

NOISE_CONTRAST = 2.0
"""Factor before the sigmoid of noise images: strong contrast, yet few pixels at the very ends."""

RISING = 0.1
"""An ascent whose last fifth brought more than this part of its whole gain has not converged."""

ROUNDING = 1e-6
"""Two activations that differ by less, relative to their size, count as equal."""


class Status(StrEnum):
    """How an ascent fared, the gravest that applies."""

    OK = "ok"
    AT_PLATEAU = "ok: stopped at a plateau"
    NOT_CONVERGED = "not converged"
    WEAKER_THAN_NATURAL = "weaker than natural images"
    WEAKER_THAN_NOISE = "weaker than noise"
    SILENT = "silent"
    CUT_OFF = "no gradient: no_grad, detach or rounding before the unit"
    NOT_A_NUMBER = "stopped: not a number"

    @property
    def failed(self) -> bool:
        """Whether the image found is no visualization to go by: noise, natural images or anything else does as well."""
        return self not in (Status.OK, Status.AT_PLATEAU, Status.NOT_CONVERGED)


@dataclass(frozen=True, slots=True, eq=False)
class Natural:
    """What is known of natural images: each unit's activations of them and, where it is needed, their spectrum."""

    activations: Mapping[Any, np.ndarray]
    spectrum: Spectrum | None = None


def noise_batches(shape: Shape, count: int, seed: int, *, batch: int) -> Iterator[Tensor]:
    """Yield `count` noise images in batches.

    They are random colours and patterns whose spectrum falls as 1/frequency^β, with β uniform in [0, 2]; of signals as
    1/frequency^(β/2), from white noise to a random walk, see `fvproof.empirical.maximization.parametrization.gauges`.
    White noise alone would be no baseline: on a large image all its draws look alike to a network.

    Examples
    --------
    >>> [tuple(images.shape) for images in noise_batches((3, 8, 8), 5, seed=0, batch=4)]
    [(4, 3, 8, 8), (1, 3, 8, 8)]
    """
    generator = stream(seed, "noise")
    spectrum = gauges(*shape[1:])
    for start in range(0, count, batch):
        yield torch.stack([_noise(shape, spectrum, generator) for _ in range(min(batch, count - start))])


def noise_extremes(
    model: Model, units: Sequence[Objective], settings: Settings, *, sign: int, capacity: Capacity
) -> dict[Objective, float]:
    """Return for each unit its most extreme activation, at one end, of as many noise images as there are steps.

    Images are told apart in the precision in which the ascent looks at them; the activation of the one that excites the
    unit most is that in float32. NaN where none is finite.

    Parameters
    ----------
    model, units
        The units, each once.
    settings
        Of the ascent.
    sign
        1 for the largest, -1 for the least.
    capacity
        How many images there is memory for.
    """
    low, start = is_low(settings, device_of(model)), 0
    best, winners = np.full(len(units), -np.inf), [-1] * len(units)
    kept: dict[int, Tensor] = {}
    for images in noise_batches(model.shape, settings.steps, settings.seed, batch=settings.batch):
        with torch.autocast(device_of(model).type, torch.bfloat16, enabled=low):
            found = activations(model, units, [images], position=settings.position, capacity=capacity)
        for i, unit in enumerate(units):
            values = np.where(np.isfinite(found[unit]), sign * found[unit], -np.inf)
            if values.max() > best[i]:
                best[i], winners[i] = values.max(), start + int(values.argmax())
        kept |= {place: images[place - start].clone() for place in set(winners) if place >= start}
        kept, start = {place: kept[place] for place in set(winners) - {-1}}, start + len(images)
    if low and kept:
        stacks = torch.stack(list(kept.values())).split(settings.batch)
        found = activations(model, units, stacks, position=settings.position, capacity=capacity)
        rows = {place: row for row, place in enumerate(kept)}
        best = [
            sign * found[unit][rows[place]] if place >= 0 else -np.inf
            for unit, place in zip(units, winners, strict=True)
        ]
    return {
        unit: sign * float(value) if np.isfinite(value) else np.nan for unit, value in zip(units, best, strict=True)
    }


def _noise(shape: Shape, spectrum: Tensor, generator: torch.Generator) -> Tensor:
    """Return one noise image in [0, 1]."""
    white = torch.randn(shape, generator=generator)
    exponent = 2 * torch.rand((), generator=generator)
    sides = tuple(range(1, len(shape)))
    waves = torch.fft.irfftn(torch.fft.rfftn(white, dim=sides) / spectrum**exponent, s=shape[1:], dim=sides)
    return torch.sigmoid(NOISE_CONTRAST * waves / waves.square().mean().sqrt())


def status(
    activation: float, trace: np.ndarray, *, sign: int, felt: bool | None, noise_best: float, natural_best: float | None
) -> Status:
    """Return how an ascent fared.

    Parameters
    ----------
    activation
        Of the image found, clean.
    trace
        Activation at each step, as the optimiser saw it.
    sign
        1 for a maximum, -1 for a minimum.
    felt
        Whether any step had a gradient; None if there can be none.
    noise_best, natural_best
        The most extreme activation, at this end, of noise and of natural images.

    Examples
    --------
    >>> status(2.0, np.linspace(0, 1, 50) ** 0.1, sign=1, felt=True, noise_best=2.5, natural_best=None)
    <Status.WEAKER_THAN_NOISE: 'weaker than noise'>
    """
    if not np.isfinite([activation, *trace]).all():
        return Status.NOT_A_NUMBER
    if felt is None:
        return Status.CUT_OFF
    if not felt or (len(trace) > 1 and np.ptp(trace) == 0):
        return Status.SILENT
    if _beaten(activation, noise_best, sign):
        return Status.WEAKER_THAN_NOISE
    if natural_best is not None and _beaten(activation, natural_best, sign):
        return Status.WEAKER_THAN_NATURAL
    return Status.NOT_CONVERGED if _still_rising(sign * trace) else Status.OK


def _beaten(activation: float, other: float, sign: int) -> bool:
    """Whether the other activation lies further out, by more than rounding."""
    return sign * (other - activation) > ROUNDING * (abs(other) + abs(activation))


def _still_rising(trace: np.ndarray) -> bool:
    """Whether the last fifth of the steps brought a good part of the gain, and more than scatter explains."""
    fifth = max(1, len(trace) // 5)
    last, before = trace[-fifth:], trace[-2 * fifth : -fifth]
    if len(before) < fifth:
        return True
    rise = last.mean() - before.mean()
    scatter = 2 * np.sqrt((last.var() + before.var()) / fifth)
    return bool(rise > RISING * (last.mean() - trace[0]) and rise > scatter)
