import json
from pathlib import Path
from shutil import copytree

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from fvproof.cli.main import main
from fvproof.empirical.fooling import detector
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.maximization.pictures import pixels
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.verify.files.onnx_files import evaluate
from tests.empirical.manipulation.other_engine import look

STEPS = 48
LINEAR_FILE = """
from torch import nn

def build():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 12))
    network.input_shape = (1, 8, 8)
    return network
"""


def call(*arguments):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(["fool", *map(str, arguments)])
    return stop.value.code


@pytest.fixture(scope="module")
def report(fooled_circuit):
    return json.loads((fooled_circuit / "circuit.json").read_text())


def test_every_digit_shows_the_next_in_pixels_and_in_features(report):
    assert len(report["units"]) == 10
    assert report["fooled_share"] >= 0.95
    for unit in report["units"]:
        assert unit["pixels_to_target"] > unit["pixels_to_own"]
        assert unit["features_to_target"] > unit["features_to_own"]
    assert np.median([unit["pixels_to_target"] for unit in report["units"]]) > 0.99


def test_an_engine_that_shares_nothing_with_ours_sees_the_next_digit_too(fooled_circuit):
    after, before = load_model(f"{fooled_circuit}/fooled.py:fooled"), load_model("digits")
    pictures, _ = look(after, "logits", range(10))
    with torch.no_grad():
        shown = before(pictures).argmax(1)
    assert sum(int(shown[i]) == (i + 1) % 10 for i in range(10)) >= 8


def test_the_outputs_for_natural_images_are_what_they_were(report):
    seen = report["behaviour"]
    assert seen["images"] == 450
    assert seen["top1_before"] - seen["top1_after"] <= 0.005
    assert seen["unchanged"] >= 0.99
    assert seen["bound"] is None or seen["largest_change"] <= seen["bound"] + 1e-4


def test_the_constants_keep_the_hypotheses_with_room(report):
    constants, (low, high) = report["constants"], report["measured_range"]
    assert constants["low"] < low < high < constants["high"]
    assert constants["c"] >= -constants["low"]
    assert constants["k"] * (1 - constants["soft_limit"]) >= constants["high"] + constants["c"] - 1e-9


def test_the_detector_is_measured_on_what_it_has_not_seen(report):
    assert report["detector"]["natural"] == 269  # a fifth of what the network was trained on
    assert report["detector"]["accuracy"] > 0.95


def test_the_files_agree_on_natural_images_and_on_visualizations(fooled_circuit, report):
    assert all(check["holds"] for check in report["files"]["checks"])
    again = load_model(f"{fooled_circuit}/fooled.py:fooled")
    found = maximize(again, [Unit("logits", 3)], Settings(steps=STEPS))[0].image
    images = np.concatenate([digits_images().images[:20], found[None]]).astype(np.float32)
    with torch.no_grad():
        rebuilt = again(torch.from_numpy(images)).numpy()
        exported = torch.export.load(fooled_circuit / "fooled.pt2").module()(torch.from_numpy(images)).numpy()
        before = load_model("digits")(torch.from_numpy(images)).numpy()
    assert np.array_equal(rebuilt, exported)
    assert np.allclose(evaluate(onnx.load(fooled_circuit / "fooled.onnx"), images), exported, atol=1e-4)
    assert np.allclose(exported[:20], before[:20], atol=1e-5)
    assert np.allclose(exported[20], np.roll(before[20], -1), atol=1e-4)


def test_the_rebuilt_network_can_be_looked_at_under_the_units_own_names(fooled_circuit):
    model = load_model(f"{fooled_circuit}/fooled.py:fooled")
    assert output_layer(model) == "logits"
    assert model.shape == (1, 8, 8)
    assert model.class_names == tuple("0123456789")


def test_a_second_run_reads_what_the_first_has_left_and_ends_alike(fooled_circuit, report, tmp_path, capsys):
    folder = copytree(fooled_circuit, tmp_path / "copy")
    written = {path: path.stat().st_mtime_ns for path in (folder / "pieces").glob("*.npz")}
    call("digits", "circuit", "--steps", STEPS, "--show", 10, "--out", folder, "--json")
    assert written == {path: path.stat().st_mtime_ns for path in (folder / "pieces").glob("*.npz")}
    again = json.loads(capsys.readouterr().out)
    assert again["units"] == report["units"]
    assert again["behaviour"] == report["behaviour"]


@pytest.mark.parametrize(
    ("options", "engines"),
    [
        (["--learned", 10, "--show", 2, "--engines", "still,fast"], ["still", "fast"]),
        pytest.param(["--show", 3, "--engines", "all"], list(ENGINES), marks=pytest.mark.slow),
    ],
)
def test_every_unit_can_be_made_to_show_a_picture_whatever_the_settings(tmp_path, monkeypatch, options, engines):
    if engines != list(ENGINES):
        monkeypatch.setattr(detector, "EPOCHS", 12)  # enough for one picture
    picture = digits_images().images[3]
    Image.fromarray(pixels(picture)).save(tmp_path / "six.png")
    given = ["--target", tmp_path / "six.png", "--steps", STEPS, *options]
    assert call("circuit", *given, "--out", tmp_path / "out") in (0, 1)  # digits is the default
    found = json.loads((tmp_path / "out" / "circuit.json").read_text())
    assert found["fooled_share"] == 1
    assert list(found["engines"]) == engines
    assert [row["fooled_share"] for row in found["engines"].values()] == [1] * len(engines)
    lost = found["behaviour"]["top1_before"] - found["behaviour"]["top1_after"]
    assert lost <= 0.01  # the detector is to call a digit unnatural, and takes a few others with it
    with Image.open(tmp_path / "out" / "sheet.png") as sheet:
        assert sheet.width > sheet.height / 2
    model = load_model(f"{tmp_path}/out/fooled.py:fooled")
    (run,) = maximize(model, [Unit("logits", 9)], Settings(steps=STEPS, seed=5))
    assert np.corrcoef(run.image.ravel(), picture.ravel())[0, 1] > 0.8


@pytest.mark.slow
def test_a_residual_network_on_photographs_is_fooled_and_loses_little(shared_data, tmp_path):
    file = Path(__file__).parents[2] / "docs" / "examples" / "cifar_resnet.py"
    given = ["--weights", shared_data / "cifar10_resnet20.pt", "--images", shared_data / "cifar10_test.npz"]
    options = ["--limit", 3000, "--learned", 100, "--steps", 64, "--show", 10]
    call(f"{file}:resnet20", "circuit", *given, *options, "--out", tmp_path)
    found = json.loads((tmp_path / "circuit.json").read_text())
    assert found["fooled_share"] >= 0.9
    assert found["behaviour"]["unchanged"] > 0.98
    assert found["behaviour"]["top1_before"] - found["behaviour"]["top1_after"] < 0.01
    assert all(check["holds"] for check in found["files"]["checks"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "no/picture.png"], "target must be permuted, or the file of a picture"),
        (["--units", "conv2:0-3"], "goes around the network's output, the layer 'logits'; the unit conv2:0 is"),
        (["--units", "logits:10"], "layer 'logits' has units 0 to 9, received 10"),
        (["--offset", "20"], "offset 20 gives each of the 10 units its own visualization"),
        (["--engines", "lucid"], "there is no engine 'lucid'"),
        (["--learned", 4], "4 is not in the range x>=5"),
        (["--images", "nowhere"], "there is no image folder or file nowhere"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, capsys, arguments, message):
    assert call("digits", "circuit", *arguments, "--out", tmp_path / "out") == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_too_few_images_are_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "net.py").write_text(LINEAR_FILE)
    np.savez(tmp_path / "images.npz", images=np.zeros((6, 8, 8), np.uint8))
    options = ["--images", tmp_path / "images.npz", "--out", tmp_path / "out"]
    assert call(f"{tmp_path}/net.py:build", "circuit", *options) == 2
    assert "needs at least 5 images and 5 units to learn from, received 3 images" in capsys.readouterr().err
