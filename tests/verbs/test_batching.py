"""`fv.intervals`: a batch in one call."""

import json

import numpy as np
import pytest

import fvproof as fv
from fvproof.theory.errors import DomainError
from tests.verbs.command import command

QUERY = {"class": "convex", "argmin": [0, 0], "argmax": [1, 1], "min": 0, "max": 1, "at": ["1/4", "1/2"]}
LINES = [json.dumps(QUERY), "", '{"class": ', json.dumps(QUERY | {"at": "1,1"})]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text("\n".join(LINES))
    return path


def test_it_is_what_the_command_prints(file, capsys):
    found = fv.intervals(file)
    assert command(capsys, "interval", "--batch", file) == (2, f"{found}\n", f"fvproof: {found.headline}\n")
    assert found.headline == "1 of 3 queries are bad input"
    assert (found.code, found.refused, len(found.answers)) == (2, 1, 3)


def test_queries_are_dictionaries_or_lines_and_defaults_hold_for_all(file):
    in_memory = {"at": np.array([0.25, 0.5])}
    rest = {key: QUERY[key] for key in ("argmin", "argmax", "min", "max")}
    (first,) = fv.intervals([in_memory], within="convex", **rest).answers
    assert first.record() == fv.intervals(str(file)).answers[0].record() == fv.intervals(LINES[:1]).answers[0].record()


def test_each_answer_is_told_when_it_is_found():
    told = []

    def queries():
        for n in range(3):
            assert len(told) == n
            yield QUERY

    assert list(fv.intervals(queries(), each=told.append).answers) == told


def test_what_is_no_query_is_told_and_the_others_are_answered():
    assert fv.intervals([3, QUERY]).answers[0] == "a query must be a dictionary or a line of JSON, not 3"


def test_it_is_a_table_and_is_saved(tmp_path):
    found = fv.intervals(LINES)
    assert [row["best"] for row in found.rows] == ["1/4", None, "1"]
    assert json.loads((found.save(tmp_path) / "intervals.json").read_text()) == found.record()
    assert "a query must be one JSON object per line" in found._repr_html_()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DomainError, match=r"none\.jsonl cannot be read"):
        fv.intervals(tmp_path / "none.jsonl")
