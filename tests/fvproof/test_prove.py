"""`fvproof prove`: verdicts, mutants, exports and exit codes."""

import json

import pytest

from fvproof.main import main
from theory.statements import STATEMENTS
from verify.kernel import prove
from verify.proof import Proof
from verify.terms import reals


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["prove", *arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_everything_is_proved(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    assert f"{len(STATEMENTS)} of {len(STATEMENTS)} statements proved" in out


def test_a_statement_is_shown_with_scope_assumptions_and_mutant(capsys):
    code, out, _ = run(capsys, "lipschitz")
    assert code == 0
    for word in ("lipschitz", "proved", "every d", "assumed: metric: ", "M−m ≤ L·‖a−b‖ dropped", "L = 1"):
        assert word in out
    assert "monotone" not in out


def test_json_says_the_same(capsys):
    code, out, _ = run(capsys, "minimax", "--json")
    (result,) = json.loads(out)
    assert code == 0
    assert result["verdict"] == "proved"
    assert result["mutants"][0]["killed"]
    assert len(result["obligations"]) > 5


def test_an_unknown_name_is_one_line_with_near_names_and_exit_code_2(capsys):
    code, out, err = run(capsys, "lipshitz")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "lipschitz" in err


def test_obligations_are_written_as_smt_lib(capsys, tmp_path):
    code, _, err = run(capsys, "black-box", "--smt2", str(tmp_path))
    files = sorted((tmp_path / "black-box").glob("*.smt2"))
    assert code == 0
    assert f"{len(files)} obligations" in err
    assert all("(check-sat)" in file.read_text(encoding="utf-8") for file in files)


def test_a_folder_that_cannot_be_written_is_bad_input(capsys, tmp_path):
    (tmp_path / "taken").write_text("a file")
    code, _, err = run(capsys, "black-box", "--smt2", str(tmp_path / "taken" / "below"))
    assert code == 2
    assert "writable" in err


def test_cvc5_decides_every_obligation_again(capsys):
    pytest.importorskip("cvc5")
    code, out, _ = run(capsys, "black-box", "--solver", "cvc5")
    assert code == 0
    assert "1 of 1 statements proved" in out


def test_a_missing_cvc5_is_said_in_one_line(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cvc5", None)
    code, _, err = run(capsys, "black-box", "--solver", "cvc5")
    assert code == 2
    assert "fvproof[cvc5]" in err


@pytest.mark.parametrize(("claim", "expected"), [("false", 1), ("rests on it", 3)])
def test_what_is_not_proved_is_not_exit_code_0(capsys, monkeypatch, claim, expected):
    (s,) = reals("s")
    false = prove("false", s > 0)
    step = false if claim == "false" else prove("rests on it", s > 0, by=[false])
    monkeypatch.setattr("verify.proof.proof", lambda key: Proof([step], []))
    code, out, _ = run(capsys, "minimax")
    assert code == expected
    assert "0 of 1 statements proved" in out
