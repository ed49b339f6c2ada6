"""`fv.refute`: a decoder in memory or in a file, and what proves it wrong."""

import json
import random
from fractions import Fraction

import pytest

import fvproof as fv
from fvproof.theory.errors import FvproofError
from tests.verbs.command import command


def middle(phi, x):
    return phi.middle


@pytest.fixture(scope="module")
def refuted():
    return fv.refute("convex", middle, dim=2)


def test_a_function_and_a_file_are_judged_alike_and_as_by_the_command(refuted, tmp_path, capsys):
    (tmp_path / "mine.py").write_text("def middle(phi, x):\n    return phi.middle\n")
    spec = f"{tmp_path}/mine.py:middle"
    code, out, _ = command(capsys, "refute", "convex", "--decoder", spec, "--dim", "2", "--json")
    of_file = fv.refute("convex", spec, dim=2)
    assert (code, out) == (of_file.code, f"{of_file.to_json()}\n") == (1, out)
    assert of_file.record() | {"decoder": refuted.decoder} == refuted.record()
    assert refuted.decoder.endswith("test_refuting:middle")


@pytest.mark.usefixtures("check_here")
def test_it_carries_the_twins_and_is_checked_once_saved(refuted, tmp_path):
    low, high = refuted.twins.members
    assert low(refuted.twins.queries[0]) < high(refuted.twins.queries[0])
    assert fv.check(refuted.save(tmp_path) / "refutation.json").holds is True
    assert json.loads((tmp_path / "refutation.json").read_text()) == refuted.record()


def test_it_says_what_it_found(refuted):
    assert refuted.headline.startswith("refuted: not for every convex function")
    assert str(refuted).count("\n") >= 4
    assert len(refuted.table()) == 2
    assert ">refuted" in refuted._repr_html_()


def test_a_right_decoder_survives_and_one_that_raises_is_broken():
    right = fv.refute("constant", middle, dim=1, cases=20)
    assert (right.refuted, right.code, right.twins, right.rows) == (False, 0, None, [])
    broken = fv.refute("convex", lambda phi, x: phi.nothing, dim=1)
    assert (broken.refuted, broken.code) == (True, 1)
    assert "AttributeError" in str(broken)


def test_the_random_numbers_of_the_user_go_on_as_before():
    random.seed(1)
    expected = random.random()
    random.seed(1)
    fv.refute("convex", middle, dim=1, cases=20)
    assert random.random() == expected


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"task": "value"}, "there is no task 'value'"),
        ({"dim": 0}, "the dimension must be at least 1, not 0"),
        ({"cases": 0}, "cases must be at least 1, not 0"),
        ({"timeout_s": 0}, "timeout_s must be a positive number of seconds, not 0"),
        ({"decoder": "mine.py"}, "a decoder is named as FILE.py:FUNCTION, not 'mine.py'"),
        ({"decoder": Fraction(1)}, "decoder must be a function or text, not Fraction(1, 1)"),
        ({"within": "lipschitz"}, "the class lipschitz needs the parameter lipschitz"),
    ],
)
def test_bad_input_is_one_sentence(given, sentence):
    with pytest.raises(FvproofError) as refused:
        fv.refute(**{"within": "convex", "decoder": middle, "dim": 1, **given})
    assert sentence in str(refused.value)
