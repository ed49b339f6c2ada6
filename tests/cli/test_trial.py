import json

import pytest

from fvproof.cli.main import main
from tests.verbs.test_trial import answer


class Made:
    """A trial as it lies in a folder."""

    def __init__(self, folder):
        self.folder, self.key = folder, json.loads((folder / "trial.json").read_text())


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("trial")
    options = ["--units", "logits:3", "--pairs", "2", "--steps", "8", "--out", place]
    assert run("trial", "digits-small", *options) == 0
    return place


def test_the_network_comes_first_or_is_the_default_and_the_page_is_named(tmp_path, capsys):
    options = ["--units", "logits:3", "--conditions", "examples", "--pairs", "1", "--steps", "4", "--out", tmp_path]
    assert run("trial", *options) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("2 questions about 1 unit of digits, 1 of them catch trials")
    assert captured.err.splitlines()[-1] == f"page: {tmp_path / 'trial.html'}"


def test_a_file_of_answers_is_scored(folder, capsys):
    answer(Made(folder), folder / "answers.json")
    assert run("trial", "score", folder / "answers.json", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["right"]["value"] for one in found["readings"]] == [1, 1, 1, 1]


def test_answers_that_cannot_be_used_are_one_sentence(folder, tmp_path, capsys):
    (tmp_path / "answers.json").write_text("{")
    assert run("trial", "score", tmp_path / "answers.json", "--trial", folder) == 2
    assert "may have been cut off" in capsys.readouterr().err
    assert run("trial", "score") == 2
    assert run("trial", "score", tmp_path / "answers.json") == 2


def test_the_help_of_both_says_how_they_are_called(capsys):
    assert run("trial", "--help") == 0
    assert capsys.readouterr().out.startswith("Usage: fvproof trial [OPTIONS] [MODEL]")
    assert run("trial", "score", "--help") == 0
    assert "fvproof trial score" in capsys.readouterr().out
