"""Points, exemplars, training sets and domains are read in one way by every command that takes them."""

import json

import numpy as np
import pytest
from PIL import Image

from fvproof.cli.main import main
from fvproof.theory.texts import named
from tests.characters import STRANGE

SQUARE = ("--argmin", "0,0", "--argmax", "1,1", "--min", "0", "--max", "1", "--at", "1/3,1/4")
COMMANDS = ("interval", "counterexample")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Return a function that runs a command in a folder of files, and returns its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    np.savez("s.npz", points=np.array([[1 / 2, 1 / 2], [1 / 4, 3 / 4]]), values=np.array([0.25, 0.5]))
    (tmp_path / "s.jsonl").write_text('{"at": "1/2,1/2", "value": "1/4"}\n{"at": ["1/4", "3/4"], "value": 0.5}\n')
    for name, grey in (("a", 0), ("b", 255), ("p", 128)):
        Image.fromarray(np.full((2, 1), grey, np.uint8)).save(f"{name}.png")
    np.save("wide.npy", np.full((1, 1, 2), 0.5))

    def command(name, *arguments):
        out = ("--out", "out") if name == "counterexample" else ()
        with pytest.raises(SystemExit) as ended:
            main([name, *arguments, *out])
        return ended.value.code, *capsys.readouterr()

    return command


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("file", ["s.npz", "s.jsonl"])
def test_training_sets_are_json_lines_or_arrays(run, command, file):
    assert run(command, "erm", "--training", file, *SQUARE)[0] == 0
    code, _, _ = run(command, "erm", "--training", file, *SQUARE[:-1], "1/2,1/2")
    assert code == (0 if command == "interval" else 1)  # the label is known there


@pytest.mark.parametrize("file", ["s.npz", "s.jsonl"])
def test_exemplars_are_json_lines_or_arrays(run, file):
    _, out, _ = run("interval", "monotone", "--exemplars", file, *SQUARE[:-1], "1/2,3/4", "--json")
    assert json.loads(out)["low"] == "1/2"


@pytest.mark.parametrize("command", COMMANDS)
def test_points_are_pictures_and_their_shapes_agree(run, command):
    ends = ("--argmin", "a.png", "--argmax", "b.png", "--min", "0", "--max", "1", "--at")
    assert run(command, "relu-network", *ends, "p.png")[0] == 0
    assert run(command, "relu-network", *ends, "1/2,1/3")[0] == 0
    code, _, err = run(command, "relu-network", *ends, "wide.npy")
    assert code == 2
    assert "must have one shape, not (1, 1, 2) and (1, 2, 1)" in err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "domain",
    [
        ("--centre", "1,1", "--radius", "2"),
        ("--corners", "-1,1; 3,1; 1,3"),
        ("--centre", "1,1", "--matrix", "1/4,0; 0,1"),
    ],
)
def test_domains_are_stated_in_one_way(run, command, domain):
    ends = ("--argmin", "-1,1", "--argmax", "3,1", "--min", "0", "--max", "1", "--at")
    code, out, err = run(command, "affine-ball", *domain, *ends, "1,1")
    assert (code, "{1/2}" in out, "takes the value 1/2" in err) == ((0, True, False) if out else (1, False, True))


def test_a_domain_and_a_norm_are_given_to_a_decoder(run, tmp_path):
    (tmp_path / "half.py").write_text("def decode(phi, query):\n    return 0\n")
    shared = ("--decoder", "half.py:decode", "--dim", "2", "--cases", "5")
    assert run("refute", "ridge", "--centre", "1,1", "--radius", "2", *shared)[0] == 1
    assert run("refute", "erm", "--training", "s.npz", *shared)[0] == 1
    code, _, err = run("refute", "convex", "--radius", "2", *shared)
    assert (code, "takes no radius" in err) == (2, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_in_options_have_ascii_digits(run, command):
    for place in (3, 5, 7, 9):
        value = SQUARE[place]
        typed = [*SQUARE[:place], value.replace("1", "１").replace("0", "０"), *SQUARE[place + 1 :]]
        code, _, err = run(command, "convex", *typed)
        assert (code, "FULLWIDTH DIGIT" in err, err.count("\n")) == (2, True, 1)


def test_lines_of_a_batch_end_with_a_line_feed_and_each_bad_one_has_its_error(run, tmp_path):
    query = {"class": "convex", "argmin": ["0"], "argmax": ["1"], "min": 0, "max": 1, "at": ["1/2"]}
    strange = [*[c for c in STRANGE if c not in "\ufeff"][::20], "\x0c", "\x1c", "\x85", "\u2028", "\ufeff"]
    lines = [f"{json.dumps(query)}{c}{json.dumps(query)}" for c in strange] + strange
    text = "\n".join([json.dumps(query), *lines, json.dumps(query) + "\r", " \t\r"])
    (tmp_path / "q.jsonl").write_bytes(text.encode() + b"\n\xff\n")
    code, out, _ = run("interval", "--batch", "q.jsonl")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert [answer["high"] for answer in (answers[0], answers[-2])] == ["1/2"] * 2
    errors = [answer["error"] for answer in [*answers[1:-2], answers[-1]]]
    assert len(errors) == len(lines) + 1
    assert all(named(c) in error for c, error in zip([*strange * 2, "\udcff"], errors, strict=True))


def test_training_sets_in_a_batch_are_lists_or_files(run, tmp_path):
    query = {"class": "erm", "argmin": "0,0", "argmax": "1,1", "min": 0, "max": 1, "at": "1/2,1/2"}
    entry = {"at": "1/2,1/2", "value": "1/4"}
    lines = [query | {"training": given} for given in ([entry], "s.npz", "s.jsonl", [entry | {"value": True}])]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    _, out, _ = run("interval", "--batch", "q.jsonl")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer.get("best") for answer in answers] == ["1/4", "1/4", "1/4", None]
    assert "label 0 must be a finite number, not True" in answers[3]["error"]
