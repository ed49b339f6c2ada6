import json

import numpy as np
import pytest

from fvproof.empirical.trial.page import FORMAT, VERSION
from fvproof.empirical.trial.scoring import digest, read_answers, read_key, score_trial, share
from fvproof.theory.errors import DomainError


def question(number, *, condition="visualizations", catch=False, decoder="left"):
    return {
        "name": f"q{number}",
        "unit": f"fc:{number % 2}",
        "condition": condition,
        "catch": catch,
        "right_answer": "left" if number % 2 else "right",
        "decoder": None if catch else decoder,
        "granted": None if catch or condition == "examples" else False,
    }


KEY = {
    "format": FORMAT,
    "version": VERSION,
    "trial": "0123",
    "model": "made up",
    "questions": [
        *(question(number) for number in range(4)),
        *(question(number, condition="examples", decoder=None) for number in range(4, 8)),
        *(question(number, catch=True) for number in range(8, 10)),
    ],
}
RIGHT = {one["name"]: one["right_answer"] for one in KEY["questions"]}


def other(side):
    return "left" if side == "right" else "right"


def write(file, choices, *, person="one", trial="0123", sure=3, **changes):
    """Write answers as the page does."""
    answers = [{"question": name, "choice": side, "sure": sure, "seconds": 1.5} for name, side in choices.items()]
    lines = [f"{one['question']} {one['choice']} {one['sure']} 1.5" for one in answers]
    whole = {"trial": trial, "person": person, "answers": answers, "digest": digest("\n".join([trial, person, *lines]))}
    file.write_text(json.dumps({**whole, **changes}))
    return file


def test_answers_are_counted_by_unit_and_condition_beside_the_decoder_and_the_theory(tmp_path):
    choices = {**RIGHT, "q0": other(RIGHT["q0"]), "q5": other(RIGHT["q5"])}
    found = score_trial(KEY, [write(tmp_path / "a.json", choices)])
    table = {(one.unit, one.condition): one for one in found.readings}
    assert {key: (one.answers, one.right.value) for key, one in table.items()} == {
        ("all", "visualizations"): (4, 0.75),
        ("all", "examples"): (4, 0.75),
        ("fc:0", "visualizations"): (2, 0.5),
        ("fc:0", "examples"): (2, 1.0),
        ("fc:1", "visualizations"): (2, 1.0),
        ("fc:1", "examples"): (2, 0.5),
    }
    assert table["all", "visualizations"].decoder == 0.5
    assert table["all", "visualizations"].granted == 0
    assert table["all", "examples"].decoder == 0.5
    assert table["all", "examples"].granted is None
    assert found.people[0].caught == found.people[0].catches == 2
    assert found.people[0].seconds == 15


def test_several_people_are_put_together(tmp_path):
    files = [write(tmp_path / f"{name}.json", RIGHT, person=name) for name in "abc"]
    found = score_trial(KEY, files)
    assert found.readings[0].answers == 12
    assert len(found.people) == 3


def test_whoever_misses_catch_trials_is_left_out_and_named(tmp_path):
    careless = {**RIGHT, "q8": other(RIGHT["q8"])}
    files = [write(tmp_path / "a.json", RIGHT), write(tmp_path / "b.json", careless, person="two")]
    found = score_trial(KEY, files)
    assert [one.counts for one in found.people] == [True, False]
    assert found.readings[0].answers == 4
    assert "b.json is left out of the totals: 1 of 2 catch trials right" in found.remarks[0]
    alone = score_trial(KEY, files[1:])
    assert alone.readings == ()


def test_a_person_who_sends_two_files_counts_once(tmp_path):
    part = {name: RIGHT[name] for name in ("q0", "q1", "q8")}
    found = score_trial(KEY, [write(tmp_path / "a.json", part), write(tmp_path / "b.json", RIGHT)])
    assert len(found.people) == 1
    assert found.people[0].answered == 10
    assert "are of one person" in found.remarks[0]


def test_who_stops_in_the_middle_is_scored_on_what_was_answered(tmp_path):
    found = score_trial(KEY, [write(tmp_path / "a.json", {"q1": "left", "q9": "left"})])
    assert (found.readings[0].answers, found.readings[0].right.value) == (1, 1.0)


BROKEN = [
    (lambda file: write(file, RIGHT, trial="4567"), "another trial"),
    (lambda file: write(file, RIGHT, digest="0" * 16), "was changed or cut off after the page saved it"),
    (lambda file: file.write_text(write(file, RIGHT).read_text().replace('"left"', '"right"', 1)), "was changed"),
    (lambda file: file.write_text(write(file, RIGHT).read_text()[:-40]), "no whole JSON file"),
    (lambda file: file.write_text("{}"), "as the page of a trial saves them"),
    (lambda file: file.write_text("[" * 100_000), "no whole JSON file"),
    (lambda file: write(file, {**RIGHT, "q99": "left"}), "an answer that no page of a trial gives"),
    (lambda file: write(file, {**RIGHT, "q1": "middle"}), "an answer that no page of a trial gives"),
    (lambda file: write(file, RIGHT, answers=[3]), "an answer that no page of a trial gives"),
    (lambda file: file.mkdir(), "cannot be read"),
]


@pytest.mark.parametrize(("spoil", "says"), BROKEN, ids=[says for _, says in BROKEN])
def test_a_file_that_cannot_be_used_is_one_sentence_and_the_others_are_scored(tmp_path, spoil, says):
    spoil(tmp_path / "broken.json")
    with pytest.raises(DomainError, match=says):
        score_trial(KEY, [tmp_path / "broken.json"])
    found = score_trial(KEY, [tmp_path / "broken.json", write(tmp_path / "whole.json", RIGHT, person="two")])
    assert len(found.people) == 1
    assert says in found.remarks[0]


def test_an_answer_given_twice_is_refused(tmp_path):
    twice = json.loads(write(tmp_path / "a.json", {"q1": "left"}).read_text())
    twice["answers"] *= 2
    twice["digest"] = digest("\n".join(["0123", "one", "q1 left 3 1.5", "q1 left 3 1.5"]))
    (tmp_path / "a.json").write_text(json.dumps(twice))
    with pytest.raises(DomainError, match="answers a question twice"):
        read_answers(tmp_path / "a.json", KEY)


def test_what_is_no_key_is_refused(tmp_path):
    for text in ("{}", "[]", '{"format": "another"}'):
        (tmp_path / "trial.json").write_text(text)
        with pytest.raises(DomainError, match="must be the key of a trial"):
            read_key(tmp_path / "trial.json")
    with pytest.raises(DomainError, match=r"the key of the trial: .*missing.json cannot be read"):
        read_key(tmp_path / "missing.json")


def test_the_interval_of_a_share_covers_it_in_at_least_95_of_100_trials():
    rng = np.random.default_rng(0)
    for truth in (0.5, 0.8, 0.97):
        covered = [(found := share((rng.random(12) < truth).tolist())).low <= truth <= found.high for _ in range(300)]
        assert np.mean(covered) >= 0.93
