"""`fvproof table`: the overview in four formats."""

import json

import pytest

from fvproof.cli.main import main
from fvproof.theory.classes import CLASSES, RELIABLE
from fvproof.theory.tasks import Task


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["table", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


@pytest.mark.parametrize(("style", "mark"), [("text", "-----"), ("markdown", "|:---"), ("latex", r"\begin{tabular}")])
def test_every_class_has_a_line_in_every_format(capsys, style, mark):
    code, out, _ = run(capsys, "--format", style)
    assert code == 0
    assert mark in out
    assert all(each.title in out for each in (CLASSES | RELIABLE).values())


def test_json_holds_answers_and_examples(capsys):
    code, out, _ = run(capsys, "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert {row["class"] for row in rows} == set(CLASSES | RELIABLE)
    for row in rows:
        assert set(row["tasks"]) == set(Task)
        assert set(row["unsolvable"]) == {task for task, answer in row["tasks"].items() if answer != "always"}
        assert all(len(example["at"]) == 1 + (task == "order") for task, example in row["unsolvable"].items())


def test_an_unknown_format_is_refused(capsys):
    code, out, err = run(capsys, "--format", "xml")
    assert (code, out) == (2, "")
    assert err.startswith("fvproof: Invalid value for '--format'")


def test_json_can_be_asked_for_as_of_every_command(capsys):
    assert run(capsys, "--json") == run(capsys, "--format", "json")
