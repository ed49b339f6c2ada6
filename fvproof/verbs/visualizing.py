"""`fv.maximize`: the images that excite units most, or least."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict, overload

import numpy as np
from tabulate import tabulate
from tqdm import tqdm
from typing_extensions import Unpack, override

from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.keeping.sweep import found, jobs, natural_ranges
from fvproof.empirical.keeping.workers import Workers, run_jobs
from fvproof.empirical.keeping.workspace import Workspace, workspace
from fvproof.empirical.maximization.maximize import Run, Settings
from fvproof.empirical.maximization.pictures import title
from fvproof.empirical.maximization.settings import Precision
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.units import Position
from fvproof.empirical.pages.results import PAGE
from fvproof.empirical.plots import picture
from fvproof.theory.errors import DomainError
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.pages import maximize_page
from fvproof.verbs.reading import require_known
from fvproof.verbs.results import Result, html_picture
from fvproof.verbs.subject import Given, subject_of, workers_for
from fvproof.verbs.units import Units, objectives_of
from fvproof.verbs.visualized import has_failed, record_of, written

INLINE = 32
"""Visualizations that a notebook shows."""

COLUMNS = ("unit", "end", "activation", "activation_seen", "natural_low", "natural_high", "noise_best", "status")


NAMED = {"batch_size": "batch"}
"""What `Settings` calls a setting, where a user calls it otherwise."""


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
    batch_size: int
    precision: Precision
    opened: int
    contrast: float
    at: Sequence[int]


@dataclass(frozen=True, slots=True, eq=False)
class Kept(Sequence[Run]):
    """Visualizations that a folder holds, each read when it is asked for: thousands of them need no memory."""

    work: Workspace
    units: tuple[Objective, ...]
    minimize: bool

    @override
    def __len__(self) -> int:
        return len(self.units) * self.work.settings.diversity

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Run, ...]: ...
    @override
    def __getitem__(self, place: int | slice) -> Run | tuple[Run, ...]:
        if isinstance(place, slice):
            return tuple(self[one] for one in range(len(self))[place])
        unit, variant = divmod(range(len(self))[place], self.work.settings.diversity)
        return found(self.work, self.units[unit], minimize=self.minimize, variant=variant)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MaximizeResult(Result):
    """Visualizations, each with what it had to beat.

    Attributes
    ----------
    runs
        In the order asked for: image (C, H, W) in [0, 1], activation, natural and noise baselines, status, trace; see
        `fvproof.empirical.maximization.maximize.Run`. With ``out=``, each is read from there when it is asked for.
    model
        The network's name.
    records
        Of each, everything but the image, as JSON holds it.
    """

    runs: Sequence[Run]
    model: str
    records: tuple[dict[str, Any], ...]

    @property
    def images(self) -> np.ndarray:
        """The visualizations, (N, C, H, W) float32 in [0, 1]."""
        return np.stack([run.image for run in self.runs])

    @property
    def failed(self) -> tuple[Run, ...]:
        """Those that natural images or noise beat, or that found no gradient."""
        return tuple(self.runs[place] for place, one in enumerate(self.records) if has_failed(one))

    @property
    @override
    def headline(self) -> str:
        good = sum(not has_failed(one) for one in self.records)
        beaten = "noise" if self.records[0]["natural_low"] is None else "natural images and noise"
        return f"{self.model}: {good} of {len(self.records)} visualizations are more extreme than {beaten}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        more = ["likeness"] if any(one["likeness"] is not None for one in self.records) else []
        return [{name: one[name] for name in (*COLUMNS[:-1], *more, COLUMNS[-1])} for one in self.records]

    @property
    @override
    def text(self) -> str:
        names = [name.replace("_", " ") for name in self.rows[0]]
        return tabulate([list(row.values()) for row in self.rows], names, floatfmt=".4g", missingval="")

    @override
    def record(self) -> list[dict[str, Any]]:
        return list(self.records)

    @property
    @override
    def code(self) -> int:
        return 1 if any(map(has_failed, self.records)) else 0

    @override
    def save(self, folder: str | Path) -> Path:
        """Write one picture each, sheet.png with the first of them, report.html, and runs.json with the records.

        Where images were kept on the way, way.png shows those of the first, and each has a picture for each of them.
        """
        place = open_store(folder)
        written(self.runs, place)
        write_atomically(place / PAGE, self.page.encode())
        return place

    @property
    def page(self) -> str:
        """All of it as one HTML page that needs no other file."""
        return maximize_page(self.model, self.runs, self.records, self.text)

    @override
    def _repr_html_(self) -> str:
        shown = "".join(map(_shown, self.runs[:INLINE]))
        left = len(self.runs) - INLINE
        more = f"<p>and {left} more: <code>.save(folder)</code> writes all</p>" if left > 0 else ""
        return f"<p><b>{escape(self.headline)}</b></p><div>{shown}</div>{more}"


def _caption(run: Run) -> str:
    """Return what the visualization is of, how it fared, and what it had to beat."""
    natural = "" if run.natural_low is None else f"natural {run.natural_low:.4g} to {run.natural_high:.4g}, "
    return f"{title(run)} ({natural}noise {run.noise_best:.4g})"


def _shown(run: Run) -> str:
    """Return the pictures of a run as HTML: those on the way, and the one that was found."""
    counts = zip(run.settings.at, run.way, strict=True)
    way = "".join(html_picture(picture(image), title=f"{run.unit} after {steps}") for steps, image in counts)
    last = html_picture(picture(run.image), title=_caption(run))
    return f"<div>{way}{last}</div>" if way else last


@checked
def maximize(
    model: Given,
    units: Units,
    *,
    minimize: bool = False,
    images: Images | None = None,
    out: str | Path | None = None,
    executor: str = "local",
    **settings: Unpack[Optimized],
) -> MaximizeResult:
    """Return the images that excite units most (or least), each with what it has to beat.

    For a unit with activation u(x), gradient ascent looks for argmax u(x) over images x in [0, 1]^(C×H×W), which are
    written by their spectrum and moved at random before each step. What is found is held against the natural images
    and against noise: the unit is to be more extreme there than on all of them.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes.
    units
        ``"layer3:0-7"``, ``"fc"`` (all its units), ``"conv1:3@center"``, ``"conv1:3-conv1:5"`` (a difference),
        ``"conv1:directions.npy#0"``; of a transformer ``"blocks.3:5@cls"`` (the class token),
        ``"blocks.3.attn.head2:0-15"`` (a head, before heads are mixed), ``"blocks.3.mlp.fc2.input:0-7"`` (what goes
        into a layer); ``"sae.safetensors:0-255@blocks.8"`` (features of an autoencoder); several with commas between
        them, or ``"all"``; or objects such as ``Unit("fc", 3)`` of `fvproof.empirical.networks.objectives`, or those
        of `fv.Dictionary.units`; or a sequence of both. ``m.layers()`` lists what there is.
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
        each unit, 1), ``patience`` (steps without gain, 0: all), ``position`` ("mean" or "center"), ``batch_size``
        (images at once, 32), ``precision`` ("auto", "float32" or "bfloat16"), ``opened`` (first steps that let
        gradients through shut ReLUs, 16), ``contrast`` (of the first image, 1), ``at`` (counts of steps after which the
        image is kept on the way, such as ``(1, 8, 64)``, as ``.way`` of each run). The same seed gives the same images
        on one machine; see `fvproof.empirical.maximization.settings.Settings`.

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
    require_known(settings, Optimized.__annotations__)
    named: dict[str, Any] = {NAMED.get(name, name): value for name, value in settings.items()}
    named["at"] = _counts(settings.get("at", ()))
    wanted, place = Settings(**named), None if out is None else open_store(out)
    subject = subject_of(model, images)
    asked = objectives_of(units, subject.model)
    with TemporaryDirectory() as scratch:
        work = workspace(subject.model, subject.images, wanted, (place or Path(scratch)) / "pieces")
        runs = _visualized(work, tuple(asked), workers_for(executor, subject), minimize=minimize)
        if place is not None:
            result = MaximizeResult(runs, subject.model.name, written(runs, place))
            write_atomically(place / PAGE, result.page.encode())
            return result
        held = tuple(runs)
    return MaximizeResult(held, subject.model.name, tuple(map(record_of, held)))


def _counts(given: Sequence[int]) -> tuple[int, ...]:
    """Return counts of steps; whether they are in order is for the settings to say."""
    listed = tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(one, int | np.integer) for one in listed):
        raise DomainError(f"at must be counts of steps such as (1, 8, 64), not {given!r}")
    return tuple(int(one) for one in listed)


def _visualized(work: Workspace, units: tuple[Objective, ...], workers: Workers | None, *, minimize: bool) -> Kept:
    """Return the visualizations, of which nothing is computed twice."""
    given = jobs(work, units, natural_ranges(work, units), minimize=minimize)
    with tqdm(total=sum(job.steps for job in given), unit="step", disable=None) as bar:
        run_jobs(work, given, workers=workers, progress=bar.update)
    return Kept(work, units, minimize)
