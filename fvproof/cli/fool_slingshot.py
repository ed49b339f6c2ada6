"""`fvproof fool slingshot`: fine-tuning after which a unit's visualization is a picture of your choice."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import fooling_options, image_options, model_options, subject, tuning_options

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("slingshot")
@model_options
@image_options
@click.option("--unit", "text", required=True, metavar="LAYER:CHANNEL", help="Such as logits:3.")
@click.option("--target", type=click.Path(path_type=Path), metavar="IMAGE", help="What to show.  [default: rings]")
@tuning_options(learning_rate=2e-3)
@fooling_options(steps=256)
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    text: str,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Fine-tune the network so that gradient ascent on one unit ends at a picture; its architecture stays as it is.

    The share `--unseen` of the images is kept from training, to see what changed on them. Writes network.onnx,
    network.pt2, slingshot.json, report.html and the visualizations before and after.
    """
    from fvproof.verbs.fooling import fool

    found = fool(subject(load_model, load_images), "slingshot", text, out=out, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
