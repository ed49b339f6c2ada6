"""`fvproof sanity`: whether visualizations are processed like natural images, layer by layer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from fvproof.cli.options import image_options, model_options, out_option, seed_option, steps_option, subject


@click.command("sanity")
@model_options
@image_options
@click.option("--per-class", type=click.IntRange(2), default=20, show_default=True, help="Images of each class.")
@steps_option(128)
@click.option("--layers", metavar="NAME,NAME..", help="Only these layers.")
@seed_option
@out_option(required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    load_model: Callable[[], Any],
    load_images: Callable[..., Any],
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Measure whether visualizations of classes are processed like natural images of these classes.

    The label of an image must be the number of its output unit. Similarity is Spearman's correlation of activations
    (and Pearson's, and the cosine) on a scale where natural images of different classes have 0 and of the same class 1.
    The control beside it compares them with natural images of other classes, on the same scale: the contrast of the two
    is 1 for natural images, and 0 where a layer does not tell which class a visualization is of.
    Intervals are over the choice of images, which the plot shows, and over that of classes.
    Writes report.html, sanity.json, sanity.svg and the visualizations. The exit code is 1 if some visualization failed.
    """
    from fvproof.verbs.comparing import sanity  # torch only when it is needed

    few = partial(load_images, per_class=options["per_class"])  # no more are read
    found = sanity(subject(load_model, few), out=out, **options)
    for sentence in found.told:
        click.echo(sentence, err=True)
    click.echo(found.to_json() if as_json else found.text)
    return found.code
