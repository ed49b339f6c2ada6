"""Visualizations of many units, restartable: what is finished is on disk, and the next run goes on from there."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from empirical.maximization.ascent import Progress
from empirical.maximization.baselines import Status
from empirical.maximization.maximize import Run, maximize
from empirical.networks.units import Unit
from empirical.store import Piece
from empirical.workers import Workers, run_jobs
from empirical.workspace import Job, Workspace

CHUNK = 8
"""Units that are optimized together, and lost together when a run is killed."""

FIGURES = ("activation", "activation_seen", "natural_low", "natural_high", "noise_best", "seed")
"""The numbers of a run, as they stand in its record."""


def sweep(
    workspace: Workspace,
    units: Sequence[Unit],
    *,
    minimize: bool = False,
    natural: Mapping[Unit, np.ndarray],
    workers: Workers | None = None,
    progress: Progress = lambda _: None,
) -> dict[Unit, Run]:
    """Return the visualization of each unit, none of which is computed twice, not even after `kill -9`.

    Parameters
    ----------
    workspace
        The network, and where finished visualizations are kept.
    units
        Of any of its layers.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images.
    workers
        Who shares the work.
    progress
        Called with the number of steps done since the last call, each unit's counted; those of finished units at once.
    """
    run_jobs(workspace, jobs(workspace, units, natural, minimize=minimize), workers=workers, progress=progress)
    return {unit: found(workspace, unit, minimize=minimize) for unit in units}


def jobs(
    workspace: Workspace, units: Sequence[Unit], natural: Mapping[Unit, np.ndarray], *, minimize: bool = False
) -> list[Job]:
    """Return the work of visualizing units, a few of one layer at a time; see `sweep`."""
    return [
        Job(
            tuple(run_name(unit, minimize=minimize) for unit in mates),
            partial(_pieces, mates, {unit: natural[unit] for unit in mates}, minimize=minimize),
            len(mates) * workspace.settings.steps,
        )
        for mates in _chunks(units)
    ]


def found(workspace: Workspace, unit: Unit, *, minimize: bool = False) -> Run:
    """Return a visualization that the workspace holds."""
    pieces = workspace.kept([run_name(unit, minimize=minimize)])
    assert pieces is not None
    (piece,) = pieces
    figures = {name: piece.record[name] for name in (*FIGURES, "end")}
    status = Status(piece.record["status"])
    return Run(unit=unit, status=status, settings=workspace.settings, **piece.arrays, **figures)


def run_name(unit: Unit, *, minimize: bool) -> str:
    """Return the name under which a workspace keeps a visualization.

    Examples
    --------
    >>> run_name(Unit("fc", 3), minimize=True)
    'fc:3 min'
    """
    return f"{unit} {'min' if minimize else 'max'}"


def _chunks(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Yield the units a few of one layer at a time."""
    for layer in dict.fromkeys(unit.layer for unit in units):
        mates = [unit for unit in units if unit.layer == layer]
        yield from (mates[start : start + CHUNK] for start in range(0, len(mates), CHUNK))


def _pieces(
    units: Sequence[Unit],
    natural: Mapping[Unit, np.ndarray],
    workspace: Workspace,
    *,
    minimize: bool,
    progress: Progress | None = None,
) -> list[Piece]:
    """Return the visualizations of units that are optimized together, as they are kept."""
    network, settings = workspace.model, workspace.settings
    runs = maximize(network, units, settings, minimize=minimize, natural=natural, progress=progress)
    return [_piece(run) for run in runs]


def _piece(run: Run) -> Piece:
    """Return a run as it is kept."""
    record = {name: getattr(run, name) for name in (*FIGURES, "end")} | {"status": str(run.status)}
    return Piece(record, {"image": run.image, "trace": run.trace})
