"""`fvproof census`: which channels of a network no image of a set ever opens."""

import json
from collections.abc import Callable
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

from fvproof.cli.options import image_options, model_options, report_skipped

if TYPE_CHECKING:
    from fvproof.empirical.detecting.census import Rectifier
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("census")
@model_options
@image_options
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON, with the silent channels.")
def command(load_model: Callable[[], "Model"], load_images: Callable[..., "ImageSet"], *, as_json: bool) -> int:
    """Count, layer by layer, the channels of ReLUs and other rectifiers that no image opens at any position.

    Such channels have no part in what the network does on these images, and can show anything in visualizations.
    """
    from fvproof.empirical.detecting.census import census

    model = load_model()
    images = load_images(model)
    report_skipped(images)
    found = census(model, images)
    click.echo(json.dumps([_record(one) for one in found], indent=1) if as_json else _table(found, len(images)))
    return 0


def _record(one: "Rectifier") -> dict[str, Any]:
    """Return one rectifier as JSON can hold it."""
    return {
        "rectifier": one.name,
        "channels": len(one.opened),
        "silent": one.silent.nonzero()[0].tolist(),
        "opened": one.opened.tolist(),
        "high": [height if isfinite(height) else None for height in one.high.tolist()],
    }


def _highest(one: "Rectifier") -> float | None:
    """Return how far any of its channels rises; None if all are not a number."""
    return max((height for height in one.high.tolist() if not isnan(height)), default=None)


def _table(found: "tuple[Rectifier, ...]", count: int) -> str:
    """Return the census as a table."""
    rows = [
        (one.name, len(one.opened), int(one.silent.sum()), int((one.opened <= 0.01 * count).sum()), _highest(one))
        for one in found
    ]
    headers = ("rectifier", "channels", "silent", "open on 1% of images or fewer", "highest")
    silent, channels = sum(row[2] for row in rows), sum(row[1] for row in rows)
    lost = sum(isnan(height) for one in found for height in one.high.tolist())
    return (
        f"{tabulate(rows, headers, floatfmt='.4g', missingval='-')}\n\n"
        f"{silent} of {channels} channels are silent on {count} images"
        + (f"; {lost} of {channels} are not a number on some of them" if lost else "")
    )
