import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from fvproof.cli.sanity import command
from fvproof.theory.errors import DomainError

QUICK = ["digits", "--steps", "24", "--per-class", "4", "--layers", "relu1, logits"]


def test_the_curve_is_printed_and_written_with_plot_and_pictures(tmp_path):
    result = CliRunner().invoke(command, [*QUICK, "--out", str(tmp_path)])
    assert result.exception is None
    assert "relu1" in result.stdout
    assert "40 images" in result.stdout
    assert "over the choice of images, and over that of classes" in result.stdout
    assert "contrast" in result.stdout
    report = json.loads((tmp_path / "sanity.json").read_text())
    assert [row["layer"] for row in report["curve"] if row["measure"] == "spearman"] == ["relu1", "logits"]
    assert all(row["over_classes"]["value"] == row["normalized"]["value"] for row in report["curve"])
    for row in report["curve"]:
        difference = row["normalized"]["value"] - row["normalized_others"]["value"]
        assert row["contrast"]["value"] == pytest.approx(difference)
    assert (tmp_path / "sanity.svg").read_text().count("<svg") == 1
    assert (tmp_path / "sheet.png").exists()
    assert len(list(tmp_path.glob("logits-*-max.png"))) == 10


def test_json_goes_to_standard_output_and_a_seed_fixes_it(tmp_path):
    one, two = (CliRunner().invoke(command, [*QUICK, "--json", "--out", str(tmp_path / name)]) for name in "ab")
    assert json.loads(one.stdout)["images"] == 40
    assert one.stdout == two.stdout


def test_a_visualization_that_fails_is_named_and_the_exit_code_is_one(tmp_path):
    arguments = ["digits", "--steps", "1", "--per-class", "3", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.return_value == 1
    assert "the visualization of logits:0 failed: weaker than" in result.stderr


def test_images_that_cannot_be_read_are_named(tmp_path):
    folder = tmp_path / "images"
    for label in ("0", "1"):
        (folder / label).mkdir(parents=True)
        for i in range(3):
            pixels = np.random.default_rng(i).integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{i}.png")
    (folder / "1" / "2.png").write_bytes(b"broken")
    result = CliRunner().invoke(command, [*QUICK, "--images", str(folder), "--out", str(tmp_path / "out")])
    assert "skipped 1 images that cannot be read: 1/2.png" in result.stderr
    assert "labels must be numbers of outputs" in result.stderr


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(command, [*QUICK, "--out", str(tmp_path / "file" / "out")])
    assert isinstance(result.exception, DomainError)
    assert "can be written to" in str(result.exception)


@pytest.mark.parametrize("count", ["0", "1"])
def test_fewer_than_two_images_of_a_class_are_refused(tmp_path, count):
    assert CliRunner().invoke(command, ["--per-class", count, "--out", str(tmp_path)]).exit_code == 2
