import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fvproof.empirical.networks.folding import quick_convolutions, watched


def at_rest(network: nn.Module) -> nn.Module:
    """Return a network with norms that do something, in evaluation mode and held fixed."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.weight, module.bias):
                nn.init.normal_(tensor)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return network.eval().requires_grad_(False)


class Residual(nn.Module):
    """Two convolutions with norms and a shortcut, as in ResNets; ReLUs in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + y, inplace=True)


class ReadInBetween(Residual):
    """One whose first convolution is read beside its norm."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        return self.bn1(y) + torch.cat([y, y], dim=1)[:, :8]


class Alternating(Residual):
    """One whose norm is left out at every second pass."""

    def __init__(self) -> None:
        super().__init__()
        self.passes = 0

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        y = self.conv1(x)
        return self.bn1(y) if self.passes % 2 else y * y


class Shared(Residual):
    """One convolution called twice, with two norms."""

    def forward(self, x: Tensor) -> Tensor:
        return self.bn1(self.conv1(x)) + self.bn2(self.conv1(x))


def images() -> Tensor:
    return torch.rand(2, 3, 12, 12, generator=torch.Generator().manual_seed(1)).requires_grad_()


def pairs_of(network: nn.Module):
    with torch.no_grad(), watched() as seen:
        network(images().detach())
    return seen.pairs()


@pytest.mark.parametrize(
    ("network", "count"),
    [(Residual(), 2), (ReadInBetween(), 0), (Alternating(), 1), (Shared(), 0)],
    ids=lambda x: type(x).__name__,
)
def test_outputs_and_gradients_are_those_of_the_network(network, count):
    at_rest(network)
    pairs = pairs_of(network)
    assert len(pairs) == count
    for _ in range(2):
        with quick_convolutions(pairs):
            given = images()
            found = network(given)
            (gradient,) = torch.autograd.grad(found.square().sum(), given)
        if isinstance(network, Alternating):
            network.passes -= 1
        given = images()
        known = network(given)
        assert torch.allclose(found, known, atol=1e-4)
        assert torch.allclose(gradient, torch.autograd.grad(known.square().sum(), given)[0], rtol=1e-3, atol=1e-3)


def test_a_convolution_whose_output_a_hook_reads_is_not_folded():
    network = at_rest(Residual())
    handle = network.conv1.register_forward_hook(lambda _module, _inputs, output: output.mean() and None)
    weights = set(pairs_of(network))
    handle.remove()
    assert weights == {id(network.conv2.weight)}


@pytest.mark.parametrize("name", ["training", "learned", "silent"])
def test_a_norm_that_is_no_fixed_invertible_map_is_not_folded(name):
    network = at_rest(Residual())
    if name == "training":
        network.get_submodule("bn1").train()
    elif name == "learned":
        network.get_submodule("bn1").requires_grad_(True)
    else:
        nn.init.zeros_(network.bn1.weight)
    assert set(pairs_of(network)) == {id(network.conv2.weight)}


def test_nothing_of_the_network_changes():
    network = at_rest(Residual())
    before = {name: (tensor.clone(), tensor.stride()) for name, tensor in network.state_dict().items()}
    with quick_convolutions(pairs_of(network)):
        network(images())
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name][0])
        assert tensor.stride() == before[name][1]
