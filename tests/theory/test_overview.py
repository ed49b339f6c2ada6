"""The overview says what the classes say."""

import pytest

from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.examples import first
from fvproof.theory.overview import overview
from fvproof.theory.tasks import Task, solvable

NO_GO = {"black-box", "continuous", "smooth", "relu-network", "erm", "lipschitz-unknown", "piecewise-affine"}
CERTAIN = {("constant", "cube"), ("affine", "cube, d = 1"), ("affine-ball", "ball"), ("quadratic", "sphere, d = 2")}
ORDERED = {"ridge", "radial"}
PLACES = [(name, place) for name, each in (CLASSES | RELIABLE).items() for place in range(len(each.examples.settings))]
every_row = pytest.mark.parametrize("place", PLACES, ids=lambda place: "{} {}".format(*place))


@pytest.fixture
def row(place):
    """Return the row of a class on one of its domains."""
    name, number = place
    return [row for row in overview() if row.name == name][number]


def test_every_class_has_a_row():
    assert list(dict.fromkeys(row.name for row in overview())) == [*CLASSES, *RELIABLE]


@every_row
def test_everything_is_always_known_of_four_rows_alone(row):
    certain = (row.name, row.domain) in CERTAIN
    values = {row.answers[task] == "always" for task in (Task.EXACT, Task.APPROXIMATE, Task.SIDE)}
    assert values == {certain}
    assert (row.worst == 0) == certain


@every_row
def test_the_order_is_always_known_of_these_and_of_ridge_and_radial_functions(row):
    known = (row.name, row.domain) in CERTAIN or row.name in ORDERED
    assert (row.answers[Task.ORDER] == "always") == known


@pytest.mark.parametrize("place", [place for place in PLACES if place[0] in NO_GO], ids=lambda place: place[0])
def test_of_ten_classes_nothing_reliable_is_known_and_of_these_nothing_at_all(row):
    assert set(row.answers.values()) == {"never"}
    assert row.worst == 1


@every_row
def test_every_example_is_one(row):
    asked = function_class(row.name, **(CLASSES | RELIABLE)[row.name].examples.parameters(first, 2))
    assert set(row.examples) == {task for task in Task if row.answers[task] != "always"}
    for task, example in row.examples.items():
        assert not solvable(task, asked, example.visualization, *example.queries)
