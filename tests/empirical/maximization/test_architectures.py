"""Every kind of network, objective and parametrization, from one interface."""

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Natural, Settings, maximize
from fvproof.empirical.maximization.spectrum import measure_spectrum
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import activations


class VisionTransformer(nn.Module):
    """A small vision transformer: patches, a class token, positions, two encoder blocks, a head on the class token."""

    def __init__(self, channels, size, width=16):
        super().__init__()
        self.embed = nn.Conv2d(channels, width, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(0.1 * torch.randn(1, 1 + (size // 4) ** 2, width))
        self.blocks = nn.Sequential(
            *(nn.TransformerEncoderLayer(width, 2, 32, batch_first=True, norm_first=True) for _ in range(2))
        )
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        patches = self.embed(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(x), -1, -1), patches], dim=1)
        return self.head(self.blocks(tokens + self.positions)[:, 0])


def transformer(channels):
    """Return a vision transformer for images of 12 pixels."""
    return VisionTransformer(channels, 12)


def normed(channels):
    """Return a network with both kinds of norm: by batch, and by neighbouring channels."""
    layers = nn.Sequential(
        nn.Conv2d(channels, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.LocalResponseNorm(3, alpha=0.1),
        nn.Conv2d(8, 6, 3, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 4),
    )
    layers.train()(torch.rand(16, channels, 12, 12))
    return layers.eval()


def natural(shape):
    noise = np.random.default_rng(0).normal(size=(30, *shape))
    return ImageSet((1 / (1 + np.exp(-np.cumsum(noise, axis=-1)))).astype(np.float32))


@pytest.mark.parametrize(
    ("parametrization", "channels"), [("fourier", 3), ("fourier", 5), ("pixel", 1), ("maco", 1), ("maco", 3)]
)
@pytest.mark.parametrize(
    ("build", "units"),
    [
        (transformer, "embed:3,blocks.0:2@0,blocks.1.linear1:7,blocks.1:7,head:1-head:4"),
        (normed, "0:2,1:4@center,4:3@1x2,7:0-4:1"),
    ],
    ids=["transformer", "normed"],
)
def test_every_objective_of_every_network_is_climbed_at_both_ends(build, units, channels, parametrization):
    torch.manual_seed(0)
    model = Model("net", build(channels), (channels, 12, 12))
    images, wanted = natural(model.shape), parse_objectives(units, model)
    known = Natural(activations(model, wanted, [images.batch()]), measure_spectrum(images))
    settings = Settings(steps=40, parametrization=parametrization, precision="float32", learning_rate=0.1)
    highs, lows = (maximize(model, wanted, settings, minimize=minimize, natural=known) for minimize in (False, True))
    for high, low in zip(highs, lows, strict=True):
        assert high.activation > low.activation
        assert high.trace[-8:].mean() > high.trace[:2].mean()
        assert low.trace[-8:].mean() < low.trace[:2].mean()
