"""Outcomes as JSON say what happened, and answers survive unchanged."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.classes import function_class
from fvproof.theory.decoders import uninformed
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.surds import square_root
from fvproof.verify.refutation.asking import Failure
from fvproof.verify.refutation.guesses import nearest
from fvproof.verify.refutation.records import (
    answers_from,
    answers_record,
    case_from,
    outcome_record,
    recheck_refutation,
)
from fvproof.verify.refutation.refute import Broken, refute

CONVEX = function_class("convex")


@given(
    st.lists(st.booleans(), min_size=1)
    | st.lists(st.fractions() | st.fractions(0, 9).map(lambda q: 1 - square_root(q)), min_size=1)
)
def test_answers_are_read_back_as_they_were(answers):
    assert answers_from(json.loads(json.dumps(answers_record(answers)))) == tuple(answers)


@pytest.mark.parametrize("record", [[], ["yes"], [0.5], [None]])
def test_other_answers_are_refused(record):
    with pytest.raises(DomainError, match="answer"):
        answers_from(record)


def test_a_refutation_states_case_answers_values_and_errors():
    found = refute(CONVEX, nearest, dimension=2)
    record = json.loads(json.dumps(outcome_record(found, "nearest")))
    assert (record["outcome"], record["task"], record["decoder"]) == ("refuted", "exact", "nearest")
    assert record["answers"] == ["0"]
    assert record["errors"] == ["0", "1/2"]
    assert record["unavoidable"] == "1/4"
    assert case_from(record["case"]) == (found.twins.visualization, found.twins.queries)


def test_the_other_outcomes_say_what_they_are():
    survived = outcome_record(refute(function_class("constant"), uninformed, dimension=1), "uninformed")
    assert (survived["outcome"], survived["complete"]) == ("survived", True)
    case = (refute(CONVEX, nearest, dimension=1).twins.visualization, ((Fraction(1, 2),),))
    broken = outcome_record(Broken(Failure("sleeps", slow=True), case), "sleeper")
    assert (broken["outcome"], broken["how"], broken["timed_out"]) == ("broken", "sleeps", True)


def test_only_refutations_are_checked_again(tmp_path):
    record = outcome_record(refute(function_class("constant"), uninformed, dimension=1), "uninformed")
    (tmp_path / "refutation.json").write_text(json.dumps(record))
    with pytest.raises(DomainError, match="states no refutation"):
        recheck_refutation(tmp_path / "refutation.json")
