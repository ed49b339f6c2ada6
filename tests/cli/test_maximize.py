import json
import subprocess
import sys
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image

import fvproof.verbs.visualized
from fvproof.cli.main import main
from tests.cli.pausing import pausing
from tests.processes import ENVIRONMENT, ROOT, until

SILENT_FILE = """
import torch
from torch import nn

def silent():
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    network[1].weight.data = torch.tensor([[1.0, -1.0, 1.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    network.input_shape = (1, 2, 2)
    return network
"""

WRITTEN = ("report.html", "sheet.png", "runs.json", "pieces")


def call(*arguments):
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(["maximize", *map(str, arguments)])
    return stop.value.code


def test_pictures_a_sheet_and_records_are_written(tmp_path, capsys):
    code = call("digits", "--units", "logits:0-2,conv1:5", "--steps", 64, "--out", tmp_path / "new" / "folder")
    names = ["logits-0-max.png", "logits-1-max.png", "logits-2-max.png", "conv1-5-max.png"]
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == {
        *names,
        *WRITTEN,
    }
    records = json.loads((tmp_path / "new" / "folder" / "runs.json").read_text())
    assert [found["picture"] for found in records] == names
    assert all(found["natural_low"] < found["natural_high"] < found["activation"] for found in records[:3])
    assert code == 0
    assert "logits:0" in capsys.readouterr().out


def test_the_least_activation_is_looked_for_where_asked(tmp_path, capsys):
    assert call("digits", "--units", "logits:4", "--minimize", "--steps", 64, "--json", "--out", tmp_path) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["end"] == "min"
    assert found["activation"] < found["natural_low"]
    assert found == json.loads((tmp_path / "runs.json").read_text())[0]


def test_options_reach_the_optimiser(tmp_path, capsys):
    options = ["--steps", 3, "--seed", 7, "--parametrization", "pixel", "--transforms", "light", "--learning-rate", 0.1]
    options += ["--position", "center", "--batch-size", 2, "--precision", "float32", "--diversity", 2, "--patience", 1]
    options += ["--at", "2"]
    call("digits", "--units", "conv2:1", *options, "--json", "--out", tmp_path)
    assert json.loads(capsys.readouterr().out)[0]["settings"] == {
        "steps": 3,
        "seed": 7,
        "parametrization": "pixel",
        "opened": 16,
        "contrast": 1.0,
        "transforms": "light",
        "learning_rate": 0.1,
        "position": "center",
        "batch": 2,
        "precision": "float32",
        "diversity": 2,
        "patience": 1,
        "at": [2],
    }


def test_a_visualization_that_failed_shows_in_the_table_the_picture_and_the_exit_code(tmp_path, capsys):
    (tmp_path / "net.py").write_text(SILENT_FILE)
    assert call(f"{tmp_path}/net.py:silent", "--units", "1", "--steps", 512, "--out", tmp_path / "out") == 1
    assert "silent" in capsys.readouterr().out
    with Image.open(tmp_path / "out" / "1-1-max.png") as picture:
        assert picture.text["Title"].endswith(", silent")
    records = json.loads((tmp_path / "out" / "runs.json").read_text())
    assert [found["status"] for found in records] == ["ok", "silent"]
    assert records[0]["natural_high"] is None


def test_natural_images_are_compared_with_where_given(tmp_path, capsys):
    (tmp_path / "net.py").write_text(SILENT_FILE)
    np.savez(tmp_path / "images.npz", images=np.array([[[0, 255], [0, 255]], [[255, 0], [255, 0]]], np.uint8))
    arguments = ["--units", "1:0", "--images", tmp_path / "images.npz", "--steps", 5, "--json"]
    assert call(f"{tmp_path}/net.py:silent", *arguments, "--out", tmp_path / "out") == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert found["natural_high"] - found["natural_low"] == pytest.approx(4, abs=1e-5)
    assert found["status"] in ("weaker than natural images", "weaker than noise")


def test_every_kind_of_objective_has_a_picture_of_its_own(tmp_path, capsys):
    np.save(tmp_path / "v.npy", np.eye(10))
    units = f"logits:3-logits:5,logits:{tmp_path}/v.npy#4,conv1:2@center,conv1:3@0x7"
    call("digits", "--units", units, "--steps", 16, "--out", tmp_path / "out")
    names = ["logits-3-logits-5-max.png", "logits-v.npy-4-max.png", "conv1-2-center-max.png", "conv1-3-0x7-max.png"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *names,
        "report.html",
        "sheet.png",
        "runs.json",
        "pieces",
    }
    records = json.loads((tmp_path / "out" / "runs.json").read_text())
    assert [found["unit"] for found in records][:2] == ["logits:3-logits:5", "logits:v.npy#4"]
    assert all(found["natural_low"] < found["natural_high"] for found in records)


def test_several_visualizations_of_a_unit_are_told_apart(tmp_path, capsys):
    call("digits", "--units", "logits:3", "--diversity", 3, "--steps", 16, "--out", tmp_path)
    names = {f"logits-3-max-{i}.png" for i in range(3)}
    assert {path.name for path in tmp_path.iterdir()} == {*names, *WRITTEN}
    assert "likeness" in capsys.readouterr().out
    assert all(-1 <= found["likeness"] <= 1 for found in json.loads((tmp_path / "runs.json").read_text()))


def test_maco_keeps_the_spectrum_of_the_images_given(tmp_path, capsys):
    (tmp_path / "net.py").write_text(SILENT_FILE)
    np.savez(tmp_path / "images.npz", images=np.array([[[0, 255], [0, 255]], [[255, 0], [255, 0]]], np.uint8))
    maco = ["--units", "1:0", "--parametrization", "maco", "--steps", 5, "--json", "--out", tmp_path / "out"]
    assert call(f"{tmp_path}/net.py:silent", *maco, "--images", tmp_path / "images.npz") in (0, 1)
    assert json.loads(capsys.readouterr().out)[0]["settings"]["parametrization"] == "maco"
    assert call(f"{tmp_path}/net.py:silent", *maco) == 2
    assert "maco needs natural images, whose spectrum it keeps: give some (--images)" in capsys.readouterr().err
    assert call("digits", *maco[2:], "--units", "logits:0", "--transforms", "off") in (0, 1)


def test_a_unit_at_a_plateau_stops_and_says_so(tmp_path, capsys):
    (tmp_path / "net.py").write_text(SILENT_FILE)
    options = ["--units", "1:0", "--transforms", "off", "--parametrization", "pixel", "--patience", 20, "--steps", 4000]
    assert call(f"{tmp_path}/net.py:silent", *options, "--json", "--out", tmp_path / "out") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["status"] == "ok: stopped at a plateau"
    assert found["steps_taken"] == len(found["trace"]) < 4000


OUTPUTS = ("runs.json", "sheet.png", "conv2-31-max.png", "logits-9-max.png")
MANY = (f"{ROOT}/tests/cli/pausing.py:digits", "--units", "conv2,logits", "--steps", 8, "--batch-size", 8)


def command(folder, *arguments):
    """Return the command in a process of its own."""
    return [sys.executable, "-m", "fvproof", "maximize", *MANY, *arguments, "--out", folder]


@pytest.fixture(scope="module")
def whole(once):
    """Return the folder of a run that nothing stopped."""

    def make(folder):
        assert call(*MANY, "--out", folder) in (0, 1)

    return once("maximized", make)


def same_files(first, second):
    """Return whether two runs left the same results and the same finished work."""
    pieces = [{path.name: path.read_bytes() for path in (at / "pieces").glob("*.npz")} for at in (first, second)]
    return pieces[0] == pieces[1] and all(
        (first / name).read_bytes() == (second / name).read_bytes() for name in OUTPUTS
    )


def written(folder):
    """Return when each piece of work was finished."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "pieces").glob("*.npz")}


def test_a_killed_run_goes_on_where_it_was_and_ends_in_the_same_files(whole, tmp_path, start):
    worker = start(command(tmp_path), env=ENVIRONMENT | pausing(tmp_path / "pieces", 20))
    until(lambda: len(written(tmp_path)) >= 20 or worker.poll() is not None)
    worker.kill()
    assert worker.wait() < 0
    assert not (tmp_path / "runs.json").exists()
    times = written(tmp_path)
    assert 20 <= len(times) < len(written(whole))
    assert call(*MANY, "--out", tmp_path) in (0, 1)
    assert times.items() <= written(tmp_path).items()
    assert same_files(whole, tmp_path)


def test_processes_write_the_same_files(whole, tmp_path):
    assert call(*MANY, "--executor", "processes:2", "--out", tmp_path) in (0, 1)
    assert same_files(whole, tmp_path)


@pytest.mark.slow  # quickly without the command: tests/empirical/keeping/test_executors.py
def test_a_cluster_that_loses_a_worker_writes_the_same_files(whole, tmp_path, cluster):
    address, workers = cluster
    done = Event()

    def lose():
        until(lambda: written(tmp_path) or done.is_set())
        workers[0].kill()

    losing = Thread(target=lose)
    losing.start()
    try:
        assert call(*MANY, "--executor", f"dask:{address}", "--out", tmp_path) in (0, 1)
    finally:
        done.set()
        losing.join()
    assert same_files(whole, tmp_path)


def test_all_are_the_channels_of_every_layer_with_filters_and_the_sheet_shows_the_first(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(fvproof.verbs.visualized, "SHOWN", 5)
    call("digits-small", "--units", "all", "--steps", 1, "--json", "--out", tmp_path)
    captured = capsys.readouterr()
    records = json.loads(captured.out)
    assert [found["unit"] for found in records[::16]] == ["hidden1:0", "hidden2:0", "logits:0"]
    assert len(list(tmp_path.glob("*max.png"))) == len(records) == 42
    said = f"42 visualizations are in {tmp_path}: sheet.png shows the first 5, runs.json has the figures\n"
    assert captured.err == said


HUNGRY_FILE = """
import torch
from torch import nn

class Hungry(nn.Module):
    input_shape = (1, 2, 2)

    def __init__(self):
        super().__init__()
        self.unit = nn.Linear(4, 6, bias=False)
        nn.init.constant_(self.unit.weight, 0.5)
        self.unit.weight.data[5] = float("nan")

    def forward(self, x):
        if len(x) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.unit(x.flatten(1))
"""


@pytest.mark.parametrize("executor", ["local", "processes:1"])
def test_what_went_otherwise_is_said_in_plain_sentences_each_once(tmp_path, capsys, executor):
    (tmp_path / "net.py").write_text(HUNGRY_FILE)
    options = ["--units", "unit", "--steps", 8, "--executor", executor, "--out", tmp_path / "out"]
    assert call(f"{tmp_path}/net.py:Hungry", *options) == 1
    *said, _where_they_are = capsys.readouterr().err.splitlines()
    assert said == [
        "out of memory: going on with 2 images at once",
        "unit unit:5 (max) stopped at step 0: its activation is not a number",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits", "--units", "logits:0-99999999999"], "layer 'logits' has units 0 to 9, received 10"),
        (["digits", "--units", "logits:" + 5000 * "9"], "channels are a number or a range"),
        (["digits", "--units", "logits:0", "--executor", "two"], "the executor must be local, processes:N or dask:"),
        (["digits", "--units", "logits:0", "--shape", "1,8000000,8000000"], "out of memory: there must be room for"),
        (["digits", "--units", "logits:0", "--device", "gpu"], "the device must be auto, cpu, cuda, cuda:N or mps"),
        (["digits", "--units", "logits:0", "--device", "cuda:99"], "there is no device cuda:99 here"),
        (["digits", "--units", "logit:0"], "there is no layer 'logit'; did you mean logits"),
        (["digits", "--units", "logits:10"], "layer 'logits' has units 0 to 9, received 10"),
        (["digits", "--units", "logits:0", "--transforms", "lite"], "did you mean light"),
        (["digits", "--units", "logits:0", "--learning-rate", "nan"], "received nan"),
        (["digitz", "--units", "logits:0"], "did you mean digits"),
        (["digits"], "Missing option '--units'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, capsys, arguments, message):
    assert call(*arguments, "--out", tmp_path / "out") == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_cluster_that_is_nowhere_is_one_line_to_the_very_end(tmp_path):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'fvproof[dask]'")
    asked = command(tmp_path, "--executor", "dask:nowhere")
    ended = subprocess.run(map(str, asked), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "fvproof: no Dask scheduler answers at nowhere: missing port number in address 'nowhere'\n"


def test_a_model_function_that_ends_the_process_is_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "net.py").write_text("import sys\n\ndef net():\n    sys.exit(5)\n")
    assert call(f"{tmp_path}/net.py:net", "--units", "0:0", "--out", tmp_path / "out") == 2
    assert capsys.readouterr().err == f"fvproof: {tmp_path}/net.py:net raised SystemExit: 5\n"


def test_an_output_folder_that_cannot_be_made_is_one_line_and_exit_code_2(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert call("digits", "--units", "logits:0", "--out", tmp_path / "file") == 2
    assert str(tmp_path / "file") in capsys.readouterr().err
