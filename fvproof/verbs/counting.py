"""`fv.census`: which channels of a network no image of a set ever opens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from tabulate import tabulate
from torch import nn
from tqdm import tqdm
from typing_extensions import override

from fvproof.empirical.detecting.census import Rectifier
from fvproof.empirical.detecting.census import census as census_of
from fvproof.empirical.images import spread
from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.maximization.maximize import Run, Settings, maximize
from fvproof.empirical.maximization.pictures import write_sheet
from fvproof.empirical.networks.layers import layer_sizes
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, channel_counts
from fvproof.empirical.pages.results import PAGE
from fvproof.theory.errors import DomainError
from fvproof.verbs.kinds import checked
from fvproof.verbs.natural import Images
from fvproof.verbs.pages import census_page
from fvproof.verbs.results import Result
from fvproof.verbs.subject import Given, subject_of

RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.Threshold)
"""Modules whose outputs are units that may be silent."""

RARE = "open on 1% of images or fewer"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CensusResult(Result):
    """Which channels of each rectifier no image opens.

    Attributes
    ----------
    rectifiers
        Of each: its name, on how many images each channel opens, (C,), how far it rises above its floor, (C,), and
        which are silent, (C,) bool.
    count
        Number of images.
    model
        The network's name.
    units
        The silent channels that are units: those of rectifiers that are layers, for `fv.maximize` and other verbs.
    runs
        The visualizations of some of them, where they were asked for.
    """

    rectifiers: tuple[Rectifier, ...]
    count: int
    model: str
    units: tuple[Unit, ...] = ()
    runs: tuple[Run[Unit], ...] = ()

    @property
    def silent(self) -> int:
        """How many channels are silent on all images."""
        return sum(int(one.silent.sum()) for one in self.rectifiers)

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return sum(len(one.opened) for one in self.rectifiers)

    @property
    @override
    def headline(self) -> str:
        return f"{self.model}: {self.silent} of {self.channels} channels are silent on {self.count} images"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "rectifier": one.name,
                "channels": len(one.opened),
                "silent": int(one.silent.sum()),
                RARE: int((one.opened <= 0.01 * self.count).sum()),
                "highest": _highest(one),
            }
            for one in self.rectifiers
        ]

    @property
    @override
    def text(self) -> str:
        if not self.rectifiers:
            return f"{self.model} has no ReLU or other rectifier with a floor: no channel is ever shut"
        heads = ("rectifier", "channels", "silent", RARE, "highest")
        table = tabulate([list(row.values()) for row in self.rows], heads, floatfmt=".4g", missingval="-")
        lost = sum(isnan(height) for one in self.rectifiers for height in one.high.tolist())
        more = f"; {lost} of {self.channels} are not a number on some of them" if lost else ""
        found = f"{table}\n\n{self.silent} of {self.channels} channels are silent on {self.count} images{more}"
        return f"{found}\n\n{self._shown}" if self.runs else found

    @property
    def opened(self) -> int:
        """How many of the visualizations open their unit."""
        return sum(run.activation > 0 for run in self.runs)

    @property
    def _shown(self) -> str:
        """The visualizations of silent units, one line each."""
        rows = [(run.unit, run.activation, run.noise_best, run.status) for run in self.runs]
        table = tabulate(rows, ("silent unit", "activation", "noise best", "status"), floatfmt=".4g")
        return f"{table}\n\n{self.opened} of {len(self.runs)} visualizations open a unit that no image opens"

    @property
    def page(self) -> str:
        """All of it as one HTML page that needs no other file; there must be visualizations."""
        return census_page(self.headline.partition(": "), self.rows, self.runs, self.text)

    @override
    def save(self, folder: str | Path) -> Path:
        """Write census.json and, where silent units are visualized, report.html and sheet.png."""
        place = open_store(folder)
        write_atomically(place / "census.json", self.to_json().encode())
        if self.runs:
            write_atomically(place / PAGE, self.page.encode())
            write_sheet(self.runs, place / "sheet.png")
        return place

    @override
    def record(self) -> list[dict[str, Any]]:
        return [
            {
                "rectifier": one.name,
                "channels": len(one.opened),
                "silent": one.silent.nonzero()[0].tolist(),
                "opened": one.opened.tolist(),
                "high": plain(one.high.tolist()),
            }
            for one in self.rectifiers
        ]


def _highest(one: Rectifier) -> float | None:
    """Return how far any of its channels rises; None if all are not a number."""
    return max((height for height in one.high.tolist() if not isnan(height)), default=None)


def _silent_units(model: Model, rectifiers: Sequence[Rectifier]) -> tuple[Unit, ...]:
    """Return the silent channels of rectifiers that are layers, each called once."""
    called = Counter(one.name.partition("#")[0] for one in rectifiers)
    layers = [name for name in layer_sizes(model) if called[name] == 1]
    counts = channel_counts(model, layers) if layers else {}
    return tuple(
        Unit(name, int(channel))
        for one in rectifiers
        if counts.get(name := one.name.partition("#")[0]) == len(one.opened)
        and isinstance(model.network.get_submodule(name), RECTIFIERS)
        for channel in one.silent.nonzero()[0]
    )


@checked
def census(
    model: Given,
    *,
    images: Images | None = None,
    show: int = 0,
    steps: int = 128,
    seed: int = 0,
    out: str | Path | None = None,
) -> CensusResult:
    """Return which channels of ReLUs and other rectifiers no image of a set opens, at any position.

    A channel c of a rectifier is silent if max over images x and positions p of z_c(x, p) ≤ floor, where z is what goes
    into the rectifier and floor is where it begins to rise. Such channels have no part in what the network does on
    these images, and can show anything in visualizations. Only exact rectifiers count; smooth ones such as GELU are
    never shut.

    Parameters
    ----------
    model
        What `fv.model` gives, or anything that it takes.
    images
        The images that count, (N, C, H, W) or a folder, as for `fv.model`; the more the better, since a channel that N
        images leave shut may open on the next. By default those of the model.
    show
        So many silent units are visualized, spread over all, at least 0; 0, the default, for none.
    steps, seed
        Of their gradient ascent, at least 1 step (128), and of its random numbers (0).
    out
        A folder for census.json and, with ``show``, report.html and sheet.png. Nothing is written without one.

    Returns
    -------
    CensusResult
        ``.rectifiers`` (of each, on how many images each channel opens), ``.silent`` (channels by rectifier),
        ``.channels`` (how many there are), ``.table()``; ``.units``, the silent ones, and ``.runs``, their
        visualizations.

    Raises
    ------
    DomainError, ShapeError
        If there are no images, they do not have the network's shape, or a number is out of range.

    Source: fvproof; silent units are those of Geirhos et al., ICML 2024, section 2.

    Examples
    --------
    >>> import fvproof as fv
    >>> fv.census("digits-small").channels
    32
    """
    subject = subject_of(model, images)
    if show < 0:
        raise DomainError(f"show must be at least 0, received {show}")
    settings, rectifiers = Settings(steps=steps, seed=seed), census_of(subject.model, subject.natural)
    units = _silent_units(subject.model, rectifiers)
    shown = [units[place] for place in spread(len(units), show)] if show else []
    with tqdm(total=len(shown) * steps, unit="step", desc="visualizing", disable=None if shown else True) as bar:
        runs = maximize(subject.model, shown, settings, progress=bar.update) if shown else []
    found = CensusResult(rectifiers, len(subject.natural), subject.model.name, units, tuple(runs))
    if out is not None:
        found.save(out)
    return found
