"""What an audit computes unit by unit, as work that others can share: visualizations, readings, what can be known."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

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
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import Reading, decoder_layers, readings
from fvproof.empirical.measurement.linearity import linearity
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.measurement.reading_radius import ReadingRadius, reading_radii
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.objectives import Objective, Unit, identity, layers_of
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.views import owners
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

AROUND = 8
"""Different images around which reading radii are measured, at least, if there are as many radii."""

STEPS_PER_RADIUS = 2048
"""One reading radius takes some 700 passes in float32; so many steps, at both ends, take at least twice as long."""

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
    _share(work, given, workers, "visualizing")


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
    _share(work, [*reading, *knowing], workers, "measuring what they tell")
    pairs = zip(recorded(work, reading, Reading), recorded(work, knowing, Knowledge), strict=True)
    return dict(zip(units, pairs, strict=True))


def locate(
    work: Workspace, units: Sequence[Objective], workers: Workers | None, radii: int
) -> dict[Objective, Whereabouts]:
    """Return near which images the units can be read, from so many radii, and how far the units are from affine."""
    around = radii_places(len(units), len(work.images), radii)
    near = [
        job_for(
            [f"reading radii of {identity(unit)} around {','.join(map(str, places))}"], partial(_radii, unit, places)
        )
        for unit, places in zip(units, around, strict=True)
    ]
    far = [
        job_for([f"distance of {identity(unit)} from affine" for unit in mates], partial(_bent, mates))
        for mates in _groups(units)
    ]
    _share(work, far, workers, "measuring how far units are from affine")
    _share(work, near, workers, "reading radii")
    pairs = zip(recorded(work, near, Radii), recorded(work, far, Estimate), strict=True)
    return {unit: Whereabouts(found.radii, bent) for unit, (found, bent) in zip(units, pairs, strict=True)}


def default_radii(units: int, steps: int) -> int:
    """Return how many reading radii are measured unless that is asked for: what takes less than a third of an audit.

    Examples
    --------
    >>> default_radii(16, steps=512), default_radii(16, steps=8)
    (4, 1)
    """
    return max(1, units * steps // STEPS_PER_RADIUS)


def radii_places(units: int, images: int, radii: int) -> list[list[int]]:
    """Return for each unit around which images its reading radii are measured, so many in all.

    Units get equally many, or one more than others; each begins with another image, so that all together see several.

    Examples
    --------
    >>> radii_places(3, 100, 4)
    [[0, 14], [14], [28]]
    """
    if not units:
        return []
    many, more = divmod(min(radii, units * images), units)
    places = spread(images, min(images, max(AROUND, many + 1)))
    favoured = set(spread(units, more)) if more else set()
    return [[places[(unit + i) % len(places)] for i in range(many + (unit in favoured))] for unit in range(units)]


@dataclass(frozen=True, slots=True)
class Radii:
    """The reading radii of one unit."""

    radii: tuple[ReadingRadius, ...]


def _radii(unit: Objective, places: Sequence[int], work: Workspace) -> list[Radii]:
    """Return how far around some images one unit can be read."""
    return [Radii(reading_radii(work.model, unit, work.images, places, position=work.settings.position))]


def _bent(units: Sequence[Objective], work: Workspace) -> list[Estimate]:
    """Return how far some units are from affine between natural images."""
    shown = {unit: phi for unit in units if (phi := seen(work, unit)) is not None}
    found = linearity(work.model, shown, work.images, position=work.settings.position, seed=work.settings.seed)
    return [found[unit].natural_relative for unit in units]


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
    _share(work, given, workers, "looking for signs of manipulation")
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
    _share(work, given, workers, "certifying")
    return dict(zip(small, recorded(work, given, Extrema), strict=True))


def _share(work: Workspace, given: Sequence[Job], workers: Workers | None, doing: str) -> None:
    """Have all of it computed, with a bar that says what is being done and how many pieces of it are finished."""
    count, steps = sum(len(job.names) for job in given), max(1, sum(job.steps for job in given))
    shape = f"{{desc}} {{n:.0f}}/{count} |{{bar}}| {{elapsed}}<{{remaining}}"
    with tqdm(total=count, desc=doing, bar_format=shape, disable=None) as bar:
        run_jobs(work, given, workers=workers, progress=lambda done: bar.update(done * count / steps))


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show on a terminal what is being done, with the time that it takes, where it has no parts to count."""
    with tqdm(desc=what, bar_format="{desc} {elapsed}", disable=None):
        yield


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
        for batch in work.images.batches():
            outputs = run(batch.to(device_of(work.model)))
            finite |= {layer: finite[layer] and bool(output.isfinite().all()) for layer, output in outputs.items()}
    return [layer for layer in layers if finite[layer]]


def _knowledge(unit: Objective, work: Workspace) -> list[Knowledge]:
    """Return what any decoder can know of one unit."""
    phi = seen(work, unit)
    assert phi is not None
    return [knowledge(work.model, unit, phi, work.images, position=work.settings.position)]
