"""Gradient ascent on the images of many units of one layer at once, and nothing else.

Every row of the batch is one unit's image. No row reads another row, each has its own random streams and its own
optimiser state, so that a unit's result is the same, up to rounding, in any company. The loop asks nothing back from
the device until it is over.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from math import sqrt
from typing import Literal, get_args

import torch
from torch import Tensor

from empirical.maximization.parametrization import PARAMETRIZATIONS, parametrization
from empirical.maximization.pruning import pruned
from empirical.maximization.redirection import opened_relus
from empirical.maximization.streams import stream
from empirical.maximization.transforms import TRANSFORMS, draw, motion, move
from empirical.networks.probing import capturing, device_of, finite_weights
from empirical.networks.response_norm import quick_norms
from empirical.networks.units import Position, Unit, responses
from empirical.networks.zoo import Model
from theory.errors import DomainError, UnknownName

OPENED_STEPS = 16
"""How many steps let gradients through ReLUs that block them."""

DECAY = (0.9, 0.999)
"""Adam's decay rates of the mean gradient and of its square."""

EPSILON = 1e-8
"""Added to Adam's denominator."""

Progress = Callable[[int], object]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How images are optimized.

    Attributes
    ----------
    steps
        Of Adam; at least 1.
    learning_rate
        Of Adam; positive.
    parametrization
        "fourier" or "pixel", see `empirical.maximization.parametrization`.
    transforms
        "off", "light" or "standard", see `empirical.maximization.transforms`.
    seed
        Of all random streams.
    position
        What a unit with positions is read by: their "mean", or the "center".
    batch
        At most so many images at once; results do not depend on it, up to rounding.
    precision
        Of the passes through the network: "float32", "bfloat16" where layers have it, or "auto": bfloat16 where the
        hardware multiplies it faster. Activations of clean images are always computed in float32.

    Raises
    ------
    DomainError
        A number out of its range.
    UnknownName
        A choice that there is not.
    """

    steps: int = 512
    learning_rate: float = 0.05
    parametrization: str = "fourier"
    transforms: str = "standard"
    seed: int = 0
    position: Position = "mean"
    batch: int = 32
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise DomainError(f"steps and batch must be at least 1, received {self.steps} and {self.batch}")
        if not 0 < self.learning_rate < float("inf"):
            raise DomainError(f"the learning rate must be positive and finite, received {self.learning_rate}")
        for kind, name, known in (
            ("parametrization", self.parametrization, PARAMETRIZATIONS),
            ("set of transforms", self.transforms, TRANSFORMS),
            ("position", self.position, get_args(Position)),
            ("precision", self.precision, get_args(Precision)),
        ):
            if name not in known:
                raise UnknownName(kind, name, known)


@dataclass(frozen=True, slots=True)
class Ascent:
    """Images `(N, C, H, W)`, the activation seen at each step `(N, steps)`, and whether a gradient was felt `(N,)`."""

    images: Tensor
    trace: Tensor
    felt: Tensor


def ascend(
    model: Model,
    units: Sequence[Unit],
    settings: Settings,
    *,
    sign: int,
    progress: Progress | None = None,
) -> Ascent:
    """Return the images that gradient ascent finds for units of one layer.

    The network must be held fixed by `empirical.networks.probing.frozen`. A unit whose activation or gradient is not
    finite stays where it is from that step on, and its trace is NaN from there.

    Parameters
    ----------
    model
        The network.
    units
        All of one layer.
    settings
        How to optimize.
    sign
        1 for a maximum, -1 for a minimum.
    progress
        Called after each step with the number of images.
    """
    device, end = device_of(model), "max" if sign > 0 else "min"
    code = parametrization(settings.parametrization, model.shape, device)
    starts = [code.initial(stream(settings.seed, "start", unit, end)) for unit in units]
    look = _viewer(model.shape, settings, [stream(settings.seed, "motion", unit, end) for unit in units], device)
    coefficients = torch.stack(starts).requires_grad_()
    optimizer = _Adam(coefficients, settings.learning_rate)
    trace = torch.empty((settings.steps, len(units)), device=device)
    with quick_norms(model.network), reading(model, units, settings) as read:
        with torch.no_grad():
            going = torch.isfinite(read(code.decode(coefficients)))
        felt = torch.zeros_like(going)
        with finite_weights(model.network), pruned():
            for step in range(settings.steps):
                with opened_relus() if step < OPENED_STEPS else nullcontext():
                    activation = read(look(code.decode(coefficients), step))
                    gradient = _gradient(-sign * activation.sum(), coefficients)
                steepest = gradient.flatten(1).abs().amax(dim=1)
                going &= torch.isfinite(activation.detach()) & torch.isfinite(steepest)
                felt |= going & (steepest > 0)
                trace[step] = torch.where(going, activation.detach(), torch.nan)
                optimizer.step(gradient, going)
                if progress is not None:
                    progress(len(units))
    with torch.no_grad():
        return Ascent(code.decode(coefficients), trace.T, felt)


@contextmanager
def reading(model: Model, units: Sequence[Unit], settings: Settings) -> Iterator[Callable[[Tensor], Tensor]]:
    """Give a function from images, one per unit, to the activation of each image's unit, in the settings' precision."""
    device = device_of(model)
    channels = torch.tensor([unit.channel for unit in units], device=device)[:, None]
    low = settings.precision == "bfloat16" or (settings.precision == "auto" and fast_bfloat16(device))
    (layer,) = {unit.layer for unit in units}
    with capturing(model, [layer]) as run:

        def read(images: Tensor) -> Tensor:
            with torch.autocast(device.type, torch.bfloat16, enabled=low):
                output = run(images.contiguous(memory_format=torch.channels_last))[layer]
            return responses(output.float(), settings.position).gather(1, channels)[:, 0]

        yield read


def fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies matrices faster in bfloat16 than in float32."""
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu._is_amx_tile_supported()


def _gradient(loss: Tensor, coefficients: Tensor) -> Tensor:
    """Return the gradient of the loss; zero where the network has none at all, such as a comparison."""
    if not loss.requires_grad:
        return torch.zeros_like(coefficients)
    return torch.autograd.grad(loss, coefficients)[0]


def _viewer(
    shape: tuple[int, int, int], settings: Settings, generators: Sequence[torch.Generator], device: torch.device
) -> Callable[[Tensor, int], Tensor]:
    """Return the function from images and step to the images as the optimiser then sees them."""
    moved = motion(settings.transforms)
    if not moved.moves:
        return lambda images, _step: images
    maps = draw(moved, settings.steps, generators, aspect=shape[2] / shape[1]).to(device)
    return lambda images, step: move(images, maps[step])


class _Adam:
    """Adam (Kingma and Ba 2015) on a batch whose rows can be stopped one by one, without asking the device which."""

    def __init__(self, values: Tensor, learning_rate: float) -> None:
        self.values, self.learning_rate, self.steps = values, learning_rate, 0
        self.mean, self.square = torch.zeros_like(values), torch.zeros_like(values)

    @torch.no_grad()
    def step(self, gradient: Tensor, going: Tensor) -> None:
        """Take one step against the gradient in the rows that are going."""
        self.steps += 1
        first, second = (1 - rate**self.steps for rate in DECAY)
        self.mean.lerp_(gradient, 1 - DECAY[0])
        self.square.mul_(DECAY[1]).addcmul_(gradient, gradient, value=1 - DECAY[1])
        change = self.mean / (self.square.sqrt().div_(sqrt(second)).add_(EPSILON))
        rows = going.view(-1, *[1] * (change.dim() - 1))
        self.values.sub_(torch.where(rows, change, 0.0), alpha=self.learning_rate / first)
