import json
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from fvproof.cli.main import main
from tests.cli.pausing import pausing, write_images
from tests.processes import ENVIRONMENT, ROOT, until

QUICK = ["audit", "digits", "--units", "conv2:0-1,logits:3", "--steps", "16", "--limit", "80"]

LINEAR = """
import torch
from torch import nn
from fvproof.empirical.networks.digits import digits_images

def templates():
    data = digits_images(held_out=False)
    pixels, labels = data.batch().flatten(1), torch.from_numpy(data.labels)
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    linear = nn.Linear(64, 10)
    with torch.no_grad():
        linear.weight.copy_(means - means.mean(dim=0))
        linear.bias.zero_()
    network = nn.Sequential(nn.Flatten(), linear)
    network.input_shape = (1, 8, 8)
    return network
"""

UNSEEDED = """
def unseeded():
    network = templates()
    torch.seed()
    nn.init.normal_(network[1].weight)
    return network
"""


def run(arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def refused(arguments, capsys):
    """Return the one line that is printed."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """Return the folder of a quick audit, made once for all tests."""
    folder = tmp_path_factory.mktemp("audited")
    assert run([*QUICK, "--out", folder]) == 1
    return folder


@pytest.fixture
def begun(audited, tmp_path):
    """Return a folder in which the work of a quick audit is finished, and nothing reported."""
    shutil.copytree(audited / "pieces", tmp_path / "pieces")
    return tmp_path


def test_a_model_that_is_not_trusted_exits_with_one_and_leaves_page_and_figures(tmp_path, capsys):
    assert run([*QUICK, "--out", tmp_path]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("NOT TRUSTED\nFeature visualizations of digits cannot be trusted: ")
    assert f"report: {tmp_path / 'report.html'}" in captured.err
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert [unit["unit"] for unit in report["units"]] == ["conv2:0", "conv2:1", "logits:3"]
    assert report["settings"]["units"] == "conv2:0-1,logits:3"
    assert report["image_count"] == 80
    assert all((tmp_path / unit["maximization"]["file"]).is_file() for unit in report["units"])
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_report_says_the_command_that_makes_it_again(audited):
    settings = json.loads((audited / "report.json").read_text())["settings"]
    assert sorted(settings["command"].split()) == sorted(["fvproof", *QUICK])


def test_json_goes_to_standard_output_and_is_the_file_and_a_seed_fixes_it(audited, tmp_path, capsys):
    run([*QUICK, "--json", "--out", tmp_path])
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "report.json").read_text(encoding="utf-8")
    for file in ("report.json", "report.html"):
        assert (tmp_path / file).read_bytes() == (audited / file).read_bytes()


def test_certificates_of_a_small_network_are_accepted_by_fvproof_check(tmp_path, capsys):
    assert (
        run(["audit", "digits-small", "--units", "logits:3", "--steps", "8", "--limit", "40", "--out", tmp_path]) == 1
    )
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for end in ("minimization", "maximization"):
        certified = report["units"][0][end]["certified"]
        assert run(["check", tmp_path / certified["file"]]) == 0
        assert certified["gap"] > 0
    assert "every claim follows" in capsys.readouterr().out


def test_processes_and_this_process_write_the_same_report(audited, tmp_path):
    assert run([*QUICK, "--executor", "processes:2", "--out", tmp_path]) == 1
    for file in ("report.json", "report.html"):
        assert (audited / file).read_bytes() == (tmp_path / file).read_bytes()


def test_a_model_in_a_file_is_shared_but_not_if_each_process_gets_another_one(tmp_path, monkeypatch, capsys):
    (tmp_path / "network.py").write_text(LINEAR + UNSEEDED)
    write_images(tmp_path / "images.npz", 40)
    monkeypatch.chdir(tmp_path)
    options = ["--images", "images.npz", "--steps", "4", "--units", "1:0-1", "--executor", "processes:1"]
    assert run(["audit", "network.py:templates", *options, "--out", "shared"]) == 1
    assert run(["audit", "network.py:unseeded", *options, "--out", "unseeded"]) == 2
    assert "must load the same network.py:unseeded and images" in capsys.readouterr().err


def test_a_model_whose_visualizations_can_be_read_exits_with_zero(tmp_path, capsys):
    (tmp_path / "linear.py").write_text(LINEAR)
    write_images(tmp_path / "images.npz", 450)
    arguments = ["audit", f"{tmp_path / 'linear.py'}:templates", "--images", tmp_path / "images.npz", "--steps", 512]
    assert run([*arguments, "--units", "1:0-2,1:4,1:6,1:8", "--out", tmp_path / "out"]) == 0
    assert capsys.readouterr().out.startswith("TRUSTED")


def test_a_killed_run_goes_on_where_it_was_and_ends_in_the_same_report(tmp_path, start, capsys):
    write_images(tmp_path / "images.npz", 60)
    network = f"{ROOT}/tests/cli/pausing.py:digits"
    options = ["--units", "conv2:0-7,logits:0-1", "--steps", "32", "--images", tmp_path / "images.npz", "--out"]
    arguments, pieces = ["audit", network, *options], tmp_path / "killed" / "pieces"

    def written():
        return {path.name: path.stat().st_mtime_ns for path in pieces.glob("*.npz")}

    worker = start(
        [sys.executable, "-m", "fvproof", *arguments, tmp_path / "killed"], env=ENVIRONMENT | pausing(pieces, 20)
    )
    until(lambda: len(written()) >= 20 or worker.poll() is not None)
    worker.kill()
    assert worker.wait() < 0
    assert not (tmp_path / "killed" / "report.json").exists()
    before = written()
    for folder in ("killed", "whole"):
        assert run([*arguments, tmp_path / folder]) == 1
    assert before.items() < written().items()
    for file in ("report.json", "report.html"):
        assert (tmp_path / "killed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def test_damaged_work_is_named_and_done_again(audited, begun, tmp_path, capsys):
    before = (audited / "report.json").read_bytes()
    damaged = sorted((tmp_path / "pieces").glob("*.npz"))[::4]
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-40])
    capsys.readouterr()
    run([*QUICK, "--out", tmp_path])
    told = capsys.readouterr().err
    assert all(f"{path} is damaged" in told for path in damaged)
    assert (tmp_path / "report.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["audit", "digts"], "there is no model 'digts'; did you mean digits"),
        (["audit", "digits", "--units", "conv3:0"], "there is no layer 'conv3'; did you mean conv"),
        (["audit", "digits", "--units", "conv2:30-40"], "has units 0 to 31, received 32"),
        (["audit", "digits", "--units", "conv2:x"], "channels are a number or a range"),
        (["audit", "digits", "--limit", "5"], "at least 8 images, not 5"),
        (["audit", "digits", "--images", "nowhere"], "nowhere"),
        (["audit", "digits", "--weights", "nowhere.pt"], "nowhere.pt"),
        (["audit", "digits", "--steps", "0"], "0 is not in the range"),
        (["audit", "digits", "--nonsense"], "No such option"),
        (["audit", "digits", "--executor", "cluster"], "the executor must be local, processes:N or dask:ADDRESS"),
        (["audit", "digits", "--executor", "dask:tcp://127.0.0.1:1"], "no Dask scheduler answers at tcp://127.0.0.1:1"),
        (["audit", "missing.py:net"], "there is no model file missing.py"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_two(tmp_path, capsys, arguments, said):
    assert said in refused([*arguments, "--out", tmp_path / "out"], capsys)


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert "must be one that can be written to" in refused([*QUICK, "--out", tmp_path / "file" / "out"], capsys)


def test_a_page_that_cannot_be_replaced_is_one_clear_line(begun, tmp_path, capsys):
    (tmp_path / "report.html").mkdir()
    assert run([*QUICK, "--out", tmp_path]) == 2
    assert "report.html must be a file that can be written" in capsys.readouterr().err


def test_an_empty_image_folder_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "images").mkdir()
    refused([*QUICK, "--images", tmp_path / "images", "--out", tmp_path / "out"], capsys)


def test_images_that_cannot_be_read_are_named_in_the_report(tmp_path, capsys):
    for label in range(3):
        (tmp_path / "images" / str(label)).mkdir(parents=True)
        for i in range(4):
            pixels = np.random.default_rng(10 * label + i).integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / str(label) / f"{i}.png")
    (tmp_path / "images" / "1" / "2.png").write_bytes(b"broken")
    assert run([*QUICK, "--images", tmp_path / "images", "--out", tmp_path / "out"]) == 1
    assert "skipped 1 images" in capsys.readouterr().err
    assert "1/2.png" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
