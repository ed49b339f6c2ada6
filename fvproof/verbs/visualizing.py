"""`fv.maximize`: the images that excite units most, or least."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict, Unpack

import numpy as np
from tabulate import tabulate
from tqdm import tqdm
from typing_extensions import override

from fvproof.empirical.keeping.executors import named_workers
from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.keeping.sweep import all_found, jobs, natural_ranges
from fvproof.empirical.keeping.workers import run_jobs
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Run, Settings, record
from fvproof.empirical.maximization.pictures import file_name, title, write_picture, write_sheet
from fvproof.empirical.maximization.settings import Precision
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import Position
from fvproof.empirical.plots import picture
from fvproof.verbs.results import Result, html_picture
from fvproof.verbs.subject import Given, Images, shared_by, subject_of

SHOWN = 128
"""Visualizations on a sheet, at most."""

INLINE = 32
"""Visualizations that a notebook shows."""

COLUMNS = ("unit", "end", "activation", "activation_seen", "natural_low", "natural_high", "noise_best", "status")


class Optimized(TypedDict, total=False):
    """How units are visualized; see `fv.maximize`."""

    steps: int
    seed: int
    learning_rate: float
    parametrization: str
    transforms: str
    diversity: int
    patience: int
    position: Position
    batch: int
    precision: Precision


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MaximizeResult(Result):
    """Visualizations, each with what it had to beat.

    Attributes
    ----------
    runs
        In the order asked for: image (C, H, W) in [0, 1], activation, natural and noise baselines, status, trace.
    model
        The network's name.
    """

    runs: tuple[Run, ...]
    model: str

    @property
    def images(self) -> np.ndarray:
        """The visualizations, (N, C, H, W) float32 in [0, 1]."""
        return np.stack([run.image for run in self.runs])

    @property
    def failed(self) -> tuple[Run, ...]:
        """Those that natural images or noise beat, or that found no gradient."""
        return tuple(run for run in self.runs if run.status.failed)

    @property
    @override
    def headline(self) -> str:
        good = len(self.runs) - len(self.failed)
        return f"{self.model}: {good} of {len(self.runs)} visualizations are more extreme than natural images and noise"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        records = [record(run) for run in self.runs]
        more = ["likeness"] if any(one["likeness"] is not None for one in records) else []
        return [{name: one[name] for name in (*COLUMNS[:-1], *more, COLUMNS[-1])} for one in records]

    @property
    @override
    def text(self) -> str:
        names = [name.replace("_", " ") for name in self.rows[0]]
        return tabulate([list(row.values()) for row in self.rows], names, floatfmt=".4g", missingval="")

    @override
    def record(self) -> list[dict[str, Any]]:
        return [{"picture": file_name(run), **record(run)} for run in self.runs]

    @property
    @override
    def code(self) -> int:
        return 1 if self.failed else 0

    @override
    def save(self, folder: str | Path) -> Path:
        """Write one picture each, sheet.png with the first of them, and runs.json with the records."""
        place = open_store(Path(folder))
        for run in self.runs:
            write_picture(run, place / file_name(run))
        write_sheet(self.runs[:SHOWN], place / "sheet.png")
        write_atomically(place / "runs.json", json.dumps(self.record(), indent=1).encode())
        return place

    @override
    def _repr_html_(self) -> str:
        shown = "".join(html_picture(picture(run.image), title=title(run)) for run in self.runs[:INLINE])
        left = len(self.runs) - INLINE
        more = f"<p>and {left} more: <code>.save(folder)</code> writes all</p>" if left > 0 else ""
        return f"<p><b>{self.headline}</b></p><div>{shown}</div>{more}"


def maximize(
    model: Given,
    units: str,
    *,
    minimize: bool = False,
    images: Images | None = None,
    out: str | Path | None = None,
    executor: str = "local",
    **settings: Unpack[Optimized],
) -> MaximizeResult:
    """Return the images that excite units most (or least), each with what it has to beat.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes.
    units
        ``"layer3:0-7"``, ``"fc"`` (all its units), ``"conv1:3@center"``, ``"conv1:3-conv1:5"`` (a difference),
        ``"conv1:directions.npy#0"``, several with commas between them, or ``"all"``.
    minimize
        Look for the least activation, not for the greatest.
    images
        Natural images to compare with, as for `fv.model`.
    out
        A folder where finished work is kept, so that a call that was interrupted goes on from there, and pictures and
        records are written. Nothing is written without one.
    executor
        ``"local"``, ``"processes:N"`` or ``"dask:ADDRESS"``.
    **settings
        ``steps`` of gradient ascent (512), ``seed`` (0), ``learning_rate`` of Adam (0.05), ``parametrization``
        ("fourier", "pixel" or "maco"), ``transforms`` ("standard", "light" or "off"), ``diversity`` (visualizations of
        each unit, 1), ``patience`` (steps without gain, 0: all), ``position`` ("mean" or "center"), ``batch`` (images
        at once, 32), ``precision`` ("auto", "float32" or "bfloat16").

    Returns
    -------
    MaximizeResult
        ``.runs``, ``.images``, ``.failed``.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there is no such unit, a setting is out of range, or the folder cannot be written to.

    Source: activation maximization as in Erhan et al. 2009 and Olah et al. 2017; what it is held against is fvproof's.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.maximize("digits-small", "logits:0-1", steps=8)
    >>> found.images.shape
    (2, 1, 8, 8)
    """
    subject, wanted = subject_of(model, images), Settings(**settings)
    asked = parse_objectives(units, subject.model)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) if out is None else open_store(Path(out))
        work = workspace(subject.model, subject.images, wanted, folder / "pieces")
        given = jobs(work, asked, natural_ranges(work, asked), minimize=minimize)
        with tqdm(total=sum(job.steps for job in given), unit="step", disable=None) as bar:
            run_jobs(work, given, workers=named_workers(executor, shared_by(subject)), progress=bar.update)
        found = MaximizeResult(tuple(all_found(work, asked, minimize=minimize)), subject.model.name)
    if out is not None:
        found.save(out)
    return found
