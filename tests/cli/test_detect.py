import json

import pytest

from fvproof.cli.main import main


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_an_untouched_network_ends_with_code_zero(tmp_path, capsys):
    assert run("detect", "digits", "--units", "logits:0-3", "--steps", "48", "--out", tmp_path) == 0
    assert "nothing speaks for a manipulation: 0 of 4 units, on 450 images" in capsys.readouterr().out
    assert (tmp_path / "sheet.png").exists()


def test_json_says_what_was_measured(capsys):
    assert run("detect", "digits", "--layer-count", "2", "--per-layer", "2", "--steps", "16", "--json") in (0, 1)
    report = json.loads(capsys.readouterr().out)
    assert {unit["unit"] for unit in report["units"]} == {"logits:0", "logits:9", "conv1:0", "conv1:15"}
    assert [row["channels"] for row in report["rectifiers"]] == [16, 32, 32]


def test_a_fooled_network_is_suspected_as_the_file_that_was_written(tmp_path, capsys):
    fooled = ["fool", "digits", "silent", "--units", "hidden", "--unseen", "0", "--show", "2", "--steps", "4"]
    assert run(*fooled, "--out", tmp_path) == 0
    model = [f"{tmp_path / 'network.pt2'}", "--shape", "1,8,8"]
    assert run("census", *model, "--images", _digits(tmp_path)) == 0
    assert "32" in capsys.readouterr().out


def _digits(folder):
    import numpy as np

    from fvproof.empirical.networks.digits import digits_images

    images = digits_images()
    np.savez(folder / "digits.npz", images=images.images[:, 0], labels=images.labels)
    return folder / "digits.npz"
