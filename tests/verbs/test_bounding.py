"""`fv.interval`: the values that a unit can still take, from text, numbers, arrays, tensors and files."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch

import fvproof as fv
from fvproof.theory.classes import Convex, Ridge
from fvproof.theory.domains import Ball
from fvproof.theory.errors import FvproofError
from tests.verbs.command import command

PHI = fv.Visualization([0, 0], [1, 1], 0, 1)
ENDS = ("--argmin", "0,0", "--argmax", "1,1", "--min", "0", "--max", "1")


@pytest.mark.parametrize(
    ("name", "at", "parameters", "options"),
    [
        ("convex", "1/4,1/2", {}, ()),
        ("two-piece-affine", "2/5,2/5", {}, ()),
        ("lipschitz", "1/4,0.9", {"lipschitz": "1/2", "norm": "l1"}, ("--lipschitz", "1/2", "--norm", "l1")),
        ("lipschitz", "1/8,1/8", {"lipschitz": 1}, ("--lipschitz", "1")),
        ("monotone", "1/2,1/2", {"slack": "0.1"}, ("--slack", "0.1")),
        ("black-box", "0,1", {"unique_extrema": True}, ("--unique-extrema",)),
        ("affine-ball", "0,1/2", {"corners": [[0, 0], [1, 0], [0, 1], [1, 1]]}, ("--corners", "0,0;1,0;0,1;1,1")),
    ],
)
def test_it_is_what_the_command_prints(capsys, name, at, parameters, options):
    found = fv.interval(name, ("0,0", "1,1", 0, 1), at, **parameters)
    assert command(capsys, "interval", name, *ENDS, "--at", at, *options) == (0, f"{found}\n", "")
    assert command(capsys, "interval", name, *ENDS, "--at", at, *options, "--json")[1] == f"{found.to_json()}\n"


@pytest.mark.parametrize(
    "at",
    ["1/4,1/2", ["1/4", "1/2"], (0.25, 0.5), [["1/4"], ["1/2"]], np.array([[0.25], [0.5]]), torch.tensor([0.25, 0.5])],
)
@pytest.mark.parametrize("within", ["convex", Convex, Convex()])
def test_points_and_classes_are_taken_as_they_come(within, at):
    assert fv.interval(within, PHI, at).high == Fraction(1, 2)


def test_exemplars_may_be_known_up_to_an_error():
    seen = {"exemplars": [(["1/4", "1/4"], "1/3")], "noise": "1/10"}
    assert str(fv.interval("monotone", PHI, ["1/2", "1/2"], **seen).possible) == "[7/30, 1]"
    assert str(fv.interval("relu-network", PHI, ["1/4", "1/4"], **seen).possible) == "[7/30, 13/30]"
    with pytest.raises(FvproofError, match="not available for affine"):
        fv.interval("affine", PHI, ["1/2", "1/2"], **seen)


def test_exemplars_and_training_sets_are_pairs_or_files(tmp_path):
    file = tmp_path / "known.jsonl"
    file.write_text('{"at": ["1/4", "1/4"], "value": "1/3"}\n')
    pairs = [(["1/4", "1/4"], "1/3")]
    for given in (file, str(file), pairs, [(np.array([0.25, 0.25]), Fraction(1, 3))]):
        assert fv.interval("monotone", PHI, [0.5, 0.5], exemplars=given).low == Fraction(1, 3)
        assert fv.interval("erm", PHI, [0.25, 0.25], training=given).high == Fraction(1, 3)


def test_a_class_on_another_domain_takes_its_visualization_there():
    ball = Ball()
    phi = fv.Visualization([-1, 0], [1, 0], 0, 1, ball)
    found = fv.interval(Ridge(ball=ball), phi, [0, 1])
    assert str(found.possible) == str(fv.interval("ridge", ([-1, 0], [1, 0], 0, 1), [0, 1]).possible) == "(0, 1)"
    assert fv.interval("ridge", phi, [0, 1], link=[(-1, 0), (0, "1/4"), (1, 1)]).best == Fraction(1, 4)


@pytest.mark.parametrize(
    ("within", "phi", "at", "parameters", "sentence"),
    [
        ("convecs", PHI, [0, 0], {}, "there is no class 'convecs'; did you mean convex"),
        ("convex", PHI, [0], {}, "the query must have 2 coordinates, not 1"),
        ("convex", PHI, [0, 2], {}, "coordinate 1 of the query must lie in [0, 1], not 2"),
        ("convex", PHI, 3, {}, "a point must be a list of numbers, not 3"),
        ("convex", PHI, np.array([0, np.nan]), {}, "coordinate 1 of the query must be a finite number, not nan"),
        ("convex", PHI, [0, [0]], {}, "coordinate 1 of the query must be a finite number, not [0]"),
        ("convex", (0, 1), [0, 0], {}, "a visualization must be a Visualization, or argmin, argmax, minimum"),
        ("convex", PHI, [0, 0], {"radius": 2}, "convex has a domain of its own and takes no radius"),
        (
            "convex",
            PHI,
            [0, 0],
            {"lipshitz": 2},
            "there is no parameter of a class 'lipshitz'; did you mean lipschitz?",
        ),
        (Convex(), PHI, [0, 0], {"norm": "l1"}, "a class that is made takes no more parameters: leave out norm"),
        ("lipschitz", PHI, [0, 0], {"lipschitz": "1/9"}, "no Lipschitz function of known constant"),
        ("ridge", PHI, [0, 0], {}, "its inputs are those of the"),
        ("erm", PHI, [0, 0], {"training": "none.jsonl"}, "none.jsonl cannot be read"),
        ("monotone", PHI, [0, 0], {"slack": 1, "unique_extrema": True}, "unique extrema do not go together"),
        ("convex", PHI, [0, 0], {"unique_extrema": 1}, "unique_extrema must be True or False, not 1"),
    ],
)
def test_bad_input_gets_the_sentence_of_the_command_line(within, phi, at, parameters, sentence):
    with pytest.raises(FvproofError) as refused:
        fv.interval(within, phi, at, **parameters)
    assert sentence in str(refused.value)


def test_pictures_and_arrays_of_different_shapes_are_refused():
    images = [np.zeros((1, 2, 2)), np.ones((1, 2, 2))]
    with pytest.raises(FvproofError, match="must have one shape"):
        fv.interval("affine", (*images, 0, 1), np.full((1, 1, 4), 0.5))


def test_it_shows_itself_in_a_notebook_as_a_sentence_and_a_drawing():
    found = fv.interval("two-piece-affine", (["1/2", 0], [0, "1/2"], 0, 1), ["2/5", "2/5"])
    page = found._repr_html_()
    assert "<b>[0, 2/5] or [3/5, 1], and none between</b>" in page
    assert page.count("<circle") == 4
    assert 'x1="20.0" y1="20" x2="148.0"' in page  # 2/5 of the 320 pixels from 20 on
    opened = fv.interval("black-box", PHI, [0, 1], unique_extrema=True)
    assert opened._repr_html_().count('fill="#fff"') == 2
    assert "<svg" not in fv.interval("convex", ([0], [1], 1, 1), [0.5])._repr_html_()


def test_it_is_saved_and_is_a_table(tmp_path):
    found = fv.interval("convex", PHI, [0.25, 0.5])
    assert json.loads((found.save(tmp_path) / "interval.json").read_text()) == found.record()
    assert len(found.table()) == 1
    assert repr(found) == "<IntervalResult: possible values [0, 1/2]; best prediction 1/4>"
