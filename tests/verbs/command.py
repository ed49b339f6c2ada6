"""The command line beside the verbs: what it prints for the same question."""

import pytest

from fvproof.cli.main import main


def command(capsys, *arguments):
    """Return exit code, output and errors of a command line."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err
