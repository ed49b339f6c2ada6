"""`fvproof counterexample`: files, exit codes, points of every kind, and one line for bad input."""

import json

import numpy as np
import pytest
from PIL import Image

from fvproof.cli.main import main
from fvproof.verify.files.onnx_files import run_onnx

SQUARE = ["--argmin", "0,0", "--argmax", "1,1", "--min", "0", "--max", "1", "--at", "1/2,1/4"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["counterexample", *map(str, arguments)])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_a_twin_pair_is_written_and_summed_up(capsys, tmp_path):
    code, out, _ = run(capsys, "relu-network", *SQUARE, "--out", tmp_path / "new" / "folder")
    assert code == 0
    for words in ("f(x) = 0: low.json, low.onnx, low.pt2", "f(x) = 1: high.json", "with the certificate twins.json"):
        assert words in out
    assert "NO " not in out
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 8


def test_json_is_the_certificate(capsys, tmp_path):
    code, out, _ = run(capsys, "lipschitz", "--lipschitz", 1, "--norm", "l1", *SQUARE, "--out", tmp_path, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "twins.json").read_text())


def test_one_member_with_a_value(capsys, tmp_path):
    code, out, _ = run(capsys, "monotone", *SQUARE, "--value", "1/3", "--out", tmp_path)
    assert code == 0
    assert "f(x) = 1/3: member.json" in out


def test_small_twins_are_networks_of_three_units(capsys, tmp_path):
    code, out, _ = run(capsys, "relu-network", *SQUARE, "--small", "--out", tmp_path)
    assert (code, "NO " in out) == (0, False)
    hidden, _ = json.loads((tmp_path / "low.json").read_text())["layers"]
    assert len(hidden["biases"]) == 3


def test_values_stay_inside_open_ends(capsys, tmp_path):
    code, out, _ = run(capsys, "black-box", *SQUARE, "--unique-extrema", "--out", tmp_path)
    assert code == 0
    assert "f(x) = 1/1024: low.json" in out


def test_a_euclidean_function_has_no_onnx_file_and_one_line_says_so(capsys, tmp_path):
    code, out, _ = run(capsys, "lipschitz", "--lipschitz", 1, *SQUARE, "--out", tmp_path)
    assert code == 0
    assert "no ONNX file: Euclidean distances are not piecewise affine" in out
    assert not (tmp_path / "low.onnx").exists()


def test_a_training_set_is_kept(capsys, tmp_path):
    (tmp_path / "s.jsonl").write_text('{"at": ["1", "0"], "value": "1/5"}\n')
    code, out, _ = run(capsys, "erm", "--training", tmp_path / "s.jsonl", *SQUARE, "--out", tmp_path / "twins")
    assert code == 0
    assert "training loss = 0" in out


def test_where_the_value_is_told_there_is_no_counterexample_and_the_exit_code_is_1(capsys, tmp_path):
    line = ["--argmin", "0", "--argmax", "1", "--min", "0", "--max", "1", "--at", "1/3"]
    code, out, err = run(capsys, "affine", *line, "--out", tmp_path / "twins")
    assert (code, out) == (1, "")
    assert "every affine function with this visualization takes the value 1/3 at the query" in err
    assert not (tmp_path / "twins").exists()


def test_points_come_from_arrays_and_pictures(capsys, tmp_path):
    stream = np.random.default_rng(0)
    for name in ("a", "b"):
        np.save(tmp_path / f"{name}.npy", stream.random((3, 8, 8)).astype(np.float32))
    pixels = stream.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    points = ["--argmin", tmp_path / "a.npy", "--argmax", tmp_path / "b.npy", "--at", tmp_path / "x.png"]
    code, _, _ = run(capsys, "relu-network", *points, "--min", 0, "--max", 1, "--out", tmp_path / "twins")
    assert code == 0
    image = (pixels.transpose(2, 0, 1)[None] / np.float32(255)).astype(np.float32)
    assert run_onnx(tmp_path / "twins" / "low.onnx", image).tolist() == [0]
    assert run_onnx(tmp_path / "twins" / "high.onnx", image).tolist() == [1]


def test_images_of_the_usual_size_are_no_trouble(capsys, tmp_path):
    stream = np.random.default_rng(0)
    for name in ("a", "b", "x"):
        np.save(tmp_path / f"{name}.npy", stream.random((3, 224, 224)).astype(np.float32))
    points = [
        argument
        for key, name in (("argmin", "a"), ("argmax", "b"), ("at", "x"))
        for argument in (f"--{key}", tmp_path / f"{name}.npy")
    ]
    code, _, _ = run(capsys, "black-box", *points, "--min", 0, "--max", 1, "--out", tmp_path / "twins")
    assert code == 0
    assert (tmp_path / "twins" / "low.onnx").stat().st_size < 5e6


BAD = [
    (["convecs", *SQUARE], "there is no class 'convecs'; did you mean"),
    (["relu-network", *SQUARE[:-1], "1/2,2"], "coordinate 1 of the query must lie in [0, 1], not 2"),
    (["relu-network", *SQUARE[:-1], "1/2"], "the query must have 2 coordinates, not 1"),
    (["relu-network", *SQUARE[:-1], "1/2,nan"], "coordinate 1 of the query must be a finite number, not 'nan'"),
    (["relu-network", *SQUARE[:-1], "x.npy"], "the query: x.npy cannot be read"),
    (["relu-network", "--argmin", "0,0", "--argmax", "0,0", *SQUARE[4:]], "argmin and argmax are one point"),
    (["relu-network", *SQUARE[:4], "--min", "1", "--max", "0", *SQUARE[8:]], "the minimum must not exceed the maximum"),
    (["relu-network", *SQUARE[:4], "--min", "inf", *SQUARE[6:]], "the minimum must be a finite number"),
    (["affine", "--argmin", "0,1/2", "--argmax", "1/2,1", *SQUARE[4:]], "no affine function has this visualization"),
    (["lipschitz", *SQUARE], "the class lipschitz needs the parameter lipschitz"),
    (["lipschitz", "--lipschitz", "1/10", *SQUARE], "more than L·‖a − b‖"),
    (["convex", "--lipschitz", "1", *SQUARE], "the class convex takes no parameters, not lipschitz"),
    (["erm", *SQUARE], "the class erm needs the parameter training"),
    (["erm", "--training", "nowhere.jsonl", *SQUARE], "nowhere.jsonl cannot be read"),
    (["monotone", *SQUARE, "--value", "2"], "the value at the query must lie in [0, 1], not 2"),
    (["monotone", *SQUARE[:-2]], "--at"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_input_is_one_line_and_exit_code_2(capsys, tmp_path, arguments, words):
    code, out, err = run(capsys, *arguments, "--out", tmp_path / "twins")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
    assert not (tmp_path / "twins").exists()


def test_an_output_folder_that_cannot_be_written_is_one_line_and_exit_code_2(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    code, out, err = run(capsys, "relu-network", *SQUARE, "--out", tmp_path / "file" / "twins")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "must be one that can be written to" in err


def test_shapes_that_differ_are_refused(capsys, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((1, 2, 3)))
    np.save(tmp_path / "b.npy", np.ones((3, 2, 1)))
    points = ["--argmin", tmp_path / "a.npy", "--argmax", tmp_path / "b.npy", "--at", "1,0,0,0,0,0"]
    code, _, err = run(capsys, "relu-network", *points, "--min", 0, "--max", 1, "--out", tmp_path / "twins")
    assert code == 2
    assert "must have one shape, not (1, 2, 3) and (3, 2, 1)" in err
