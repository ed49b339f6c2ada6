"""What an audit computes unit by unit, as work that others can share: visualizations, readings, what can be known."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import prod

import numpy as np
import torch
from tqdm import tqdm

from fvproof.empirical.auditing.certified import Extrema, certifiable, certify_jobs
from fvproof.empirical.auditing.findings import Whereabouts
from fvproof.empirical.auditing.knowable import Knowledge, knowledge
from fvproof.empirical.detecting.detection import Signs, signs
from fvproof.empirical.images import spread
from fvproof.empirical.keeping.records import job_for, recorded
from fvproof.empirical.keeping.sweep import found, jobs
from fvproof.empirical.keeping.workers import Workers, run_jobs
from fvproof.empirical.keeping.workspace import Job, Workspace
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.measurement.holdout import Reading, decoder_layers, readings
from fvproof.empirical.measurement.linearity import linearity
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.measurement.reading_radius import reading_radii
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.objectives import Objective, Unit, identity, layers_of
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.views import owners
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

AROUND, AROUND_NUMBERS = 8, 1 << 14
"""Images around which reading radii are measured, and how many numbers they have at most, all together."""

BATCH = 64
"""Natural images in one forward pass."""

MATES = 32
"""Units whose visualizations are read in one pass over the images."""


def visualize(
    work: Workspace,
    units: Sequence[Objective],
    every: Sequence[Objective],
    natural: Mapping[Objective, np.ndarray],
    workers: Workers | None,
) -> None:
    """Find both visualizations of the units, and the maximizations of all."""
    given = [*jobs(work, units, natural, minimize=True), *jobs(work, every, natural)]
    _share(work, given, workers, ("visualizations", "step"))


def seen(work: Workspace, unit: Objective) -> Visualization | None:
    """Return what a decoder sees of a unit; None where its two images or activations do not differ as they must."""
    low, high = (found(work, unit, minimize=minimize) for minimize in (True, False))
    return visualization(low, high) if _proper(low, high) else None


def _proper(low: Run, high: Run) -> bool:
    """Return whether two visualizations differ as they must."""
    apart = low.activation < high.activation and bool((low.image != high.image).any())
    return apart and bool(np.isfinite([low.activation, high.activation]).all())


def read(
    work: Workspace, units: Sequence[Objective], natural: Mapping[Objective, np.ndarray], workers: Workers | None
) -> dict[Objective, tuple[Reading, Knowledge]]:
    """Return how well the visualizations can be read, and what any decoder can know of the units."""
    layers = decoder_layers(
        work.model, owners(work.model.network, (name for unit in units for name in layers_of(unit)))
    )
    knowing = [job_for([f"knowledge of {identity(unit)}"], partial(_knowledge, unit)) for unit in units]
    reading = [
        job_for(
            [f"reading of {identity(unit)} at {','.join(layers)}" for unit in mates],
            partial(_readings, mates, {unit: natural[unit] for unit in mates}, layers),
        )
        for mates in _groups(units)
    ]
    _share(work, [*reading, *knowing], workers, ("what they tell", "unit"))
    pairs = zip(recorded(work, reading, Reading), recorded(work, knowing, Knowledge), strict=True)
    return dict(zip(units, pairs, strict=True))


def locate(work: Workspace, units: Sequence[Objective], workers: Workers | None) -> dict[Objective, Whereabouts]:
    """Return near which images the units can be read, and how far they are from affine."""
    given = [job_for([f"whereabouts of {identity(unit)}"], partial(_whereabouts, unit)) for unit in units]
    _share(work, given, workers, ("where they can be read", "unit"))
    return dict(zip(units, recorded(work, given, Whereabouts), strict=True))


def _whereabouts(unit: Objective, work: Workspace) -> list[Whereabouts]:
    """Return where one unit can be read, measured around a few images, fewer the larger they are."""
    phi = seen(work, unit)
    assert phi is not None
    images, position = work.images, work.settings.position
    count = max(1, min(AROUND, AROUND_NUMBERS // prod(images.shape)))
    places = spread(len(images), count)
    radii = reading_radii(work.model, unit, images, places, position=position)
    (strays,) = linearity(work.model, {unit: phi}, images, position=position, seed=work.settings.seed).values()
    return [Whereabouts(radii, strays.natural_relative)]


def suspect(
    work: Workspace,
    units: Sequence[Objective],
    natural: Mapping[Objective, np.ndarray],
    rare: Mapping[str, Sequence[int]],
    workers: Workers | None,
) -> dict[Objective, Signs]:
    """Return the signs that maximizations were manipulated; `rare` as in `detecting.detection.signs`."""
    given = [
        job_for(
            [f"signs of {identity(unit)}" for unit in mates],
            partial(_signs, mates, {u: natural[u] for u in mates}, rare),
        )
        for mates in _groups(units)
    ]
    _share(work, given, workers, ("signs of manipulation", "unit"))
    return dict(zip(units, recorded(work, given, Signs), strict=True))


def _signs(
    units: Sequence[Objective],
    natural: Mapping[Objective, np.ndarray],
    rare: Mapping[str, Sequence[int]],
    work: Workspace,
) -> list[Signs]:
    """Return the signs of some units."""
    return signs(work.model, work.images, [found(work, unit) for unit in units], natural, rare)


def certify(
    work: Workspace, units: Sequence[Objective], workers: Workers | None, limit_s: float
) -> dict[Unit, Extrema]:
    """Return the certified extrema of units for which they can be had, each looked for within so many seconds."""
    small = certifiable(work.model, [unit for unit in units if isinstance(unit, Unit)]) if limit_s > 0 else []
    given = certify_jobs(small, limit_s)
    _share(work, given, workers, ("certified extrema", "unit"))
    return dict(zip(small, recorded(work, given, Extrema), strict=True))


def _share(work: Workspace, given: Sequence[Job], workers: Workers | None, words: tuple[str, str]) -> None:
    """Have all of it computed, with a progress bar."""
    with tqdm(total=sum(job.steps for job in given), desc=words[0], unit=words[1], disable=None) as bar:
        run_jobs(work, given, workers=workers, progress=bar.update)


def _groups(units: Sequence[Objective]) -> Iterator[list[Objective]]:
    """Yield the units some at a time."""
    yield from (list(units[start : start + MATES]) for start in range(0, len(units), MATES))


def _readings(
    units: Sequence[Objective], natural: Mapping[Objective, np.ndarray], layers: Sequence[str], work: Workspace
) -> list[Reading]:
    """Return how well the visualizations of some units can be read."""
    shown = {unit: phi for unit in units if (phi := seen(work, unit)) is not None}
    try:
        made = readings(work.model, shown, work.images, natural, layers=layers, seed=work.settings.seed)
    except DomainError:
        numbers = _numbers(work, layers)
        made = readings(work.model, shown, work.images, natural, layers=numbers, seed=work.settings.seed)
    return [made[unit] for unit in units]


def _numbers(work: Workspace, layers: Sequence[str]) -> list[str]:
    """Return the layers that give nothing but finite numbers at natural images: elsewhere nothing can be compared."""
    finite = dict.fromkeys(layers, True)
    with frozen(work.model.network), torch.no_grad(), capturing(work.model, list(layers)) as run:
        for batch in work.images.batches(BATCH):
            outputs = run(batch.to(device_of(work.model)))
            finite |= {layer: finite[layer] and bool(output.isfinite().all()) for layer, output in outputs.items()}
    return [layer for layer in layers if finite[layer]]


def _knowledge(unit: Objective, work: Workspace) -> list[Knowledge]:
    """Return what any decoder can know of one unit."""
    phi = seen(work, unit)
    assert phi is not None
    return [knowledge(work.model, unit, phi, work.images, position=work.settings.position)]
