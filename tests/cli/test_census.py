import json

import numpy as np
import pytest

from fvproof.cli.main import main


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_census_is_printed_layer_by_layer(capsys):
    assert run("census", "digits", "--limit", "100") == 0
    text = capsys.readouterr().out
    assert "relu2#1" in text
    assert "of 80 channels are silent on 100 images" in text


def test_json_lists_the_silent_channels(capsys):
    assert run("census", "digits", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["channels"] for row in rows] == [16, 32, 32]
    assert all(row["opened"][channel] == 0 for row in rows for channel in row["silent"])


def test_a_model_without_images_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "net.py").write_text(
        "from torch import nn\ndef build():\n    return nn.Sequential(nn.Flatten(), nn.Linear(12, 2))\n"
    )
    assert run("census", f"{tmp_path}/net.py:build", "--shape", "3,2,2") == 2
    assert "give --images" in capsys.readouterr().err


def test_channels_that_are_no_numbers_are_not_silent_and_are_counted(tmp_path, capsys):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\ndef build():\n    conv = nn.Conv2d(3, 4, 1)\n"
        "    torch.nn.init.constant_(conv.weight, 1)\n    torch.nn.init.constant_(conv.bias, 0)\n"
        "    conv.bias.data[1], conv.bias.data[2] = float('nan'), -9\n"
        "    return nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))\n"
    )
    np.savez(tmp_path / "i.npz", images=np.full((6, 2, 2, 3), 255, np.uint8))
    arguments = "census", f"{tmp_path}/net.py:build", "--shape", "3,2,2", "--images", tmp_path / "i.npz"
    assert run(*arguments) == 0
    assert "1 of 4 channels are silent on 6 images; 1 of 4 are not a number on some" in capsys.readouterr().out
    assert run(*arguments, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (row["silent"], row["high"]) == ([2], [3, None, -6, 3])
