"""`fvproof detect`: signs that somebody manipulated the visualizations of a network."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import image_options, model_options, out_option, seed_option, steps_option, subject

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("detect")
@model_options
@image_options
@click.option("--units", "text", metavar="LAYER:CHANNELS,..", help="Only these, as for maximize.")
@click.option(
    "--layer-count", type=click.IntRange(1), default=4, show_default=True, help="Layers to look at without --units."
)
@click.option(
    "--per-layer", type=click.IntRange(1), default=4, show_default=True, help="Units of each of these layers."
)
@steps_option(128)
@seed_option
@out_option()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
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
    from fvproof.verbs.detecting import detect  # torch only when it is needed

    found = detect(subject(load_model, load_images), text or None, out=out, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
