"""Decoder in, twin pair out: every class, every task, every way in which a decoder can misbehave."""

import random
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.decoders import chebyshev, uninformed
from fvproof.theory.errors import DomainError, ShapeError, UnknownName
from fvproof.theory.exact.surds import Surd
from fvproof.theory.examples import first
from fvproof.theory.tasks import Task, solvable
from fvproof.verify.refutation.assertions import assert_optimal, assert_refuted, assert_solves
from fvproof.verify.refutation.checks import check_member
from fvproof.verify.refutation.guesses import first_coordinate, nearest, weighted
from fvproof.verify.refutation.judging import OPTIMAL, Refutation, judge_answers
from fvproof.verify.refutation.refute import Broken, Effort, Survived, refute
from fvproof.verify.refutation.strategies import GUESSES, function_classes, queries, visualizations
from fvproof.verify.refutation.wording import explain

PARAMETERS = {
    "erm": {"training": [(["1/4", 1], "1/2"), ([1, 0], 0)]},
    "monotone-lipschitz": {"lipschitz": 1, "norm": "linf"},
}
EVERY = {
    name: function_class(name, **PARAMETERS.get(name, each.examples.parameters(first, 2)))
    for name, each in (CLASSES | RELIABLE).items()
}
SEVERAL_ANSWERS = [name for name in CLASSES if name != "constant"]
FEW = Effort(cases=60)


def _asked(guess, goal):
    """Return a guess of values as a decoder for a task; what follows the queries is a training set."""
    if goal == Task.SIDE:
        return lambda phi, x, *_: guess(phi, x) >= phi.middle
    if goal == Task.ORDER:
        return lambda phi, x, y, *_: guess(phi, x) >= guess(phi, y)
    return lambda phi, x, *_: guess(phi, x)


@pytest.mark.parametrize("goal", list(Task))
@pytest.mark.parametrize("name", SEVERAL_ANSWERS)
def test_a_reasonable_decoder_is_refuted_for_every_class_and_task(name, goal):
    found = refute(EVERY[name], _asked(weighted, goal), dimension=2, goal=goal)
    assert isinstance(found, Refutation)
    assert found.error >= found.unavoidable
    for member, values in zip(found.twins.members, found.twins.values, strict=True):
        stated = list(zip(found.twins.queries, values, strict=True))
        checks = check_member(member, EVERY[name], found.twins.visualization, stated)
        assert all(check.holds for check in checks), checks


@pytest.mark.parametrize("name", ["ridge", "radial"])
def test_the_order_of_ridge_and_radial_units_is_read_off_and_their_values_are_not(name):
    within = EVERY[name]
    outcome = refute(within, lambda phi, x, y: within.at_most(phi, y, x), dimension=2, goal=Task.ORDER)
    assert isinstance(outcome, Survived)
    assert isinstance(refute(within, weighted, dimension=2), Refutation)
    assert isinstance(refute(within, uninformed, dimension=2, goal=Task.APPROXIMATE), Refutation)


def test_a_visualization_tells_an_affine_unit_on_a_ball_exactly_and_a_quadratic_form_in_part():
    assert_solves(chebyshev(EVERY["affine-ball"]), EVERY["affine-ball"], dimension=3)
    assert_optimal(chebyshev(EVERY["quadratic"]), EVERY["quadratic"], dimension=3)
    assert len(assert_refuted(uninformed, EVERY["quadratic"], dimension=3).twins.members) == 2


@pytest.mark.parametrize("goal", [Task.EXACT, Task.APPROXIMATE, Task.SIDE])
@pytest.mark.parametrize("name", ["black-box", "continuous", "relu-network", "erm", "piecewise-affine", "monotone"])
def test_no_guess_survives_where_the_visualization_tells_nothing(name, goal):
    for guess in GUESSES:
        found = refute(EVERY[name], _asked(guess, goal), dimension=2, goal=goal)
        assert len(found.twins.members) == 2
        assert 2 * found.unavoidable == (found.twins.visualization.spread if goal != Task.SIDE else 1)


def test_the_counterexample_is_a_small_one():
    found = refute(EVERY["relu-network"], nearest, dimension=3)
    phi = found.twins.visualization
    assert (phi.argmin, phi.argmax, phi.minimum, phi.maximum) == ((0, 0, 0), (1, 1, 1), 0, 1)
    assert found.twins.queries == ((Fraction(1, 2),) * 3,)
    assert found.twins.values == ((0,), (1,))


def test_where_there_is_a_right_answer_the_decoder_that_gives_it_survives():
    assert isinstance(refute(EVERY["affine"], first_coordinate, dimension=1), Survived)
    assert isinstance(refute(EVERY["constant"], uninformed, dimension=3), Survived)


def test_where_there_is_a_right_answer_one_function_shows_that_it_was_not_given():
    found = refute(EVERY["affine"], uninformed, dimension=1)
    assert len(found.twins.members) == 1
    assert found.error > 0
    assert found.unavoidable == 0


@pytest.mark.parametrize("name", EVERY)
def test_the_best_decoder_is_optimal_for_every_class(name):
    best = chebyshev(EVERY[name])
    outcome = refute(EVERY[name], lambda phi, x, *_: best(phi, x), dimension=2, goal=OPTIMAL, effort=FEW)
    assert isinstance(outcome, Survived)
    assert outcome.tried > 30


def test_irrational_answers_are_exact():
    euclidean = function_class("lipschitz", lipschitz=1, norm="l2")
    best, seen = chebyshev(euclidean), []
    outcome = refute(euclidean, lambda phi, x: seen.append(best(phi, x)) or seen[-1], dimension=2, goal=OPTIMAL)
    assert isinstance(outcome, Survived)
    assert any(isinstance(answer, Surd) for answer in seen)


def test_a_decoder_that_is_nearly_optimal_is_told_from_one_that_is():
    best = chebyshev(EVERY["convex"])
    found = refute(EVERY["convex"], lambda phi, x: best(phi, x) + Fraction(1, 10**12), dimension=2, goal=OPTIMAL)
    assert isinstance(found, Refutation)


@settings(max_examples=40)
@given(st.data())
def test_answers_are_called_wrong_exactly_where_the_task_is_not_solvable_or_they_are_off(data):
    within = data.draw(function_classes(2))
    phi = data.draw(visualizations(within, 2))
    x = data.draw(queries(phi))
    possible = within.ambiguity(phi, x)
    for task in (Task.EXACT, Task.APPROXIMATE):
        wrong = judge_answers(task, within, (phi, [x]), [possible.midpoint])
        assert (wrong is None) == solvable(task, within, phi, x)
    sides = [judge_answers(Task.SIDE, within, (phi, [x]), [answer]) for answer in (True, False)]
    assert (None in sides) == solvable(Task.SIDE, within, phi, x)


@settings(max_examples=40)
@given(st.data())
def test_no_order_is_right_exactly_where_the_order_is_not_solvable(data):
    within = data.draw(function_classes(2).filter(lambda c: c.name != "two-piece-affine"))
    phi = data.draw(visualizations(within, 2))
    x, y = data.draw(queries(phi)), data.draw(queries(phi))
    orders = [judge_answers(Task.ORDER, within, (phi, [x, y]), [answer]) for answer in (True, False)]
    assert (None in orders) == solvable(Task.ORDER, within, phi, x, y)


@pytest.mark.parametrize("name", ["black-box", "convex", "affine"])
def test_the_same_search_finds_the_same_case(name):
    first, second = (refute(EVERY[name], weighted, dimension=3) for _ in range(2))
    assert first.twins.visualization == second.twins.visualization
    assert first.twins.queries == second.twins.queries


def test_a_decoder_that_guesses_is_refuted_by_its_mean_error():
    stream = random.Random(0)
    found = refute(EVERY["black-box"], lambda phi, x: stream.random, dimension=2)
    assert len(found.answers) == 64
    assert sum(found.errors) >= 1
    assert found.error >= found.unavoidable == Fraction(1, 2)


def test_a_decoder_that_guesses_a_side_is_wrong_half_the_time():
    stream = random.Random(0)
    found = refute(EVERY["black-box"], lambda phi, x: lambda: stream.random() < 0.5, dimension=2, goal=Task.SIDE)
    assert sum(found.errors) == 1


@pytest.mark.parametrize("answer", [0, 0.5, Fraction(1, 3), np.float32(0.25), np.float64(0.25), np.int64(1)])
def test_numbers_of_every_kind_are_answers(answer):
    assert isinstance(refute(EVERY["black-box"], lambda phi, x: answer, dimension=1), Refutation)


def _change(phi, x):
    object.__setattr__(phi, "minimum", Fraction(5))
    return 0


def _forever(phi, x):
    while True:
        pass


def _stubborn(phi, x):
    try:
        while True:
            pass
    except BaseException:  # noqa: BLE001  what a decoder should not do
        return 0


MISBEHAVING = [
    (lambda phi, x: 1 / 0, "raises ZeroDivisionError: division by zero"),
    (lambda phi: 0, "raises TypeError"),
    (lambda phi, x: exec("raise SystemExit"), "raises SystemExit"),
    (lambda phi, x: float("nan"), "returns nan instead of a number"),
    (lambda phi, x: float("-inf"), "returns -inf instead of a number"),
    (lambda phi, x: None, "returns None instead of a number"),
    (lambda phi, x: "1/2", "returns '1/2' instead of a number"),
    (lambda phi, x: True, "returns True instead of a number"),
    (lambda phi, x: [1, 2], "returns [1, 2] instead of a number"),
    (lambda phi, x: lambda: None, "returns None instead of a number"),
    (_change, "changes what it is shown"),
    (_forever, "takes more than 0.2 s for one answer"),
]


@pytest.mark.parametrize(("decoder", "how"), MISBEHAVING, ids=[how for _, how in MISBEHAVING])
def test_a_decoder_that_misbehaves_is_named(decoder, how):
    patience = 0.2 if decoder is _forever else 600  # on a busy machine any answer may take a while
    broken = refute(EVERY["black-box"], decoder, dimension=2, effort=Effort(answer_s=patience))
    assert isinstance(broken, Broken)
    assert broken.failure.how.startswith(how)
    assert broken.failure.slow == (decoder is _forever)
    assert f"broken: the decoder {how}" in explain(broken, EVERY["black-box"])


def test_a_number_is_no_decision():
    broken = refute(EVERY["black-box"], nearest, dimension=2, goal=Task.SIDE)
    assert broken.failure.how == "returns Fraction(0, 1) instead of True or False"


def test_a_decoder_that_swallows_the_interruption_is_stopped_all_the_same():
    ended = refute(EVERY["black-box"], _stubborn, dimension=1, effort=Effort(answer_s=0.2))
    assert isinstance(ended, Broken | Refutation)  # it comes to an end at all


def test_a_decoder_that_changes_the_training_set_is_named():
    broken = refute(EVERY["erm"], lambda phi, x, training: training.clear() or 0, dimension=2)
    assert broken.failure.how == "changes what it is shown"


def test_a_decoder_gets_the_training_set_and_the_queries_as_fractions():
    shown = []
    refute(EVERY["erm"], lambda phi, x, training: shown.append((x, training)) or 0, dimension=2)
    x, training = shown[0]
    assert all(isinstance(coordinate, Fraction) for coordinate in x)
    assert training == [((Fraction(1, 4), 1), Fraction(1, 2)), ((1, 0), 0)]


def test_the_search_ends_when_its_time_is_up():
    outcome = refute(
        EVERY["constant"], lambda phi, x: time.sleep(0.05) or phi.minimum, dimension=1, effort=Effort(search_s=0.2)
    )
    assert isinstance(outcome, Survived)
    assert not outcome.complete
    assert "not refuted in time" in explain(outcome, EVERY["constant"])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"dimension": 0}, DomainError, "the dimension must be at least 1, not 0"),
        ({"dimension": 2, "goal": "sides"}, UnknownName, "there is no task 'sides'; did you mean side"),
    ],
)
def test_a_search_that_is_not_possible_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        refute(EVERY["black-box"], nearest, **arguments)


def test_a_training_set_of_another_dimension_is_refused():
    with pytest.raises(ShapeError, match="the training points have 2 coordinates, not 3"):
        refute(EVERY["erm"], nearest, dimension=3)


def test_the_outcome_is_put_in_words():
    text = explain(refute(EVERY["convex"], uninformed, dimension=1), EVERY["convex"])
    assert "refuted: not for every convex function" in text
    assert "they have the same visualization: every decoder errs by" in text
    order = refute(EVERY["black-box"], _asked(nearest, Task.ORDER), dimension=1, goal=Task.ORDER)
    assert "no answer is right for both" in explain(order, EVERY["black-box"])


def test_assertions_pass_and_fail_with_the_evidence():
    affine, convex = EVERY["affine"], EVERY["convex"]
    assert assert_refuted(nearest, convex, dimension=2).error > 0
    assert_solves(first_coordinate, affine, dimension=1)
    assert_optimal(chebyshev(convex), convex, dimension=2, effort=FEW)
    with pytest.raises(AssertionError, match="not refuted: in all"):
        assert_refuted(first_coordinate, affine, dimension=1)
    with pytest.raises(AssertionError, match=r"refuted: not for every affine function(.|\n)*every decoder errs by"):
        assert_solves(first_coordinate, affine, dimension=2)
    with pytest.raises(AssertionError, match="errs by no more than every decoder must"):
        assert_optimal(nearest, convex, dimension=2)
    with pytest.raises(AssertionError, match="broken: the decoder raises"):
        assert_refuted(lambda phi, x: 1 / 0, convex, dimension=2)


@pytest.mark.slow
def test_a_typical_refutation_takes_a_fifth_of_a_second_at_most():
    times = []
    for name in ("relu-network", "lipschitz", "monotone", "convex", "affine"):
        for guess in GUESSES:
            started = time.process_time()
            refute(EVERY[name], guess, dimension=6)
            times.append(time.process_time() - started)
    assert sorted(times)[len(times) // 2] < 0.2
