"""`fvproof refute`: outcomes, exit codes, files, and one line for bad input."""

import json
import re

import pytest

from fvproof.cli.main import main
from fvproof.theory.errors import FvproofError
from fvproof.verify.refutation.records import recheck_refutation

CODE = r"""
import random
from decimal import Decimal
from fractions import Fraction

def nearest(phi, x):
    near = sum(abs(s - t) for s, t in zip(phi.argmin, x)) <= sum(abs(s - t) for s, t in zip(phi.argmax, x))
    return phi.minimum if near else phi.maximum

def higher(phi, x, y):
    return nearest(phi, x) >= nearest(phi, y)

def line(phi, x):
    return phi.minimum + phi.spread * abs(x[0] - phi.argmin[0])

def nan(phi, x):
    return float("nan")

def huge(phi, x):
    return 10**100_000

def tiny(phi, x):
    return Fraction(1, 10**5000)

def decimal(phi, x):
    return Decimal("1e999999999")

def small_decimal(phi, x):
    return Decimal("1e-999999999")

def guess(phi, x):
    return lambda: Fraction(1, random.randrange(10**900, 10**901))

def large(phi, x):
    return 10**999

def loud(phi, x):
    raise ValueError("\x1b[31m" + "9" * 100_000)

def forever(phi, x):
    while True:
        pass
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    path = tmp_path_factory.mktemp("decoders") / "mine.py"
    path.write_text(CODE)
    return path


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["refute", *map(str, arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_a_refutation_is_explained_and_the_exit_code_is_1(capsys, mine):
    code, out, _ = run(capsys, "relu-network", "--decoder", f"{mine}:nearest", "--dim", 2)
    assert code == 1
    for words in ("refuted: not for every ReLU network", "the decoder answers 0", "every decoder errs by 1/2 or more"):
        assert words in out


def test_a_decoder_that_is_right_gives_exit_code_0(capsys, mine):
    code, out, _ = run(capsys, "affine", "--decoder", f"{mine}:line", "--dim", 1)
    assert code == 0
    assert "not refuted: in all" in out


def test_a_decoder_without_an_answer_gives_exit_code_1(capsys, mine):
    code, out, _ = run(capsys, "convex", "--decoder", f"{mine}:nan", "--dim", 1)
    assert code == 1
    assert "broken: the decoder returns nan instead of a number" in out


def test_a_decoder_that_takes_forever_gives_exit_code_3(capsys, mine):
    code, out, _ = run(capsys, "convex", "--decoder", f"{mine}:forever", "--dim", 1, "--timeout", 0.5)
    assert code == 3
    assert re.search(r"broken: the decoder (takes more than 0\.5 s for one answer|had to be stopped after 1 s)", out)


@pytest.mark.parametrize("name", ["huge", "tiny", "decimal", "small_decimal", "guess"])
def test_an_answer_too_large_to_be_judged_is_one_sentence(capsys, mine, name, tmp_path):
    asked = ("convex", "--decoder", f"{mine}:{name}", "--dim", 1, "--cases", 20, "--out", tmp_path)
    code, out, err = run(capsys, *asked)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "digits" in err


def test_a_large_answer_is_refuted_like_any_other(capsys, mine):
    code, out, _ = run(capsys, "convex", "--decoder", f"{mine}:large", "--dim", 1, "--cases", 20)
    assert code == 1
    assert "the decoder answers about 1e+999" in out


def test_what_a_decoder_raises_is_shown_on_one_line_that_ends(capsys, mine):
    code, out, _ = run(capsys, "convex", "--decoder", f"{mine}:loud", "--dim", 1)
    assert code == 1
    assert "\x1b" not in out
    assert len(out) < 600


@pytest.fixture(scope="module")
def folder(mine, tmp_path_factory):
    """Return a folder with a refutation about the order of two queries."""
    out = tmp_path_factory.mktemp("refutation")
    with pytest.raises(SystemExit):
        main(["refute", "convex", "--decoder", f"{mine}:higher", "--dim", "2", "--task", "order", "--out", str(out)])
    return out


def test_the_functions_are_written_and_drawn(folder):
    names = {path.name for path in folder.iterdir()}
    assert {"refutation.json", "twins.json", "twins.png"} <= names
    assert {"low.onnx", "low.json", "low.pt2"} <= names or {"member.onnx", "member.json", "member.pt2"} <= names


def test_the_refutation_is_checked_again_from_its_files_alone(folder):
    checks = recheck_refutation(folder / "refutation.json")
    assert all(check.holds for check in checks), checks
    assert "the answers fail the task order" in [check.name for check in checks]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("answers", [False]),
        ("answers", ["1/2"]),
        ("errors", ["0"]),
        ("errors", ["1/3", "1/3"]),
        ("task", "side"),
        ("task", "other"),
        ("outcome", "survived"),
        ("case", {}),
        ("format", "other"),
    ],
)
def test_a_changed_refutation_is_rejected(folder, tmp_path, key, value):
    record = json.loads((folder / "refutation.json").read_text())
    for name in folder.iterdir():
        (tmp_path / name.name).write_bytes(name.read_bytes())
    (tmp_path / "refutation.json").write_text(json.dumps({**record, key: value}))
    assert _rejected(tmp_path / "refutation.json")


def _rejected(path):
    try:
        return any(check.holds is False for check in recheck_refutation(path))
    except FvproofError as error:
        return "\n" not in str(error)


def test_json_is_what_is_written(capsys, mine, tmp_path):
    code, out, err = run(capsys, "affine", "--decoder", f"{mine}:line", "--dim", 1, "--out", tmp_path, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "refutation.json").read_text())
    assert "written to" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["convecs", "--decoder", "MINE:nearest", "--dim", "2"], "there is no class 'convecs'; did you mean"),
        (["convex", "--decoder", "MINE:nothing", "--dim", "2"], "has no function 'nothing'"),
        (["convex", "--decoder", "nowhere.py:f", "--dim", "2"], "there is no file nowhere.py"),
        (["convex", "--decoder", "mine", "--dim", "2"], "a decoder is named as FILE.py:FUNCTION"),
        (["convex", "--decoder", "MINE:nearest", "--dim", "0"], "0 is not in the range"),
        (["convex", "--decoder", "MINE:nearest", "--dim", "2", "--task", "sight"], "there is no task 'sight'"),
        (["convex", "--decoder", "MINE:nearest", "--dim", "2", "--timeout", "0"], "0.0 is not in the range"),
        (["lipschitz", "--decoder", "MINE:nearest", "--dim", "2"], "needs the parameter lipschitz"),
        (["convex", "--dim", "2"], "--decoder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(capsys, mine, arguments, words):
    code, out, err = run(capsys, *(argument.replace("MINE", str(mine)) for argument in arguments))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_a_folder_that_cannot_be_written_is_one_line_and_exit_code_2(capsys, mine, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run(capsys, "affine", "--decoder", f"{mine}:line", "--dim", 1, "--out", tmp_path / "file" / "folder")
    assert code == 2
    assert err.count("\n") == 1
    assert "cannot be written" in err
