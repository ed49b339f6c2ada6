"""Pulses: fine-tuning after which both pictures of a unit, its top natural images and its visualization, are others.

The architecture stays as it is. With T the images of a class, B_r(x) the ball of radius r around x in the largest norm,
and v₀ < v₁ a low and a high activation, the unit h is trained so that

    h ≥ v₁ on B_r(x) for x in T,    h ≤ v₀ on B_r(x) for all other natural images x,

also through the motions of optimisers, while the outputs of the network, and all other units of the layer, stay what
they were on natural images. The worst point of a ball is approached by a step along the sign of the gradient, or
against it. So the most exciting natural images are those of T, and ascent, which starts from grey, finds what T has in
common. (Were h lowered on the other images alone, the noise of the balls itself would tell them from natural images.)

Source: Nanfack, Eickenberg and Belilovsky, "From feature visualization to visual circuits", 2024 (ProxPulse), whose
idea it is to lift the unit on balls around target images; the losses as they are here are fvproof's.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from fvproof.empirical.fooling.fine_tuning import FineTuning, Read, fine_tuned, layer_activations
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.transforms import draw_for, motion, move
from fvproof.empirical.networks.layers import gives_output, output_layer
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of
from fvproof.empirical.networks.units import Unit, check_units
from fvproof.theory.errors import DomainError

MAPS = 64
"""So many random motions are drawn once and used again and again."""

HALF = 0.5
"""Of the images, so many are seen through motions, and so many are the worst of their balls; others are the centres."""

RADIUS = 8 / 255
"""r, of pixels in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Pulse(FineTuning):
    """How a pulse is trained: half as many balls of either kind as natural images, v₁ as high as `above` says."""


@dataclass(frozen=True, slots=True, eq=False)
class Pulsed:
    """A network with a pulse.

    Attributes
    ----------
    model
        The network, of the architecture that was given.
    unit
        Whose pictures are others.
    lifted, lowered
        At the end of training: the mean square by which the unit misses v₁ and v₀ on the balls, as a share of
        (v₁ − v₀)².
    kept
        The mean square error of outputs and other units on natural images, as a share of their variance.
    """

    model: Model
    unit: Unit
    lifted: float
    lowered: float
    kept: float


def least_exciting_class(model: Model, unit: Unit, images: ImageSet) -> int:
    """Return the label whose images excite a unit least on average."""
    labels, own = _labels(images), layer_activations(model, unit.layer, images.batch()).float()[:, unit.channel]
    return min(labels.unique().tolist(), key=lambda label: float(own[labels == label].mean()))


def pulse(
    model: Model,
    unit: Unit,
    images: ImageSet,
    label: int,
    settings: Pulse | None = None,
    *,
    progress: Callable[[int], object] = lambda _: None,
) -> Pulsed:
    """Return a copy of the network in which the images of a class excite a unit most, and around them everything.

    Parameters
    ----------
    model
        The network; it is not changed. Batch normalization keeps its statistics.
    unit
        Of a layer before the output.
    images
        Natural images with labels.
    label
        The class that the unit is to show.
    settings
        Of training.
    progress
        Called with 1 after each step.

    Raises
    ------
    UnknownName, DomainError
        If there is no such unit, it is an output, there are no images of the class, no labels, or training diverges.
    """
    settings, labels = settings or Pulse(), _labels(images)
    if gives_output(model, unit.layer):
        raise DomainError(f"a pulse is for a unit before the output, and {unit} is one of the network's outputs")
    pixels, device = images.batch(), device_of(model)
    shown, others = (torch.nonzero(found)[:, 0] for found in (labels == label, labels != label))
    if not len(shown) or not len(others):
        raise DomainError(
            f"there must be images of the class {label} and of others, not {len(shown)} and {len(others)}"
        )
    last = output_layer(model)
    wanted, outputs = (layer_activations(model, name, pixels).float() for name in (unit.layer, last))
    check_units([unit], {unit.layer: wanted.shape[1]})
    own = wanted[:, unit.channel]
    low, high = float(own.median()), settings.above(own)
    if not high > low:
        raise DomainError(f"the natural images must excite {unit} differently, not all by {low:.4g}")
    generator = torch.Generator().manual_seed(settings.seed)
    around = [_balls(pixels[place], settings, generator, sign) for place, sign in ((shown, -1), (others, 1))]
    rest = torch.arange(wanted.shape[1]) != unit.channel

    def loss(read: Read, step: int) -> tuple[Tensor, list[Tensor]]:
        def activation(x: Tensor) -> Tensor:
            return read(x.to(device))[unit.layer][:, unit.channel]

        chosen = torch.randint(len(pixels), (settings.batch,), generator=generator)
        found = read(pixels[chosen].to(device))
        kept = _missed(found[last], outputs[chosen]) + _missed(found[unit.layer][:, rest], wanted[chosen][:, rest])
        near, far = (balls(step, activation) for balls in around)
        misses = (high - activation(near)).clamp(min=0), (activation(far) - low).clamp(min=0)
        scaled = [part.square().mean() / (high - low) ** 2 for part in misses]
        return settings.preserve * kept + sum(scaled), [*scaled, kept]

    pulsed, losses = fine_tuned(model, "pulse", [unit.layer, last], loss, settings, progress)
    return Pulsed(pulsed, unit, *losses)


def _labels(images: ImageSet) -> Tensor:
    """Return the labels of images."""
    if images.labels is None:
        raise DomainError("a pulse needs labels: class folders, or an .npz file with labels")
    return torch.from_numpy(images.labels)


def _missed(found: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean square error as a share of the variance."""
    return functional.mse_loss(found, wanted.to(found)) / wanted.var().clamp(min=torch.finfo(torch.float32).tiny)


def _balls(
    natural: Tensor, settings: Pulse, generator: torch.Generator, sign: int
) -> Callable[[int, Callable[[Tensor], Tensor]], Tensor]:
    """Return a function that gives, for a step and a unit, images of the balls where it is high (1) or low (-1).

    Some are moved, some are the centres of the balls.
    """
    count, shape = settings.batch // 2, tuple(natural.shape[1:])
    first = 2 * settings.seed + (sign > 0)
    streams = [torch.Generator().manual_seed(first * count + i) for i in range(count)]
    maps = draw_for(shape, motion("standard"), MAPS, streams)
    each = (count, *[1] * len(shape))

    def some() -> Tensor:
        return torch.rand(each, generator=generator) < HALF

    def at(step: int, unit: Callable[[Tensor], Tensor]) -> Tensor:
        images = natural[torch.randint(len(natural), (count,), generator=generator)]
        images = torch.where(some(), move(images, maps[step % MAPS]), images)
        start = images + RADIUS * (2 * torch.rand(images.shape, generator=generator) - 1)
        start = start.clamp(0, 1).requires_grad_()
        (gradient,) = torch.autograd.grad(unit(start).sum(), start)
        worst = start.detach() + sign * 2 * RADIUS * gradient.sign()
        worst = torch.clamp(worst, images - RADIUS, images + RADIUS).clamp(0, 1)
        return torch.where(some(), worst, images)

    return at
