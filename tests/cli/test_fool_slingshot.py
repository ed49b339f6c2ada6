import json

import pytest

from fvproof.cli.main import main

QUICK = ["fool", "digits", "slingshot", "--train-steps", "60", "--steps", "32"]


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_network_is_written_with_what_changed(tmp_path, capsys):
    code = run(*QUICK, "--unit", "logits:3", "--json", "--out", tmp_path)
    report = json.loads(capsys.readouterr().out)
    shown = report["visualization"]
    assert code == (0 if shown["after"]["correlation"] > shown["before"]["correlation"] else 1)
    assert report["unseen"]["images"] == 112
    assert all(check["holds"] for check in report["files"]["checks"])
    assert {"network.onnx", "network.pt2", "slingshot.json", "before.png", "after.png"} <= {
        path.name for path in tmp_path.iterdir()
    }


def test_more_than_one_unit_is_refused(tmp_path, capsys):
    assert run(*QUICK, "--unit", "logits:3-4", "--out", tmp_path) == 2
    assert "a slingshot is for one unit" in capsys.readouterr().err
