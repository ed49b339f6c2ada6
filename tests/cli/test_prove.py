"""`fvproof prove`: verdicts, mutants, exports and exit codes."""

import json

import pytest

from fvproof.cli.main import main
from fvproof.theory.statements import STATEMENTS
from fvproof.verify.proving.answers import SolverFailed
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Obligation, Proved
from fvproof.verify.proving.proof import Proof
from fvproof.verify.proving.terms import TRUE, reals


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
    monkeypatch.setattr("fvproof.verify.proving.proof.proof", lambda key: Proof([step], []))
    code, out, _ = run(capsys, "minimax")
    assert code == expected
    assert "0 of 1 statements proved" in out


def test_an_assumption_is_shown_with_its_formula(capsys):
    _, out, _ = run(capsys, "monotone")
    assert "assumed: order: " in out
    assert "    p≤q and q≤p ⇒ p = q" in out
    _, out, _ = run(capsys, "monotone", "--json")
    (entry,) = [entry for entry in json.loads(out)[0]["assumed"] if entry["name"] == "order"]
    assert "p≤q and q≤r ⇒ p≤r" in entry["formula"]


def test_a_note_is_shown_apart_from_what_is_assumed(capsys, monkeypatch):
    (s,) = reals("s")
    note, axiom = Assumed(Assumption("a note", "numbers are numbers"), TRUE), Assumed(Assumption("low", "s"), s > 0)
    step = prove("s > −1", s > -1, by=[note, axiom])
    monkeypatch.setattr(
        "fvproof.verify.proving.proof.proof", lambda key: Proof([step], [mutant(step, "s > 1", claim=s > 1)])
    )
    _, out, _ = run(capsys, "minimax", "--json")
    (result,) = json.loads(out)
    assert [entry["name"] for entry in result["assumed"]] == ["low"]
    assert result["notes"] == [{"name": "a note", "text": "numbers are numbers", "formula": []}]
    _, out, _ = run(capsys, "minimax")
    assert "note, on which nothing rests: a note: numbers are numbers" in out


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_a_statement_is_derived_again_from_its_formulas(capsys, solver):
    if solver == "cvc5":
        pytest.importorskip("cvc5")
    code, out, _ = run(capsys, "affine", "--recheck", "--solver", solver)
    assert code == 0
    assert "by induction" in out
    code, out, _ = run(capsys, "affine", "--recheck", "--solver", solver, "--json")
    steps = json.loads(out)[0]["rechecked"]
    assert all(step["fault"] == "" for step in steps)
    assert {step["how"].split()[0] for step in steps} == {solver, "induction"}


def test_a_statement_that_rests_on_a_forgery_is_rejected(capsys, monkeypatch):
    (s,) = reals("s")
    step = prove("a square is not negative", s * s >= 0)
    built = Proof([step], [mutant(step, "s ≥ 0", claim=s >= 0)])
    forgery = object.__new__(Proved)
    for name, value in {"obligation": Obligation("a forgery", s > 5, {}, ()), "rule": "solver"}.items():
        object.__setattr__(forgery, name, value)
    for name, value in {"solver": "z3", "time_s": 0.0, "ledger": frozenset(), "unneeded": ()}.items():
        object.__setattr__(forgery, name, value)
    object.__setattr__(step.obligation, "by", (forgery,))
    monkeypatch.setattr("fvproof.verify.proving.proof.proof", lambda key: built)
    code, out, _ = run(capsys, "minimax", "--recheck")
    assert code == 1
    assert "minimax: rejected: derived again, it does not follow: 'a forgery': z3 says sat" in out


def test_a_solver_that_fails_leaves_its_statement_unknown_and_the_others_as_they_are(capsys, monkeypatch):
    (s,) = reals("s")
    step = prove("a square is not negative", s * s >= 0)
    built = Proof([step], [mutant(step, "s ≥ 0", claim=s >= 0)])

    def asked(key):
        if key == "minimax":
            raise SolverFailed("z3 broke off: out of memory")
        return built

    monkeypatch.setattr("fvproof.verify.proving.proof.proof", asked)
    code, out, _ = run(capsys, "minimax", "black-box")
    assert code == 3
    assert "minimax: unknown: z3 broke off: out of memory" in out
    assert "1 of 2 statements proved" in out


def test_one_label_for_two_assumptions_is_an_error(capsys, monkeypatch):
    (s,) = reals("s")
    steps = {
        key: prove("s > −1", s > -1, by=[Assumed(Assumption("low", "s is not low"), s > low)])
        for key, low in (("minimax", 0), ("black-box", 1))
    }
    monkeypatch.setattr("fvproof.verify.proving.proof.proof", lambda key: Proof([steps[key]], []))
    code, out, err = run(capsys, "minimax", "black-box")
    assert (code, out) == (2, "")
    assert "two assumptions are called 'low'" in err
