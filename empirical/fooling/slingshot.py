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
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.transforms import draw_for, motion, move
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen, same_randomness
from fvproof.empirical.networks.units import Unit, check_units, responses
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
class Sling:
    """How a slingshot is trained.

    Attributes
    ----------
    steps
        Of Adam; at least 1.
    learning_rate
        Of Adam, falling to 0 along a cosine; positive.
    batch
        Natural images in each step, and half as many in the tunnel; at least 2.
    preserve
        Weight of the natural images beside the tunnel; at least 0.
    height
        v₁ is the largest natural activation plus so many times its distance from the median; positive.
    seed
        Of all random numbers.

    Raises
    ------
    DomainError
        A number out of its range.
    """

    steps: int = 500
    learning_rate: float = 2e-3
    batch: int = 64
    preserve: float = 20.0
    height: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2:
            raise DomainError(f"steps must be at least 1 and batch at least 2, received {self.steps} and {self.batch}")
        if not (self.learning_rate > 0 and self.height > 0 and self.preserve >= 0):
            numbers = f"{self.learning_rate}, {self.height} and {self.preserve}"
            raise DomainError(f"learning rate and height must be positive, preserve at least 0, received {numbers}")


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
    wanted = _layer_outputs(model, unit.layer, pixels)
    check_units([unit], {unit.layer: wanted.shape[1]})
    aim = _aim(model, unit, wanted, target.to(device), settings)
    slung = replace(model, name=f"{model.name} with a slingshot", network=deepcopy(model.network).eval())
    slung.network.requires_grad_(requires_grad=True)
    generator = torch.Generator().manual_seed(settings.seed)
    tunnel = _tunnel(aim, settings, generator)
    optimizer = torch.optim.Adam(slung.network.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
    spread, losses = wanted.var(), torch.zeros(3)
    with same_randomness(slung.network), torch.enable_grad(), capturing(slung, [unit.layer], responses) as read:
        for step in range(settings.steps):
            chosen = torch.randint(len(pixels), (settings.batch,), generator=generator)
            natural = read(pixels[chosen].to(device))[unit.layer]
            kept = functional.mse_loss(natural, wanted[chosen].to(device)) / spread
            value, gradient = _misses(aim, *tunnel(step), lambda x: read(x)[unit.layer][:, unit.channel])
            optimizer.zero_grad()
            (settings.preserve * kept + 5 * value + gradient).backward()
            optimizer.step()
            schedule.step()
            losses = torch.stack([value, gradient, kept]).detach().cpu()
            progress(1)
    if not torch.isfinite(losses).all():
        raise DomainError("the slingshot's training diverged: take a smaller learning rate")
    slung.network.requires_grad_(requires_grad=False)
    return Slung(slung, unit, *losses.tolist())


def _layer_outputs(model: Model, layer: str, pixels: Tensor) -> Tensor:
    """Return the activations of all units of a layer, (N, C)."""
    with frozen(model.network), torch.no_grad(), capturing(model, [layer], responses) as read:
        return torch.cat([read(part.to(device_of(model)))[layer].cpu() for part in pixels.split(64)])


def _aim(model: Model, unit: Unit, outputs: Tensor, target: Tensor, settings: Sling) -> _Aim:
    """Return h: from the unit's own value at grey to beyond its largest natural one."""
    grey = torch.full_like(target, 0.5)
    own, at_grey = outputs[:, unit.channel], _layer_outputs(model, unit.layer, grey[None])[0, unit.channel]
    most, middle = float(own.max()), float(own.median())
    high = most + settings.height * (most - middle)
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
