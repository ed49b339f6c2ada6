"""`fv.census`, held against a direct count and the command."""

import json

import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.theory.errors import FvproofError

PIXELS = torch.rand(30, 1, 6, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    found = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 6), nn.ReLU(), nn.Linear(6, 2))
    found[0].bias.data[2] = -100
    found[3].bias.data[5] = -100
    return found


def test_the_counts_are_those_of_the_activations_themselves(net):
    found = fv.census(net, images=PIXELS)
    with torch.no_grad():
        maps = net[0](PIXELS)
        before = maps.amax((2, 3)), net[:4](PIXELS)
    for one, heights in zip(found.rectifiers, before, strict=True):
        assert one.opened.tolist() == (heights > 0).sum(0).tolist()
        assert torch.allclose(torch.from_numpy(one.high), heights.amax(0), atol=1e-5)
    silent = sum(int((heights <= 0).all(0).sum()) for heights in before)
    assert (found.silent, found.channels) == (silent, 10)
    assert silent >= 2
    assert found.headline == f"Sequential: {silent} of 10 channels are silent on 30 images"
    assert found.code == 0


def test_what_is_printed_is_what_the_command_prints(capsys):
    found = fv.census("digits-small")
    for options, text in (([], str(found)), (["--json"], found.to_json())):
        with pytest.raises(SystemExit) as ended:
            main(["census", "digits-small", *options])
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"{text}\n"


def test_it_can_be_kept_and_shown(net, tmp_path):
    found = fv.census(net, images=PIXELS)
    assert json.loads((found.save(tmp_path / "new") / "census.json").read_text()) == found.record()
    assert ">1#1</td>" in found._repr_html_()
    assert repr(found).startswith("<CensusResult: Sequential: ")


def test_silent_channels_of_layers_are_units_for_other_verbs(net):
    found = fv.census(net, images=PIXELS)
    assert {"1:2", "4:5"} <= set(map(str, found.units))
    assert len(found.units) == found.silent
    assert fv.maximize(net, found.units[:1], images=PIXELS, steps=2).runs[0].natural_high == 0


def test_silent_units_are_visualized_where_asked(tmp_path, capsys):
    found = fv.census("digits", show=4, steps=48, out=tmp_path / "here")
    assert len(found.runs) == 4
    assert "0 of 4 visualizations open a unit that no image opens" in found.text  # nothing in the cube does
    assert {path.name for path in (tmp_path / "here").iterdir()} == {"census.json", "report.html", "sheet.png"}
    with pytest.raises(SystemExit):
        main(["census", "digits", "--show", "4", "--steps", "48", "--out", f"{tmp_path}/there"])
    assert capsys.readouterr().out == f"{found}\n"
    for path in (tmp_path / "here").iterdir():
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes()


def test_a_unit_that_only_other_images_open_shows_what_opens_it():
    bright = nn.Sequential(nn.Flatten(), nn.Linear(36, 2), nn.ReLU())
    bright[1].weight.data.fill_(1 / 36)
    bright[1].bias.data = torch.tensor([-0.52, 0.1])
    found = fv.census(bright, images=0.5 * PIXELS, show=8, steps=64)
    assert [str(run.unit) for run in found.runs] == ["2:0"]
    assert found.opened == 1
    assert found.runs[0].image.mean() > 0.6
    assert "1 opened" in found.page.lower()


def test_rectifiers_within_a_forward_pass_are_no_units():
    class Within(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(36, 4)

        def forward(self, x):
            return torch.relu(self.fc(x.flatten(1)) - 100)

    found = fv.census(Within(), images=PIXELS, show=2)
    assert (found.silent, found.units, found.runs) == (4, (), ())


def test_a_network_that_answers_with_infinity_is_counted_and_written_as_json():
    module = nn.Sequential(nn.Flatten(), nn.Linear(36, 2), nn.ReLU())
    module[1].weight.data[0] = float("inf")
    (row,) = fv.census(module, images=PIXELS).record()
    assert row["high"][0] is None
    json.loads(fv.census(module, images=PIXELS).to_json())


def test_a_network_without_images_is_the_sentence_of_the_command(tmp_path, capsys):
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\ndef build():\n    return nn.Sequential(nn.Flatten(), nn.Linear(12, 2))\n")
    with pytest.raises(FvproofError) as error:
        fv.census(fv.model(f"{file}:build", shape=(3, 2, 2)))
    with pytest.raises(SystemExit):
        main(["census", f"{file}:build", "--shape", "3,2,2"])
    assert capsys.readouterr().err == f"fvproof: {error.value}\n"
    assert "needs images to be measured on: give --images PATH (in Python, images=)" in str(error.value)
