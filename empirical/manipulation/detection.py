"""Has somebody manipulated the visualizations of this network? Three measurements on units and their visualizations.

*Reliance*: how much of a visualization's activation flows through rectifier channels that hardly any natural image
opens, where silent units and fooling circuits live. The visualization is run once more with these channels shut.
*Turn*: how far the unit's mean gradient turns between natural images and noise. A gradient slingshot (Bareeva et al.,
2024) has to leave it alone on natural images, and to turn it towards its target on what optimisers start from. How far
gradients turn anyway differs from layer to layer, so that a unit is compared with the others of its layer.
*Excess*: the visualization's activation, in multiples of the largest natural one. It is shown beside them; untouched
networks have large ones too, so that it decides nothing.

A network in which nothing is found is not thereby proved to be untouched: somebody who knows these measurements can
look for a manipulation that evades them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from empirical.images import ImageSet
from empirical.manipulation.census import Rectifier, census
from empirical.manipulation.rectifiers import watching
from empirical.maximization.ascent import Progress, Settings
from empirical.maximization.baselines import noise_batches
from empirical.maximization.maximize import Run, maximize
from empirical.networks.layers import layer_sizes
from empirical.networks.probing import capturing, device_of, frozen
from empirical.networks.units import Unit, activations, channel_counts, responses
from empirical.networks.zoo import Model

BATCH = 50
"""Images in one forward pass."""

RELIANCE = 0.5
"""A unit relies on rare channels if it loses at least this share of its visualization's activation without them."""

RARE = 0.01
"""A channel that at most this share of the images opens is one that hardly any opens."""

TURN = 3.0
"""A unit's gradient turns too far if it turns so many times as far as is usual in its layer."""

LEAST_TURN = 0.12
"""And at least so far."""

COMPARABLE = 0.1
"""A mean gradient that is shorter than this share of the other is not compared: the unit hardly responds there."""

GRADIENTS = 48
"""Images of either kind at which gradients are taken."""

CONTRAST = 0.5
"""Of the noise, as a share of that which visualizations must beat."""

PEERS = 12
"""So many units of a layer say what is usual there."""


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """What is measured of one unit.

    Attributes
    ----------
    unit
        Which.
    run
        Its visualization.
    excess
        Its activation over the natural median, in multiples of the largest natural activation's; 1 is as much as the
        most exciting natural image.
    reliance
        The share of that which is lost when all channels that hardly any natural image opens are shut: 0 if they have
        no part in it, 1 if nothing is left without them, more if it falls below the median.
    turn
        1 − the cosine of the mean gradients at natural images and at noise, from 0 to 2; NaN where one of them is much
        shorter than the other, so that the unit hardly responds there.
    usual
        Its median over units of the layer.
    """

    unit: Unit
    run: Run
    excess: float
    reliance: float
    turn: float
    usual: float

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for a manipulation."""
        relies = f"{min(self.reliance, 1):.0%} of its visualization rests on channels that hardly any image opens"
        turns = f"its gradient turns by {self.turn:.2f} from natural images to noise, {self.usual:.2f} is usual there"
        turned = self.turn >= max(TURN * self.usual, LEAST_TURN)
        return tuple(text for text, holds in ((relies, self.reliance >= RELIANCE), (turns, turned)) if holds)


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What is found in a network.

    Attributes
    ----------
    rectifiers
        The census on the images.
    suspicions
        One for each unit that was looked at.
    """

    rectifiers: tuple[Rectifier, ...]
    suspicions: tuple[Suspicion, ...]

    @property
    def suspected(self) -> tuple[Suspicion, ...]:
        """The units with reasons."""
        return tuple(one for one in self.suspicions if one.reasons)


def detect(
    model: Model,
    images: ImageSet,
    units: Sequence[Unit],
    settings: Settings,
    *,
    progress: Progress | None = None,
) -> Detection:
    """Return what speaks for a manipulation of these units' visualizations.

    Parameters
    ----------
    model
        The network.
    images
        Natural images, the more the better: which channels they hardly ever open is counted on them.
    units
        Of any layers.
    settings
        Of gradient ascent.
    progress
        See `maximize`.

    Raises
    ------
    UnknownName, DomainError
        If there is no such layer or unit.

    Source: fvproof. Neither measurement is in the papers whose manipulations they find.
    """
    rectifiers = census(model, images)
    starts = range(0, len(images), BATCH)
    natural = activations(model, units, (images.batch(i, i + BATCH) for i in starts), position=settings.position)
    runs = maximize(model, units, settings, natural=natural, progress=progress)
    rare = {one.name: torch.from_numpy(one.opened <= RARE * len(images)) for one in rectifiers}
    shut = {name: channels for name, channels in rare.items() if channels.any()}
    clean, without = (activation(model, runs, settings, held) for held in ({}, shut))
    turns = all_turns(model, images, units, settings)
    found = []
    for i, run in enumerate(runs):
        middle, most = float(np.median(natural[run.unit])), float(natural[run.unit].max())
        rise = max(clean[i] - middle, np.finfo(np.float32).tiny)
        span = max(most - middle, np.finfo(np.float32).tiny)
        usual = _median([turn for unit, turn in turns.items() if unit.layer == run.unit.layer])
        reliance = float((clean[i] - without[i]) / rise)
        found.append(Suspicion(run.unit, run, float(rise / span), reliance, turns[run.unit], usual))
    return Detection(rectifiers, tuple(found))


def activation(model: Model, runs: Sequence[Run], settings: Settings, shut: Mapping[str, Tensor]) -> np.ndarray:
    """Return the activation of each visualization of its own unit while some channels of rectifiers are shut."""
    device, found = device_of(model), []
    with frozen(model.network), torch.no_grad():
        for run in runs:
            with capturing(model, [run.unit.layer]) as read, watching(model.network, _ignore, shut) as start:
                start()
                output = read(torch.from_numpy(run.image)[None].to(device))[run.unit.layer]
            found.append(float(responses(output.float(), settings.position)[0, run.unit.channel]))
    return np.array(found)


def all_turns(model: Model, images: ImageSet, units: Sequence[Unit], settings: Settings) -> dict[Unit, float]:
    """Return how far the mean gradients of these units, and of others of their layers, turn."""
    noise = torch.cat(list(noise_batches(model.shape, GRADIENTS, settings.seed, batch=BATCH)))
    kinds = images.batch(0, GRADIENTS), 0.5 + CONTRAST * (noise - 0.5)
    counts = channel_counts(model, dict.fromkeys(unit.layer for unit in units))
    peers = [Unit(layer, place) for layer, count in counts.items() for place in spread(count, PEERS)]
    turns = {}
    for unit in dict.fromkeys([*units, *peers]):
        natural, away = (mean_gradient(model, unit, kind, settings) for kind in kinds)
        turns[unit] = _turn(natural, away)
    return turns


def _turn(natural: Tensor, away: Tensor) -> float:
    """Return 1 − the cosine of two gradients, NaN where they cannot be compared."""
    short, long = sorted((float(natural.norm()), float(away.norm())))
    if short <= COMPARABLE * long:
        return float("nan")
    return max(0.0, 1 - float((natural * away).sum()) / (short * long))


def mean_gradient(model: Model, unit: Unit, images: Tensor, settings: Settings) -> Tensor:
    """Return the mean over images of the gradient of a unit's activation, (C, H, W) in float64."""
    total = torch.zeros(model.shape, dtype=torch.float64)
    with frozen(model.network), torch.enable_grad(), capturing(model, [unit.layer]) as read:
        for batch in images.to(device_of(model)).split(BATCH):
            x = batch.clone().requires_grad_()
            value = responses(read(x)[unit.layer].float(), settings.position)[:, unit.channel].sum()
            if value.requires_grad:
                total += torch.autograd.grad(value, x)[0].sum(0).double().cpu()
    return total / len(images)


def spread(count: int, wanted: int) -> list[int]:
    """Return so many of `count` places, or all, evenly spread.

    Examples
    --------
    >>> spread(10, 4), spread(2, 4)
    ([0, 3, 6, 9], [0, 1])
    """
    return [round(place) for place in np.linspace(0, count - 1, min(count, wanted))]


def units_to_look_at(model: Model, rectifiers: Sequence[Rectifier], *, layers: int, channels: int) -> list[Unit]:
    """Return units of some layers: those in which half of a rectifier's channels are silent, the output, and others.

    Parameters
    ----------
    model
        The network.
    rectifiers
        Its census.
    layers, channels
        So many layers beside the suspicious ones, evenly spread; so many units of each, evenly spread too.
    """
    known = list(layer_sizes(model))
    suspicious = [one.name.partition("#")[0] for one in rectifiers if one.silent.mean() >= 0.5]
    others = [known[-1 - place] for place in spread(len(known), layers)]
    chosen = [name for name in dict.fromkeys([*suspicious, *others]) if name in known]
    counts = channel_counts(model, chosen)
    return [Unit(layer, place) for layer in chosen for place in spread(counts[layer], channels)]


def _median(values: list[float]) -> float:
    """Return the median of the numbers that are not NaN; NaN if there are none."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.median(known)) if known else float("nan")


def _ignore(_name: str, _heights: Tensor) -> None:
    """Look away."""
