import json

import pytest

import fvproof as fv
from fvproof.cli.main import main


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["fool", "digits", "pulse", *map(str, arguments)])
    return ended.value.code


def test_both_pictures_move_to_the_class_and_the_files_say_so(tmp_path, capsys):
    assert run("--unit", "hidden:3", "--train-steps", 150, "--steps", 64, "--json", "--out", tmp_path) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((tmp_path / "pulse.json").read_text())
    assert report["class"] == "9"
    assert report["top"]["images used"]["of_the_class_after"] >= 0.6
    assert report["visualization"]["after"]["to_the_class"] > report["visualization"]["before"]["to_the_class"]
    names = {path.name for path in tmp_path.iterdir()}
    assert {"network.onnx", "network.pt2", "report.html", "before.png", "after.png"} < names
    again = fv.model(str(tmp_path / "network.pt2"))
    assert len(fv.maximize(again, "network.hidden:3", steps=2).runs) == 1


def test_a_unit_of_the_output_is_refused(tmp_path, capsys):
    assert run("--unit", "logits:3", "--out", tmp_path) == 2
    assert "before the output" in capsys.readouterr().err
