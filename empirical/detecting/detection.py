"""Has somebody manipulated the visualizations of this network? Three measurements on units and their visualizations.

*Reliance*: how much of a visualization's activation flows through rectifier channels that hardly any natural image
opens, where silent units and fooling circuits live. The visualization is run once more with these channels shut.
*Rift*: how much better each of the unit's mean gradients, where ascent starts and at natural images, fits its own side,
the visualization or natural activations, than the other one does; what a gradient slingshot makes. See
`fvproof.empirical.detecting.rift`.
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

from fvproof.empirical.detecting.census import Rectifier, census
from fvproof.empirical.detecting.rectifiers import watching
from fvproof.empirical.detecting.rift import rifts
from fvproof.empirical.images import ImageSet, spread
from fvproof.empirical.maximization.ascent import Progress, Settings
from fvproof.empirical.maximization.maximize import Run, maximize
from fvproof.empirical.networks.layers import layer_sizes, neuron_layers
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, Wanted
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.units import Unit, activations, channel_counts
from fvproof.theory.wording import percent

RELIANCE = 0.5
"""A unit relies on rare channels if it loses at least this share of its visualization's activation without them."""

RARE = 0.01
"""A channel that at most this share of the images opens is one that hardly any opens."""

RIFT = 0.3
"""A unit is suspected if its rift is at least this."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is measured of one unit and its visualization.

    Attributes
    ----------
    unit
        The name of which.
    excess
        Its activation over the natural median, in multiples of the largest natural activation's; 1 is as much as the
        most exciting natural image.
    reliance
        The share of that which is lost when all channels that hardly any natural image opens are shut: 0 if they have
        no part in it, 1 if nothing is left without them, more if it falls below the median.
    rift
        See `fvproof.empirical.detecting.rift`; NaN where the unit is too far from affine for it.
    """

    unit: str
    excess: float
    reliance: float
    rift: float

    @property
    def reasons(self) -> tuple[str, ...]:
        """What speaks for a manipulation."""
        lost = percent(min(self.reliance, 1), rounded="down")
        relies = f"{lost} of its visualization rests on channels that hardly any image opens"
        torn = f"one gradient serves its visualization, another one natural images (rift {self.rift:.2f})"
        found = (relies, self.reliance >= RELIANCE), (torn, self.rift >= RIFT)
        return tuple(text for text, holds in found if holds)


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """What is found in a network.

    Attributes
    ----------
    rectifiers
        The census on the images.
    runs
        The visualization of each unit that was looked at.
    signs
        What is measured of each.
    """

    rectifiers: tuple[Rectifier, ...]
    runs: tuple[Run[Objective], ...]
    signs: tuple[Signs, ...]

    @property
    def suspected(self) -> tuple[Signs, ...]:
        """The units with reasons."""
        return tuple(one for one in self.signs if one.reasons)


def detect(
    model: Model,
    images: ImageSet,
    units: Sequence[Objective],
    settings: Settings,
    *,
    progress: Progress | None = None,
) -> Detection:
    """Return what speaks for a manipulation of these units' visualizations, which are made for it.

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
    natural = activations(model, units, images.batches(), position=settings.position)
    runs = maximize(model, units, settings, natural=natural, progress=progress)
    rare = {one.name: rare_channels(one, len(images)) for one in rectifiers}
    return Detection(rectifiers, tuple(runs), tuple(signs(model, images, runs, natural, rare)))


def rare_channels(rectifier: Rectifier, count: int) -> list[int]:
    """Return the channels of a rectifier that hardly any of so many images opens."""
    return np.flatnonzero(rectifier.opened <= RARE * count).tolist()


def signs(
    model: Model,
    images: ImageSet,
    runs: Sequence[Run[Wanted]],
    natural: Mapping[Wanted, np.ndarray],
    rare: Mapping[str, Sequence[int]],
) -> list[Signs]:
    """Return what is measured of units whose visualizations are there already.

    Parameters
    ----------
    model
        The network.
    images
        Natural images.
    runs
        Maximizations.
    natural
        For each unit its activations of the images.
    rare
        For each rectifier the channels that hardly any of the images opens, see `rare_channels`.
    """
    shut = {name: channels for name, channels in rare.items() if channels}
    clean, without = (activation(model, runs, held) for held in ({}, shut))
    torn = rifts(model, images, runs, [natural[run.unit] for run in runs])
    found = []
    for i, run in enumerate(runs):
        middle, most = float(np.median(natural[run.unit])), float(natural[run.unit].max())
        rise = max(clean[i] - middle, np.finfo(np.float32).tiny)
        span = max(most - middle, np.finfo(np.float32).tiny)
        found.append(Signs(str(run.unit), float(rise / span), float((clean[i] - without[i]) / rise), torn[i]))
    return found


def activation(model: Model, runs: Sequence[Run[Wanted]], shut: Mapping[str, Sequence[int]]) -> np.ndarray:
    """Return the activation of each visualization of its own unit while some channels of rectifiers are shut."""
    device, found = device_of(model), []
    places = {name: torch.tensor(channels) for name, channels in shut.items()}
    with frozen(model.network), torch.no_grad(), watching(model, _ignore, places) as start:
        for run in runs:
            start(1)
            with reading(model, [run.unit], run.settings.position) as read:
                found.append(float(read(torch.from_numpy(run.image)[None].to(device), None)))
    return np.array(found)


def units_to_look_at(model: Model, rectifiers: Sequence[Rectifier], *, layers: int, channels: int) -> list[Unit]:
    """Return units of some layers: those in which half of a rectifier's channels are silent, the output, and others.

    Of a transformer and its kin, these others are neurons after their activation.

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
    usual = [*neurons, known[-1]] if (neurons := neuron_layers(model)) else known
    others = [usual[-1 - place] for place in spread(len(usual), layers)]
    chosen = [name for name in dict.fromkeys([*suspicious, *others]) if name in known]
    counts = channel_counts(model, chosen)
    return [Unit(layer, place) for layer in chosen for place in spread(counts[layer], channels)]


def _ignore(_name: str, _heights: Tensor) -> None:
    """Look away."""
