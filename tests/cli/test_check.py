"""`fvproof check` on twins and refutations: accepted as written, refused once a file is changed."""

import json
import os
import sys
from shutil import copytree
from zipfile import ZipFile

import onnx
import pytest
from onnx import numpy_helper

from fvproof.cli.main import main
from fvproof.verify.files.beside import file_record
from tests.processes import processes, until

MIDDLE = "def middle(phi, x):\n    return phi.middle\n"


def run(*arguments):
    """Return the exit code of a command line."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a folder with a refutation and its twins."""
    folder = tmp_path_factory.mktemp("refuted")
    (folder / "mine.py").write_text(MIDDLE)
    assert run("refute", "convex", "--decoder", f"{folder}/mine.py:middle", "--dim", 2, "--out", folder) == 1
    return folder


@pytest.mark.parametrize("name", ["twins.json", "refutation.json"])
def test_what_was_written_is_accepted(written, capsys, name):
    assert run("check", written / name) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "class: convex function" in lines
    assert sum(line.startswith("yes ") for line in lines) >= 15
    assert not any(line.startswith(("NO ", "-  ")) for line in lines)
    assert lines[-1].startswith("not checked: ")


@pytest.fixture
def copied(written, tmp_path):
    """Return a copy of the folder, to be changed."""
    return copytree(written, tmp_path / "copy")


def accept(folder, member, kind):
    """Write the new digest of a file into the twins' certificate, as whoever changes the file can."""
    record = json.loads((folder / "twins.json").read_text())
    part = record["members"][member][kind]
    record["members"][member][kind] = part | file_record(folder / part["file"])
    (folder / "twins.json").write_text(json.dumps(record))


def test_an_onnx_file_with_another_weight_is_found_though_its_digest_is_stated(copied, capsys):
    model = onnx.load(copied / "low.onnx")
    weights = numpy_helper.to_array(model.graph.initializer[0]).copy()
    weights.ravel()[0] += 2.0**-40
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights, model.graph.initializer[0].name))
    onnx.save(model, copied / "low.onnx")
    accept(copied, 0, "onnx")
    assert run("check", copied / "twins.json") == 1
    assert "NO  the ONNX file holds" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["data/weights/weight_0", "data/sample_inputs/model.pt", "models/model.json"])
def test_a_torch_file_with_another_part_is_found_without_being_loaded(copied, capsys, part):
    with ZipFile(copied / "low.pt2") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if name.endswith(part))
    parts[name] = parts[name].replace(b"relu", b"silu") if part.endswith("json") else b"\1" + parts[name][1:]
    with ZipFile(copied / "low.pt2", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    accept(copied, 0, "torch")
    assert run("check", copied / "twins.json") == 1
    assert "NO  the torch file holds" in capsys.readouterr().out


def test_files_in_floating_point_that_are_not_there_are_not_checked(copied, capsys):
    for path in [*copied.glob("*.onnx"), *copied.glob("*.pt2")]:
        path.unlink()
    assert run("check", copied / "refutation.json") == 0
    out = capsys.readouterr().out
    assert out.count("\n-   the ") == 4
    assert "low.pt2 is not there" in out.splitlines()[-1]


def test_an_answer_that_was_changed_is_found(written, tmp_path, capsys):
    for file in written.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    record = json.loads((written / "refutation.json").read_text())
    record["answers"] = ["0"]
    (tmp_path / "refutation.json").write_text(json.dumps(record))
    assert run("check", tmp_path / "refutation.json") == 1
    assert "NO  the answers are off by what is stated" in capsys.readouterr().out


def test_a_function_that_was_changed_is_refused_in_one_line(written, tmp_path, capsys):
    for file in written.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "high.json").write_text("{}")
    assert run("check", tmp_path / "refutation.json") == 2
    error = capsys.readouterr().err
    assert "is not the file" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(("text", "message"), [("[]", "holds no certificate"), ("{", "is no JSON")])
def test_what_is_no_certificate_is_refused(tmp_path, capsys, text, message):
    (tmp_path / "c.json").write_text(text)
    assert run("check", tmp_path / "c.json") == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "fvproof-twins", "format": "fvproof-twins"}', "is there twice"),
        ('{"format": "fvproof-twins", "version": NaN}', "no finite number"),
        ('{"format": "fvproof-twins", "version": 1e999}', "no finite number"),
        ('{"format": "fvproof-twins"} {}', "Extra data"),
        ('{"format": "fvproof-twins", "version": ' + "9" * 5000 + "}", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_refused(tmp_path, capsys, text, message):
    (tmp_path / "c.json").write_text(text)
    assert run("check", tmp_path / "c.json") == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_time_that_is_up_is_no_verdict(written, capsys):
    assert run("check", written / "twins.json", "--timeout", "0.01") == 3
    out, error = capsys.readouterr()
    assert out == ""
    assert "could not be checked within 0.01 s: nothing is known" in error
    assert run("check", written / "twins.json", "--timeout", "nan") == 2


def test_a_check_that_is_killed_leaves_nothing_behind(tmp_path):
    os.mkfifo(endless := tmp_path / "c.json")  # its reader waits as long as there is a writer
    with processes() as start:
        killed = start([sys.executable, "-m", "fvproof", "check", endless])
        with endless.open("wb", buffering=0) as writer:  # once it is read
            killed.kill()
            with pytest.raises(BrokenPipeError):  # its reader is gone
                until(lambda: not writer.write(b" "))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory")
def test_a_check_that_needs_too_much_memory_is_refused(tmp_path, capsys):
    (tmp_path / "c.json").write_text("[" + "[]," * 40_000_000 + "[]]")
    assert run("check", tmp_path / "c.json") == 2
    assert "needs more than 2 GiB of memory" in capsys.readouterr().err


def test_a_network_or_a_property_does_not_go_with_twins(written, capsys):
    assert run("check", written / "twins.json", "--network", written / "low.onnx") == 2
    assert "go with certificates of `fvproof certify`" in capsys.readouterr().err
