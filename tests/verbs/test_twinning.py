"""`fv.twins`: two functions with one visualization, as objects and as files."""

import json
from fractions import Fraction

import numpy as np
import pytest

import fvproof as fv
from fvproof.theory.errors import FvproofError
from tests.verbs.command import command

PHI = fv.Visualization([0, 0], [1, 1], 0, 1)
ENDS = ("--argmin", "0,0", "--argmax", "1,1", "--min", "0", "--max", "1")


@pytest.fixture(scope="module")
def twins():
    return fv.twins("relu-network", PHI, ["1/2", "1/4"])


def test_it_is_what_the_command_writes_and_prints(twins, tmp_path, capsys):
    line = ("counterexample", "relu-network", *ENDS, "--at", "1/2,1/4", "--out", tmp_path, "--json")
    code, out, _ = command(capsys, *line)
    assert (code, json.loads(out)) == (0, twins.record())
    assert json.loads((tmp_path / "twins.json").read_text()) == twins.record()


def test_the_members_differ_at_the_query_and_nowhere_in_the_visualization(twins):
    low, high = twins.members
    assert [(f((0, 0)), f((1, 1))) for f in (low, high)] == [(0, 1), (0, 1)]
    assert (low((Fraction(1, 2), Fraction(1, 4))), high((Fraction(1, 2), Fraction(1, 4)))) == twins.values == (0, 1)


@pytest.mark.usefixtures("check_here")
def test_it_is_saved_with_all_files_and_checks_again(twins, tmp_path):
    names = {path.name for path in twins.save(tmp_path / "new").iterdir()}
    assert names == {f"{one}.{kind}" for one in ("low", "high") for kind in ("json", "onnx", "pt2")} | {
        "twins.json",
        "twins.png",
    }
    assert fv.check(tmp_path / "new" / "twins.json").holds is True


def test_it_shows_a_picture_of_functions_of_two_inputs(twins):
    page = twins._repr_html_()
    assert page.count("data:image/png;base64,") == 1
    assert "can take the value 0 or 1 at the query" in page
    assert len(twins.table()) == len(twins.rows) >= 15


def test_inputs_keep_the_shape_of_arrays(tmp_path):
    images = (np.zeros((1, 2, 2)), np.ones((1, 2, 2)), 0, 1)
    found = fv.twins("relu-network", images, np.full((1, 2, 2), 0.25), value="1/3", out=tmp_path)
    assert found.record()["shape"] == [1, 2, 2]
    assert (found.values, found.folder, found.code) == ((Fraction(1, 3),), tmp_path, 0)
    assert f"written to {tmp_path}, with the certificate twins.json" in str(found)


def test_where_the_visualization_tells_the_value_there_is_no_twin(capsys, tmp_path):
    found = fv.twins("affine", ([0], [1], 0, 1), ["1/4"])
    line = ("--argmin", "0", "--argmax", "1", "--min", "0", "--max", "1", "--at", "1/4", "--out", tmp_path)
    assert command(capsys, "counterexample", "affine", *line) == (1, "", f"fvproof: {found.headline}\n")
    assert (found.code, found.certificate, len(found.members), found.rows) == (1, None, 1, [])
    assert "there is no counterexample: every affine function" in found._repr_html_()


@pytest.mark.parametrize(
    ("within", "parameters", "sentence"),
    [
        ("relu-networks", {}, "there is no class 'relu-networks'; did you mean relu-network?"),
        ("relu-network", {"value": 2}, "2"),
        ("lipschitz", {}, "the class lipschitz needs the parameter lipschitz"),
    ],
)
def test_bad_input_gets_the_sentence_of_the_command_line(within, parameters, sentence, capsys, tmp_path):
    with pytest.raises(FvproofError) as refused:
        fv.twins(within, PHI, [0.5, 0.5], **parameters)
    assert sentence in str(refused.value)
    options = [f"--{key}={value}" for key, value in parameters.items()]
    told = command(capsys, "counterexample", within, *ENDS, "--at", "0.5,0.5", *options, "--out", tmp_path)
    assert told == (2, "", f"fvproof: {refused.value}\n")
