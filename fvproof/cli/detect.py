"""`fvproof detect`: signs that somebody manipulated the visualizations of a network."""

import json
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate
from tqdm import tqdm

from fvproof.cli.options import image_options, model_options, report_skipped

if TYPE_CHECKING:
    from fvproof.empirical.detecting.detection import Detection
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model

SUSPECTED = 1
"""Exit code if something speaks for a manipulation."""


@click.command("detect")
@model_options
@image_options
@click.option("--units", "text", metavar="LAYER:CHANNELS,..", help="Only these, such as conv1:0-7,fc.")
@click.option(
    "--layers", type=click.IntRange(1), default=4, show_default=True, help="Layers to look at without --units."
)
@click.option("--channels", type=click.IntRange(1), default=4, show_default=True, help="Units of each of them.")
@click.option("--steps", type=click.IntRange(1), default=128, show_default=True, help="Steps of gradient ascent.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random numbers.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the visualizations.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    text: str | None,
    out: Path | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Look for signs that visualizations of a network were manipulated: silent units, fooling circuits, slingshots.

    Looked at are the output, layers whose rectifiers are silent for the most part, and others. The exit code is 1 if
    something speaks for a manipulation. Nothing found does not prove that there is none.
    """
    from fvproof.empirical.detecting.census import census
    from fvproof.empirical.detecting.detection import detect, units_to_look_at
    from fvproof.empirical.keeping.store import open_store
    from fvproof.empirical.maximization.maximize import Settings
    from fvproof.empirical.networks.units import parse_units

    folder = None if out is None else open_store(out)
    model = load_model()
    images = load_images(model)
    report_skipped(images)
    if text:
        units = parse_units(text, model)
    else:
        units = units_to_look_at(model, census(model, images), layers=options["layers"], channels=options["channels"])
    settings = Settings(steps=options["steps"], seed=options["seed"])
    with tqdm(total=len(units) * settings.steps, unit="step", disable=None) as bar:
        found = detect(model, images, units, settings, progress=bar.update)
    if folder is not None:
        from fvproof.empirical.maximization.pictures import write_sheet

        write_sheet(found.runs, folder / "sheet.png")
    click.echo(json.dumps(_record(found), indent=1) if as_json else _table(found, len(images)))
    return SUSPECTED if found.suspected else 0


def _record(found: "Detection") -> dict[str, Any]:
    """Return the findings as JSON can hold them."""
    return {
        "suspected": bool(found.suspected),
        "units": [
            {
                "unit": str(one.unit),
                "excess": _finite(one.excess),
                "reliance": _finite(one.reliance),
                "rift": _finite(one.rift),
                "reasons": list(one.reasons),
            }
            for one in found.signs
        ],
        "rectifiers": [
            {"rectifier": one.name, "channels": len(one.opened), "silent": int(one.silent.sum())}
            for one in found.rectifiers
        ],
    }


def _finite(value: float) -> float | None:
    """Return the number, None in the place of NaN."""
    return value if isfinite(value) else None


def _table(found: "Detection", count: int) -> str:
    """Return the findings as text."""
    rows = [(str(one.unit), one.excess, one.reliance, _finite(one.rift)) for one in found.signs]
    headers = ("unit", "excess", "reliance", "rift")
    reasons = [f"{one.unit}: {reason}" for one in found.suspected for reason in one.reasons]
    number = f"{len(found.suspected)} of {len(found.signs)} units, on {count} images"
    verdict = f"{'something' if reasons else 'nothing'} speaks for a manipulation: {number}"
    return "\n".join([tabulate(rows, headers, floatfmt=".3f", missingval="–"), "", verdict, *reasons])
