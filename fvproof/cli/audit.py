"""`fvproof audit`: whether feature visualizations of a model can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import executor_option, image_options, model_options, report_skipped, workers_of

if TYPE_CHECKING:
    from fvproof.empirical.auditing.findings import Audit
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model

NOT_TRUSTED = 1
"""Exit code if some requirement is not met."""

TOLD = ("weights", "mean", "std", "value_range", "bgr", "shape", "axes", "images", "limit", "crop", "units")
"""Options that the report repeats as they were given."""

MARKS = {True: "yes", False: "no ", None: "   "}


@click.command()
@model_options
@image_options
@click.option("--units", "text", metavar="LAYER:CHANNELS,..", help="Such as conv1:0-7,fc:3. [default: 8 of two layers]")
@click.option("--steps", type=click.IntRange(1), default=512, show_default=True, help="Steps of gradient ascent.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers.")
@executor_option
@click.option(
    "--certify",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds for each true extremum, where the network is small enough to certify it; 0 for none.",
)
@click.option("--out", type=click.Path(path_type=Path), default="audit", show_default=True, metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print report.json.")
def command(
    load_model: Callable[[], Model],
    load_images: Callable[..., ImageSet],
    text: str | None,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Find out whether feature visualizations of MODEL can be trusted, and write a report.

    Each unit is visualized at both ends. Measured is what its visualizations predict about natural images, beside what
    the theory says any decoder can know, and whether the network processes them like natural images; and a twin is
    built that has the same visualizations and disagrees. For the sanity check, the labels of the images must be the
    numbers of output units.

    Writes report.html, which needs no other file, and report.json with the same figures. What is finished is kept in
    the folder pieces: a run that was interrupted goes on from there, whatever its executor. With dask:ADDRESS, the
    scheduler's, all workers must see the files of model and images and the folder DIR under the same names. The exit
    code is 0 if the visualizations can be trusted and 1 if not.
    """
    from fvproof.empirical.auditing.audit import Means, audit, default_units
    from fvproof.empirical.auditing.report import figures, write_report
    from fvproof.empirical.keeping.store import open_store
    from fvproof.empirical.keeping.workers import hired
    from fvproof.empirical.maximization.maximize import Settings
    from fvproof.empirical.networks.units import parse_units
    from fvproof.empirical.notices import notify

    folder, settings = open_store(out), Settings(steps=options["steps"], seed=options["seed"])
    workers = workers_of(options["executor"], load_model, load_images)
    model = load_model()
    units = parse_units(text, model) if text else default_units(model)
    images = load_images(model)
    report_skipped(images)
    with hired(workers) as same:
        found = audit(model, images, units, settings, folder, Means(notify, same, options["certify"]))
    found = replace(found, settings={**_given(), **found.settings})
    write_report(found, folder)
    click.echo(figures(found) if as_json else _summary(found), nl=not as_json)
    click.echo(f"report: {folder / 'report.html'}", err=True)
    return 0 if found.verdict.trusted else NOT_TRUSTED


def _given() -> dict[str, Any]:
    """Return the options that say what was audited, as they were given."""
    given = {**click.get_current_context().params}
    given["units"] = given.pop("text")
    return {name: str(given[name]) for name in TOLD if given[name] not in (None, False, {})}


def _summary(found: Audit) -> str:
    """Return the verdict and its reasons as text."""
    reasons = [f"{MARKS[reason.holds]} {reason.question}\n    {reason.answer}" for reason in found.verdict.reasons]
    return "\n".join([found.verdict.word.upper(), found.verdict.sentence, "", *reasons])
