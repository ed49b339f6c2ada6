"""`fv.table`: the overview as a result."""

import json

import pytest

import fvproof as fv
from tests.verbs.command import command


@pytest.fixture(scope="module")
def table():
    return fv.table()


def test_it_is_what_the_command_prints(table, capsys):
    assert command(capsys, "table") == (0, f"{table}\n", "")
    assert command(capsys, "table", "--format", "json")[1] == f"{table.to_json()}\n"
    assert command(capsys, "table", "--format", "latex")[1] == f"{table.formatted('latex')}\n"


def test_it_shows_itself_with_all_classes(table):
    assert len(table.table()) == len(table.record()) == len(table.overview)
    page = table._repr_html_()
    assert all(f">{row.title}</td>" in page for row in table.overview)
    assert repr(table).startswith("<TableResult: ")


def test_it_is_saved_as_json(table, tmp_path):
    assert json.loads((table.save(tmp_path / "new") / "table.json").read_text()) == json.loads(table.to_json())
