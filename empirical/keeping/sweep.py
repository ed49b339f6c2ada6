"""Visualizations of many units, restartable: what is finished is on disk, and the next run goes on from there."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import prod

import numpy as np
import torch

from fvproof.empirical.keeping.store import FinishedPiece
from fvproof.empirical.keeping.workers import Workers, run_jobs
from fvproof.empirical.keeping.workspace import Job, Workspace
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.baselines import Natural, Status
from fvproof.empirical.maximization.maximize import Run, maximize
from fvproof.empirical.maximization.rows import Wanted, by_layers
from fvproof.empirical.maximization.spectrum import Spectrum, measure_spectrum
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.objectives import Objective, identity
from fvproof.empirical.networks.probing import device_of
from fvproof.empirical.networks.units import ranges
from fvproof.theory.errors import DomainError

PIXELS = 8 * 224 * 224
"""Pixels that a CPU works on together: more are no quicker there, and are lost together when it is killed."""

BATCH = 250
"""Natural images in one forward pass, which memory may cut: more at once are faster where units are thousands."""

FIGURES = ("activation", "activation_seen", "natural_low", "natural_high", "noise_best", "seed", "variant", "likeness")
"""The numbers of a run, as they stand in its record."""


def sweep(
    workspace: Workspace,
    units: Sequence[Wanted],
    *,
    minimize: bool = False,
    natural: Mapping[Wanted, np.ndarray] | None = None,
    workers: Workers | None = None,
    progress: Progress = lambda _: None,
) -> list[Run[Wanted]]:
    """Return what `maximize` returns, of which nothing is computed twice, not even after `kill -9`.

    Parameters
    ----------
    workspace
        The network, and where finished visualizations are kept.
    units
        Of any of its layers, or other objectives.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images; by default what `natural_ranges` gives.
    workers
        Who shares the work.
    progress
        Called with the number of steps done since the last call, each image's counted; those of finished units at once.
    """
    known = natural_ranges(workspace, units) if natural is None else natural
    run_jobs(workspace, jobs(workspace, units, known, minimize=minimize), workers=workers, progress=progress)
    return list(all_found(workspace, units, minimize=minimize))


def jobs(
    workspace: Workspace, units: Sequence[Wanted], natural: Mapping[Wanted, np.ndarray], *, minimize: bool = False
) -> list[Job]:
    """Return the work of visualizing units, a few of one layer at a time; see `sweep`."""
    return [
        Job(
            tuple(name for unit in mates for name in run_names(workspace, unit, minimize=minimize)),
            partial(_pieces, mates, {unit: natural[unit] for unit in mates if unit in natural}, minimize=minimize),
            len(mates) * workspace.settings.steps * workspace.settings.diversity,
        )
        for mates in _chunks(workspace, units)
    ]


def all_found(workspace: Workspace, units: Sequence[Wanted], *, minimize: bool = False) -> Iterator[Run[Wanted]]:
    """Yield the visualizations that the workspace holds, all variants of one unit, then of the next."""
    for unit in units:
        for variant in range(workspace.settings.diversity):
            yield found(workspace, unit, minimize=minimize, variant=variant)


def found(workspace: Workspace, unit: Wanted, *, minimize: bool = False, variant: int = 0) -> Run[Wanted]:
    """Return a visualization that the workspace holds; a DomainError says that it was taken away."""
    pieces = workspace.kept([run_name(unit, minimize=minimize, variant=variant)])
    if pieces is None:
        raise DomainError(f"the visualization of {unit} is no longer in {workspace.folder}: ask for it again")
    (piece,) = pieces
    figures = {name: piece.record[name] for name in (*FIGURES, "end")}
    status = Status(piece.record["status"])
    return Run(unit=unit, status=status, settings=workspace.settings, **piece.arrays, **figures)


def run_name(unit: Objective, *, minimize: bool, variant: int = 0) -> str:
    """Return the name under which a workspace keeps a visualization.

    Examples
    --------
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> run_name(Unit("fc", 3), minimize=True), run_name(Unit("fc", 3), minimize=False, variant=2)
    ('fc:3 min', 'fc:3 max 2')
    """
    return f"{identity(unit)} {'min' if minimize else 'max'}{f' {variant}' if variant else ''}"


def run_names(workspace: Workspace, unit: Objective, *, minimize: bool) -> list[str]:
    """Return the names of all the visualizations of a unit."""
    variants = range(workspace.settings.diversity)
    return [run_name(unit, minimize=minimize, variant=variant) for variant in variants]


def natural_ranges(workspace: Workspace, units: Sequence[Wanted]) -> dict[Wanted, np.ndarray]:
    """Return each unit's smallest and largest activation of natural images, measured once; nothing without images.

    Nothing else of these activations goes into a run, and that of thousands of units is not small.
    """
    if workspace.natural is None:
        return {}
    images, settings = workspace.natural, workspace.settings

    def compute() -> list[FinishedPiece]:
        batches = images.batches(BATCH)
        found = ranges(workspace.model, units, batches, position=settings.position, capacity=Capacity(BATCH))
        return [FinishedPiece({}, {"ranges": found})]

    (piece,) = workspace.finished([f"natural ranges of {','.join(map(identity, units))}"], compute)
    return dict(zip(units, piece.arrays["ranges"], strict=True))


def _chunks(workspace: Workspace, units: Sequence[Wanted]) -> Iterator[list[Wanted]]:
    """Yield the units a few at a time that read the same layers: as many as a batch holds.

    Of large images, those on a CPU are fewer.
    """
    batch, pixels = workspace.settings.batch, prod(workspace.model.shape[1:])
    if device_of(workspace.model).type == "cpu":
        batch = min(batch, PIXELS // pixels)
    size = max(1, batch // workspace.settings.diversity)
    for group in by_layers(list(dict.fromkeys(units))):
        yield from (group[start : start + size] for start in range(0, len(group), size))


def _pieces(
    units: Sequence[Wanted],
    natural: Mapping[Wanted, np.ndarray],
    workspace: Workspace,
    *,
    minimize: bool,
    progress: Progress | None = None,
) -> list[FinishedPiece]:
    """Return the visualizations of units that are optimized together, as they are kept."""
    known = Natural(natural, _spectrum(workspace))
    runs = maximize(workspace.model, units, workspace.settings, minimize=minimize, natural=known, progress=progress)
    return [_piece(run) for run in runs]


def _piece(run: Run) -> FinishedPiece:
    """Return a run as it is kept."""
    record = {name: getattr(run, name) for name in (*FIGURES, "end")} | {"status": str(run.status)}
    arrays = {name: getattr(run, name) for name in ("image", "trace", "way", "way_activations")}
    return FinishedPiece(record, arrays)


def _spectrum(workspace: Workspace) -> Spectrum | None:
    """Return the natural spectrum where the parametrization needs it, measured once."""
    images = workspace.natural
    if images is None or workspace.settings.parametrization != "maco":
        return None

    def compute() -> list[FinishedPiece]:
        spectrum = measure_spectrum(images)
        return [FinishedPiece({}, {"magnitude": spectrum.magnitude.numpy(), "colors": spectrum.colors.numpy()})]

    (piece,) = workspace.finished(["natural spectrum"], compute)
    return Spectrum(**{name: torch.from_numpy(array) for name, array in piece.arrays.items()})
