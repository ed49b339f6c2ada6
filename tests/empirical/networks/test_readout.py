import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Difference, Direction, Neuron, Unit
from fvproof.empirical.networks.places import responses
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.units import activations
from fvproof.theory.errors import DomainError


@pytest.fixture
def model():
    return Model(
        "tiny", nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(12, 2)), (1, 4, 4)
    )


def test_every_objective_is_its_weighted_sum_whatever_it_is_read_with(model):
    images = torch.rand(5, 1, 4, 4)
    with torch.no_grad():
        maps = model.network[0](images)
        logits = model.network(images)
    mean = maps.mean((2, 3))
    expected = {
        Unit("3", 1): logits[:, 1],
        Unit("0", 2): mean[:, 2],
        Neuron("0", 2, "center"): maps[:, 2, 1, 1],
        Neuron("0", 0, "1x0"): maps[:, 0, 1, 0],
        Direction("0", "v", (0.5, 0.0, -2.0)): 0.5 * mean[:, 0] - 2 * mean[:, 2],
        Direction("0", "v", (1.0, 1.0, 1.0), "0x1"): maps[:, :, 0, 1].sum(1),
        Difference(Unit("3", 0), Unit("3", 1)): logits[:, 0] - logits[:, 1],
        Difference(Neuron("0", 1, "0x0"), Unit("3", 1)): maps[:, 1, 0, 0] - logits[:, 1],
    }
    found = activations(model, list(expected), images.split(2))
    for objective, values in expected.items():
        np.testing.assert_allclose(found[objective], values, rtol=1e-5, atol=1e-6)
        alone = activations(model, [objective], [images])
        np.testing.assert_allclose(alone[objective], values, rtol=1e-5, atol=1e-6)


def test_each_image_can_be_read_for_an_objective_of_its_own(model):
    objectives = [Unit("3", 0), Direction("0", "v", (1.0, 2.0, 3.0)), Difference(Unit("0", 0), Unit("0", 1))]
    images = torch.rand(4, 1, 4, 4)
    with torch.no_grad(), reading(model, objectives, "mean") as read:
        every = read(images, None)
        own = read(images, torch.tensor([2, 0, 0, 1]))
    torch.testing.assert_close(own, torch.stack([every[0, 2], every[1, 0], every[2, 0], every[3, 1]]))


def test_a_channel_that_is_not_a_number_spoils_no_objective_without_it(model):
    model.network[0].weight.data[1] = float("nan")
    sound = [Unit("0", 0), Direction("0", "v", (1.0, 0.0, 1.0)), Difference(Unit("0", 0), Unit("0", 2))]
    found = activations(model, [*sound, Unit("0", 1)], [torch.rand(2, 1, 4, 4)])
    assert [bool(np.isfinite(found[one]).all()) for one in (*sound, Unit("0", 1))] == [True, True, True, False]


def test_a_visitor_sees_the_whole_output(model):
    seen = []
    with (
        torch.no_grad(),
        reading(model, [Unit("3", 0)], "mean", visits={"0": lambda output: seen.append(output.shape)}) as read,
    ):
        read(torch.rand(2, 1, 4, 4), None)
    assert seen == [(2, 3, 2, 2)]


def test_the_pass_stops_at_the_last_layer_needed(model):
    model.network[3].weight.data.fill_(float("nan"))
    layouts(model)  # for which the whole network is run once
    model.network[3].register_forward_hook(lambda *_: pytest.fail("the last layer was run"))
    with torch.no_grad(), reading(model, [Unit("0", 0)], "mean") as read:
        read(torch.rand(2, 1, 4, 4), None)


@pytest.mark.parametrize(
    ("shape", "place", "index"),
    [((2, 3, 5), "4", (4,)), ((2, 3, 4, 5), "3x0", (3, 0)), ((2, 3, 4, 5, 6), "3x0x5", (3, 0, 5))],
)
def test_a_place_is_counted_from_zero(shape, place, index):
    output = torch.rand(shape)
    assert torch.equal(responses(output, place), output[(slice(None), slice(None), *index)])


@pytest.mark.parametrize(
    ("shape", "place"), [((2, 3, 5), "5"), ((2, 3, 4, 5), "4x0"), ((2, 3, 4, 5), "1"), ((2, 3), "0")]
)
def test_a_place_that_there_is_not_is_refused(shape, place):
    with pytest.raises(DomainError, match=f"received '{place}'"):
        responses(torch.zeros(shape), place)


class Spectrum(nn.Module):
    """A network with a layer of complex numbers in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.mix, self.last = nn.Linear(4, 4, dtype=torch.complex64), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.mix(torch.fft.fft(x.flatten(1))).abs())


def test_a_layer_of_complex_numbers_has_no_units():
    model = Model("spectrum", Spectrum(), (1, 2, 2))
    assert list(layouts(model)) == ["last"]
    with pytest.raises(DomainError, match="gives real numbers, 'mix' gives complex ones"):
        activations(model, [Unit("mix", 0)], [torch.zeros(1, 1, 2, 2)])
