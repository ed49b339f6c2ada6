"""What all commands have in common, beside what each says of itself."""

import click

from fvproof.cli.completion import completing
from fvproof.cli.endings import with_debug
from fvproof.cli.manual import with_manual
from fvproof.cli.numbers import in_ascii


def equipped(command: click.Command, name: str) -> click.Command:
    """Return a command with numbers in ASCII, completion in shells, a manual in its help, and `--debug`."""
    return with_debug(with_manual(completing(in_ascii(command)), name))
