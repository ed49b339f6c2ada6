"""`fvproof claim`: whether pictures deserve to be called the visualizations of units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fvproof.cli.options import (
    about_model,
    executor_option,
    image_options,
    out_option,
    seed_option,
    steps_option,
    subject,
)

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model
    from fvproof.verbs.claiming import ClaimResult

BESIDE_A_CARD = {"executor", "jobs", "out", "as_json", "as_markdown", "card", "debug"}
"""Options that are given beside a card; it says all others."""


@click.command("claim")
@click.argument("pictures", nargs=-1, type=click.Path(path_type=Path), metavar="[PICTURE]...")
@click.option("--unit", "units", multiple=True, metavar="LAYER:N", help="Of each picture, in their order.")
@click.option("--minimize", is_flag=True, help="The pictures are said to excite their units least.")
@click.option(
    "--file",
    "card",
    type=click.Path(path_type=Path),
    metavar="CARD.toml",
    help="Claims, their network and images, in a file.",
)
@click.option("--model", default="digits", show_default=True, metavar="MODEL", help="The network.")
@about_model
@image_options
@steps_option(128)
@seed_option
@click.option(
    "--certify",
    "certify_s",
    type=click.FloatRange(0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="For each true extremum, where it can be had.",
)
@click.option(
    "--predictions/--no-predictions", default=True, show_default=True, help="Measure what the pictures predict."
)
@executor_option
@out_option()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a section of a model card.")
@click.pass_context
def command(
    context: click.Context,
    pictures: tuple[Path, ...],
    units: tuple[str, ...],
    card: Path | None,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Decide whether each PICTURE deserves to be called the visualization of its unit.

    Deserved (exit code 0): no natural image and no noise is more extreme, it comes as far as the weakest of four
    searches from scratch, ascent that starts from it finds little more, it shows no other unit as well, and it bears
    no sign of a manipulation. Not deserved (1): something beats it, which is told. Undecided (3): the reason is told.

    Pictures are read as they are: they must have the network's shape. With --file, many claims of one network are
    decided; what is wrong with one of them is told, and the others go on (2). With --out, what is finished is kept.
    """
    as_json, as_markdown = options.pop("as_json"), options.pop("as_markdown")
    found = _of_card(context, card, pictures, options) if card else _of_pictures(pictures, units, **options)
    click.echo(found.to_json() if as_json else found.markdown if as_markdown else found.text)
    return found.code


def _of_card(context: click.Context, card: Path, pictures: tuple[Path, ...], options: dict[str, Any]) -> ClaimResult:
    """Return the verdicts on the claims in a file."""
    from fvproof.verbs.cards import read_card
    from fvproof.verbs.claiming import claims_of  # torch only when it is needed

    given = [one for one in context.command.params if one.name not in BESIDE_A_CARD and _is_typed(context, one)]
    if given or pictures:
        name = given[0].opts[0] if given else "PICTURE"
        raise click.UsageError(f"{name} and --file cannot both be given: {card} says all about its claims.")
    return claims_of(read_card(card), out=options["out"], executor=options["executor"])


def _is_typed(context: click.Context, one: click.Parameter) -> bool:
    """Return whether the user gave an option."""
    return context.get_parameter_source(str(one.name)) is click.core.ParameterSource.COMMANDLINE


def _of_pictures(
    pictures: tuple[Path, ...],
    units: tuple[str, ...],
    *,
    load_model: Callable[[], Model],
    load_images: Callable[..., ImageSet],
    **options: Any,  # noqa: ANN401  click's
) -> ClaimResult:
    """Return the verdicts on pictures that are named."""
    from fvproof.verbs.claiming import claim

    if not pictures or not units:
        raise click.UsageError(f"Missing {'option --unit' if pictures else 'argument PICTURE'} (or --file CARD.toml).")
    named = units[0] if len(units) == 1 else list(units)
    return claim(subject(load_model, load_images), named, list(pictures), **options)
