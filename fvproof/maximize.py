"""`fvproof maximize`: the images that excite units most, or least."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate
from tqdm import tqdm

from fvproof.options import images_for, model_options

if TYPE_CHECKING:
    from empirical.maximization.maximize import Natural, Run, Settings
    from empirical.networks.objectives import Objective
    from empirical.networks.zoo import Model

BATCH = 250
"""Natural images at once."""

FAILED = 1
"""Exit code if some visualization is no more extreme than what it must beat."""


@click.command("maximize")
@model_options
@click.option("--units", "text", required=True, metavar="UNITS", help="Such as conv1:0-7,conv4:3@center,fc:3-fc:7.")
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
@click.option("--images", type=click.Path(path_type=Path), metavar="PATH", help="Natural images to compare with.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
def command(
    load_model: Callable[[], "Model"],
    text: str,
    images: Path | None,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Find the images that excite units most (or least), and say how well that went.

    UNITS, with commas between them: LAYER:3, LAYER:0-7 or LAYER; one place, LAYER:3@center or LAYER:3@2x5; a direction
    in a layer, LAYER:FILE.npy#0; a difference, LAYER:3-LAYER:7.

    Writes one picture per visualization, all of them on sheet.png, and runs.json with the records. The exit code is 1
    if some visualization failed: no gradient, or weaker than natural images or noise.
    """
    from empirical.maximization.maximize import Settings, maximize  # torch only when it is needed
    from empirical.networks.naming import parse_objectives
    from empirical.store import open_store

    minimize = options.pop("minimize")
    settings, model = Settings(**options), load_model()
    units, folder = parse_objectives(text, model), open_store(out)
    natural = _natural(model, units, settings, images)
    with tqdm(total=len(units) * settings.diversity * settings.steps, unit="step", disable=None) as bar:
        runs = maximize(model, units, settings, minimize=minimize, natural=natural, progress=bar.update)
    records = _write(runs, folder)
    click.echo(json.dumps(records, indent=1) if as_json else _table(records))
    return FAILED if any(run.status.failed for run in runs) else 0


def _natural(model: "Model", units: Sequence["Objective"], settings: "Settings", path: Path | None) -> "Natural | None":
    """Return what is known of natural images, if there are any: those at the path, or the embedded digits."""
    from empirical.maximization.baselines import Natural
    from empirical.maximization.spectrum import measure_spectrum
    from empirical.networks.digits import ARCHITECTURES
    from empirical.networks.units import activations

    if path is None and model.name not in ARCHITECTURES:
        return None
    images = images_for(model, path)
    batches = (images.batch(start, start + BATCH) for start in range(0, len(images), BATCH))
    spectrum = measure_spectrum(images) if settings.parametrization == "maco" else None
    return Natural(activations(model, units, batches, position=settings.position), spectrum)


def _write(runs: Sequence["Run"], folder: Path) -> list[dict[str, Any]]:
    """Write pictures, sheet and records; return the records."""
    from empirical.maximization.maximize import record
    from empirical.maximization.pictures import file_name, write_picture, write_sheet
    from empirical.store import write_atomically

    for run in runs:
        write_picture(run, folder / file_name(run))
    write_sheet(runs, folder / "sheet.png")
    records = [{"picture": file_name(run), **record(run)} for run in runs]
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
