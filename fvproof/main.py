"""The entry point: finds the command, loads only its file, and turns bad input into one line and exit code 2."""

import os
import sys
from importlib import import_module

import click
from typing_extensions import override

from empirical.notices import heard_by
from fvproof.options import in_ascii
from theory.errors import FvproofError

COMMANDS = {
    "audit": "Can feature visualizations of this model be trusted? HTML report and JSON.",
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
"""Each command and its line of help; the command itself is `fvproof.NAME:command`, loaded when it is used."""


class LazyGroup(click.Group):
    """A group whose commands are imported on use, so that `--help` costs nothing."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return in_ascii(import_module(f"fvproof.{cmd_name}").command) if cmd_name in COMMANDS else None

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="fvproof")
def cli() -> None:
    """Find out what feature visualizations can tell, prove it, and audit your model.

    Exit codes: 0 done and true, 1 refuted or not trusted, 2 bad input, 3 unknown or timed out.
    """


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
    try:
        with heard_by(_Once()):
            code = cli.main(arguments, prog_name="fvproof", standalone_mode=False)
    except (click.ClickException, FvproofError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"fvproof: {' '.join(message.split())}", err=True)
        code = 2
    except OSError as error:  # a file of the user's, such as one whose name is too long
        if error.filename is None:
            raise
        click.echo(f"fvproof: {error.filename}: {error.strerror}", err=True)
        code = 2
    except click.Abort:
        click.echo("fvproof: interrupted", err=True)
        code = 130
    sys.exit(code or 0)
