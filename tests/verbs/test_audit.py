import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.cli.main import main
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError, UnknownName

UNITS, STEPS = "conv2:0-1,logits:3", 16


@pytest.fixture(scope="module")
def images():
    return digits_images().subset(range(80))


@pytest.fixture(scope="module")
def about(quick_audit):
    """Return what the command says of itself and of the images in its report."""
    settings = json.loads((quick_audit / "report.json").read_text(encoding="utf-8"))["settings"]
    return {name: settings[name] for name in ("limit", "crop", "command")}


@pytest.fixture(scope="module")
def found(images, about):
    """Return a quick audit without a folder."""
    return fv.audit("digits", UNITS, images=images, steps=STEPS, about=about)


def test_the_report_is_the_commands_to_the_byte(found, quick_audit, tmp_path):
    found.save(tmp_path)
    for file in ("report.json", "report.html"):
        assert (tmp_path / file).read_bytes() == (quick_audit / file).read_bytes()
    assert found.to_json() == (quick_audit / "report.json").read_text(encoding="utf-8")
    assert found.code == 1


def test_the_text_is_what_the_command_prints(found, quick_audit):
    assert (quick_audit / "printed.txt").read_text(encoding="utf-8") == f"{found.text}\n"
    assert str(found) == found.text


def test_nothing_is_printed_or_left_in_the_current_folder(images, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    fv.audit("digits", "logits:3", images=images, steps=2)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("check_here")
def test_without_a_folder_all_that_the_report_refers_to_is_saved_later(tmp_path, capsys):
    found = fv.audit("digits-small", "logits:3", steps=8, images=digits_images().subset(range(40)))
    found.save(tmp_path / "kept")
    found.save(tmp_path / "kept" / "again")
    scratch = found.folder
    del found
    assert not scratch.exists()
    for folder in (tmp_path / "kept", tmp_path / "kept" / "again"):
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")
        for end in ("minimization", "maximization"):
            seen = report["units"][0][end]
            assert (folder / seen["file"]).is_file()
            with pytest.raises(SystemExit) as stop:
                main(["check", str(folder / seen["certified"]["file"])])
            assert stop.value.code == 0


def test_a_table_has_a_row_per_unit(found):
    rows = found.rows
    assert [row["unit"] for row in rows] == ["conv2:0", "conv2:1", "logits:3"]
    report = found.record()
    for row, unit in zip(rows, report["units"], strict=True):
        assert row["maximum"] == unit["maximization"]["activation"]
        assert row["predicts"] == unit["predicts"]
    assert [unit.unit for unit in found.units] == [Unit("conv2", 0), Unit("conv2", 1), Unit("logits", 3)]
    assert not found.trusted
    assert found.verdict == report["verdict"]["sentence"]


def test_without_pandas_a_table_is_a_list_of_dictionaries(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setattr("fvproof.verbs.results.find_spec", lambda _: None)
    assert found.table() == [dict(row) for row in found.rows]


def test_a_notebook_shows_the_report_and_a_prompt_one_line(found):
    shown = found._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert shown.count("<") == 2  # the page is inside the attribute, escaped
    assert repr(found) == "<AuditResult: digits: not trusted, 3 units>"


def test_a_network_and_images_in_memory_are_audited_and_left_as_they_were():
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 6), nn.ReLU(), nn.Linear(6, 3)).train()
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    pixels = torch.rand(24, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    found = fv.audit(network, ["1:0", Unit("3", 2)], images=pixels, labels=np.arange(24) % 3, steps=4, certify_s=0)
    assert [row["unit"] for row in found.rows] == ["1:0", "3:2"]
    assert found.record()["settings"]["units"] == "1:0,3:2"
    assert found.record()["accuracy"] is not None
    assert network.training
    assert all(parameter.requires_grad and parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_processes_and_this_process_find_the_same(found, images, about):
    shared = fv.audit("digits", UNITS, images=images, steps=STEPS, about=about, executor="processes:2")
    assert shared.to_json() == found.to_json()


def test_a_second_call_takes_what_the_first_has_left(images, tmp_path):
    fv.audit("digits", "logits:3", images=images, steps=4, out=tmp_path)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "pieces").glob("*.npz")}
    fv.audit("digits", "logits:3", images=images, steps=4, out=str(tmp_path))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "pieces").glob("*.npz")} == times


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("digts",), {}, UnknownName, "there is no model 'digts'; did you mean digits"),
        (("digits", "conv3:0"), {}, UnknownName, "there is no layer 'conv3'; did you mean conv"),
        (("digits", "conv2:30-40"), {}, DomainError, "has units 0 to 31, received 32"),
        (("digits", Unit("conv2", 32)), {}, DomainError, "has units 0 to 31, received 32"),
        (("digits", "conv2:x"), {}, DomainError, "channels are a number or a range"),
        (("digits",), {"steps": 0}, DomainError, "steps must be at least 1"),
        (("digits",), {"certify_s": -1.0}, DomainError, "certify_s must be at least 0"),
        (("digits",), {"radii": -1}, DomainError, "radii must be at least 0"),
        (("digits",), {"executor": "cluster"}, DomainError, "the executor must be local, processes:N or dask:ADDRESS"),
        (("digits",), {"images": digits_images().images[:5]}, DomainError, "at least 8 images, not 5"),
        (("digits",), {"images": "nowhere"}, DomainError, "there is no image folder or file nowhere"),
    ],
)
def test_bad_input_is_one_sentence(arguments, options, error, said):
    with pytest.raises(error) as caught:
        fv.audit(*arguments, **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_sentence(found, tmp_path):
    (tmp_path / "file").touch()
    for call in (found.save, lambda out: fv.audit("digits", "logits:3", out=out)):
        with pytest.raises(DomainError, match="must be one that can be written to"):
            call(Path(tmp_path, "file", "out"))
