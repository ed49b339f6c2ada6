"""Classes by name, and the messages for what they refuse."""

import pytest

from fvproof.theory.classes import CLASSES, function_class
from fvproof.theory.classes.lipschitz import Lipschitz
from fvproof.theory.errors import DomainError, FvproofError, InfeasibleVisualization, ShapeError, UnknownName
from fvproof.theory.examples import first
from fvproof.theory.visualization import Visualization


def test_a_class_is_found_by_its_name():
    assert function_class("lipschitz", lipschitz="1/2", norm="linf") == Lipschitz("1/2", "linf")
    assert [function_class(name, **each.examples.parameters(first, 2)).name for name, each in CLASSES.items()] == [
        *CLASSES
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "error", "message"),
    [
        ("convecs", {}, UnknownName, "there is no class 'convecs'; did you mean convex"),
        ("lipschitz", {}, DomainError, "the class lipschitz needs the parameter lipschitz"),
        ("erm", {}, DomainError, "the class erm needs the parameter training"),
        ("convex", {"norm": "l1"}, DomainError, "the class convex takes no parameters, not norm"),
        ("lipschitz", {"lipschitz": -1}, DomainError, "must not be negative, but is -1"),
        ("lipschitz", {"lipschitz": "x"}, DomainError, "the Lipschitz constant must be a finite number, not 'x'"),
        ("lipschitz", {"lipschitz": 1, "norm": "l3"}, UnknownName, "there is no norm 'l3'"),
        ("erm", {"training": [([0], 0), ([0], 1)]}, DomainError, "one label, but point 1 has 0 and 1"),
        ("erm", {"training": [([0], 0), ([0, 1], 1)]}, ShapeError, "training point 1 must have 1 coordinates, not 2"),
    ],
)
def test_bad_names_and_parameters_are_refused(name, parameters, error, message):
    with pytest.raises(error, match=message):
        function_class(name, **parameters)


SLOW = {"lipschitz": "1/2", "norm": "l1"}
LABELS = {"training": [(["1/2", "1/2"], 2)]}


@pytest.mark.parametrize(
    ("name", "parameters", "extrema", "message"),
    [
        (
            "black-box",
            {},
            ([0, 0], [0, 0]),
            "the minimum 0 is below the maximum 1, but argmin and argmax are one point",
        ),
        ("lipschitz", SLOW, ([0, 0], [1, 0]), r"M − m = 1, more than L·‖a − b‖ = 1/2 allows \(l1, L = 1/2\)"),
        ("monotone-lipschitz", SLOW, ([0, 1], [1, 0]), r"M − m = 1, more than L·‖\(b − a\)⁺‖ = 1/2"),
        ("monotone", {}, ([1, 1], [1, 0]), "the argmin is at least the argmax in every coordinate"),
        ("convex", {}, (["1/2", 1], ["1/3", 1]), r"smallest face .* \(coordinate 1 of both is 1\)"),
        ("convex", {}, (["1/2", 1], ["1/3", "1/2"]), r"the argmax \(1/3, 1/2\) has no coordinate 0 or 1"),
        ("concave", {}, (["1/2", "1/2"], ["1/3", 1]), r"the argmin \(1/2, 1/2\) has no coordinate 0 or 1"),
        (
            "affine",
            {},
            ([0, "1/2"], ["1/2", 1]),
            r"0 at one extremum and 1 at the other \(argmin \(0, 1/2\), argmax \(1/2, 1\)\), so that M − m = 0, not",
        ),
        ("constant", {}, ([0, 0], [1, 1]), "its minimum 0 is not its maximum 1"),
        ("erm", LABELS, ([0, 0], [1, 1]), r"training point 0 has the label 2, outside \[m, M\] = \[0, 1\]"),
        ("two-piece-affine", {}, (["1/2", "1/2"], ["1/3", "1/2"]), "as a maximum, .*; as a minimum"),
    ],
)
def test_an_infeasible_visualization_is_refused_with_the_condition_and_the_numbers(name, parameters, extrema, message):
    phi = Visualization(*extrema, 0, 1)
    with pytest.raises(InfeasibleVisualization, match=message):
        function_class(name, **parameters).ambiguity(phi, [0, 1])


@pytest.mark.parametrize(
    ("name", "extrema", "message"),
    [
        ("monotone", ([0, "1/4"], [1, 1]), "coordinate 1 of the argmin is 1/4, but a monotone function's argmin"),
        ("monotone", ([0, 0], ["1/2", 1]), "coordinate 0 of the argmax is 1/2"),
        ("convex", ([0, 0], ["1/2", 1]), "unique only at a corner of the cube, but its coordinate 0 is 1/2"),
        ("affine", ([0, "1/2"], [1, 1]), "only at opposite corners of the cube, but coordinate 1 is 1/2 and 1"),
        ("two-piece-affine", (["1/2", "1/2"], [1, 1]), "at most one coordinate is inside"),
    ],
)
def test_unique_extrema_that_cannot_be_are_refused(name, extrema, message):
    phi = Visualization(*extrema, 0, 1)
    assert function_class(name).feasible(phi)
    with pytest.raises(InfeasibleVisualization, match=message):
        function_class(name).ambiguity(phi, [0, 1], unique_extrema=True)


def test_a_flat_visualization_is_a_constant_and_has_no_unique_extrema():
    phi = Visualization([0, 0], [0, 0], "1/3", "1/3")
    for name, each in CLASSES.items():
        wanted = each.examples.parameters(first, 2)
        asked = function_class(name, **{key: [] if key == "training" else value for key, value in wanted.items()})
        possible = asked.ambiguity(phi, ["1/2", 1])
        assert possible.low == possible.high == phi.minimum
        assert asked.witness(phi, ["1/2", 1], "1/3")(phi.argmin) == phi.minimum
        assert "both are 1/3" in str(asked.violation(phi, unique_extrema=True))


@pytest.mark.parametrize(
    ("x", "value", "message"),
    [
        (["1/2", 2], 0, "coordinate 1 of the query must lie in"),
        (["1/2"], 0, "the query must have 2 coordinates, not 1"),
        (["1/2", float("nan")], 0, "must be a finite number, not nan"),
        (["1/2", "1/2"], 2, r"the value at the query must lie in \[0, 1\], not 2"),
        (["1/2", "1/2"], float("inf"), "the value must be a finite number, not inf"),
    ],
)
def test_bad_queries_and_values_are_refused(x, value, message):
    phi = Visualization([0, 0], [1, 1], 0, 1)
    with pytest.raises(FvproofError, match=message):
        function_class("black-box").witness(phi, x, value)
