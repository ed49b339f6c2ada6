import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.theory.errors import DomainError


def command(*arguments):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(["audit", *map(str, arguments)])
    return stop.value.code


@pytest.fixture
def network():
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(72, 5), nn.ELU())


def test_ridge_functions_are_known_by_theorem(network):
    found = fv.audit(fv.model(network, shape=(1, 6, 8)), domain="ball")
    assert found.certified
    assert found.trusted
    assert found.code == 0
    assert str(found).startswith("KNOWN BY THEOREM\nAll 5 units are ridge functions, certified from the weights")
    assert [row["unit"] for row in found.rows] == [f"3:{i}" for i in range(5)]
    assert repr(found) == "<BallAuditResult: Sequential: order on the ball certified, 5 units>"


def test_others_are_measured_and_layers_are_told_apart(network):
    images = torch.rand(40, 1, 6, 8, generator=torch.Generator().manual_seed(0))
    deep = nn.Sequential(*network, nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 12))
    found = fv.audit(fv.model(deep, images=images), ["2:1", "6:0-1"], domain="ball", radius=2.0)
    assert [one.certified for one in found.found] == [True, False]
    assert not found.certified
    assert found.found[1].reason == "linear_1 (aten.linear.default) comes after ELU"
    assert found.found[1].radius == 2
    assert "measured on 40 stimuli" in found.text
    few = fv.audit(fv.model(deep, images=images), domain="ball")
    assert len(few.units) == 8
    assert few.trusted == all(row["order_low"] >= 0.75 for row in few.rows) == (few.code == 0)


def test_the_command_writes_what_python_saves(tmp_path, capsys):
    code = command(
        "digits-plain", "--units", "hidden:0-3", "--limit", 60, "--domain", "ball", "--out", tmp_path, "--json"
    )
    printed = capsys.readouterr().out
    subject = fv.model("digits-plain", limit=60)
    found = fv.audit(subject, "hidden:0-3", domain="ball", out=tmp_path / "again")
    assert code == found.code == 0
    assert json.loads(printed) == found.record() == json.loads((tmp_path / "report.json").read_text("utf-8"))
    with np.load(tmp_path / "again" / "stimuli.npz") as kept:
        assert (kept["hidden"] == found.found[0].most_exciting).all()
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size[0] > 400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"domain": "sphere"}, "the domain is cube or ball, not 'sphere'"),
        ({"radius": 2.0}, "a radius is that of a ball"),
        ({"domain": "ball", "radius": -1.0}, "a radius is that of a ball, and above 0"),
    ],
)
def test_bad_input_is_one_sentence(options, said):
    with pytest.raises(DomainError, match=said):
        fv.audit("digits-small", **options)
