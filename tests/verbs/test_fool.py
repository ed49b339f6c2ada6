import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

QUICK = {
    "circuit": ([], {"steps": 48, "show": 10}),
    "silent": (["hidden:0-3"], {"steps": 8, "show": 2, "engines": "plain,pixels"}),
    "slingshot": (["logits:3"], {"steps": 16, "train_steps": 30}),
    "pulse": (["hidden:3"], {"steps": 16, "train_steps": 20}),
}
FILES = {
    "circuit": {"fooled.onnx", "fooled.pt2", "fooled.safetensors", "fooled.py", "circuit.json", "sheet.png"},
    "silent": {"network.onnx", "network.pt2", "hull.json", "silent.json", "before.png", "after.png"},
    "slingshot": {"network.onnx", "network.pt2", "slingshot.json", "before.png", "after.png"},
    "pulse": {"network.onnx", "network.pt2", "pulse.json", "before.png", "after.png", "report.html"},
}
EXPORTS = {"circuit": "fooled.pt2", "silent": "network.pt2", "slingshot": "network.pt2", "pulse": "network.pt2"}


@pytest.fixture(scope="module")
def given():
    """Return the digits' network as a user may have it: in training mode, and the user's own."""
    model = load_model("digits")
    return replace(model, network=deepcopy(model.network).train().requires_grad_())


@pytest.fixture(scope="module")
def fooled(given, fooled_circuit, tmp_path_factory):
    """Return a function that fools the digits once by each method; a circuit goes on from what the command has left."""
    found = {}

    def by(method):
        if method not in found:
            units, options = QUICK[method]
            out = tmp_path_factory.mktemp("circuit")
            named = {"out": copytree(fooled_circuit, out, dirs_exist_ok=True)} if method == "circuit" else {}
            found[method] = fv.fool(given, method, *units, **named, **options)
        return found[method]

    return by


def printed(capsys, method, units, options, out):
    """Return what the command prints with --json, and its exit code."""
    named = {"silent": ["--units", *units], "slingshot": ["--unit", *units], "pulse": ["--unit", *units]}[method]
    settings = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    with pytest.raises(SystemExit) as stop:
        main(["fool", "digits", method, *named, *settings, "--json", "--out", str(out)])
    return json.loads(capsys.readouterr().out), stop.value.code


@pytest.mark.parametrize("method", QUICK)
def test_the_figures_and_the_exit_code_are_the_commands(fooled, fooled_circuit, method, tmp_path, capsys):
    here = json.loads(fooled(method).to_json())
    if method == "circuit":
        told, code = json.loads((fooled_circuit / "circuit.json").read_text(encoding="utf-8")), 0
    else:
        told, code = printed(capsys, method, *QUICK[method], tmp_path)
    for report in (told, here):
        report["files"] = [check["holds"] for check in report["files"]["checks"]]
    assert here == told
    assert fooled(method).code == code


@pytest.mark.parametrize("method", QUICK)
def test_what_is_saved_holds_the_fooled_network(fooled, method, tmp_path):
    found = fooled(method)
    assert found.save(tmp_path / "kept") == tmp_path / "kept"
    assert {path.name for path in (tmp_path / "kept").iterdir()} >= FILES[method]
    assert not (tmp_path / "kept" / "pieces").exists()
    images = torch.cat([digits_images().batch(0, 20), torch.from_numpy(found.after[0].image)[None]])
    exported = torch.export.load(tmp_path / "kept" / EXPORTS[method]).module()(images)
    with torch.no_grad():
        assert torch.allclose(exported, found.model(images), atol=1e-5)
    assert json.loads((tmp_path / "kept" / f"{method}.json").read_text(encoding="utf-8")) == found.record()


@pytest.mark.parametrize("method", QUICK)
def test_the_pictures_are_the_visualizations_of_the_network_before_and_after(fooled, method):
    found, (_, options) = fooled(method), QUICK[method]
    unit = found.after[0].unit
    for run, network in ((found.before[0], "digits"), (found.after[0], found.model)):
        # alone and in company, the same up to rounding
        again = fv.maximize(network, str(unit), steps=options["steps"]).runs[0].image
        assert np.allclose(run.image, again, atol=1e-3)
        assert not np.allclose(found.before[0].image, found.after[0].image, atol=1e-2)


def test_a_saved_certificate_of_silent_units_is_accepted(fooled, tmp_path, capsys):
    fooled("silent").save(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["check", str(tmp_path / "hull.json")])
    assert stop.value.code == 0
    assert capsys.readouterr().out.count("yes ") == 3


def test_a_file_of_a_circuit_loads_as_a_model_and_does_the_same(fooled, tmp_path):
    fooled("circuit").save(tmp_path)
    again, images = load_model(f"{tmp_path}/fooled.py:fooled"), digits_images().batch(0, 50)
    with torch.no_grad():
        assert torch.equal(again(images), fooled("circuit").model(images))


def test_nothing_is_left_on_disk_when_the_result_is_gone():
    found = fv.fool("digits", "silent", "hidden:0", steps=2, show=2, engines="plain")
    folder = found.folder
    assert (folder / "hull.json").is_file()
    del found
    assert not folder.exists()


@pytest.mark.parametrize("method", QUICK)
def test_the_network_that_was_given_is_left_as_it_was_and_shares_nothing(fooled, given, method):
    found, kept = fooled(method), load_model("digits").network.state_dict()
    assert all(module.training for module in given.network.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in given.network.parameters())
    assert all(torch.equal(weight, kept[name]) for name, weight in given.network.state_dict().items())
    memory = {weight.data_ptr() for weight in given.network.state_dict().values()}
    assert not memory & {weight.data_ptr() for weight in found.model.model.network.state_dict().values()}


def test_the_fooled_network_goes_on_to_other_verbs(fooled):
    subject = fooled("silent").model
    assert len(subject.images) == 450
    assert fv.maximize(subject, "hidden:0", steps=2).runs[0].activation > 0


def test_there_is_a_row_for_each_unit_shown_and_engines_beside(fooled):
    found = fooled("circuit")
    assert [row["unit"] for row in found.rows] == [unit["unit"] for unit in found.record()["units"]]
    for row, unit in zip(found.rows, found.record()["units"], strict=True):
        assert row["pixels_to_target"] == pytest.approx(unit["pixels_to_target"], abs=1e-6)
        assert row["pixels_to_own"] == pytest.approx(unit["pixels_to_own"], abs=1e-6)
    assert list(found.engines) == ["ours", "plain", "pixels", "noise", "lucent"]
    assert fooled("slingshot").engines == {}


@pytest.mark.parametrize(("method", "pictures"), [("circuit", 30), ("silent", 4), ("slingshot", 3), ("pulse", 2)])
def test_a_notebook_shows_before_and_after_and_a_prompt_one_line(fooled, method, pictures):
    found = fooled(method)
    assert found._repr_html_().count("<img ") == pictures
    assert repr(found).startswith(f"<FoolResult: digits, {method}")
    assert "\n" not in repr(found)
    assert str(found) == found.text


def test_units_and_pictures_are_taken_as_objects(tmp_path):
    target = digits_images().batch(3, 4)[0]
    options = {"steps": 8, "train_steps": 10}
    one = fv.fool("digits", "slingshot", Unit("logits", 3), target=target, **options)
    other = fv.fool("digits", "slingshot", ["logits:3"], target=target.numpy(), **options)
    assert one.record()["visualization"] == other.record()["visualization"]
    assert np.array_equal(one.targets[0], target.numpy())


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("flatter",), {}, UnknownName, "there is no method 'flatter'"),
        (("silent",), {}, DomainError, "silent needs units to fool"),
        (("slingshot", "logits:3-4"), {}, DomainError, "a slingshot is for one unit"),
        (("circuit", "conv2:0"), {}, DomainError, "goes around the network's output"),
        (("circuit",), {"offset": 20}, DomainError, "offset 20 gives each of the 10 units its own visualization"),
        (("circuit",), {"target": "no.png"}, DomainError, "target must be permuted, or the file of a picture"),
        (("circuit",), {"learned": 4}, DomainError, "learned must be at least 5"),
        (("circuit",), {"engines": ["lucid"]}, UnknownName, "there is no engine 'lucid'"),
        (("silent", "hidden"), {"unseen": 1.0}, DomainError, "unseen must be in [0, 1)"),
        (("silent", "hidden"), {"factor": -1.0}, DomainError, "factor and scale must be positive"),
        (("slingshot", "logits:3"), {"target": np.zeros((3, 8, 8))}, ShapeError, "must have the shape (1, 8, 8)"),
        (("slingshot", "logits:3"), {"target": np.full((1, 8, 8), 2.0)}, DomainError, "floats in [0, 1]"),
        (("slingshot", "logits:3"), {"unseen": 0.0}, DomainError, "unseen must be in (0, 1)"),
        (("slingshot", "logits:10"), {}, DomainError, "has units 0 to 9, received 10"),
        (("slingshot", Unit("logits", 10)), {}, DomainError, "has units 0 to 9, received 10"),
    ],
)
def test_bad_input_is_one_sentence(arguments, options, error, said):
    with pytest.raises(error) as caught:
        fv.fool("digits", *arguments, **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_of_another_method_is_refused_by_name():
    with pytest.raises(UnknownName, match="there is no setting 'train_steps'"):
        fv.fool("digits", "silent", "hidden", train_steps=3)


def test_a_network_without_images_is_told_so():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    with pytest.raises(DomainError, match="needs images"):
        fv.fool(fv.model(network, shape=(1, 8, 8)), "circuit")


def test_a_folder_that_cannot_be_written_is_one_sentence(fooled, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DomainError, match="must be one that can be written to"):
        fooled("slingshot").save(Path(tmp_path, "file", "out"))
