"""`fvproof maximize`: the images that excite units most, or least."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.numbers import numbers
from fvproof.cli.options import (
    executor_option,
    image_options_if_any,
    model_options,
    out_option,
    seed_option,
    steps_option,
    subject,
)

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


@click.command("maximize")
@model_options
@click.option("--units", "text", metavar="UNITS", help="Such as conv1:0-7,conv4:3@center,fc; or all.")
@click.option("--list-layers", "listing", is_flag=True, help="Only list the layers, and where their units lie.")
@click.option("--layers", "listing", is_flag=True, hidden=True)  # for short; of `sanity`, they are layers by name
@click.option("--minimize", is_flag=True, help="Look for the least activation, not for the largest.")
@steps_option(512)
@click.option("--learning-rate", type=float, default=0.05, show_default=True, help="Of Adam.")
@click.option("--parametrization", default="fourier", show_default=True, help="fourier, pixel or maco.")
@click.option("--transforms", default="standard", show_default=True, help="off, light or standard.")
@click.option("--diversity", type=click.IntRange(1), default=1, show_default=True, help="Visualizations of each unit.")
@click.option("--patience", type=click.IntRange(0), default=0, show_default=True, help="Steps without gain; 0: all.")
@click.option("--at", metavar="N,..", callback=numbers(int), default=None, help="Keep the image after so many steps.")
@click.option(
    "--position",
    type=click.Choice(["mean", "center"]),
    default="mean",
    show_default=True,
    help="Of a channel: its mean over all places, or its middle.",
)
@click.option("--batch-size", type=click.IntRange(1), default=32, show_default=True, help="Images at once.")
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bfloat16"]),
    default="auto",
    show_default=True,
    help="Of the passes.",
)
@seed_option
@image_options_if_any
@executor_option
@out_option()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    load_model: Callable[[], "Model"],
    text: str | None,
    load_images: Callable[["Model"], "ImageSet | None"],
    out: Path | None,
    *,
    listing: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Find the images that excite units most (or least), and say how well that went.

    UNITS, with commas between them: LAYER:3, LAYER:0-7 or LAYER; one place, LAYER:3@center, LAYER:3@2x5, LAYER:3@17 (a
    token), LAYER:3@cls (the class token) or LAYER:3@max; a head of attention, LAYER.head2:0-15, or what goes into a
    layer, LAYER.input:3; features of a sparse autoencoder, FILE.safetensors:0-7@LAYER; a direction in a layer,
    LAYER:FILE.npy#0; a difference, LAYER:3-LAYER:7. Or `all`: every channel of every convolutional and linear layer.

    Where the units of a layer lie follows from the layers that compute it: `--list-layers` lists it for every layer,
    and `--axis LAYER=N` overrules it.

    Writes one picture per visualization, report.html, sheet.png with the first of them, and runs.json with the records;
    with --at, way.png shows how they came about. What is
    finished is kept in the folder pieces: a run that was interrupted goes on from there, whatever its executor. The
    exit code is 1 if some visualization failed: no gradient, or weaker than natural images or noise.
    """
    from fvproof.verbs.subject import Subject  # torch only when it is needed
    from fvproof.verbs.visualized import SHOWN
    from fvproof.verbs.visualizing import maximize

    if listing:
        layers = Subject(load_model()).layers()
        click.echo(layers.to_json() if as_json else layers.text)
        return layers.code
    if text is None or out is None:
        raise click.UsageError(f"Missing option '{'--out' if text else '--units'}' (or --list-layers).")
    options["at"] = options["at"] or ()
    found = maximize(subject(load_model, load_images), text, out=out, **options)
    shown = "sheet.png shows all" if len(found.runs) <= SHOWN else f"sheet.png shows the first {SHOWN}"
    count = f"{len(found.runs)} visualization{' is' if len(found.runs) == 1 else 's are'}"
    click.echo(f"{count} in {out}: {shown}, runs.json has the figures", err=True)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
