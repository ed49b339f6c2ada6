import pickle
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.maximization.maximize import Settings, Status, maximize
from fvproof.empirical.maximization.redirection import opened_relus
from fvproof.empirical.networks.dictionaries import Dictionary, gated
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Difference, Unit, identity
from fvproof.empirical.networks.units import activations
from fvproof.theory.errors import DomainError, ShapeError

FEATURES, CHANNELS = 12, 6


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


ENCODER, BIAS, CENTER, MAPS = normal(FEATURES, CHANNELS), normal(FEATURES), normal(CHANNELS), normal(3, CHANNELS, 4, 5)


def by_hand(activation):
    """Return features of the maps with an activation of all features at each place, (N, features, rows, columns)."""
    x = MAPS.permute(0, 2, 3, 1) - CENTER
    return activation(F.linear(x, ENCODER, BIAS)).permute(0, 3, 1, 2)


def largest(values, k):
    top = values.topk(k, dim=-1)
    return torch.zeros_like(values).scatter(-1, top.indices, top.values.relu())


@pytest.mark.parametrize(
    ("how", "activation"),
    [
        ({"kind": "direction"}, lambda x: x),
        ({"kind": "relu"}, F.relu),
        ({"kind": "jump", "threshold": 0.4}, lambda x: x * (x > 0.4)),
        (
            {"kind": "jump", "threshold": torch.arange(12.0) / 4 - 1},
            lambda x: F.relu(x) * (x > torch.arange(12) / 4 - 1),
        ),
        ({"kind": "top-k", "k": 2}, lambda x: largest(x, 2)),
        ({"kind": "top-k", "k": 11}, lambda x: largest(x, 11)),
    ],
)
def test_features_are_what_the_formula_says(how, activation):
    found = Dictionary("d", ENCODER, BIAS, CENTER, **how)
    torch.testing.assert_close(found.encode(MAPS), by_hand(activation))
    torch.testing.assert_close(found.encode(MAPS, [7, 2]), by_hand(activation)[:, [7, 2]])


def test_activations_can_be_standardized_at_each_place_first():
    x = MAPS.permute(0, 2, 3, 1)
    x = (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-5)
    found = Dictionary("d", ENCODER, kind="direction", standardized=True).encode(MAPS)
    torch.testing.assert_close(found, F.linear(x, ENCODER).permute(0, 3, 1, 2))


def test_a_unit_of_a_dictionary_is_reduced_over_places_as_any_other():
    torch.manual_seed(0)
    model = Model("one", nn.Sequential(nn.Conv2d(1, CHANNELS, 3)), (1, 6, 6))
    sae, images = Dictionary("sae", ENCODER, BIAS, CENTER, kind="top-k", k=3), torch.rand(4, 1, 6, 6)
    mean, peak, once = (sae.units("0", [5], place=place)[0] for place in ("", "max", "1x2"))
    other = Difference(mean, Unit("0", 2))
    found = activations(model, [mean, Unit("0", 2), peak, once, other, *sae.units("0", [1])], [images])
    with torch.no_grad():
        maps = model.network(images)
    features = largest(F.linear(maps.permute(0, 2, 3, 1) - CENTER, ENCODER, BIAS), 3)
    assert found[mean] == pytest.approx(features[..., 5].mean((1, 2)), abs=1e-6)
    assert found[peak] == pytest.approx(features[..., 5].amax((1, 2)), abs=1e-6)
    assert found[once] == pytest.approx(features[:, 1, 2, 5], abs=1e-6)
    assert found[other] == pytest.approx(features[..., 5].mean((1, 2)) - maps[:, 2].mean((1, 2)), abs=1e-6)


def test_a_gate_that_is_shut_for_a_whole_image_lets_gradients_through_that_ask_for_more():
    values = torch.tensor([[-1.0, -2.0], [3.0, -1.0]], requires_grad=True)
    with opened_relus():
        loss = -gated(values, values > 0).sum()
    (gradient,) = torch.autograd.grad(loss, values)
    assert gradient.tolist() == [[-1, -1], [-1, 0]]


def test_ascent_starts_where_a_feature_is_not_among_the_largest():
    shades = nn.Conv2d(1, 2, 1)  # how dark, and how bright
    shades.weight.data, shades.bias.data = torch.tensor([-1.0, 1.0]).reshape(2, 1, 1, 1), torch.tensor([0.6, 0.0])
    model, sae = Model("shades", nn.Sequential(shades), (1, 8, 8)), Dictionary("sae", torch.eye(2), kind="top-k", k=1)
    grey = torch.full((1, 1, 8, 8), 0.5)
    assert not sae.encode(shades(grey).detach(), [0]).any()
    how = Settings(steps=48, transforms="off", parametrization="pixel")
    (run,) = maximize(model, sae.units("0", [0]), how)
    (never,) = maximize(model, sae.units("0", [0]), replace(how, opened=0))
    assert run.activation > 0.4
    assert never.status is Status.SILENT


def test_two_dictionaries_of_one_name_are_kept_apart():
    first, second = Dictionary("d", ENCODER), Dictionary("d", ENCODER + 1)
    assert first != second
    assert identity(first.units("0", [1])[0]) != identity(second.units("0", [1])[0])
    assert pickle.loads(pickle.dumps(first)) == first


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"encoder": torch.zeros(3)}, ShapeError, "a matrix"),
        ({"bias": torch.zeros(3)}, ShapeError, "bias of d must be 12 numbers"),
        ({"center": torch.zeros(3)}, ShapeError, "center of d must be 6 numbers"),
        ({"encoder": ENCODER / 0}, DomainError, "must be finite"),
        ({"kind": "top-k"}, DomainError, "k of d must be 1 to 12, not None"),
        ({"kind": "top-k", "k": 13}, DomainError, "k of d must be 1 to 12, not 13"),
        ({"kind": "jump"}, DomainError, "a threshold for each of its 12 features"),
    ],
)
def test_tensors_that_are_no_dictionary_are_refused(how, error, message):
    with pytest.raises(error, match=message):
        Dictionary(**{"name": "d", "encoder": ENCODER, **how})


def test_a_dictionary_for_another_width_is_refused():
    model = Model("one", nn.Sequential(nn.Conv2d(1, 5, 3)), (1, 6, 6))
    with pytest.raises(ShapeError, match="d is for layers of 6 units, layer '0' has 5"):
        activations(model, Dictionary("d", ENCODER).units("0", [1]), [])
