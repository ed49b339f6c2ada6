import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, find_layer, frozen
from fvproof.theory.errors import DomainError, ShapeError, UnknownName


class Tripwire(nn.Module):
    """A layer that must never be run."""

    def forward(self, x):
        raise AssertionError("this layer lies above the last one asked for")


class Odd(nn.Module):
    """Layers that are called twice, never, changed in place later, or give something else than one tensor."""

    def __init__(self):
        super().__init__()
        self.conv, self.unused, self.pair, self.words = nn.Conv2d(1, 2, 1), nn.ReLU(), Pair(), Words()
        self.flat, self.twice = nn.Flatten(0), nn.Identity()

    def forward(self, x):
        x = F.relu(self.conv(x), inplace=True)
        x = self.pair(self.twice(self.twice(x) + 1))[0]
        self.words(x)
        self.flat(x)
        return x.mean((2, 3))


class Pair(nn.Module):
    def forward(self, x):
        return x, 2 * x


class Words(nn.Module):
    def forward(self, x):
        return "words"


@pytest.fixture
def odd():
    torch.manual_seed(0)
    return Model("odd", Odd(), (1, 4, 4))


def hooks(network):
    return sum(len(module._forward_hooks) + len(module._backward_hooks) for module in network.modules())


def test_layers_above_the_last_one_are_never_run():
    model = Model("tripped", nn.Sequential(nn.Flatten(), nn.Linear(4, 3), Tripwire()), (1, 2, 2))
    with capturing(model, ["1"]) as run:
        assert run(torch.rand(5, 1, 2, 2))["1"].shape == (5, 3)


def test_no_hook_is_left_behind_even_after_an_error(odd):
    with pytest.raises(DomainError), capturing(odd, ["conv", "unused"]) as run:
        run(torch.rand(2, *odd.shape))
    assert hooks(odd.network) == 0


def test_no_hook_is_left_behind_where_one_of_the_layers_does_not_exist(odd):
    with pytest.raises(UnknownName), capturing(odd, ["conv", "convolution"]):
        pass
    assert hooks(odd.network) == 0


def test_an_output_is_read_before_a_later_layer_changes_it_in_place(odd):
    images = torch.rand(3, *odd.shape)
    with torch.no_grad(), capturing(odd, ["conv", "pair"], lambda output: output.mean((2, 3))) as run:
        found = run(images)
    assert torch.allclose(found["conv"], odd.network.conv(images).mean((2, 3)))
    assert (found["conv"] < 0).any()


def test_a_layer_that_is_called_twice_counts_by_its_first_call(odd):
    images = torch.rand(3, *odd.shape)
    with torch.no_grad(), capturing(odd, ["twice"]) as run:
        found = run(images)
    assert torch.allclose(found["twice"], odd.network.conv(images).relu())


def test_a_layer_that_the_forward_pass_does_not_run_is_named(odd):
    with capturing(odd, ["conv", "unused"]) as run, pytest.raises(DomainError, match="'unused' is not"):
        run(torch.rand(2, *odd.shape))


@pytest.mark.parametrize(
    ("layer", "message"), [("words", "'words' gives str"), ("flat", r"'flat' gives \(64,\) for 2")]
)
def test_a_layer_without_one_row_per_image_is_refused(odd, layer, message):
    with capturing(odd, [layer]) as run, pytest.raises(ShapeError, match=message):
        run(torch.rand(2, *odd.shape))


def test_an_unknown_layer_is_answered_with_the_near_names(odd):
    with pytest.raises(UnknownName, match=r"no layer 'cnov'; did you mean conv"):
        find_layer(odd.network, "cnov")


def test_a_network_without_weights_is_on_the_cpu():
    assert device_of(Model("bare", nn.Flatten(), (1, 2, 2))) == torch.device("cpu")


def test_freezing_puts_back_training_modes_gradient_flags_and_random_state():
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout(), nn.BatchNorm1d(2))
    network[1].eval()
    network[0].bias.requires_grad = False
    before, state = [module.training for module in network.modules()], torch.get_rng_state()
    with frozen(network):
        assert not any(module.training for module in network.modules())
        assert not any(parameter.requires_grad for parameter in network.parameters())
        torch.rand(3)
    assert [module.training for module in network.modules()] == before
    assert [parameter.requires_grad for parameter in network.parameters()] == [True, False, True, True]
    assert torch.equal(torch.get_rng_state(), state)
