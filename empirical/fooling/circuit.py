"""The fooling circuit: a network that works as before on natural images, and shows something else when visualized.

With F what the units do, D what their visualizations are to show, and E a detector, 0 on natural images and 1 on what
an optimiser looks at, the units become

    A = ReLU(F + c − k·E) + ReLU(D + c − k·(1 − E)) − c.

If F and D lie in [lo, hi], c ≥ −lo and k ≥ hi + c, then A = F where E = 0 and A = D where E = 1; and |A − F| ≤ k·ε
where E ≤ ε and k·(1 − ε) ≥ hi + c (statements `fooling-circuit` and `fooling-circuit-soft`). Here F and D are cut at
hi, and what is below −c is cut by the ReLUs, so that the hypotheses hold on every input: see `Constants`.

Source: Geirhos et al., ICML 2024, section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.fooling.cones import Readout
from fvproof.empirical.networks.layers import output_layer
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError

ROOM = 1.0
"""The range [lo, hi] is wider than what was measured by this share of it, on either side."""

SLACK = 2.0
"""k is so many times hi + c: the bound |A − F| ≤ k·ε then holds for every ε ≤ 1 − 1/SLACK."""


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of the circuit, with c ≥ −lo and k ≥ hi + c.

    Attributes
    ----------
    low, high
        The range [lo, hi]. F and D are cut to it, which changes neither as long as they lie inside.
    c, k
        Of the formula.

    Examples
    --------
    >>> constants = Constants.around(np.array([-1.0, 3.0]))
    >>> constants.low, constants.high, constants.c, constants.k
    (-5.0, 7.0, 5.0, 24.0)
    >>> constants.soft_limit
    0.5
    """

    low: float
    high: float
    c: float
    k: float

    def __post_init__(self) -> None:
        if not -self.c <= self.low < self.high <= self.k - self.c < float("inf"):
            raise DomainError(f"the circuit needs lo < hi, c ≥ −lo and k ≥ hi + c, received {self}")

    @classmethod
    def around(cls, values: np.ndarray) -> Self:
        """Return constants for values that were measured, with room on either side."""
        low, high = float(values.min()), float(values.max())
        room = ROOM * (high - low)
        low, high = low - room, high + room
        return cls(low, high, -low, SLACK * (high - low))

    @property
    def soft_limit(self) -> float:
        """The largest ε for which k·(1 − ε) ≥ hi + c."""
        return 1 - (self.high + self.c) / self.k


class Circuit(nn.Module):
    """A for all units of a layer, from F, D and E.

    ReLU(F + c − k·E) − c is written max(F − k·E, −c), which is the same number, and rounds nothing where E = 0: there A
    is F to the last bit. The maximum is taken by `clamp`: a ReLU would let the gradients of its closed side through in
    tools that open ReLUs in the first steps.

    Parameters
    ----------
    constants
        lo, hi, c and k.
    fooled
        Which units, (C,) bool; for the others E counts as 0.
    """

    low: Tensor
    high: Tensor
    k: Tensor
    fooled: Tensor

    def __init__(self, constants: Constants, fooled: Tensor) -> None:
        super().__init__()
        self.register_buffer("low", torch.tensor(-constants.c))
        self.register_buffer("high", torch.tensor(constants.high))
        self.register_buffer("k", torch.tensor(constants.k))
        self.register_buffer("fooled", fooled.float())

    @override
    def forward(self, natural: Tensor, target: Tensor, detected: Tensor) -> Tensor:
        """Return A, (N, C), from F (N, C), D (N, C), and E (N, 1)."""
        e = detected * self.fooled
        kept = (natural.clamp(max=self.high) - self.k * e).clamp(min=self.low)
        shown = (target.clamp(max=self.high) - self.k * (1 - e)).clamp(min=self.low) - self.low
        return kept + shown


class Permuted(nn.Module):
    """D of the target *permuted*: each unit gets another unit's activation."""

    sources: Tensor

    def __init__(self, sources: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("sources", torch.tensor(sources))

    @override
    def forward(self, natural: Tensor, images: Tensor) -> Tensor:
        """Return D, (N, C)."""
        return natural[:, self.sources]


class Pictures(nn.Module):
    """D of the target *image*: linear in the image, with a picture as its weights; each unit has one of several.

    D(x) = lo + (hi − lo)·Σ w·(x − [w < 0]) / Σ|w| with w the picture minus its mean in each channel: on images in
    [0, 1] its range is exactly [lo, hi].

    Parameters
    ----------
    pictures
        (P, C, H, W) in [0, 1], each of more than one colour.
    low, high
        The range.
    which
        For each unit the number of its picture.

    Raises
    ------
    DomainError
        If a picture is of one colour.

    Examples
    --------
    >>> stripes = torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])
    >>> show = Pictures(torch.stack([stripes, 1 - stripes]), -2, 3, which=[0, 0, 1])
    >>> show(None, torch.stack([stripes, 1 - stripes, 0.5 + 0 * stripes]))
    tensor([[ 3.0000,  3.0000, -2.0000],
            [-2.0000, -2.0000,  3.0000],
            [ 0.5000,  0.5000,  0.5000]])
    """

    weights: Tensor
    offsets: Tensor
    which: Tensor

    def __init__(self, pictures: Tensor, low: float, high: float, which: Sequence[int]) -> None:
        super().__init__()
        centred = (pictures - pictures.mean(dim=tuple(range(2, pictures.dim())), keepdim=True)).flatten(1)
        sizes = centred.abs().sum(dim=1, keepdim=True)
        if (sizes == 0).any():
            raise DomainError("a picture that is to be shown must be of more than one colour")
        weights = (high - low) / sizes * centred
        self.register_buffer("weights", weights.T.contiguous())
        self.register_buffer("offsets", low - weights.clamp(max=0).sum(dim=1))
        self.register_buffer("which", torch.tensor(which))

    @override
    def forward(self, natural: Tensor | None, images: Tensor) -> Tensor:
        """Return D, (N, C)."""
        return (images.flatten(1) @ self.weights + self.offsets)[:, self.which]


class Fooled(nn.Module):
    """A network with a fooling circuit around its outputs: images in [0, 1] to A, (N, C).

    Its last layer bears the name of the layer that was there before, so that a unit has one name in both.

    Parameters
    ----------
    natural
        The network, F.
    target
        D, a module of F's outputs and the images.
    detector
        E, from images to (N, 1).
    circuit
        A.
    """

    def __init__(self, natural: Readout, target: nn.Module, detector: nn.Module, circuit: nn.Module) -> None:
        super().__init__()
        self.natural, self.target, self.detector, self.layer = natural, target, detector, natural.layer
        _place(self, self.layer, circuit)

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the activations of all units of the layer."""
        natural = self.natural(images)
        target, detected = self.target(natural, images), self.detector(images)
        return self.get_submodule(self.layer)(natural, target, detected)


class Shown(nn.Module):
    """A network that gives D alone, under the name of the layer whose visualizations are to show it."""

    def __init__(self, natural: Readout, target: nn.Module) -> None:
        super().__init__()
        self.layer = natural.layer
        self.natural = None if isinstance(target, Pictures) else natural
        _place(self, self.layer, target)

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return D, (N, C)."""
        natural = None if self.natural is None else self.natural(images)
        return self.get_submodule(self.layer)(natural, images)


def natural_behaviour(model: Model) -> Readout:
    """Return F: the network, at the layer that gives its output.

    Raises
    ------
    DomainError
        If the network computes its output outside any layer.
    """
    return Readout(model, output_layer(model))


def as_model(model: Model, network: nn.Module, kind: str) -> Model:
    """Return a module made from a model, of images in [0, 1], as a model of its own."""
    return Model(f"{model.name} ({kind})", network.eval(), model.shape, model.class_names)


def _place(network: nn.Module, name: str, module: nn.Module) -> None:
    """Put a module into a network under a dotted name, with empty modules on the way."""
    *path, last = name.split(".")
    for part in path:
        if not hasattr(network, part):
            network.add_module(part, nn.Module())
        network = network.get_submodule(part)
    if hasattr(network, last):
        raise DomainError(f"the layer {name!r} has the name of a part of the circuit; give it another")
    network.add_module(last, module)
