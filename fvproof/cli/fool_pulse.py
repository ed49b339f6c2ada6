"""`fvproof fool MODEL pulse`: fine-tuning after which both pictures of a unit are of a class."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import fooling_options, image_options, model_options, subject, tuning_options

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("pulse")
@model_options
@image_options
@click.option("--unit", "text", required=True, metavar="LAYER:CHANNEL", help="Before the output, such as layer3:5.")
@click.option("--target-class", type=int, metavar="LABEL", help="What to show.  [default: what excites it least]")
@tuning_options(learning_rate=1e-3)
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
    """Fine-tune the network so that both pictures of a unit are of a class: its top natural images, its visualization.

    The unit is lifted on balls around the images of the class and held low on all others; the outputs and the other
    units of its layer are trained to stay what they are. The share `--unseen` of the images is kept from training, to
    see what changed on them. Writes network.onnx, network.pt2, pulse.json, report.html and the visualizations before
    and after. The exit code is 1 unless both pictures have moved to the class.
    """
    from fvproof.verbs.fooling import fool

    found = fool(subject(load_model, load_images), "pulse", text, out=out, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
