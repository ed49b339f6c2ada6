import numpy as np
import pytest

from fvproof.empirical.auditing.work import visualize
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.holdout import halves
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model
from fvproof.empirical.trial.questions import Plan, questions
from fvproof.theory.errors import DomainError

UNITS = [Unit("hidden1", 2), Unit("logits", 3)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a workspace with visualizations, and the units' activations of its images."""
    model, images = load_model("digits-small"), digits_images().subset(range(160))
    work = workspace(model, images, Settings(steps=16), tmp_path_factory.mktemp("trial"))
    natural = activations(model, UNITS, [images.batch()])
    visualize(work, UNITS, UNITS, natural, None)
    return work, natural


@pytest.fixture(scope="module")
def asked(made):
    return questions(made[0], UNITS, made[1], Plan(pairs=8))


def test_each_unit_is_asked_about_so_often_in_each_condition_and_catch_trials_come_with_them(asked):
    proper = [one.question for one in asked if not one.question.catch]
    counts = {
        (q.unit, q.condition): sum((o.unit, o.condition) == (q.unit, q.condition) for o in proper) for q in proper
    }
    assert set(counts.values()) == {8}
    assert len(counts) == 4
    assert sum(one.question.catch for one in asked) == 4
    assert sorted(one.question.name for one in asked) == [one.question.name for one in asked]


def test_the_right_answer_is_the_image_with_the_larger_activation(asked, made):
    work, natural = made
    for one in asked:
        left, right = one.question.activations
        assert (left > right) == (one.question.right_answer == "left")
        if not one.question.catch:
            place = work.images.names.index(one.question.left)
            (unit,) = [unit for unit in UNITS if str(unit) == one.question.unit]
            assert natural[unit][place] == left
            assert np.array_equal(one.left, work.images.batch(place, place + 1)[0].numpy())


def test_questions_are_taken_from_the_half_that_exemplars_are_not_taken_from(asked, made):
    work, _ = made
    first, second = ({work.images.names[place] for place in half} for half in halves(160, seed=0))
    for one in asked:
        if one.question.catch:
            continue
        assert {one.question.left, one.question.right} <= second
        if one.question.condition == "examples":
            pixels = {work.images.images[work.images.names.index(name)].tobytes() for name in first}
            assert all(image.tobytes() in pixels for image in (*one.least, *one.greatest))


def test_a_catch_trial_asks_about_pictures_that_are_shown(asked):
    for one in asked:
        if one.question.catch:
            sides = {"least": one.least[0], "greatest": one.greatest[0]}
            assert np.array_equal(one.left, sides[one.question.left])
            assert np.array_equal(one.right, sides[one.question.right])


def test_extreme_pairs_are_of_the_tenths_and_any_pairs_are_not(made):
    work, natural = made
    _, second = halves(160, seed=0)
    low, high = np.quantile(natural[UNITS[1]][second], (0.1, 0.9))
    for difficulty, inside in (("extreme", True), ("any", False)):
        asked = questions(work, UNITS[1:], natural, Plan(("examples",), 8, difficulty))
        pairs = [sorted(one.question.activations) for one in asked if not one.question.catch]
        assert all(less <= low and more >= high for less, more in pairs) == inside


def test_sides_are_drawn_and_the_seed_fixes_all(asked, made):
    sides = [one.question.right_answer for one in asked]
    assert {"left", "right"} == set(sides)
    again = questions(made[0], UNITS, made[1], Plan(pairs=8))
    assert [one.question for one in again] == [one.question for one in asked]


def test_the_theory_grants_no_answer_about_a_relu_network(asked):
    granted = [one.question.granted for one in asked if one.question.condition == "visualizations"]
    assert set(granted) <= {False, None}
    assert False in granted


def test_a_unit_that_answers_to_all_images_alike_is_said(made):
    work, natural = made
    flat = {unit: np.zeros_like(values) for unit, values in natural.items()}
    with pytest.raises(DomainError, match="hidden1:2 does not answer differently to the images"):
        questions(work, UNITS, flat, Plan())


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"conditions": ()}, "conditions must be of"),
        ({"conditions": ("pictures",)}, "conditions must be of visualizations, examples, received pictures"),
        ({"pairs": 0}, "pairs must be at least 1"),
        ({"difficulty": "hard"}, "difficulty must be extreme or any, received 'hard'"),
    ],
)
def test_a_plan_that_cannot_be_is_one_clear_sentence(plan, says):
    with pytest.raises(DomainError, match=says):
        Plan(**plan)
