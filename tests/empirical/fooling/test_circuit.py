import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fvproof.empirical.fooling.circuit import (
    Circuit,
    Constants,
    Fooled,
    Permuted,
    Pictures,
    Shown,
    as_model,
    natural_behaviour,
)
from fvproof.empirical.maximization.redirection import opened_relus
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError

CONSTANTS = Constants(-5.0, 7.0, 5.0, 24.0)
VALUES = torch.linspace(-5, 7, 121)


class Bright(nn.Module):
    """A detector: 1 on images that are brighter than 0.9 on average, 0 on those darker than 0.8."""

    def forward(self, images):
        return ((images.mean((1, 2, 3)) - 0.8) * 10).clamp(0, 1)[:, None]


def circuit(count=1, constants=CONSTANTS, fooled=None):
    return Circuit(constants, torch.ones(count, dtype=torch.bool) if fooled is None else torch.tensor(fooled))


def around(natural, target, detected):
    """Return A of one unit, from numbers."""
    columns = (torch.as_tensor(values, dtype=torch.float32).reshape(-1, 1) for values in (natural, target, detected))
    return circuit()(*torch.broadcast_tensors(*columns))[:, 0]


def formula(f, d, e, constants):
    """Return A as the statement has it, in doubles."""
    c, k = constants.c, constants.k
    return np.maximum(f + c - k * e, 0) + np.maximum(d + c - k * (1 - e), 0) - c


def fooled_digits(target=None, detector=None):
    model = load_model("digits")
    natural = natural_behaviour(model)
    target = Permuted([(i + 3) % 10 for i in range(10)]) if target is None else target
    parts = (target, Bright() if detector is None else detector, circuit(10, Constants(-40, 60, 40, 200)))
    return model, as_model(model, Fooled(natural, *parts), "fooled"), as_model(model, Shown(natural, target), "shown")


def test_the_unit_is_as_before_to_the_last_bit_where_the_detector_is_0():
    for target in (-5.0, 0.3, 7.0):
        assert torch.equal(around(VALUES, target, 0.0), VALUES)


def test_the_unit_is_the_target_where_the_detector_is_1():
    for natural in (-5.0, 0.3, 7.0):
        assert torch.allclose(around(natural, VALUES, 1.0), VALUES, atol=1e-5)


@given(f=st.floats(-5, 7), d=st.floats(-5, 7), e=st.floats(0, 1))
def test_the_circuit_is_the_formula_of_the_statement(f, d, e):
    assert float(around(f, d, e)) == pytest.approx(formula(f, d, e, CONSTANTS), abs=2e-5)


@given(f=st.floats(-5, 7), d=st.floats(-5, 7), share=st.floats(0, 1))
def test_the_soft_bound_holds_up_to_its_limit(f, d, share):
    e = share * CONSTANTS.soft_limit
    assert abs(float(around(f, d, e)) - f) <= CONSTANTS.k * e + 2e-5
    assert abs(float(around(f, d, 1 - e)) - d) <= CONSTANTS.k * e + 2e-5


def test_with_a_smaller_k_the_bound_fails():
    weak = SimpleNamespace(c=5.0, k=9.0)
    assert abs(formula(-5.0, 7.0, 0.25, weak) - -5.0) > weak.k * 0.25


@pytest.mark.parametrize("values", [(-5, 7, 4, 24), (-5, 7, 5, 11), (7, 7, 5, 24), (-5, float("nan"), 5, 24)])
def test_constants_that_break_the_hypotheses_are_refused(values):
    with pytest.raises(DomainError, match="c ≥ −lo and k ≥ hi"):
        Constants(*values)


def test_values_beyond_the_range_cannot_leak_through():
    assert float(around(1000.0, 2.0, 1.0)) == pytest.approx(2.0, abs=1e-5)
    assert float(around(2.0, 1000.0, 0.0)) == 2.0


def test_units_that_are_not_to_be_fooled_stay_as_they_are():
    natural, target = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])
    assert circuit(2, fooled=[False, True])(natural, target, torch.ones(1, 1)).tolist() == [[1.0, 4.0]]


def test_the_gradient_where_the_detector_is_1_is_that_of_the_target_even_where_relus_are_opened():
    _, fooled, shown = fooled_digits()
    images = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.05 + 0.94
    gradients = []
    for network in (fooled, shown):
        seen = images.clone().requires_grad_()
        with opened_relus():
            loss = -network(seen)[:, 4].sum()
        gradients.append(torch.autograd.grad(loss, seen)[0])
    assert torch.equal(*gradients)
    assert gradients[0].abs().max() > 0


def test_a_picture_has_exactly_the_range_on_all_images():
    picture = torch.tensor([[[0.2, 0.9], [0.4, 0.1]], [[0.0, 1.0], [0.5, 0.5]]])
    corners = torch.tensor(list(itertools.product([0.0, 1.0], repeat=8))).reshape(-1, 2, 2, 2)
    values = Pictures(picture[None], -3.0, 5.0, which=[0])(None, corners)
    assert values.min().item() == pytest.approx(-3, abs=1e-5)
    assert values.max().item() == pytest.approx(5, abs=1e-5)
    best = corners[values.argmax()]
    assert torch.equal(best, (picture > picture.mean((1, 2), keepdim=True)).float())


def test_a_picture_of_one_colour_is_refused():
    with pytest.raises(DomainError, match="more than one colour"):
        Pictures(torch.full((1, 3, 4, 4), 0.5), 0, 1, which=[0, 0])


def test_the_fooled_network_keeps_the_name_of_its_layer_and_gives_the_other_unit_to_the_detected():
    model, fooled, shown = fooled_digits()
    dark, bright = torch.full((1, 1, 8, 8), 0.2), torch.full((1, 1, 8, 8), 0.95)
    assert output_layer(fooled) == output_layer(model) == output_layer(shown) == "logits"
    assert torch.equal(fooled(dark), model(dark))
    assert torch.allclose(fooled(bright), model(bright).roll(-3, 1), atol=1e-4)
    assert torch.equal(shown(dark), model(dark).roll(-3, 1))


def test_layers_within_layers_keep_their_names_too():
    network = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.Linear(3, 2))))
    model = Model("nested", network.eval(), (1, 2, 2))
    natural = natural_behaviour(model)
    fooled = as_model(model, Fooled(natural, Permuted([1, 0]), Bright(), circuit(2)), "fooled")
    assert output_layer(fooled) == natural.layer
    assert fooled(torch.rand(3, 1, 2, 2)).shape == (3, 2)


def test_a_layer_named_as_a_part_of_the_circuit_is_refused():
    network = nn.Sequential()
    network.add_module("flatten", nn.Flatten())
    network.add_module("detector", nn.Linear(4, 2))
    with pytest.raises(DomainError, match="'detector' has the name of a part"):
        Fooled(natural_behaviour(Model("odd", network, (1, 2, 2))), Permuted([1, 0]), Bright(), circuit(2))
