"""`fvproof interval`: one query, or a file of them."""

import io
import json
import sys
from fractions import Fraction
from time import process_time

import numpy as np
import pytest

from fvproof.cli.main import main
from fvproof.theory.texts import long_numbers

CORNERS = ("--argmin", "0,0", "--argmax", "1,1", "--min", "0", "--max", "1")
DISC = ("--argmin", "-1,0", "--argmax", "1,0", "--min", "0", "--max", "1", "--at", "0,1")
ELLIPSE = ("--centre", "0,1", "--matrix", "1/5,0; 0,1/5")
QUERY = {
    "class": "lipschitz",
    "argmin": ["0", "1/2"],
    "argmax": ["1", "1"],
    "min": "0",
    "max": "1",
    "at": ["1/4", "3/4"],
    "lipschitz": "1",
    "norm": "l1",
}


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["interval", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def batch(capsys, tmp_path, *queries):
    file = tmp_path / "queries.jsonl"
    file.write_text("\n".join(q if isinstance(q, str) else json.dumps(q) for q in queries), encoding="utf-8")
    code, out, err = run(capsys, "--batch", str(file))
    return code, [json.loads(line) for line in out.splitlines()], err


def test_one_query_is_answered_in_words(capsys):
    code, out, err = run(capsys, "convex", *CORNERS, "--at", "1/4,0.5")
    assert (code, err) == (0, "")
    assert "[0, 1/2]" in out
    assert "(50% of what knowing nothing costs)" in out


def test_one_query_is_answered_as_json(capsys):
    code, out, _ = run(capsys, "lipschitz", *CORNERS, "--at", "1/4,0.9", "--lipschitz", "1/2", "--norm", "l1", "--json")
    assert code == 0
    assert json.loads(out) == {
        "low": "23/40",
        "high": "23/40",
        "low_closed": True,
        "high_closed": True,
        "radius": "0",
        "best": "23/40",
    }


def test_unique_extrema_open_the_ends(capsys):
    _, out, _ = run(capsys, "black-box", *CORNERS, "--at", "0,1", "--unique-extrema")
    assert "(0, 1)" in out


def test_irrational_ends_are_exact_expressions(capsys):
    _, out, _ = run(capsys, "lipschitz", *CORNERS, "--at", "1/8,1/8", "--lipschitz", "1", "--json")
    assert json.loads(out)["high"] == "sqrt(2)/8"


def test_points_are_read_from_files(capsys, tmp_path):
    image = np.random.default_rng(0).random((8, 8, 3))
    for name, values in (("a", np.zeros_like(image)), ("b", np.ones_like(image)), ("x", image)):
        np.save(tmp_path / f"{name}.npy", values)
    files = [str(tmp_path / f"{name}.npy") for name in "abx"]
    arguments = ("--argmin", files[0], "--argmax", files[1], "--min", "0", "--max", "1", "--at", files[2], "--json")
    code, out, _ = run(capsys, "affine", *arguments)
    assert code == 0
    assert json.loads(out)["low"] == str(Fraction(image.min()))


def test_a_training_set_is_read_from_a_file(capsys, tmp_path):
    file = tmp_path / "training.jsonl"
    file.write_text('{"at": ["1/2", 0.25], "value": "1/3"}\n', encoding="utf-8")
    code, out, _ = run(capsys, "erm", *CORNERS, "--at", "1/2,1/4", "--training", str(file))
    assert code == 0
    assert "{1/3}" in out


def test_errors_of_exemplars_are_used(capsys, tmp_path):
    file = tmp_path / "exemplars.jsonl"
    file.write_text('{"at": ["1/4", "1/4"], "value": "1/3"}\n')
    arguments = ("monotone", *CORNERS, "--at", "1/2,1/2", "--exemplars", str(file), "--noise", "1/10", "--json")
    code, out, _ = run(capsys, *arguments)
    assert (code, json.loads(out)["low"]) == (0, "7/30")


def test_exemplars_and_slack_are_used(capsys, tmp_path):
    file = tmp_path / "exemplars.jsonl"
    file.write_text('{"at": ["1/4", "1/4"], "value": "1/3"}\n', encoding="utf-8")
    arguments = ("monotone", *CORNERS, "--at", "1/2,1/2", "--exemplars", str(file), "--slack", "0.1")
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "[1/3, 1]" in out
    assert run(capsys, *arguments, "--unique-extrema")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["affine-ball", *DISC], "{1/2}"),
        (["ridge", *DISC], "(0, 1)"),
        (["ridge", *DISC, "--link", "-1:0, 0:1/4, 1:1"], "{1/4}"),
        (["radial", *CORNERS, "--at", "0,1", "--norm", "l1"], "(0, 1)"),
        (["quadratic", *DISC[:2], "--argmax", "0,1", *DISC[4:8], "--at", "3/5,4/5"], "{16/25}"),
        (["affine-ball", *DISC[4:], "--argmin", "1,3", "--argmax", "-1,-1", *ELLIPSE], "{1/2}"),
        (["affine-ball", *CORNERS, "--at", "0,1/2", "--corners", "0,0; 1,0; 0,1; 1,1"], "[0, 1/2]"),
        (["affine-ball", *DISC[4:8], "--argmin", "1/2,1", "--argmax", "3/2,1", "--at", "1,1", "--centre", "1,1",
          "--radius", "1/2"], "{1/2}"),
    ],
)  # fmt: skip
def test_classes_on_other_domains_are_answered(capsys, arguments, expected):
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert f"possible values    {expected}\n" in out


def test_a_gap_among_the_possible_values_is_shown(capsys):
    arguments = ["two-piece-affine", "--argmin", "1/2,0", "--argmax", "0,1/2", "--min", "0", "--max", "1"]
    _, out, _ = run(capsys, *arguments, "--at", "2/5,2/5")
    assert "possible values    [0, 2/5] or [3/5, 1], and none between\n" in out
    parts = json.loads(run(capsys, *arguments, "--at", "2/5,2/5", "--json")[1])["parts"]
    assert [(part["low"], part["high"]) for part in parts] == [("0", "2/5"), ("3/5", "1")]
    assert "parts" not in json.loads(run(capsys, *arguments, "--at", "1,1", "--json")[1])


def test_options_beside_a_batch_hold_for_every_line_that_says_nothing_else(capsys, tmp_path):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"at": [0, 1]}\n{"at": [0, 1], "class": "monotone", "max": 3}\n', encoding="utf-8")
    code, out, _ = run(capsys, "affine-ball", *DISC[:-2], "--batch", str(file), "--radius", "1")
    assert code == 2
    first, second = map(json.loads, out.splitlines())
    assert first["best"] == "1/2"
    assert "the class monotone has a domain of its own and takes no radius" in second["error"]


def test_bodies_and_links_are_read_from_a_batch(capsys, tmp_path):
    ends = {"min": 0, "max": 1, "argmin": [-1, 0], "argmax": [1, 0], "at": [0, 1]}
    square = {"corners": [[-1, -1], [-1, 1], [1, -1], [1, 1]]}
    lines = [{"class": "affine-ball"} | ends, {"class": "affine-ball"} | ends | square]
    lines += [
        {"class": "ridge", "link": [[-1, 0], [0, "1/4"], [1, 1]]} | ends,
        {"class": "affine-ball", "matrix": 1} | ends,
    ]
    code, answers, _ = batch(capsys, tmp_path, *lines)
    assert code == 2
    assert [a.get("best") for a in answers] == ["1/2", "1/2", "1/4", None]
    assert answers[3]["error"] == "matrix must be a list of lists of numbers, not 1"


def test_a_batch_gives_one_answer_per_line(capsys, tmp_path):
    code, answers, err = batch(capsys, tmp_path, QUERY, QUERY | {"at": [1, 0.75]})
    assert (code, err) == (0, "")
    assert answers[0] == {
        "low": "0",
        "high": "1/2",
        "low_closed": True,
        "high_closed": True,
        "radius": "1/4",
        "best": "1/4",
    }
    assert (answers[1]["low"], answers[1]["high"]) == ("3/4", "1")


def test_a_batch_reads_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(QUERY).encode())))
    code, out, _ = run(capsys, "--batch", "-")
    assert code == 0
    assert json.loads(out)["high"] == "1/2"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"class": ', "a query must be one JSON object per line"),
        ("[1]", "a query must be a JSON object, not [1]"),
        ("{}", "the query lacks class, argmin, argmax, min, max, at"),
        (QUERY | {"class": "lipshitz"}, "there is no class 'lipshitz'; did you mean lipschitz"),
        (QUERY | {"norm": ["l1"]}, "there is no norm"),
        (QUERY | {"lipschitz": "1/100"}, "no Lipschitz function of known constant has this visualization"),
        (QUERY | {"at": ["1/4", "5/4"]}, "coordinate 1 of the query must lie in [0, 1], not 5/4"),
        (QUERY | {"at": ["1/4"]}, "the query must have 2 coordinates, not 1"),
        (QUERY | {"at": [float("nan"), 0]}, "coordinate 0 of the query must be a finite number, not nan"),
        (QUERY | {"at": ["1e99999999", 0]}, "an exponent of at most four digits"),
        (QUERY | {"at": ["1e9999", 0]}, "at most 4000 digits"),
        (QUERY | {"at": ["1/" + "9" * 4200, 0]}, "at most 4000 digits"),
        (QUERY | {"at": "missing.npy"}, "the query: missing.npy cannot be read"),
        (QUERY | {"at": 3}, "a point must be a list of numbers, not 3"),
        (QUERY | {"min": None}, "the minimum must be a finite number, not None"),
        (QUERY | {"color": 1}, "there is no key of a query 'color'"),
        (QUERY | {"unique_extrema": "yes"}, "unique_extrema must be true or false, not 'yes'"),
        (QUERY | {"slack": "-1"}, "the slack must not be negative, but is -1"),
        (QUERY | {"exemplars": [{"at": ["1/4", "1"]}]}, "points with values must be objects"),
        (QUERY | {"training": 1}, 'points with values must be objects {"at": POINT, "value": VALUE}'),
        ("[" * 100_000, "a query must be one JSON object per line"),
    ],
)
def test_a_bad_line_gives_its_error_and_the_run_goes_on(capsys, tmp_path, line, message):
    code, answers, err = batch(capsys, tmp_path, line, QUERY)
    assert code == 2
    assert message in answers[0]["error"]
    assert answers[1]["high"] == "1/2"
    assert err == "fvproof: 1 of 2 queries are bad input\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["convex", "--argmin", "0,0", "--at", "1,1"], "a query needs --argmax, --min, --max"),
        ([*CORNERS, "--at", "1,1"], "a query needs CLASS"),
        (["convex", *CORNERS, "--at", "1,1", "--radius", "2"], "convex has a domain of its own and takes no radius"),
        (["ridge", *DISC, "--corners", "0,0;1,0;0,1"], "functions on a ball: give centre and radius"),
        (["affine-ball", *DISC, "--corners", "0,0", "--radius", "2"], "not one with radius, corners"),
        (["affine-ball", *DISC, "--centre", "1"], "a point in this domain must have 1 coordinates, not 2"),
        (["affine-ball", *DISC, "--matrix", "1,0"], "the domain must be a ball"),
        (["ridge", *DISC, "--link", "-1:0, 1:0"], "the link must rise from t = -1 to t = 1"),
        (["ridge", *DISC, "--link", "x"], "the link must be pairs of numbers"),
        (["quadratic", *DISC], "eigenvectors of different eigenvalues are orthogonal"),
        (["convecs", *CORNERS, "--at", "1,1"], "there is no class 'convecs'; did you mean convex"),
        (["convex", *CORNERS, "--at", "1,x"], "coordinate 1 of the query must be a finite number, not 'x'"),
        (["lipschitz", *CORNERS, "--at", "1,1"], "the class lipschitz needs the parameter lipschitz"),
        (["erm", *CORNERS, "--at", "1,1", "--training", "none.jsonl"], "none.jsonl cannot be read"),
        (["--batch", "none.jsonl"], "none.jsonl cannot be read: No such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_thousands_of_queries_take_seconds(capsys, tmp_path):
    random = np.random.default_rng(0)
    rows = random.integers(0, 97, (1000, 4)).tolist()
    corners = {"argmin": ["0"] * 4, "argmax": ["1"] * 4}
    queries = [QUERY | corners | {"at": [f"{n}/97" for n in row]} for row in rows]
    start = process_time()
    code, answers, _ = batch(capsys, tmp_path, *queries)
    assert (code, len(answers)) == (0, 1000)
    assert process_time() - start < 5


LONG = [f"1/{10**3000 + 1}", f"1/{10**3000 + 7}"]
"""Coordinates whose sum has six thousand digits, more than Python writes by itself."""


def test_exact_answers_are_printed_though_they_have_thousands_of_digits(capsys):
    code, out, err = run(capsys, "affine", *CORNERS, "--at", ",".join(LONG), "--json")
    assert (code, err) == (0, "")
    numerator, denominator = json.loads(out)["high"].split("/")
    with long_numbers():
        assert Fraction(int(numerator), int(denominator)) == max(map(Fraction, LONG))
    numerator, denominator = json.loads(out)["best"].split("/")
    with long_numbers():
        assert Fraction(int(numerator), int(denominator)) == sum(map(Fraction, LONG)) / 2


def test_in_a_batch_too(capsys, tmp_path):
    query = {**QUERY, "class": "affine", "argmin": [0, 0], "at": LONG}
    code, found, _ = batch(capsys, tmp_path, {k: v for k, v in query.items() if k not in ("lipschitz", "norm")})
    assert (code, len(found[0]["best"]) > 6000) == (0, True)


def test_an_answer_of_more_digits_than_one_prints_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr("fvproof.theory.texts.MOST_PRINTED", 5000)
    code, out, err = run(capsys, "affine", *CORNERS, "--at", ",".join(LONG))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "digits" in err


def test_a_command_leaves_the_limit_of_the_interpreter_as_it_was(capsys):
    before = sys.get_int_max_str_digits()
    run(capsys, "affine", *CORNERS, "--at", "0,0")
    assert sys.get_int_max_str_digits() == before


@pytest.mark.parametrize("number", ["9" * 5000, "[" + "9" * 5000 + "]"])
def test_digits_by_the_thousand_are_still_not_read(capsys, tmp_path, number):
    code, found, _ = batch(capsys, tmp_path, f'{{"class": "convex", "at": {number}}}')
    assert (code, "more digits than can be read" in found[0]["error"]) == (2, True)
