"""`fvproof fool`: networks that do their work as before, and whose visualizations show what somebody wants."""

from importlib import import_module

import click
from click.shell_completion import CompletionItem
from typing_extensions import override

from fvproof.cli.completion import models
from fvproof.cli.equipment import equipped

METHODS: dict[str, str] = {
    "circuit": "A circuit around the outputs that does what it did, or shows another unit or your picture.",
    "slingshot": "Fine-tuning after which a unit's visualization is a picture of your choice.",
    "pulse": "Fine-tuning after which a unit's top images and its visualization are those of a class.",
    "silent": "Units that natural images never excite, and visualizations always do.",
}
"""Each method and its line of help; its command is `fvproof.cli.fool_METHOD:command`, loaded when it is used."""

USAGE = "fvproof fool [MODEL] METHOD [OPTIONS]"


class MethodGroup(click.Group):
    """A group whose commands take the network first: `fvproof fool MODEL METHOD` runs METHOD on MODEL."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(METHODS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in METHODS:
            return None
        return equipped(import_module(f"fvproof.cli.fool_{cmd_name}").command, f"fool {cmd_name}")

    @override
    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        words = (*METHODS, *models())
        found = [CompletionItem(word, help=METHODS.get(word)) for word in words if word.startswith(incomplete)]
        return [*found, CompletionItem(incomplete, type="file")]

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        place = next((i for i, word in enumerate(args[:2]) if word in METHODS), None)
        if place is None and ctx.resilient_parsing:  # a shell completes what is not written yet
            return None, None, args
        if place is None:
            told = " ".join(args[:2])
            ctx.fail(f"write {USAGE} with METHOD one of {', '.join(METHODS)}, received {told!r}")
        method = args[place]
        return method, self.get_command(ctx, method), args[:place] + args[place + 1 :]

    @override
    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("", USAGE, prefix="Usage: ")

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Methods"):
            formatter.write_dl(list(METHODS.items()))


@click.group("fool", cls=MethodGroup)
def command() -> None:
    """Make a network that does its work as before, and whose visualizations show what you want.

    The network is written as ONNX and as torch export, with a report of what changed: nothing on natural images,
    everything in the visualizations. MODEL is `digits` where it is left out.
    """
