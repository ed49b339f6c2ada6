"""`fvproof sanity`: whether visualizations are processed like natural images, layer by layer."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

from fvproof.cli.options import image_options, model_options, report_skipped
from fvproof.theory.texts import BLANKS
from fvproof.theory.wording import percent

if TYPE_CHECKING:
    from fvproof.empirical.measurement.bootstrap import Estimate
    from fvproof.empirical.measurement.sanity import Sanity
    from fvproof.empirical.measurement.similarity import LayerSimilarity

FAILED = 1
"""Exit code if some visualization is no more extreme than what it must beat, so that the curve says little."""

HEADERS = (
    *("layer", "same class", "low", "high", "classes low", "high"),
    *("other classes", "contrast", "low", "high"),
)
"""Of the table: similarities on the scale, with their intervals over images and, of the first, over classes."""

MANY = 40
"""With more layers than this, the plot has them down the side."""


@click.command("sanity")
@model_options
@image_options
@click.option("--per-class", type=click.IntRange(2), default=20, show_default=True, help="Images of each class.")
@click.option("--steps", type=click.IntRange(1), default=128, show_default=True, help="Steps of gradient ascent.")
@click.option("--layers", metavar="NAME,NAME..", help="Only these layers.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(
    load_model: Callable[[], Any],
    load_images: Callable[..., Any],
    out: Path,
    layers: str | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Measure whether visualizations of classes are processed like natural images of these classes.

    The label of an image must be the number of its output unit. Similarity is Spearman's correlation of activations
    (and Pearson's, and the cosine) on a scale where natural images of different classes have 0 and of the same class 1.
    The control beside it compares them with natural images of other classes, on the same scale: the contrast of the two
    is 1 for natural images, and 0 where a layer does not tell which class a visualization is of.
    Intervals are over the choice of images, which the plot shows, and over that of classes.
    Writes sanity.json, sanity.svg and the visualizations. The exit code is 1 if some visualization failed.
    """
    from fvproof.empirical.keeping.store import open_store
    from fvproof.empirical.maximization.maximize import Settings  # torch only when it is needed
    from fvproof.empirical.measurement.sanity import check_sanity

    folder, settings = open_store(out), Settings(steps=options["steps"], seed=options["seed"])
    model = load_model()
    images = load_images(model, per_class=options["per_class"])
    named = [layer.strip(BLANKS) for layer in layers.split(",")] if layers else None
    found = check_sanity(model, images, settings, layers=named)
    report = _report(found, len(images))
    _write(found, report, folder)
    report_skipped(images)
    if found.doubt is not None:
        click.echo(found.doubt, err=True)
    for run in found.runs:
        if run.status.failed:
            click.echo(f"the visualization of {run.unit} failed: {run.status}", err=True)
    click.echo(json.dumps(report, indent=1) if as_json else _table(found, len(images)))
    return FAILED if any(run.status.failed for run in found.runs) else 0


def _report(found: "Sanity", count: int) -> dict[str, Any]:
    """Return the results as JSON can hold them: NaN becomes null."""
    from fvproof.empirical.maximization.maximize import record

    return {
        "images": count,
        "accuracy": found.accuracy,
        "doubt": found.doubt,
        "curve": [_finite(asdict(layer)) for layer in found.curve],
        "visualizations": [record(run) for run in found.runs],
    }


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers, None in the place of NaN."""
    return {
        name: _finite(value) if isinstance(value, dict) else None if _undefined(value) else value
        for name, value in values.items()
    }


def _undefined(value: object) -> bool:
    """Return whether a value is a number that JSON cannot hold."""
    return isinstance(value, float) and not isfinite(value)


def _write(found: "Sanity", report: dict[str, Any], folder: Path) -> None:
    """Write numbers, plot and pictures."""
    from fvproof.empirical.keeping.store import write_atomically
    from fvproof.empirical.maximization.pictures import file_name, write_picture, write_sheet
    from fvproof.empirical.plots import Bar, layer_curve

    rows, control = (
        [Bar(row.layer, **asdict(getattr(row, name)), passes=True) for row in _main(found)]
        for name in ("normalized", "normalized_others")
    )
    label = "0: as alike as natural images\nof different classes, 1: of one class"
    plot = layer_curve(rows, control, marked=(), label=label)
    chosen = plot.narrow if len(rows) > MANY else plot.wide
    write_atomically(folder / "sanity.svg", base64.b64decode(chosen.partition(",")[2]))
    write_atomically(folder / "sanity.json", json.dumps(report, indent=1).encode())
    write_sheet(found.runs, folder / "sheet.png")
    for run in found.runs:
        write_picture(run, folder / file_name(run))


def _main(found: "Sanity") -> list["LayerSimilarity"]:
    """Return the curve of Spearman's correlation, which is the paper's."""
    return [layer for layer in found.curve if layer.measure == "spearman"]


def _table(found: "Sanity", count: int) -> str:
    """Return the curve as a table, with what it rests on."""
    rows = [
        (
            row.layer,
            *_ends(row.normalized),
            *_ends(row.over_classes)[1:],
            row.normalized_others.value,
            *_ends(row.contrast),
        )
        for row in _main(found)
    ]
    table = tabulate(rows, HEADERS, floatfmt=".3f")
    share = "" if found.accuracy is None else f", {percent(found.accuracy, 1)} of them recognised"
    return (
        f"{table}\n\n{count} images{share}; {len(found.runs)} classes visualized.\n"
        "How alike visualizations are to natural images of the same class and of other classes: 0 is as alike as\n"
        "natural images of different classes are, 1 as natural images of one class. The contrast is the difference.\n"
        "95% intervals: over the choice of images, and over that of classes. sanity.json has the raw similarities too."
    )


def _ends(estimate: "Estimate") -> tuple[float, float, float]:
    """Return a value with its interval."""
    return estimate.value, estimate.low, estimate.high
