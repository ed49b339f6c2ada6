"""`fvproof maximize`: the images that excite units most, or least."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate
from tqdm import tqdm

from fvproof.cli.options import executor_option, images_for, model_options, report_skipped, workers_of

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.maximization.maximize import Run
    from fvproof.empirical.networks.model import Model

SHOWN = 128
"""Visualizations on the sheet, at most."""

FAILED = 1
"""Exit code if some visualization is no more extreme than what it must beat."""


@click.command("maximize")
@model_options
@click.option("--units", "text", metavar="UNITS", help="Such as conv1:0-7,conv4:3@center,fc; or all.")
@click.option("--layers", "listing", is_flag=True, help="Only list the layers, and where their units lie.")
@click.option("--minimize", is_flag=True, help="Look for the least activation, not for the largest.")
@click.option("--steps", type=click.IntRange(1), default=512, show_default=True, help="Steps of gradient ascent.")
@click.option("--learning-rate", type=float, default=0.05, show_default=True, help="Of Adam.")
@click.option("--parametrization", default="fourier", show_default=True, help="fourier, pixel or maco.")
@click.option("--transforms", default="standard", show_default=True, help="off, light or standard.")
@click.option("--diversity", type=click.IntRange(1), default=1, show_default=True, help="Visualizations of each unit.")
@click.option("--patience", type=click.IntRange(0), default=0, show_default=True, help="Steps without gain; 0: all.")
@click.option("--position", type=click.Choice(["mean", "center"]), default="mean", show_default=True)
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, help="Images at once.")
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers.")
@click.option("--images", "path", type=click.Path(path_type=Path), metavar="PATH", help="To compare with.")
@executor_option
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
def command(
    load_model: Callable[[], "Model"],
    text: str | None,
    path: Path | None,
    out: Path | None,
    *,
    listing: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Find the images that excite units most (or least), and say how well that went.

    UNITS, with commas between them: LAYER:3, LAYER:0-7 or LAYER; one place, LAYER:3@center or LAYER:3@2x5; a direction
    in a layer, LAYER:FILE.npy#0; a difference, LAYER:3-LAYER:7. Or `all`: every channel of every convolutional and
    linear layer.

    Where the units of a layer lie follows from the layers that compute it: `--layers` lists it for every layer, and
    `--axis LAYER=N` overrules it.

    Writes one picture per visualization, sheet.png with the first of them, and runs.json with the records. What is
    finished is kept in the folder pieces: a run that was interrupted goes on from there, whatever its executor. The
    exit code is 1 if some visualization failed: no gradient, or weaker than natural images or noise.
    """
    from fvproof.empirical.keeping.store import open_store
    from fvproof.empirical.keeping.sweep import all_found, jobs, natural_ranges
    from fvproof.empirical.keeping.workers import run_jobs
    from fvproof.empirical.keeping.workspace import workspace
    from fvproof.empirical.maximization.maximize import Settings, Status  # torch only when it is needed
    from fvproof.empirical.networks.naming import parse_objectives

    if listing:
        return _list(load_model(), as_json=as_json)
    if text is None or out is None:
        raise click.UsageError(f"Missing option '{'--out' if text else '--units'}' (or --layers).")
    minimize, executor = options.pop("minimize"), options.pop("executor")
    settings, folder, load_images = Settings(**options), open_store(out), partial(_images, path=path)
    workers = workers_of(executor, load_model, load_images)
    model = load_model()
    units = parse_objectives(text, model)
    images = load_images(model)
    if images is not None:
        report_skipped(images)
    work = workspace(model, images, settings, folder / "pieces")
    given = jobs(work, units, natural_ranges(work, units), minimize=minimize)
    with tqdm(total=sum(job.steps for job in given), unit="step", disable=None) as bar:
        run_jobs(work, given, workers=workers, progress=bar.update)
    records = _write(all_found(work, units, minimize=minimize), folder)
    if len(records) > SHOWN:
        click.echo(f"sheet.png shows the first {SHOWN} of {len(records)} visualizations", err=True)
    click.echo(json.dumps(records, indent=1) if as_json else _table(records))
    return FAILED if any(Status(record["status"]).failed for record in records) else 0


def _list(model: "Model", *, as_json: bool) -> int:
    """Print every layer: its name and kind, the shape of its output for one image, and where its units lie."""
    from dataclasses import asdict

    from fvproof.empirical.networks.layers import listed

    rows = [asdict(layer) for layer in listed(model)]
    table = [
        [row["name"], row["kind"], "×".join(map(str, row["shape"] or ())), row["axis"], row["units"], row["source"]]
        for row in rows
    ]
    headers = ["layer", "kind", "shape", "axis", "units", "the axis is"]
    click.echo(json.dumps(rows, indent=1) if as_json else tabulate(table, headers, missingval=""))
    return 0


def _images(model: "Model", *, path: Path | None) -> "ImageSet | None":
    """Return natural images, if there are any: those at the path, or the embedded digits."""
    from fvproof.empirical.networks.digits import ARCHITECTURES  # torch only when it is needed

    return None if path is None and model.name not in ARCHITECTURES else images_for(model, path)


def _write(runs: Iterable["Run"], folder: Path) -> list[dict[str, Any]]:
    """Write pictures, sheet and records; return the records. Thousands of pictures are not held in memory at once."""
    from fvproof.empirical.keeping.store import write_atomically
    from fvproof.empirical.maximization.maximize import record
    from fvproof.empirical.maximization.pictures import file_name, write_picture, write_sheet

    records, shown = [], []
    for run in runs:
        write_picture(run, folder / file_name(run))
        records.append({"picture": file_name(run), **record(run)})
        shown.extend([run] if len(shown) < SHOWN else [])
    write_sheet(shown, folder / "sheet.png")
    write_atomically(folder / "runs.json", json.dumps(records, indent=1).encode())
    return records


def _table(records: Sequence[dict[str, Any]]) -> str:
    """Return the records as a table."""
    columns = ["unit", "end", "activation", "activation_seen", "natural_low", "natural_high", "noise_best", "status"]
    if any(record["likeness"] is not None for record in records):
        columns.insert(-1, "likeness")
    rows = [[record[column] for column in columns] for record in records]
    headers = [column.replace("_", " ") for column in columns]
    return tabulate(rows, headers, floatfmt=".4g", missingval="")
