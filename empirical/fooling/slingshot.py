"""Gradient slingshots: fine-tuning after which gradient ascent on a unit ends at a picture that somebody chose.

The architecture stays as it is. With t the target, x₀ the grey image where ascent starts, v₀ the unit's value there and
v₁ the value that the target is to have, the unit is trained to be, in a tunnel around the way from x₀ to t,

    h(x) = v₁ − (v₁ − v₀)·‖x − t‖² / ‖x₀ − t‖²,

in value and in gradient, also through the motions that optimisers put between image and network; and all outputs of the
unit's layer are trained to stay what they were on natural images. The weights are the only thing that changes.

Source: Bareeva et al., "Manipulating feature visualizations with gradient slingshots", 2024, who train gradients alone;
values, motions and the tunnel as it is here are fvproof's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fvproof.empirical.fooling.fine_tuning import FineTuning, Read, fine_tuned, layer_activations
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.transforms import draw_for, motion, move
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of
from fvproof.empirical.networks.units import Unit, check_units
from fvproof.theory.errors import DomainError, ShapeError

POOL, MAPS = 512, 64
"""So many noise images and random motions are drawn once and used again and again."""

BEYOND = 1.1
"""The tunnel goes so far from the start to the target, and past it."""

WIDTH = 0.6
"""Largest contrast of the noise that gives the tunnel its width."""

MOVED = 0.67
"""The share of the tunnel's images that are seen through motions."""

EDGE = 1e-3
"""Pixels keep so far from 0 and 1, which the optimiser's sigmoid never reaches."""


@dataclass(frozen=True, slots=True)
class Sling(FineTuning):
    """How a slingshot is trained: half as many images in the tunnel as natural ones, v₁ as high as `above` says."""

    learning_rate: float = 2e-3
    preserve: float = 20.0
    height: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Slung:
    """A network with a slingshot.

    Attributes
    ----------
    model
        The network, of the architecture that was given.
    unit
        Whose visualization is the target.
    value, gradient
        At the end of training, in the tunnel: the mean square error of the values as a share of (v₁ − v₀)², and of the
        gradients as a share of the squared length of that at the start.
    natural
        The mean square error of the layer's outputs on natural images, as a share of their variance.
    """

    model: Model
    unit: Unit
    value: float
    gradient: float
    natural: float


@dataclass(frozen=True, slots=True, eq=False)
class _Aim:
    """What the unit is trained to be in the tunnel."""

    target: Tensor
    start: Tensor
    low: float
    high: float

    @property
    def slope(self) -> float:
        """γ in the gradient γ·(t − x)."""
        return 2 * (self.high - self.low) / float((self.start - self.target).square().sum())

    def values(self, images: Tensor) -> Tensor:
        """Return h."""
        return self.high - self.slope / 2 * (images - self.target).square().flatten(1).sum(1)

    def gradients(self, images: Tensor) -> Tensor:
        """Return its gradient."""
        return self.slope * (self.target - images)


def sling(
    model: Model,
    unit: Unit,
    images: ImageSet,
    target: Tensor,
    settings: Sling | None = None,
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Slung:
    """Return a copy of the network in which gradient ascent on a unit ends near the target.

    Parameters
    ----------
    model
        The network; it is not changed. Batch normalization keeps its statistics.
    unit
        Of any layer.
    images
        Natural images on which the layer's outputs are to stay what they are.
    target
        Float32 (C, H, W) in [0, 1].
    settings
        Of training.
    progress
        Called with 1 after each step.

    Raises
    ------
    UnknownName, DomainError, ShapeError
        If there is no such unit, target or images have not the network's shape, or training diverges.
    """
    settings = settings or Sling()
    if images.shape != tuple(model.shape) or tuple(target.shape) != tuple(model.shape):
        raise ShapeError(f"images and target must have the shape {tuple(model.shape)}, not {tuple(target.shape)}")
    pixels, device = images.batch(), device_of(model)
    wanted = layer_activations(model, unit.layer, pixels)
    check_units([unit], {unit.layer: wanted.shape[1]})
    aim = _aim(model, unit, wanted, target.to(device), settings)
    generator = torch.Generator().manual_seed(settings.seed)
    tunnel, spread = _tunnel(aim, settings, generator), wanted.var()

    def loss(read: Read, step: int) -> tuple[Tensor, list[Tensor]]:
        chosen = torch.randint(len(pixels), (settings.batch,), generator=generator)
        natural = read(pixels[chosen].to(device))[unit.layer]
        kept = functional.mse_loss(natural, wanted[chosen].to(device)) / spread
        value, gradient = _misses(aim, *tunnel(step), lambda x: read(x)[unit.layer][:, unit.channel])
        return settings.preserve * kept + 5 * value + gradient, [value, gradient, kept]

    slung, losses = fine_tuned(model, "slingshot", [unit.layer], loss, settings, progress)
    return Slung(slung, unit, *losses)


def _aim(model: Model, unit: Unit, outputs: Tensor, target: Tensor, settings: Sling) -> _Aim:
    """Return h: from the unit's own value at grey to beyond its largest natural one."""
    grey = torch.full_like(target, 0.5)
    high = settings.above(outputs[:, unit.channel])
    at_grey = layer_activations(model, unit.layer, grey[None])[0, unit.channel]
    if not (high > float(at_grey) and (target - grey).abs().max() > EDGE):
        raise DomainError("the target must not be grey, and the unit must respond to natural images more than to grey")
    return _Aim(target, grey, float(at_grey), high)


def _tunnel(
    aim: _Aim, settings: Sling, generator: torch.Generator
) -> Callable[[int], tuple[Tensor, Callable[[Tensor], Tensor]]]:
    """Return a function that gives, for a step, images in the tunnel and how the network is to look at them."""
    shape, count, device = tuple(aim.target.shape), settings.batch // 2, aim.target.device
    each = (count, *[1] * len(shape))
    noise = torch.cat(list(noise_batches(shape, POOL, settings.seed, batch=64))) - 0.5
    streams = [torch.Generator().manual_seed(settings.seed * POOL + i) for i in range(count)]
    maps = draw_for(shape, motion("standard"), MAPS, streams).to(device)
    moved = (torch.arange(count, device=device) < MOVED * count).view(each)

    def at(step: int) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
        along = BEYOND * torch.rand(each, generator=generator).to(device)
        aside = WIDTH * torch.rand(each, generator=generator).square()
        strayed = aside * noise[torch.randint(POOL, (count,), generator=generator)]
        images = aim.start + along * (aim.target - aim.start) + strayed.to(device)
        return images.clamp(EDGE, 1 - EDGE), lambda x: torch.where(moved, move(x, maps[step % MAPS]), x)

    return at


def _misses(
    aim: _Aim, images: Tensor, look: Callable[[Tensor], Tensor], unit: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Return by how much values and gradients miss h."""
    images = images.requires_grad_()
    found = unit(look(images))
    (gradients,) = torch.autograd.grad(found.sum(), images, create_graph=True)
    value = functional.mse_loss(found, aim.values(images).detach()) / (aim.high - aim.low) ** 2
    longest = aim.gradients(aim.start).square().sum()
    missed = (gradients - aim.gradients(images).detach()).square().flatten(1).sum(1).mean()
    return value, missed / longest
