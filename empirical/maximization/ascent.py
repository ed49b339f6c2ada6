"""Gradient ascent on the images of many units at once, and nothing else.

Every row of the batch is one unit's image. No row reads another row, but for several visualizations of one unit, which
are to differ; each has its own random streams and its own optimiser state, so that a unit's result is the same, up to
rounding, in any company. Unless units are to stop early, the loop asks nothing back from the device until it is over.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import sqrt

import torch
from torch import Tensor

from fvproof.empirical.maximization.diversity import likeness, styles_in
from fvproof.empirical.maximization.parametrization import Parametrization
from fvproof.empirical.maximization.pruning import pruned
from fvproof.empirical.maximization.redirection import opened_relus
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.maximization.transforms import draw_for, motion, move, side_of
from fvproof.empirical.networks.attention import quick_attention
from fvproof.empirical.networks.folding import quick_convolutions, watched
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, layers_of
from fvproof.empirical.networks.probing import device_of, finite_weights
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.shapes import laid_out

DECAY = (0.9, 0.999)
"""Adam's decay rates of the mean gradient and of its square."""

EPSILON = 1e-8
"""Added to Adam's denominator."""

UNLIKENESS = 0.5
"""What a likeness of 1 to the other visualizations of a unit costs, as a part of the activation."""

LEVEL = 0.01
"""A plateau: the mean gained no more than this part of what was gained since the first step."""

LOOK = 8
"""Steps after which units are looked at that may have reached a plateau."""

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Ascent:
    """What ascent found, a row per visualization: all those of the first unit, then of the next.

    Attributes
    ----------
    images
        `(N, C, H, W)`.
    trace
        `(N, steps)`, the activation seen at each step; NaN where there was none.
    felt
        `(N,)`, whether a gradient was felt.
    taken
        `(N,)`, the steps until a plateau; all of them where none was reached.
    cut
        Whether no gradient can come back at all from the units' layers to the image.
    way
        The images at the counts of steps `Settings.at`, each as `images`.
    """

    images: Tensor
    trace: Tensor
    felt: Tensor
    taken: Tensor
    cut: bool = False
    way: tuple[Tensor, ...] = ()


def ascend(
    model: Model,
    units: Sequence[Objective],
    settings: Settings,
    code: Parametrization,
    *,
    sign: int,
    progress: Progress | None = None,
) -> Ascent:
    """Return the images that gradient ascent finds.

    The network must be held fixed by `fvproof.empirical.networks.probing.frozen`. A unit whose activation or gradient
    is not finite stays where it is from that step on, and its trace is NaN from there.

    Parameters
    ----------
    model
        The network.
    units
        All of the same layers.
    settings
        How to optimize.
    code
        How images are written.
    sign
        1 for a maximum, -1 for a minimum.
    progress
        Called after each step with the number of images, and with the steps that an image saved by stopping.
    """
    device, end = device_of(model), "max" if sign > 0 else "min"
    labels = [(unit, end, *([i] if i else [])) for unit in units for i in range(settings.diversity)]
    starts = [settings.contrast * code.initial(stream(settings.seed, "start", *label)) for label in labels]
    look = _viewer(model, settings, [stream(settings.seed, "motion", *label) for label in labels])
    climb = _Climb(torch.stack(starts), settings, sign)
    owners = torch.arange(len(units), device=device).repeat_interleave(settings.diversity)
    count, cut = progress or (lambda _: None), False
    with quick_norms(model.network), quick_attention(), seeing(model, units, settings) as see:
        with torch.no_grad(), watched() as seen:
            climb.going &= torch.isfinite(see(code.decode(climb.coefficients), owners)[0])
        with finite_weights(model.network), pruned(), quick_convolutions(seen.pairs()):
            for step in range(settings.steps):
                if settings.patience and step % LOOK == 0:
                    count((settings.steps - step) * climb.rest(step))
                    if not len(climb.rows):
                        break
                with opened_relus() if step < settings.opened else nullcontext():
                    images = look(code.decode(climb.coefficients), step, climb.rows)
                    activation, alike = see(images, owners[climb.rows])
                    loss = -sign * activation
                    if alike is not None:
                        loss = loss + UNLIKENESS * activation.detach().abs() * alike.mean(dim=1)
                    gradient = _gradient(loss.sum(), climb.coefficients)
                    cut = not loss.requires_grad
                climb.step(step, activation.detach(), gradient)
                count(len(climb.rows))
    with torch.no_grad():
        found = code.decode(climb.finished())
        way = [*map(code.decode, climb.way), *[found] * (len(settings.at) - len(climb.way))]
        return Ascent(found, climb.trace.T, climb.felt, climb.taken, cut, tuple(way))


See = Callable[[Tensor, Tensor], tuple[Tensor, Tensor | None]]


@contextmanager
def seeing(model: Model, units: Sequence[Objective], settings: Settings) -> Iterator[See]:
    """Give a function from images, and the numbers of their units, to activations and likeness.

    Both are computed in the settings' precision: the activation of each image's unit, `(N,)`, and its likeness to the
    unit's other visualizations, `(N, diversity - 1)`, or None where there is but one.
    """
    device = device_of(model)
    low = is_low(settings, device)
    place, styles_of = styles_in(model, layers_of(units[0])[-1]) if settings.diversity > 1 else (None, torch.flatten)
    styles: list[Tensor] = []
    visits = {place: lambda output: styles.append(styles_of(output))} if place else {}
    with reading(model, units, settings.position, visits=visits) as read:

        def see(images: Tensor, rows: Tensor) -> tuple[Tensor, Tensor | None]:
            styles.clear()
            with torch.autocast(device.type, torch.bfloat16, enabled=low):
                activation = read(laid_out(images), rows)
            if settings.diversity == 1:
                return activation, None
            found = torch.cat(styles) if place else styles_of(images)
            return activation, likeness(found, settings.diversity)

        yield see


def clean_activations(
    model: Model, units: Sequence[Objective], settings: Settings, images: Tensor, capacity: Capacity
) -> Tensor:
    """Return the activations of the images that ascent found, in float32, `(N,)`."""
    places = torch.arange(len(images), device=images.device)
    plain = replace(settings, precision="float32", diversity=1)
    with torch.no_grad(), quick_norms(model.network), seeing(model, units, plain) as see:
        parts = capacity.parts(lambda part: see(images[part], part // settings.diversity)[0], places)
        return torch.cat(list(parts))


def is_low(settings: Settings, device: torch.device) -> bool:
    """Whether images are looked at in bfloat16."""
    return settings.precision == "bfloat16" or (settings.precision == "auto" and fast_bfloat16(device))


def fast_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies matrices faster in bfloat16 than in float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def _gradient(loss: Tensor, coefficients: Tensor) -> Tensor:
    """Return the gradient of the loss; zero where the network has none at all, such as a comparison."""
    if not loss.requires_grad:
        return torch.zeros_like(coefficients)
    (found,) = torch.autograd.grad(loss, coefficients, allow_unused=True)
    return torch.zeros_like(coefficients) if found is None else found


def _viewer(
    model: Model, settings: Settings, generators: Sequence[torch.Generator]
) -> Callable[[Tensor, int, Tensor], Tensor]:
    """Return the function from images, step and rows to the images as the optimiser then sees them."""
    moved = motion(settings.transforms, side_of(model.shape))
    if not moved.moves:
        return lambda images, _step, _rows: images
    maps = draw_for(model.shape, moved, settings.steps, generators).to(device_of(model))
    return lambda images, step, rows: move(images, maps[step, rows])


class _Climb:
    """The state of the ascent: Adam (Kingma and Ba 2015) on rows that can be stopped one by one.

    A row that is not a number is held without asking the device which; one that has reached a plateau leaves the batch.
    """

    def __init__(self, starts: Tensor, settings: Settings, sign: int) -> None:
        count, device = len(starts), starts.device
        self.settings, self.sign, self.found = settings, sign, starts.clone()
        self.coefficients = starts.requires_grad_()
        self.mean, self.square = torch.zeros_like(self.found), torch.zeros_like(self.found)
        self.rows = torch.arange(count, device=device)
        self.going = torch.ones(count, dtype=torch.bool, device=device)
        self.felt = torch.zeros(count, dtype=torch.bool, device=device)
        self.taken = torch.full((count,), settings.steps, device=device)
        self.trace = torch.full((settings.steps, count), torch.nan, device=device)
        self.way: list[Tensor] = []

    @torch.no_grad()
    def step(self, step: int, activation: Tensor, gradient: Tensor) -> None:
        """Note the activations, and take one step against the gradient in the rows that are going."""
        steepest = gradient.flatten(1).abs().amax(dim=1)
        self.going &= torch.isfinite(activation) & torch.isfinite(steepest)
        self.felt[self.rows] |= self.going & (steepest > 0)
        self.trace[step, self.rows] = torch.where(self.going, activation, torch.nan)
        first, second = (1 - rate ** (step + 1) for rate in DECAY)
        self.mean.lerp_(gradient, 1 - DECAY[0])
        self.square.mul_(DECAY[1]).addcmul_(gradient, gradient, value=1 - DECAY[1])
        change = self.mean / (self.square.sqrt().div_(sqrt(second)).add_(EPSILON))
        going = self.going.view(-1, *[1] * (change.dim() - 1))
        self.coefficients.sub_(torch.where(going, change, 0.0), alpha=self.settings.learning_rate / first)
        if step + 1 in self.settings.at:
            self.way.append(self.finished().clone())

    @torch.no_grad()
    def rest(self, step: int) -> int:
        """Take out the units that reached a plateau, all their visualizations at once; return how many these are."""
        level = self._level(step).view(-1, self.settings.diversity).all(dim=1)
        level = level.repeat_interleave(self.settings.diversity)
        if not (stopped := int(level.sum())):
            return 0
        self.taken[self.rows[level]] = step
        self.found[self.rows] = self.coefficients
        self.rows, self.going = self.rows[~level], self.going[~level]
        self.mean, self.square = self.mean[~level], self.square[~level]
        self.coefficients = self.coefficients[~level].requires_grad_()
        return stopped

    def _level(self, step: int) -> Tensor:
        """Whether the rows gained nothing over the last steps, against as many before."""
        patience, trace = self.settings.patience, self.sign * self.trace[:step, self.rows]
        if step < 2 * patience:
            return torch.zeros_like(self.going)
        last, before = trace[-patience:].mean(dim=0), trace[-2 * patience : -patience].mean(dim=0)
        return last - before <= LEVEL * (last - trace[0]).clamp(min=0)

    def finished(self) -> Tensor:
        """Return the coefficients of all rows as they are now, also of those that left."""
        self.found[self.rows] = self.coefficients.detach()
        return self.found
