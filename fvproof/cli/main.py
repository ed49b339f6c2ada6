"""The entry point: finds the command, and loads only its file."""

import os
import sys
from importlib import import_module

import click
from typing_extensions import override

from fvproof.cli.endings import exit_code, traced, with_debug
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import UnknownName
from fvproof.theory.texts import long_numbers

COMMANDS = {
    "audit": "Can feature visualizations of this model be trusted? HTML report and JSON.",
    "claim": "Does this picture deserve to be called the unit's visualization?",
    "trial": "Ask people what the visualizations tell them: one page, offline; then score it.",
    "bench": "Measure a method that makes visualizations, beside others, by one public protocol.",
    "table": "Print what a visualization tells, class by class.",
    "interval": "Print the values that a unit can still take at a point.",
    "prove": "Machine-check the statements.",
    "counterexample": "Write twin networks with one visualization and different values.",
    "refute": "Find twin networks on which a decoder of yours is wrong.",
    "certify": "Certify the extremum of a trained ReLU network, or decide a property of it.",
    "check": "Re-check a certificate with integers only.",
    "maximize": "Find the images that excite (or silence) units.",
    "fool": "Make a network that works as before, and whose visualizations show what you want.",
    "detect": "Look for signs that visualizations were manipulated.",
    "census": "Count the channels that no image of a set ever opens.",
    "sanity": "Measure, layer by layer, whether visualizations are processed like natural images.",
}
"""Each command and its line of help; the command itself is `fvproof.cli.NAME:command`, loaded when it is used."""

COMPLETION = "_FVPROOF_COMPLETE"
"""Set by a shell that asks for completions."""


class LazyGroup(click.Group):
    """A group whose commands are imported on use, so that `--help` costs nothing."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from fvproof.cli.equipment import equipped  # the list of commands needs none

        return equipped(import_module(f"fvproof.cli.{cmd_name}").command, cmd_name)

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command = args[0], self.get_command(ctx, args[0])
        if command is None and not ctx.resilient_parsing:  # a shell that completes is told nothing
            ctx.fail(str(UnknownName("command", name, COMMANDS)))
        return name if command else None, command, args[1:]

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="fvproof")
def cli() -> None:
    """Find out what feature visualizations can tell, prove it, and audit your model.

    Exit codes: 0 done and true, 1 refuted or not trusted, 2 bad input, 3 unknown or timed out, 70 a fault of fvproof
    itself, 130 interrupted.
    """


with_debug(cli, hidden=False)


class _Once:
    """Prints sentences on stderr, each of them once."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def __call__(self, sentence: str) -> None:
        """Print a sentence, unless it was printed before."""
        if sentence not in self.told:
            self.told.add(sentence)
            click.echo(sentence, err=True)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    # Waiting threads that spin take minutes instead of seconds on a machine with other work; torch reads this once.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if COMPLETION in os.environ:
        cli.main(prog_name="fvproof")
    sys.exit(exit_code(lambda: _run(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int | None:
    """Return the exit code of a command. What it raises is not `click.main`'s to end: a broken pipe is 1 there."""
    with heard_by(_Once()), long_numbers(), cli.make_context("fvproof", [*arguments]) as context, traced(context):
        return cli.invoke(context)
