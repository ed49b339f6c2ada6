"""`fv.prove`: statements in, verdicts, mutants and formulas out."""

import json
import re
from importlib.util import find_spec
from shutil import which

import pytest

import fvproof as fv
from fvproof.theory.errors import UnknownName
from fvproof.verbs import proving_in_coq
from fvproof.verify.proving.coq import theorems
from fvproof.verify.proving.proof import proof
from tests.verbs.command import command


@pytest.fixture(scope="module")
def proved():
    return fv.prove("minimax", "proposition-1")


def test_it_is_what_the_command_prints(proved, capsys):
    assert command(capsys, "prove", "minimax", "proposition-1") == (0, f"{proved}\n", "")
    assert command(capsys, "prove", "minimax", "proposition-1", "--json")[1] == f"{proved.to_json()}\n"


def test_it_carries_the_theorems(proved):
    assert proved.proved
    assert proved.proofs["minimax"] is proof("minimax")
    assert [one["verdict"] for one in proved.found] == ["proved", "proved"]


def test_a_notebook_shows_statements_and_mutants(proved):
    page = proved._repr_html_()
    assert ">minimax</td>" in page
    assert page.count("<tr>") == 2 + len(proved.rows) + sum(len(one["mutants"]) for one in proved.found)
    assert all(re.fullmatch(r"(\d+) of \1", row["mutants refuted"]) for row in proved.rows)
    assert len(proved.table()) == 2


def test_obligations_and_findings_are_written(proved, tmp_path):
    count = proved.export(tmp_path / "smt2")
    assert count == len(list((tmp_path / "smt2").rglob("*.smt2"))) > 2
    assert json.loads((proved.save(tmp_path) / "prove.json").read_text()) == proved.record()


@pytest.mark.skipif(find_spec("cvc5") is None, reason="needs cvc5: pip install 'fvproof[cvc5]'")
def test_another_solver_decides_again_and_every_step_is_derived_again():
    found = fv.prove("proposition-1", solver="cvc5", recheck=True)
    assert found.proved
    assert all(step["fault"] == "" for step in found.found[0]["rechecked"])


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (["minimacks"], {}, "there is no statement 'minimacks'; did you mean minimax"),
        (["minimax"], {"solver": "z4"}, "there is no solver 'z4'; did you mean z3"),
    ],
)
def test_what_does_not_exist_is_named(arguments, options, sentence):
    with pytest.raises(UnknownName, match=re.escape(sentence)):
        fv.prove(*arguments, **options)


def test_theorems_of_coq_are_written_and_what_is_not_checked_is_not_proved(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(proving_in_coq, "theorems", lambda: {"proposition-1": theorems()["proposition-1"]})
    found = fv.prove("proposition-1", "smooth", coq=tmp_path)
    first, second = (one["coq"] for one in found.found)
    assert (first["verdict"], first["exact"], second["verdict"]) == ("unchecked", True, "none")
    assert first["text"].startswith("forall d f a b m M x,")
    assert (found.code, found.proved) == (3, False)
    assert "apt install coq" in found.text
    assert (tmp_path / "proposition_1.v").is_file()


@pytest.mark.skipif(which("coqc") is None, reason="needs coqc: apt install coq")
def test_coq_checks_what_the_solvers_check(tmp_path, capsys):
    code, out, err = command(capsys, "prove", "proposition-1", "--coq", str(tmp_path))
    assert (code, err) == (0, "")
    assert "1 of 1 statements proved by Coq, 1 of them as they are stated" in out
    assert "ClassicalDedekindReals.sig_forall_dec" in out
