"""`fvproof fool silent`: filters get companions that natural images never excite, and visualizations always do."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import engines_option, fooling_options, image_options, model_options, subject, unseen_option

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("silent")
@model_options
@image_options
@click.option(
    "--units", "text", required=True, metavar="LAYER:CHANNELS,..", help="Of one layer or several; LAYER: all of it."
)
@click.option(
    "--target", type=click.Path(path_type=Path), metavar="IMAGE", help="What to show.  [default: a unit's own]"
)
@click.option("--margin", type=float, help="As a share of the natural range.  [default: half of what starts leave]")
@click.option("--factor", type=float, default=8.0, show_default=True, help="λ, of the target beside the filter.")
@click.option("--scale", type=float, default=100.0, show_default=True, help="Of the silent filters.")
@unseen_option(none=True)
@click.option("--show", type=click.IntRange(2), default=8, show_default=True, help="Units visualized before and after.")
@engines_option
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
    """Add to the units of layers others that are silent on all natural images, and that visualizations show.

    Silent units are built from part of the images; the share `--unseen` of them, drawn at random, is kept to see how
    often they fire. Writes network.onnx and network.pt2, hull.json with the files that it is checked from (`fvproof
    check DIR/hull.json`; of several layers, hull-LAYER.json for each), silent.json, report.html, and both sheets of
    visualizations.
    """
    from fvproof.verbs.fooling import fool

    found = fool(subject(load_model, load_images), "silent", text, out=out, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
