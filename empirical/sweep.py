"""Many units, restartable: what is finished is on disk, and the next run goes on from there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from empirical.fingerprint import code_fingerprint, fingerprint, model_fingerprint
from empirical.images import ImageSet
from empirical.maximization.ascent import Progress
from empirical.maximization.baselines import Status
from empirical.maximization.maximize import Run, Settings, maximize
from empirical.networks.units import Unit
from empirical.networks.zoo import Model
from empirical.store import Piece, finished

CHUNK = 8
"""Units that are optimized together, and lost together when a run is killed."""

FIGURES = ("activation", "activation_seen", "natural_low", "natural_high", "noise_best", "seed")
"""The numbers of a run, as they stand in its record."""


@dataclass(frozen=True, slots=True, eq=False)
class Workplace:
    """What results are about, and where they are kept.

    Attributes
    ----------
    model
        The network.
    settings
        How its units are optimized.
    folder
        A folder that exists.
    context
        A digest of all that the results depend on, see `context_of`.
    report
        Called with a sentence for each damaged file.
    """

    model: Model
    settings: Settings
    folder: Path
    context: str
    report: Callable[[str], object]

    def finished(self, names: Sequence[str], compute: Callable[[], Sequence[Piece]]) -> list[Piece]:
        """Return the pieces of these names: from the folder, or computed now, all at once, and kept there."""
        return finished(self.folder, [self.key(name) for name in names], compute, report=self.report)

    def key(self, name: str) -> str:
        """Return the key under which the piece of this name is kept."""
        return fingerprint(self.context, name)


def context_of(model: Model, images: ImageSet, settings: Settings) -> str:
    """Return a digest of all that a result about one model depends on: network, images, settings, code.

    Examples
    --------
    >>> from empirical.networks.digits import digits_images
    >>> from empirical.networks.zoo import load_model
    >>> model, images = load_model("digits-small"), digits_images()
    >>> context_of(model, images, Settings(seed=0)) == context_of(model, images, Settings(seed=1))
    False
    """
    labels = np.zeros(0) if images.labels is None else images.labels
    return fingerprint(code_fingerprint(), model_fingerprint(model), asdict(settings), images.images, labels)


def sweep(
    workplace: Workplace,
    units: Sequence[Unit],
    *,
    minimize: bool = False,
    natural: Mapping[Unit, np.ndarray],
    progress: Progress | None = None,
) -> dict[Unit, Run]:
    """Return the visualization of each unit, none of which is computed twice, not even after `kill -9`.

    Parameters
    ----------
    workplace
        The network, and where finished visualizations are kept.
    units
        Of any of its layers.
    minimize
        Look for the least activation, not for the largest.
    natural
        For each unit its activations of natural images.
    progress
        Called with the number of steps done since the last call, each unit's counted; those of finished units at once.
    """
    runs: dict[Unit, Run] = {}
    for mates in _chunks(units):
        runs |= _visualized(workplace, mates, natural, minimize=minimize, progress=progress)
    return runs


def _visualized(
    workplace: Workplace,
    mates: Sequence[Unit],
    natural: Mapping[Unit, np.ndarray],
    *,
    minimize: bool,
    progress: Progress | None,
) -> dict[Unit, Run]:
    """Return the visualizations of units that are optimized together."""
    settings, count = workplace.settings, progress or (lambda _: None)
    waiting = len(mates) * settings.steps

    def advance(steps: int) -> None:
        nonlocal waiting
        waiting -= steps
        count(steps)

    def compute() -> list[Piece]:
        found = maximize(workplace.model, mates, settings, minimize=minimize, natural=natural, progress=advance)
        return [_piece(run) for run in found]

    pieces = workplace.finished([run_name(unit, minimize=minimize) for unit in mates], compute)
    count(waiting)
    return {unit: _run(unit, piece, settings) for unit, piece in zip(mates, pieces, strict=True)}


def run_name(unit: Unit, *, minimize: bool) -> str:
    """Return the name under which a workplace keeps a visualization.

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


def _piece(run: Run) -> Piece:
    """Return a run as it is kept."""
    record = {name: getattr(run, name) for name in (*FIGURES, "end")} | {"status": str(run.status)}
    return Piece(record, {"image": run.image, "trace": run.trace})


def _run(unit: Unit, piece: Piece, settings: Settings) -> Run:
    """Return the run that was kept."""
    figures = {name: piece.record[name] for name in (*FIGURES, "end")}
    return Run(unit=unit, status=Status(piece.record["status"]), settings=settings, **piece.arrays, **figures)
