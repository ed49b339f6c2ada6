import json

import pytest

from fvproof.cli.main import main
from tests.verbs.test_bench import folder  # noqa: F401  a fixture


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_the_table_has_a_row_for_each_method(folder, capsys):  # noqa: F811  the fixture
    options = ["--entries", "random image;best of noise", "--budget", "16"]
    assert run("bench", f"{folder / 'method.py'}:visualize", *options, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["methods"]) == [f"{folder / 'method.py'}:visualize", "random image", "best of noise"]
    assert run("bench", f"{folder / 'method.py'}:raises", "--entries", "none", "--budget", "4") == 1
    assert "it raised ValueError: no idea" in capsys.readouterr().out


def test_what_there_is_not_is_said(capsys):
    assert run("bench", "none.py:method", "--entries", "none") == 2
    assert "there is no file none.py" in capsys.readouterr().err
    assert run("bench", "--entries", "nothing") == 2
