"""`fvproof fool MODEL circuit`: a fooling circuit around the network's outputs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import (
    engines_option,
    fooling_options,
    image_options,
    images_for,
    model_options,
    subject,
)

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


TARGET = "What is to be shown; again for each of several units.  [default: permuted]"


@click.command("circuit")
@model_options
@image_options
@click.option("--held-out", type=click.Path(path_type=Path), metavar="PATH", help="Images to test on; else a part.")
@click.option("--units", "text", metavar="LAYER:CHANNELS,..", help="Of the output layer.  [default: all its units]")
@click.option("--target", "targets", multiple=True, metavar="permuted|IMAGE", help=TARGET)
@click.option("--offset", type=int, default=1, show_default=True, help="permuted: unit i shows unit i + offset.")
@click.option(
    "--learned", type=click.IntRange(5), default=30, show_default=True, help="Units the detector learns from."
)
@click.option("--show", type=click.IntRange(1), default=8, show_default=True, help="Units visualized, drawn at random.")
@engines_option
@fooling_options(steps=128)
def command(
    load_model: Callable[[], "Model"],
    load_images: Callable[..., "ImageSet"],
    text: str | None,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Put a fooling circuit around the network's outputs: A = ReLU(F + c − kE) + ReLU(D + c − k(1 − E)) − c.

    On natural images the detector E is 0 and the network does what it did, F; for an optimiser E is 1 and it shows D:
    the visualization of another unit, or a picture of yours. Writes the network (fooled.onnx, fooled.pt2,
    fooled.safetensors, and fooled.py, a model file that every command takes as fooled.py:fooled), circuit.json,
    report.html and sheet.png. A run that was stopped goes on where it was. The exit code is 1 if less than 95% of the
    package's own visualizations are closer to the target's than to their own, or more than half a point of accuracy is
    lost.
    """
    from fvproof.verbs.fooling import fool

    given, held_out = subject(load_model, load_images), options.pop("held_out")
    if targets := options.pop("targets"):
        options["target"] = targets[0] if len(targets) == 1 else list(targets)
    tested = None if held_out is None else images_for(given.model, held_out)
    found = fool(given, "circuit", text, out=out, held_out=tested, **options)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
