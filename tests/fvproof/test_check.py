"""`fvproof check` on twins and refutations: accepted as written, refused once a file is changed."""

import json

import pytest

from fvproof.main import main

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
    assert lines
    assert all(line.startswith("yes ") for line in lines)


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
