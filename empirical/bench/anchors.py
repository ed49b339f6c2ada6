"""Networks of one unit whose extrema over all images are known exactly: what any method should find."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit

SHAPE = (1, 8, 8)
SIZE = 64

SHUT = 0.05
"""The rectified anchor's threshold lies above what it gives for grey, by this share of its range."""


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A network, its unit, and the unit's exact least and greatest value over all images in [0, 1]."""

    name: str
    model: Model
    unit: Unit
    low: float
    high: float


class Larger(nn.Module):
    """The larger of two weighted sums of pixels: convex, with a ridge between two corners of the cube."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.sums = nn.Linear(weights.shape[1], 2, bias=False)
        self.sums.weight = nn.Parameter(weights)

    @override
    def forward(self, x: Tensor) -> Tensor:
        """Return the larger sum, (N, 1)."""
        return self.sums(x).amax(1, keepdim=True)


def anchors(seed: int = 0) -> list[Anchor]:
    """Return the networks: affine, rectified, the larger of two sums, and the distance to a prototype.

    Examples
    --------
    >>> [anchor.name for anchor in anchors()]
    ['affine', 'rectified', 'larger of two', 'prototype']
    """
    draws = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, SIZE, generator=draws)
    affine = nn.Linear(SIZE, 1, bias=False)
    affine.weight = nn.Parameter(first[None])
    high, low = float(first.clamp(min=0).sum()), float(first.clamp(max=0).sum())
    shifted = nn.Linear(SIZE, 1)
    shut = (high + low) / 2 + SHUT * (high - low)  # what grey gives, and a little: ascent starts where ReLU is shut
    shifted.weight, shifted.bias = nn.Parameter(first[None]), nn.Parameter(torch.tensor([-shut]))
    both = torch.stack([first, 0.8 * second])
    centre = torch.rand(SIZE, generator=draws)
    far = float(torch.maximum(centre, 1 - centre).square().sum())
    return [
        _anchor("affine", affine, low, high),
        _anchor("rectified", nn.Sequential(shifted, nn.ReLU()), 0.0, high - shut),
        _anchor("larger of two", Larger(both), _least_of_larger(both), float(both.clamp(min=0).sum(1).max())),
        _anchor("prototype", _Nearness(centre), -far, 0.0),
    ]


class _Nearness(nn.Module):
    """Minus the squared distance to a picture."""

    def __init__(self, centre: Tensor) -> None:
        super().__init__()
        self.centre = nn.Parameter(centre)

    @override
    def forward(self, x: Tensor) -> Tensor:
        return -(x - self.centre).square().sum(1, keepdim=True)


def _least_of_larger(both: Tensor) -> float:
    """Return the least value of the larger of two sums over the cube: a linear program, by its dual in one number."""
    shares = np.linspace(0, 1, 100001)
    rows = both.double().numpy()
    return float(max(np.minimum(t * rows[0] + (1 - t) * rows[1], 0).sum() for t in shares))


def _anchor(name: str, module: nn.Module, low: float, high: float) -> Anchor:
    """Return an anchor whose unit is the only one."""
    network = nn.Sequential(nn.Flatten(), module).eval().requires_grad_(requires_grad=False)
    return Anchor(name, Model(f"anchor {name}", network, SHAPE), Unit("1", 0), low, high)
