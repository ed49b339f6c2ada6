"""`fvproof trial`: a page that asks people what the visualizations tell them, and `fvproof trial score`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from typing_extensions import override

from fvproof.cli.equipment import equipped
from fvproof.cli.options import (
    executor_option,
    image_options,
    model_options,
    out_option,
    seed_option,
    steps_option,
    subject,
)

if TYPE_CHECKING:
    from fvproof.empirical.images import ImageSet
    from fvproof.empirical.networks.model import Model


class TrialGroup(click.Group):
    """A group that makes a trial, unless its first word is `score`."""

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        return found and equipped(found, "trial" if cmd_name == "make" else f"trial {cmd_name}")

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args[:1] == ["score"] else ["make", *args])

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return ("" if name == "make" else name), command, rest


class Unnamed(click.Command):
    """A command that is not named when it is called."""

    @override
    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path.strip(), " ".join(self.collect_usage_pieces(ctx)))


@click.command("make", cls=Unnamed)
@model_options
@image_options
@click.option(
    "--units", "text", metavar="LAYER:CHANNELS,..", help="Such as conv1:0-7,fc:3.  [default: 8 of two layers]"
)
@click.option(
    "--conditions",
    type=click.Choice(["both", "visualizations", "examples"]),
    default="both",
    show_default=True,
    help="The pictures of a unit that people see.",
)
@click.option("--pairs", type=click.IntRange(1), default=4, show_default=True, help="For each unit and condition.")
@click.option(
    "--difficulty",
    type=click.Choice(["extreme", "any"]),
    default="extreme",
    show_default=True,
    help="Two images of the most and least exciting tenths, or any two.",
)
@steps_option(512)
@seed_option
@executor_option
@out_option(default="trial", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON: trial.json, questions and answers.")
def make(
    load_model: Callable[[], Model],
    load_images: Callable[..., ImageSet],
    text: str | None,
    conditions: str,
    out: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's
) -> int:
    """Ask people which of two images excites a unit of MODEL more: writes one page that needs no network.

    People see the unit's two visualizations or, as a control, the natural images that excite it least and most. They
    open DIR/trial.html, answer with keys or fingers, and save their answers as a file at the end. DIR/trial.json is the
    key, which they should not see. Then

        fvproof trial score answers*.json --trial DIR

    prints how often they were right, beside what decoders make of the same pictures and what the theory grants.
    """
    from fvproof.verbs.trials import trial

    shown = ("visualizations", "examples") if conditions == "both" else (conditions,)
    how: dict[str, Any] = {**options, "conditions": shown}
    found = trial(subject(load_model, load_images), text or None, out=out, **how)
    click.echo(found.to_json() if as_json else found.text)
    click.echo(f"page: {found.page}", err=True)
    return found.code


@click.command("score")
@click.argument("answers", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ANSWERS...")
@click.option(
    "--trial", type=click.Path(path_type=Path), metavar="DIR", help="Of the trial.  [default: beside the answers]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def score_command(answers: tuple[Path, ...], trial: Path | None, *, as_json: bool) -> int:
    """Score what people answered in a trial.

    The exit code is 1 if nobody looked at the pictures (catch trials), and 2 if no file of answers can be used.
    """
    from fvproof.verbs.scoring import score

    found = score(answers, trial=trial)
    click.echo(found.to_json() if as_json else found.text)
    return found.code


command = TrialGroup(
    "trial",
    commands={"make": make, "score": score_command},
    help=make.help,
    context_settings={"help_option_names": ["-h", "--help"]},
)
