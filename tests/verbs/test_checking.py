"""`fv.check`: certificates of every kind, checked in a process of their own."""

import json

import pytest

import fvproof as fv
from fvproof.theory.errors import DomainError
from fvproof.verify.files.beside import file_record
from tests.test_house import loaded_by
from tests.verbs.command import command
from tests.verbs.test_twinning import PHI


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Return the file of a certificate."""
    return fv.certify("digits-small", unit="hidden1:3", out=tmp_path_factory.mktemp("kept") / "c.json").file


def test_it_is_what_the_command_prints(file, capsys):
    found = fv.check(file)
    assert command(capsys, "check", file) == (0, f"{found}\n", "")
    assert command(capsys, "check", file, "--json")[1] == f"{found.to_json()}\n"
    assert (found.holds, found.headline) == (True, f"{file}: every claim follows")


@pytest.mark.usefixtures("check_here")
def test_what_verbs_return_is_checked_without_being_saved_first():
    found = fv.check(fv.twins("convex", ([0], [1], 0, 1), ["1/2"], value="1/3"))
    assert found.holds is True
    assert len(found.table()) == len(found.findings.checks) >= 6
    with pytest.raises(DomainError, match="there is no certificate to check"):
        fv.check(fv.interval("convex", PHI, [0, 0]))


@pytest.mark.usefixtures("check_here")
def test_a_file_that_was_changed_is_refused_and_one_that_is_not_as_stated_fails(file, tmp_path):
    changed = tmp_path / "changed.json"
    changed.write_text(file.read_text().replace('"maximum"', '"minimum"'))
    with pytest.raises(DomainError, match="changed"):
        fv.check(changed)
    fv.twins("convex", ([0], [1], 0, 1), ["1/2"], value="1/4", out=tmp_path / "other")
    fv.twins("convex", ([0], [1], 0, 1), ["1/2"], value="1/3", out=tmp_path)
    (tmp_path / "other" / "member.onnx").replace(tmp_path / "member.onnx")
    record = json.loads((tmp_path / "twins.json").read_text())
    record["members"][0]["onnx"] |= file_record(tmp_path / "member.onnx")
    (tmp_path / "twins.json").write_text(json.dumps(record))
    found = fv.check(tmp_path / "twins.json")
    assert (found.holds, found.code) == (False, 1)
    assert "NO " in str(found)
    assert "fail" in found.headline


def test_when_the_time_is_up_nothing_is_known(file, capsys):
    found = fv.check(file, timeout_s=1e-3)
    assert (found.holds, found.code, found.findings, found.rows) == (None, 3, None, [])
    assert command(capsys, "check", file, "--timeout", "1e-3") == (3, "", f"fvproof: {found.headline}\n")


@pytest.mark.usefixtures("check_here")
def test_a_notebook_shows_the_claims(file):
    page = fv.check(file)._repr_html_()
    assert page.count("<li>") >= 3
    assert "every claim follows" in page


@pytest.mark.usefixtures("check_here")
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"certificate": "none.json"}, "none.json cannot be read"),
        ({"timeout_s": 0}, "the timeout must be a positive number of seconds, not 0"),
        ({"network": "none.onnx"}, "none.onnx cannot be read"),
        ({"property": "none.vnnlib"}, "none.vnnlib"),
    ],
)
def test_bad_input_is_one_sentence(file, given, sentence):
    with pytest.raises(DomainError, match=sentence):
        fv.check(**{"certificate": file, **given})


def test_a_check_of_an_extremum_loads_no_torch(file):
    code = f"from pathlib import Path\nfrom fvproof.verbs.checked import check_here\ncheck_here(Path({str(file)!r}))"
    assert "torch" not in loaded_by(code)
