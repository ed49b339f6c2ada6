"""`--list-layers` and `--axis`: where the units of layers lie, listed and overruled, for every command with units."""

import json

import numpy as np
import pytest

from fvproof.cli.main import main

NETWORK = """
import torch
from torch import nn

class Last(nn.Module):
    input_shape = (3, 8, 8)

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.mix, self.act, self.head = nn.Conv2d(3, 6, 2, 2), nn.Linear(6, 10), nn.ReLU(), nn.Linear(10, 3)
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        return self.head(self.act(self.mix(self.stem(x).permute(0, 2, 3, 1))).mean((1, 2)))

def build():
    return Last()
"""


@pytest.fixture
def net(tmp_path):
    (tmp_path / "net.py").write_text(NETWORK)
    return f"{tmp_path}/net.py:build"


@pytest.fixture
def images(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "images.npz", images=pixels, labels=np.arange(30) % 3)
    return tmp_path / "images.npz"


@pytest.fixture
def run(capsys):
    """Return a function that runs a command, and returns its exit code, its output and its messages."""

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return ended.value.code, *capsys.readouterr()

    return call


def test_every_layer_is_listed_with_its_kind_shape_axis_and_units(net, run):
    code, out, _ = run("maximize", net, "--list-layers")
    assert code == 0
    assert [line.split() for line in out.splitlines()[2:]] == [
        ["stem", "Conv2d", "1×6×4×4", "1", "6", "known"],
        ["mix", "Linear", "1×4×4×10", "3", "10", "known"],
        ["act", "ReLU", "1×4×4×10", "3", "10", "known"],
        ["head", "Linear", "1×3", "1", "3", "known"],
        ["unused", "Linear", "no", "units"],
    ]


def test_the_list_as_json_holds_the_same(net, run):
    code, out, _ = run("maximize", net, "--list-layers", "--json", "--axis", "act=-3")
    assert code == 0
    rows = {row.pop("name"): row for row in json.loads(out)}
    assert rows["mix"] == {"kind": "Linear", "shape": [1, 4, 4, 10], "axis": 3, "units": 10, "source": "known"}
    assert rows["act"] == {"kind": "ReLU", "shape": [1, 4, 4, 10], "axis": 1, "units": 4, "source": "given"}
    assert rows["unused"] == {"kind": "Linear", "shape": None, "axis": None, "units": None, "source": "no units"}


def test_a_given_axis_holds_for_the_census_too(net, images, run):
    for axis, channels in ((3, 10), (1, 4)):
        code, out, _ = run("census", net, "--images", images, "--axis", f"act={axis}", "--json")
        assert code == 0
        assert [row["channels"] for row in json.loads(out)] == [channels]


@pytest.mark.parametrize("command", ["maximize", "detect", "audit", "sanity", "fool silent", "fool slingshot"])
def test_a_given_axis_holds_for_every_command_that_takes_units(net, images, run, tmp_path, command):
    name, *method = command.split()
    units = {"sanity": ["--layers", "mix"], "fool slingshot": ["--unit", "mix:4"]}.get(command, ["--units", "mix:4"])
    given = ["--images", images, *units, "--out", tmp_path / "out"]
    told = run(name, net, *method, *given, "--axis", "mix=0")
    assert told[0] == 2
    assert "1×4×4×10" in told[2]
    if command not in ("sanity",):
        told = run(name, net, *method, *given, "--axis", "mix=1")
        assert told[::2] == (2, "fvproof: layer 'mix' has units 0 to 3, received 4\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mix", "must be LAYER=N with N the number of an axis, not 'mix'"),
        ("mix=", "not 'mix='"),
        ("=1", "not '=1'"),
        ("mix=one", "not 'mix=one'"),
        ("mix=1.5", "not 'mix=1.5'"),
        ("mix=٣", "not 'mix=٣'"),
        ("mix=4", "layer 'mix' gives 1×4×4×10, whose units lie along one of the axes 1, 2, 3, received the axis 4"),
        ("mix=0", "received the axis 0"),
        ("mixx=1", "no layer 'mixx'; did you mean mix?"),
        ("unused=1", "an axis is given of layer 'unused', which gives no tensor with units for each image"),
    ],
)
def test_an_axis_that_cannot_be_is_one_sentence(net, run, text, told):
    code, out, message = run("maximize", net, "--list-layers", "--axis", text)
    assert (code, out) == (2, "")
    assert told in message
    assert message.count("\n") == 1


def test_two_axes_for_one_layer_are_refused(net, run):
    code, _, message = run("maximize", net, "--list-layers", "--axis", "mix=1", "--axis", "mix=2")
    assert code == 2
    assert "one axis for each layer" in message


@pytest.mark.parametrize(
    ("given", "told"), [(["--units", "mix"], "--out"), (["--out", "x"], "--units"), ([], "--units")]
)
def test_without_the_list_units_and_a_folder_are_needed(net, run, given, told):
    code, _, message = run("maximize", net, *given)
    assert code == 2
    assert told in message


def test_results_of_one_axis_are_not_taken_for_those_of_another(net, run, tmp_path):
    rows = []
    for axis in (3, 1):
        given = ["--units", "mix:0", "--steps", 4, "--out", tmp_path / "out", "--axis", f"mix={axis}", "--json"]
        rows.append(json.loads(run("maximize", net, *given)[1])[0]["activation"])
    assert rows[0] != rows[1]
