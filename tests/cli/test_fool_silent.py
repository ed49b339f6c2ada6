import json

import pytest

from fvproof.cli.main import main

QUICK = [
    "fool",
    "digits",
    "silent",
    "--units",
    "hidden",
    "--limit",
    "120",
    "--show",
    "2",
    "--steps",
    "8",
    "--engines",
    "ours,plain",
]


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_network_is_written_with_its_certificate_which_check_checks(tmp_path, capsys):
    assert run(*QUICK, "--json", "--out", tmp_path) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["natural"]["largest_change"] == 0
    assert report["natural"]["images"] == 90
    assert len(report["layers"][0]["firing"]) == 6
    assert list(report["engines"]) == ["ours", "plain"]
    assert report["engines"]["plain"]["fooled_share"] == 1
    assert {"network.onnx", "network.pt2", "hull.json", "silent.json", "before.png", "after.png"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert run("check", tmp_path / "hull.json") == 0
    assert capsys.readouterr().out.count("yes ") == 3


def test_the_summary_says_what_changed(tmp_path, capsys):
    assert run(*QUICK, "--unseen", "0", "--out", tmp_path) == 0
    text = capsys.readouterr().out
    assert "32 silent units in hidden of digits" in text
    assert "yes silent on the hull" in text
    assert "opened by the starts of engines: ours 100%, plain 100%" in text


def test_a_single_unit_is_compared_with_itself_from_other_starts(tmp_path, capsys):
    assert run(*QUICK[:4], "hidden:3", *QUICK[5:], "--out", tmp_path) == 0
    assert "one unit after" in capsys.readouterr().out
    assert set(json.loads((tmp_path / "silent.json").read_text())["visualizations"]["sameness"]) == {"one unit after"}


def test_silent_units_lie_in_several_layers_at_once(tmp_path, capsys):
    units = "hidden:0-3,conv2:0-3"
    assert run(*QUICK[:4], units, *QUICK[5:], "--show", 4, "--json", "--out", tmp_path) == 0
    report = json.loads(capsys.readouterr().out)
    assert [(one["layer"], one["units"]) for one in report["layers"]] == [("conv2", 4), ("hidden", 4)]
    assert report["natural"]["largest_change"] == 0
    assert report["visualizations"]["units"] == ["conv2:0", "hidden:0", "conv2:1", "hidden:1"]
    assert report["engines"]["ours"]["fooled_share"] == 1
    for layer in ("conv2", "hidden"):
        assert run("check", tmp_path / f"hull-{layer}.json") == 0


def test_a_target_that_is_no_picture_is_refused(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"broken")
    assert run(*QUICK, "--target", tmp_path / "a.png", "--out", tmp_path) == 2
    assert "must be a picture" in capsys.readouterr().err
