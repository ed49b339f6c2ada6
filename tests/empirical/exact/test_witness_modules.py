"""The formulas in torch are those of the exact witnesses, for every class and at image size."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fvproof.empirical.exact.witness_modules import float_module, formula_module
from fvproof.theory.classes import function_class
from fvproof.theory.errors import DomainError
from fvproof.theory.network import affine
from fvproof.theory.visualization import Visualization
from fvproof.verify.files.floats import as_network, rounded_point
from fvproof.verify.refutation.strategies import function_classes, members, points, visualizations


@settings(max_examples=100)
@given(st.data())
def test_a_module_follows_the_exact_member_of_any_class(data):
    within = data.draw(function_classes(3))
    phi = data.draw(visualizations(within, 3))
    member = data.draw(members(within, phi))
    queries = [phi.argmin, phi.argmax, *data.draw(st.lists(points(3), min_size=1, max_size=4))]
    batch = torch.from_numpy(np.stack([rounded_point(x) for x in queries]))
    wanted = [float(member(x)) for x in queries]
    assert float_module(member)(batch).flatten().tolist() == pytest.approx(wanted, abs=1e-11)


@settings(max_examples=30)
@given(st.data())
def test_formula_and_network_of_one_witness_agree(data):
    name = data.draw(st.sampled_from(["monotone", "convex", "concave", "lipschitz", "monotone-lipschitz"]))
    constants = {"lipschitz": 2, "norm": data.draw(st.sampled_from(["l1", "linf"]))} if "lipschitz" in name else {}
    within = function_class(name, **constants)
    member = data.draw(members(within, data.draw(visualizations(within, 3).filter(lambda phi: phi.spread))))
    batch = torch.rand(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    difference = formula_module(member)(batch) - float_module(as_network(member))(batch)
    assert difference.abs().max() < 1e-10


@pytest.mark.parametrize(
    ("name", "constants"),
    [
        ("monotone", {}),
        ("convex", {}),
        ("concave", {}),
        ("smooth", {}),
        ("affine", {}),
        ("lipschitz", {"lipschitz": "1/1000", "norm": "l1"}),
        ("lipschitz", {"lipschitz": "1/10", "norm": "l2"}),
        ("monotone-lipschitz", {"lipschitz": 2, "norm": "linf"}),
    ],
)
def test_a_witness_for_images_is_a_module_that_takes_its_values(name, constants):
    shape, within = (3, 32, 32), function_class(name, **constants)
    x = np.random.default_rng(0).random(shape).astype(np.float32)
    phi = Visualization(np.zeros(shape), np.ones(shape), 0, 1)
    possible = within.ambiguity(phi, x)
    for value in (possible.low, possible.high):
        module = float_module(within.witness(phi, x, value))
        batch = torch.from_numpy(np.stack([np.zeros(shape), np.ones(shape), x.astype(float)]))
        assert module(batch).flatten().tolist() == pytest.approx([0, 1, float(value)], abs=1e-12)


def test_a_function_without_a_formula_is_refused():
    with pytest.raises(DomainError, match="no torch module for functions of the kind ReluNetwork"):
        formula_module(affine({}, 0, dimension=1))
