"""`fvproof census`: which channels of a network no image of a set ever opens."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import image_options, model_options, out_option, seed_option, steps_option, subject

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("census")
@model_options
@image_options
@click.option("--show", type=click.IntRange(0), default=0, show_default=True, help="Silent units to visualize.")
@steps_option(128)
@seed_option
@out_option()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, with the silent channels.")
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Count, layer by layer, the channels of ReLUs and other rectifiers that no image opens at any position.

    Such channels have no part in what the network does on these images, and can show anything in visualizations:
    `--show 8 --out DIR` looks what some of those that are units show, and writes report.html, sheet.png and
    census.json.
    """
    from fvproof.verbs.counting import census  # torch only when it is needed

    found = census(subject(load_model, load_images), **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
