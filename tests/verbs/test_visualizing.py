"""`fv.maximize`: what comes back, held against the network itself and the command."""

import gc
import json

import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.networks.objectives import Difference, Neuron, Unit
from fvproof.theory.errors import DomainError, FvproofError
from fvproof.verbs import visualized

PIXELS = torch.rand(30, 1, 6, 6, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))


@pytest.fixture(scope="module")
def found(net):
    return fv.maximize(fv.model(net, images=PIXELS, mean=0.5, std=0.2), "0:0-1,3", steps=60)


def test_the_activations_are_those_of_the_images_and_the_baselines_those_of_natural_ones(net, found):
    def read(images):
        with torch.no_grad():
            scaled = (torch.as_tensor(images) - 0.5) / 0.2
            return torch.cat([net[0](scaled).mean((2, 3))[:, :2], net(scaled)], dim=1).numpy()

    values, natural = read(found.images), read(PIXELS)
    for place, run in enumerate(found.runs):
        assert run.activation == pytest.approx(values[place, place], abs=1e-4)
        assert (run.natural_low, run.natural_high) == pytest.approx(
            (natural[:, place].min(), natural[:, place].max()), abs=1e-4
        )
        assert run.activation > run.natural_high
    assert found.code == 0
    assert found.failed == ()


def test_the_least_activation_is_looked_for_where_asked(net):
    (run,) = fv.maximize(net, "3:1", images=PIXELS, minimize=True, steps=60).runs
    assert run.end == "min"
    assert run.activation < run.natural_low


def test_units_are_text_objects_or_both(net):
    given = [Unit("3", 2), "0:0-1", Neuron("0", 1, "center"), Difference(Unit("3", 0), Unit("3", 1)), "3:2"]
    names = [row["unit"] for row in fv.maximize(net, given, images=PIXELS, steps=1).rows]
    assert names == ["3:2", "0:0", "0:1", "0:1@center", "3:0-3:1"]
    one = fv.maximize(net, Unit("3", 1), images=PIXELS, steps=2)
    assert one.record() == fv.maximize(net, "3:1", images=PIXELS, steps=2).record()


@pytest.mark.parametrize("out", [None, "out"])
def test_the_record_and_the_text_are_the_commands(tmp_path, capsys, out):
    asked = ["maximize", "digits-small", "--units", "logits:0-2", "--steps", "8", "--out", f"{tmp_path}/command"]
    here = fv.maximize("digits-small", "logits:0-2", steps=8, out=out and tmp_path / out)
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--json"])
    assert json.loads(capsys.readouterr().out) == here.record() == json.loads(here.to_json())
    assert ended.value.code == here.code
    with pytest.raises(SystemExit):
        main(asked)
    assert capsys.readouterr().out == f"{here}\n"


def test_what_is_saved_is_what_the_command_writes(tmp_path):
    here = fv.maximize("digits-small", "logits:0-2", steps=8, out=tmp_path / "first")
    here.save(tmp_path / "second" / "folder")
    names = {"logits-0-max.png", "logits-1-max.png", "logits-2-max.png", "report.html", "sheet.png", "runs.json"}
    assert {path.name for path in (tmp_path / "second" / "folder").iterdir()} == names
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / "folder" / name).read_bytes()


@pytest.fixture
def nothing_older():
    """Have `gc.get_objects` leave out what there is already: a million objects, which take a fifth of a second."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def test_many_visualizations_are_not_held_in_memory(nothing_older, tmp_path, monkeypatch):
    alive, write = [], visualized.write_picture

    def counting(run, path):
        alive.append(sum(type(one) is Run for one in gc.get_objects()))
        write(run, path)

    monkeypatch.setattr(visualized, "write_picture", counting)
    monkeypatch.setattr(visualized, "SHOWN", 3)
    found = fv.maximize("digits-small", "all", steps=1, out=tmp_path)
    assert len(found.runs) == 42
    assert 0 < max(alive) <= 3 + 2
    assert found.runs[-1].image.shape == found.runs[1:2][0].image.shape == (1, 8, 8)
    assert [str(run.unit) for run in found.runs] == [row["unit"] for row in found.rows]


def test_a_visualization_whose_folder_was_emptied_is_one_sentence(tmp_path):
    found = fv.maximize("digits-small", "logits:0", steps=1, out=tmp_path)
    for piece in (tmp_path / "pieces").glob("*.npz"):
        piece.unlink()
    with pytest.raises(DomainError, match="the visualization of logits:0 is no longer in"):
        found.runs[0]


def test_a_notebook_shows_pictures_with_what_they_had_to_beat(found):
    page = found._repr_html_()
    assert page.count("data:image/png;base64") == 5
    run = found.runs[0]
    assert f"0:0 max {run.activation:.4g} (natural {run.natural_low:.4g} to {run.natural_high:.4g}, noise" in page
    assert repr(found).startswith("<MaximizeResult: Sequential: 5 of 5 visualizations are more extreme than natural")


def test_the_table_has_one_row_each(found, monkeypatch):
    monkeypatch.setattr("fvproof.verbs.results.find_spec", lambda _: None)
    table = found.table()
    assert [row["unit"] for row in table] == ["0:0", "0:1", "3:0", "3:1", "3:2"]
    assert [row["activation"] for row in table] == [run.activation for run in found.runs]


def test_a_network_in_memory_is_sent_to_other_processes(net):
    subject = fv.model(net, images=PIXELS)
    here, there = (fv.maximize(subject, "3:0", steps=3, executor=name) for name in ("local", "processes:1"))
    assert np.array_equal(here.images, there.images)


def test_a_network_that_cannot_be_sent_to_other_processes_is_one_sentence():
    module = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    module.extra = lambda: None
    with pytest.raises(
        DomainError, match=r'cannot be sent to other processes .*: give it by name, as "file.py:functio'
    ):
        fv.maximize(module, "1:0", images=PIXELS, steps=1, executor="processes:1")


@pytest.mark.parametrize(
    ("units", "settings", "options"),
    [
        ("logit:0", {}, []),
        ("logits:10", {}, []),
        (",", {}, []),
        ("logits:0", {"transforms": "lite"}, ["--transforms", "lite"]),
        ("logits:0", {"learning_rate": -1.0}, ["--learning-rate", "-1"]),
        ("logits:0", {"executor": "two"}, ["--executor", "two"]),
    ],
)
def test_errors_are_the_sentences_of_the_command(tmp_path, capsys, units, settings, options):
    with pytest.raises(FvproofError) as error:
        fv.maximize("digits-small", units, **settings)
    with pytest.raises(SystemExit) as ended:
        main(["maximize", "digits-small", "--units", units, *options, "--out", f"{tmp_path}/out"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"fvproof: {error.value}\n"


@pytest.mark.parametrize("units", [3, [], [3], [Unit("logits", 10)], [Unit("nowhere", 0)]])
def test_units_that_are_none_are_one_sentence(units):
    with pytest.raises(FvproofError, match=r"LAYER:CHANNELS|units 0 to 9|no layer"):
        fv.maximize("digits-small", units)


def test_a_setting_that_there_is_not_is_named_with_the_near_ones():
    with pytest.raises(FvproofError, match="there is no setting 'stepz'; did you mean steps"):
        fv.maximize("digits-small", "logits", stepz=3)


def test_images_kept_on_the_way_are_there_again_when_the_folder_is_read(tmp_path):
    first, again = (fv.maximize("digits-small", "logits:3", steps=6, at=[2, 6], out=tmp_path).runs[0] for _ in "12")
    assert first.way.shape == (2, 1, 8, 8)
    assert np.array_equal(first.way, again.way)
    assert np.array_equal(first.way_activations, again.way_activations)
    assert np.array_equal(first.way[1], first.image)


@pytest.mark.parametrize("at", ["1,8x", [1.5], [None]])
def test_counts_of_steps_that_are_none_are_one_sentence(at):
    with pytest.raises(FvproofError, match="at"):
        fv.maximize("digits-small", "logits:0", steps=8, at=at)
