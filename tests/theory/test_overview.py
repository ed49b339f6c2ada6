"""The overview says what the classes say."""

import pytest

from theory.classes import CLASSES, function_class
from theory.overview import overview
from theory.tasks import Task, solvable

ROWS = overview()
NO_GO = {"black-box", "continuous", "smooth", "relu-network", "erm", "lipschitz-unknown", "piecewise-affine"}


def test_every_class_has_a_row():
    assert [row.name for row in ROWS if "d > 1" not in row.domain] == list(CLASSES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.domain}")
def test_a_task_is_always_solvable_only_for_constants_and_affine_functions_of_one_input(row):
    certain = row.name == "constant" or row.domain == "cube, d = 1"
    assert {answer == "always" for answer in row.answers.values()} == {certain}
    assert (row.worst == 0) == certain


@pytest.mark.parametrize("row", [row for row in ROWS if row.name in NO_GO], ids=lambda row: row.name)
def test_of_ten_classes_nothing_reliable_is_known_and_of_these_nothing_at_all(row):
    assert set(row.answers.values()) == {"never"}
    assert row.worst == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.domain}")
def test_every_example_is_one(row):
    parameters = {"lipschitz": 2, "norm": "l1"} if row.name in ("lipschitz", "monotone-lipschitz") else {}
    asked = function_class(row.name, **parameters, **({"training": []} if row.name == "erm" else {}))
    assert set(row.examples) == {task for task in Task if row.answers[task] != "always"}
    for task, example in row.examples.items():
        assert not solvable(task, asked, example.visualization, *example.queries)
