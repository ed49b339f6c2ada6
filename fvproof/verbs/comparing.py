"""`fv.sanity`: whether visualizations are processed like natural images, layer by layer."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from math import isfinite
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from tabulate import tabulate
from typing_extensions import override

from fvproof.empirical.json_values import plain
from fvproof.empirical.keeping.store import open_store, write_atomically
from fvproof.empirical.maximization.maximize import Run, Settings, record
from fvproof.empirical.maximization.pictures import file_name, title, write_picture, write_sheet
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.sanity import Sanity, check_sanity
from fvproof.empirical.measurement.similarity import LayerSimilarity
from fvproof.empirical.pages.results import PAGE
from fvproof.empirical.plots import Bar, Plot, layer_curve, layer_figure, layer_lines, picture, svg_uri
from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS
from fvproof.theory.wording import percent
from fvproof.verbs.kinds import checked
from fvproof.verbs.pages import sanity_page
from fvproof.verbs.results import Result, html_picture
from fvproof.verbs.subject import Given, subject_of

HEADERS = (
    *("layer", "same class", "low", "high", "classes low", "high"),
    *("other classes", "contrast", "low", "high"),
)
"""Of the table: similarities on the scale, with their intervals over images and, of the first, over classes."""

MANY = 40
"""With more layers than this, the plot has them down the side."""

LABEL = "0: as alike as natural images\nof different classes, 1: of one class"

RAW = {
    "visualization": "visualizations, images of their class",
    "other_classes": "visualizations, images of other classes",
    "same": "natural images of one class",
    "different": "natural images of different classes",
}
"""The raw similarities of a plot, and their names."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SanityResult(Result):
    """How visualizations of classes compare to natural images at each layer.

    Attributes
    ----------
    found
        Curve, visualizations and accuracy, as `fvproof.empirical.measurement.sanity.Sanity` describes them.
    count
        Number of images.
    model
        The network's name.
    """

    found: Sanity
    count: int
    model: str

    @property
    def curve(self) -> tuple[LayerSimilarity, ...]:
        """The similarities by Spearman's correlation, which is the paper's; ``.found.curve`` has the others too."""
        return tuple(layer for layer in self.found.curve if layer.measure == "spearman")

    @property
    def failed(self) -> tuple[Run, ...]:
        """The visualizations that are no more extreme than what they must beat: with these the curve says little."""
        return tuple(run for run in self.found.runs if run.status.failed)

    @property
    def told(self) -> tuple[str, ...]:
        """What the user has to know before believing the curve, in sentences."""
        doubt = () if self.found.doubt is None else (self.found.doubt,)
        return (*doubt, *(f"the visualization of {run.unit} failed: {run.status}" for run in self.failed))

    @property
    @override
    def headline(self) -> str:
        known = [row.contrast.value for row in self.curve if isfinite(row.contrast.value)]
        span = f"contrast {min(known):.2f} to {max(known):.2f}" if known else "no layer tells classes apart"
        return f"{self.model}: {len(self.found.runs)} classes visualized, {len(self.curve)} layers, {span}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "layer": row.layer,
                **_flat("same class", row.normalized),
                "classes low": row.over_classes.low,
                "classes high": row.over_classes.high,
                "other classes": row.normalized_others.value,
                **_flat("contrast", row.contrast),
            }
            for row in self.curve
        ]

    @property
    @override
    def text(self) -> str:
        accuracy = self.found.accuracy
        share = "" if accuracy is None else f", {percent(accuracy, 1)} of them recognised"
        return (
            f"{tabulate([list(row.values()) for row in self.rows], HEADERS, floatfmt='.3f')}\n\n"
            f"{self.count} images{share}; {len(self.found.runs)} classes visualized.\n"
            "How alike visualizations are to natural images of the same class and of other classes: 0 is as alike as\n"
            "natural images of different classes are, 1 as natural images of one class. The contrast is the "
            "difference.\n95% intervals: over the choice of images, and over that of classes. sanity.json has the raw "
            "similarities too."
        )

    @override
    def record(self) -> dict[str, Any]:
        return {
            "images": self.count,
            "accuracy": self.found.accuracy,
            "doubt": self.found.doubt,
            "curve": plain(self.found.curve),
            "visualizations": [record(run) for run in self.found.runs],
        }

    @property
    @override
    def code(self) -> int:
        return 1 if self.failed else 0

    def plot(self, *, raw: bool = False) -> Figure:
        """Return the curve as a figure; no window is opened.

        Parameters
        ----------
        raw
            Instead of the scale on which natural images of different classes have 0 and of one class 1: the mean
            correlations themselves, in [−1, 1], of visualizations with natural images of their class and of other
            classes, beside those of natural images with one another.
        """
        if not raw:
            return layer_figure(*self._curves, label=LABEL, upright=len(self.curve) > MANY)
        lines = {name: [getattr(row, kind) for row in self.curve] for kind, name in RAW.items()}
        return layer_lines([row.layer for row in self.curve], lines, label="Spearman's correlation")

    @property
    def _curves(self) -> tuple[list[Bar], list[Bar]]:
        """The two curves of the plot, of the same class and of others."""
        same = [Bar(row.layer, **asdict(row.normalized)) for row in self.curve]
        return same, [Bar(row.layer, **asdict(row.normalized_others)) for row in self.curve]

    @property
    def page(self) -> str:
        """All of it as one HTML page that needs no other file."""
        scaled = layer_curve(*self._curves, marked=(), label=LABEL)
        raw = svg_uri(self.plot(raw=True))
        plots = [(scaled, "On the scale that natural images set."), (Plot(raw, raw), "The raw correlations behind it.")]
        about = {"rows": self.rows, "printed": self.text, "count": self.count}
        return sanity_page(self.model, self.found, plots, about)

    @property
    def _svg(self) -> str:
        """The plot as a data URI."""
        plot = layer_curve(*self._curves, marked=(), label=LABEL)
        return plot.narrow if len(self.curve) > MANY else plot.wide

    @override
    def save(self, folder: str | Path) -> Path:
        """Write report.html, sanity.json, sanity.svg, the visualizations, and sheet.png with all of them."""
        place = open_store(folder)
        write_atomically(place / "sanity.svg", base64.b64decode(self._svg.partition(",")[2]))
        write_atomically(place / "sanity.json", json.dumps(self.record(), indent=1).encode())
        write_atomically(place / PAGE, self.page.encode())
        write_sheet(self.found.runs, place / "sheet.png")
        for run in self.found.runs:
            write_picture(run, place / file_name(run))
        return place

    @override
    def _repr_html_(self) -> str:
        lost = ", ".join(f"{run.unit} ({run.status})" for run in self.failed)
        failed = f"visualizations that failed: {lost}" if lost else ""
        told = "".join(f"<p>{escape(one)}</p>" for one in (self.found.doubt, failed) if one)
        shown = "".join(html_picture(picture(run.image), title=title(run)) for run in self.found.runs)
        curve = f'<img src="{self._svg}" alt="similarity, layer by layer">'
        return f"<p><b>{escape(self.headline)}</b></p>{told}{curve}<div>{shown}</div>"


def _flat(name: str, estimate: Estimate) -> dict[str, float]:
    """Return a value with its interval, as entries of a row."""
    return {name: estimate.value, f"{name} low": estimate.low, f"{name} high": estimate.high}


@checked
def sanity(
    model: Given,
    *,
    layers: str | Sequence[str] | None = None,
    per_class: int = 20,
    steps: int = 128,
    seed: int = 0,
    out: str | Path | None = None,
) -> SanityResult:
    """Return whether visualizations of classes are processed like natural images of these classes.

    At each layer, with s(A, B) the mean similarity of the activations of A and B (Spearman's correlation; Pearson's and
    the cosine are measured too)::

        same class      (s(visualizations, images of their class) − d) / (o − d)
        other classes   (s(visualizations, images of other classes) − d) / (o − d)
        contrast        same class − other classes

    where o = s(natural images of one class), d = s(natural images of different classes). The contrast is 1 for natural
    images in the place of visualizations, and 0 where a layer does not tell which class a visualization is of.

    Parameters
    ----------
    model
        What `fv.model` gives with images and labels, the numbers of the images' output units; or the name of an
        embedded network. At least two images of each of at least two classes.
    layers
        Only these, as names or as one text with commas; by default all that give new numbers.
    per_class
        At most so many images of each class are taken, the first; at least 2. Intervals narrow with the root of it.
    steps
        Of gradient ascent, for each class; at least 1. 128 suffice for classes, which are excited easily.
    seed
        Of all random numbers.
    out
        A folder for sanity.json, sanity.svg and the visualizations. Nothing is written without one.

    Returns
    -------
    SanityResult
        ``.plot()``, ``.plot(raw=True)``, ``.curve``, ``.failed``; 95% intervals are over the choice of images and over
        that of classes.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If there are no labels or too few images, a label is no output, there is no such layer, or the folder cannot be
        written to.

    Source: Geirhos et al., ICML 2024, section 3; the intervals and the contrast are fvproof's.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.sanity("digits-small", layers="relu1,logits", per_class=4, steps=24)
    >>> [row.layer for row in found.curve]
    ['relu1', 'logits']
    """
    if per_class < 2:
        raise DomainError(f"the images of each class must be at least 2, not {per_class}")
    wanted, place = Settings(steps=steps, seed=seed), None if out is None else open_store(out)
    subject = subject_of(model)
    names = layers.split(",") if isinstance(layers, str) else layers
    named = [name.strip(BLANKS) for name in names] if names else None
    images = subject.natural
    chosen = images if images.labels is None else images.per_class(per_class)
    found = check_sanity(subject.model, chosen, wanted, layers=named)
    result = SanityResult(found, len(chosen), subject.model.name)
    if place is not None:
        result.save(place)
    return result
