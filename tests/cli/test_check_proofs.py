"""`fvproof prove --certificates`, and `fvproof check` on what it wrote: accepted as written, refused once changed."""

import json
import lzma

import pytest

from fvproof.cli.main import main


def run(*arguments):
    """Return the exit code of a command line."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a folder with the certificates of two statements."""
    folder = tmp_path_factory.mktemp("certified") / "proofs"
    assert run("prove", "proposition-1", "silent-units", "--certificates", folder) == 0
    return folder


@pytest.fixture
def changed(written, tmp_path):
    """Return a function that writes a changed certificate, and returns its file."""

    def write(change, name="proposition-1.json"):
        record = json.loads((written / name).read_text(encoding="utf-8"))
        change(record)
        (tmp_path / name).write_text(json.dumps(record), encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.usefixtures("check_here")
def test_a_folder_of_certificates_is_accepted(written, capsys):
    assert run("check", written) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{written}: 2 statements, from their formulas up, by cases, induction and exact arithmetic"
    assert lines[1].startswith("proposition-1: ")
    assert sum(line.startswith("yes ") for line in lines) == 2


def test_one_file_is_accepted_in_a_process_of_its_own(written, capsys):
    assert run("check", written / "silent-units.json") == 0
    assert "silent-units: " in capsys.readouterr().out


@pytest.mark.usefixtures("check_here")
def test_the_certificates_of_the_package_are_accepted_compressed(written, tmp_path):
    packed = tmp_path / "proofs.json.xz"
    packed.write_bytes(lzma.compress((written / "proposition-1.json").read_bytes()))
    assert run("check", packed) == 0


@pytest.mark.usefixtures("check_here")
@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["theorems"][0].update(steps=[["case", 0]]),
        lambda r: r["theorems"][0].update(steps=7),
        lambda r: r["theorems"][0].update(claim="(< 1.0 0.0)"),
        lambda r: r["theorems"][0].update(believed=True),
        lambda r: r["theorems"][0].pop("words"),
        lambda r: r.update(theorems=[]),
        lambda r: r.update(statements={}),
        lambda r: r.update(statements={"proposition-1": []}),
        lambda r: r.update(statements={"proposition-1": [99]}),
        lambda r: r.update(statements=[]),
        lambda r: r.update(version=2),
        lambda r: r.update(sealed=True),
    ],
)
def test_a_damaged_certificate_is_refused_in_one_sentence(changed, capsys, change):
    assert run("check", changed(change)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.usefixtures("check_here")
def test_a_theorem_without_a_certificate_is_named(changed, capsys):
    file = changed(lambda r: r["theorems"][0].pop("steps"))
    assert run("check", file) == 1
    assert "no certificate: nothing shows that it follows" in capsys.readouterr().out


@pytest.mark.usefixtures("check_here")
def test_a_true_statement_under_another_name_is_told_apart(written, changed, capsys):
    other = json.loads((written / "silent-units.json").read_text(encoding="utf-8"))

    def renamed(record):
        record.update(theorems=other["theorems"], statements={"proposition-1": other["statements"]["silent-units"]})

    assert run("check", changed(renamed)) == 1
    assert "NO  proposition-1 is the statement of this package" in capsys.readouterr().out


@pytest.mark.usefixtures("check_here")
def test_a_statement_that_the_package_does_not_know_is_not_compared(changed, capsys):
    file = changed(lambda r: r.update(statements={"mine": r["statements"]["proposition-1"]}))
    assert run("check", file) == 0
    assert "-   mine is the statement of this package" in capsys.readouterr().out


@pytest.mark.usefixtures("check_here")
def test_a_folder_without_certificates_is_refused(tmp_path, capsys):
    assert run("check", tmp_path) == 2
    assert "holds no certificates of proofs" in capsys.readouterr().err


@pytest.mark.usefixtures("check_here")
@pytest.mark.parametrize("data", [b"", b"\xfd7zXZ\x00", lzma.compress(b"{}")[:-4], lzma.compress(b"{")])
def test_a_compressed_file_that_is_damaged_is_refused(tmp_path, capsys, data):
    (tmp_path / "proofs.json.xz").write_bytes(data)
    assert run("check", tmp_path / "proofs.json.xz") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_certificate_that_asks_for_too_much_is_stopped(changed, capsys):
    """A few hundred bytes: (s+t)^(2^40), by squaring what was squared before."""
    squares = "".join(f"(define-fun x{i + 1} () Real (* x{i} x{i}))" for i in range(40))
    words = f"(declare-fun s () Real) (declare-fun t () Real) (define-fun x0 () Real (+ s t)) {squares}"

    def bomb(record):
        theorem = record["theorems"][0]
        theorem.update(words=words, given=[], by=[], claim="(<= x40 0.0)", steps=[["sum", [[1, 45]], []]])
        record.update(theorems=[theorem], statements={"proposition-1": [0]})

    assert run("check", changed(bomb), "--timeout", 3) in (2, 3)
    assert len(capsys.readouterr().err.splitlines()) == 1
