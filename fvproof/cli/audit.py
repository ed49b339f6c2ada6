"""`fvproof audit`: whether feature visualizations of a model can be trusted."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

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

TOLD = ("weights", "mean", "std", "value_range", "bgr", "shape", "axes", "images", "limit", "crop")
"""Options that the report repeats as they were given."""


@click.command()
@model_options
@image_options_if_any
@click.option("--units", "text", metavar="LAYER:CHANNELS,..", help="As for maximize.  [default: 8 inside, 8 outputs]")
@steps_option(512)
@seed_option
@executor_option
@click.option(
    "--certify",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds for each true extremum, where the network is small enough to certify it; 0 for none.",
)
@click.option(
    "--radii",
    type=click.IntRange(0),
    metavar="N",
    help="Reading radii to measure, each of one unit around one image. [default: less than a third of the time]",
)
@click.option(
    "--domain",
    type=click.Choice(["cube", "ball"]),
    default="cube",
    show_default=True,
    help="On a ball around grey, only the order of stimuli is asked for.",
)
@click.option("--radius", callback=numbers(float, 1), metavar="R", help="Of the ball.  [default: median image]")
@out_option(default="audit", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON: report.json.")
def command(
    load_model: Callable[[], Model],
    load_images: Callable[..., ImageSet | None],
    text: str | None,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Find out whether feature visualizations of MODEL can be trusted, and write a report.

    Each unit is visualized at both ends. Measured is what its visualizations predict about natural images, beside what
    the theory says any decoder can know, and whether the network processes them like natural images; and a twin is
    built that has the same visualizations and disagrees. For the sanity check, the labels of the images must be the
    numbers of output units.

    Writes report.html, which needs no other file, and report.json with the same figures. What is finished is kept in
    the folder pieces: a run that was interrupted goes on from there, whatever its executor. With dask:ADDRESS, the
    scheduler's, all workers must see the files of model and images and the folder DIR under the same names. The exit
    code is 0 if the visualizations can be trusted and 1 if not.

    With --domain ball, it is asked how well the most exciting stimulus on a ball around grey tells which of two others
    excites a unit more: known by theorem where every unit rises with one weighted sum of pixels, which is read off the
    network, else measured (on 1/f noise, if there are no images). DIR gets report.json, the stimuli and a sheet of
    them. The exit code is 0 if the order is known, or measured to be told in at least 75% of pairs.
    """
    from fvproof.verbs.auditing import audit

    given, certify_s = subject(load_model, load_images), options.pop("certify")
    how = {name: options[name] for name in ("steps", "seed", "radii", "executor", "domain")}
    how["radius"] = options["radius"] and options["radius"][0]
    found = audit(given, text or None, out=out, certify_s=certify_s, about=_given(), **how)
    click.echo(found.to_json() if as_json else found.text, nl=not as_json)
    click.echo(f"report: {out / ('report.json' if options['domain'] == 'ball' else 'report.html')}", err=True)
    return found.code


def _given() -> dict[str, Any]:
    """Return the options that say what was audited, as they were given, and the command that audits it again."""
    given = click.get_current_context().params
    told = {name: str(given[name]) for name in TOLD if given[name] not in (None, False, {})}
    return {**told, "command": _typed(leaving_out=("out", "executor", "as_json"))}


def _typed(*, leaving_out: Collection[str]) -> str:
    """Return the command that is being run as it was typed, without options that do not change what comes out."""
    context, parts = click.get_current_context(), [click.get_current_context().command_path]
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in leaving_out or name not in context.params or source is not ParameterSource.COMMANDLINE:
            continue
        value, option = context.params[name], parameter.opts[-1] if isinstance(parameter, click.Option) else None
        if isinstance(parameter, click.Option) and parameter.is_flag:
            parts.append(parameter.opts[-1])
        for text in _as_typed(value) if not isinstance(value, bool) else ():
            parts += [*([option] if option else ()), shlex.quote(text)]
    return " ".join(parts)


def _as_typed(value: object) -> list[str]:
    """Return a value as it is typed: once, or once for each axis that is named."""
    if isinstance(value, Mapping):
        return [f"{name}={part}" for name, part in value.items()]
    return [",".join(map(str, value)) if isinstance(value, tuple) else str(value)]
