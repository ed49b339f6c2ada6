import json

import pytest

import fvproof as fv
from fvproof.empirical.trial.scoring import digest
from fvproof.theory.errors import DomainError, UnknownName


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return fv.trial("digits-small", "logits:3,hidden1:2", pairs=2, steps=8, out=tmp_path_factory.mktemp("trial"))


def answer(made, file, *, right=True):
    """Write what a person answers who is always right, or always wrong."""
    sides = {"left": "right", "right": "left"}
    given = [
        {
            "question": q["name"],
            "choice": q["right_answer"] if right else sides[q["right_answer"]],
            "sure": 2,
            "seconds": 1,
        }
        for q in made.key["questions"]
    ]
    lines = [made.key["trial"], "me", *(f"{one['question']} {one['choice']} 2 1" for one in given)]
    file.write_text(
        json.dumps({"trial": lines[0], "person": "me", "answers": given, "digest": digest("\n".join(lines))})
    )
    return file


def test_a_trial_is_a_page_and_its_key(made):
    assert made.headline == "10 questions about 2 units of digits-small, 2 of them catch trials"
    assert made.page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads((made.folder / "trial.json").read_text()) == made.record()
    assert {(row["unit"], row["condition"], row["questions"]) for row in made.rows} == {
        (unit, condition, 2) for unit in ("logits:3", "hidden1:2") for condition in ("visualizations", "examples")
    }
    assert made._repr_html_().startswith("<iframe srcdoc=")


def test_answers_are_scored_beside_the_trial(made, tmp_path):
    kept = made.save(tmp_path / "copy")
    found = fv.score(answer(made, kept / "answers.json"))
    assert found.code == 0
    assert found.rows[0] == {**found.rows[0], "unit": "all", "condition": "visualizations", "answers": 4, "right": 1.0}
    assert "100% (" in found.text
    assert found.record()["people"][0]["answered"] == 10


def test_whoever_is_always_wrong_did_not_look(made, tmp_path):
    found = fv.score([answer(made, tmp_path / "a.json", right=False)], trial=made.folder)
    assert found.code == 1
    assert "nobody looked at the pictures" in found.headline


def test_one_condition_alone_can_be_asked_about():
    found = fv.trial("digits-small", "logits:3", conditions=["examples"], pairs=1, steps=4)
    assert {row["condition"] for row in found.rows} == {"examples"}


def test_what_cannot_be_asked_is_one_clear_sentence(made, tmp_path):
    with pytest.raises(UnknownName, match="no setting 'pair'; did you mean pairs"):
        fv.trial("digits-small", "logits:3", pair=2)
    with pytest.raises(DomainError, match="pairs must be at least 1"):
        fv.trial("digits-small", "logits:3", pairs=0)
    with pytest.raises(DomainError, match="cannot be read"):
        fv.score(tmp_path / "none.json", trial=made.folder)
    with pytest.raises(DomainError, match="at least one file"):
        fv.score([], trial=made.folder)
