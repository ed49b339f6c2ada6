"""What a verb does not need, it does not load."""

import pytest

from tests.test_house import loaded_by

HEAVY = {"numpy", "torch", "z3", "onnx", "sympy", "matplotlib", "pandas"}
SHOWN = "fv.Visualization([0], [1], 0, 1)"


def test_the_door_loads_nothing_heavy():
    assert not HEAVY & loaded_by("import fvproof as fv; fv.__all__; dir(fv)")


@pytest.mark.parametrize(
    ("call", "unneeded"),
    [
        ("fv.table()", {"torch", "z3"}),
        (f"fv.interval('convex', {SHOWN}, [0])._repr_html_()", {"torch", "z3"}),
        ("fv.intervals([{}])", {"torch", "z3"}),
        ("fv.prove('minimax')._repr_html_()", {"torch"}),
        ("fv.refute('constant', lambda phi, x: phi.minimum, dim=1, cases=5)", {"torch"}),
    ],
)
def test_a_verb_of_the_theory_runs_without_torch(call, unneeded):
    assert not unneeded & loaded_by(f"import fvproof as fv\n{call}")
