"""Building a fooling circuit around a network: trajectories, detector, constants, each kept once it is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from fvproof.empirical.fooling.circuit import (
    Circuit,
    Constants,
    Fooled,
    Permuted,
    Pictures,
    Shown,
    as_model,
    natural_behaviour,
)
from fvproof.empirical.fooling.cones import Readout
from fvproof.empirical.fooling.detector import Detector, DetectorQuality, calibrate, detection, train_detector
from fvproof.empirical.fooling.trajectories import trajectories
from fvproof.empirical.images import AT_ONCE, ImageSet
from fvproof.empirical.keeping.fingerprint import fingerprint
from fvproof.empirical.keeping.store import FinishedPiece
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.maximization.ascent import Progress
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError

CHUNK = 8
"""Units whose trajectories are computed together, and lost together when a run is killed."""

SHARES = (0.6, 0.2, 0.2)
"""Of the natural images and of the trajectories: to train the detector, to calibrate it, to test it."""

NOISE = 60
"""Noise images beside the trajectories, of every spectrum from white to that of natural images and beyond."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What visualizations are to show.

    Attributes
    ----------
    offset
        Unit i shows the visualization of unit i + offset (of the last units, that of the first); of no meaning if there
        are pictures.
    pictures
        Or units show these pictures, (P, C, H, W) in [0, 1]: all the only one, or each of those to be fooled its own.
    """

    offset: int = 1
    pictures: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A network with a fooling circuit, and its parts.

    Attributes
    ----------
    fooled
        A, the whole network.
    shown
        D alone, with the unit names of the network.
    detector
        E.
    constants
        Of the circuit.
    detection
        How well the detector does on images that it has not seen.
    measured
        The smallest and the largest value that F took on natural images and on visualizations.
    """

    fooled: Model
    shown: Model
    detector: Detector
    constants: Constants
    detection: DetectorQuality
    measured: tuple[float, float]


def build_circuit(
    workspace: Workspace,
    fooled: Sequence[Unit],
    learned: Sequence[Unit],
    target: Target,
    *,
    rounds: int = 1,
    progress: Progress = lambda _: None,
) -> Built:
    """Return the network of a workspace with a fooling circuit around its outputs.

    The detector learns from the images, from noise, and from what optimisers look at on the way to the visualizations
    of some units (of F, and of D where that is pictures): the engines of `fvproof.empirical.maximization.engines` take
    turns. lo and hi come from what F gives for all of these, with room.

    Parameters
    ----------
    workspace
        The network, natural images, how visualizations are optimized, and where finished work is kept.
    fooled
        The units to fool, of the layer that gives the network's output.
    learned
        The units of that layer whose trajectories the detector learns from; at least 5.
    target
        What visualizations are to show.
    rounds
        So many trajectories of each of these units, each from a seed of its own, none from that of the settings.
    progress
        Called with the steps done since the last call: learned × rounds × steps in all, twice as many with pictures.

    Raises
    ------
    DomainError
        Units of another layer, or too few to learn from, or too few images.
    """
    model = workspace.model
    natural = natural_behaviour(model)
    _check(natural, [*fooled, *learned], workspace.images, len(learned))
    pixels = _bytes(workspace.images)
    walk = partial(collect, workspace, units=learned, rounds=rounds, progress=progress)
    paths = walk("F", model)
    outputs = np.concatenate([all_outputs(model, pixels), all_outputs(model, paths[:, -1])])
    constants, count = Constants.around(outputs), outputs.shape[1]
    chosen = [unit.channel for unit in fooled]
    d = target_module(target, constants, count, chosen).to(device_of(model))
    shown = as_model(model, Shown(natural, d), "target alone")
    if target.pictures is not None:
        paths = torch.cat([paths, walk(f"D {fingerprint(target.pictures, chosen)}", shown)])
    detector, found = _detector(workspace, pixels, paths)
    around = torch.zeros(count, dtype=torch.bool).index_fill(0, torch.tensor(chosen), value=True)
    network = Fooled(natural, d, detector, Circuit(constants, around)).to(device_of(model))
    ends = float(outputs.min()), float(outputs.max())
    return Built(as_model(model, network, "fooled"), shown, detector, constants, found, ends)


def target_module(target: Target, constants: Constants, count: int, fooled: Sequence[int]) -> nn.Module:
    """Return D for so many units, of which some are to be fooled; the others share the pictures, to be learned from."""
    if (pictures := target.pictures) is not None:
        own = {channel: place % len(pictures) for place, channel in enumerate(fooled)}
        which = [own.get(channel, channel % len(pictures)) for channel in range(count)]
        return Pictures(torch.from_numpy(pictures), constants.low, constants.high, which)
    return Permuted([(channel + target.offset) % count for channel in range(count)])


def all_outputs(model: Model, images: Tensor) -> np.ndarray:
    """Return a network's outputs, float32 (N, C), for images as uint8 or float32 in [0, 1]."""
    device = device_of(model)
    with frozen(model.network), torch.no_grad(), quick_norms(model.network):
        parts = [model(_floats(batch).to(device)).float().cpu() for batch in images.split(AT_ONCE)]
    return torch.cat(parts).numpy()


def collect(
    workspace: Workspace,
    name: str,
    model: Model,
    units: Sequence[Unit],
    *,
    rounds: int = 1,
    progress: Progress = lambda _: None,
) -> Tensor:
    """Return the images on the way of ascents, uint8 (rounds × units, K, C, H, W); what is finished is read.

    The engines take turns, from unit to unit and from round to round.

    Parameters
    ----------
    workspace
        Where they are kept.
    name
        Under which they are kept.
    model
        The network to ascend on.
    units
        Of one layer.
    rounds
        How many ascents for each unit.
    progress
        Called with the number of steps done since the last call.
    """
    found = []
    for turn, seed in enumerate(range(workspace.settings.seed + 1, workspace.settings.seed + 1 + rounds)):
        for place, (engine, change) in enumerate(ENGINES.items()):
            settings = change(replace(workspace.settings, seed=seed))
            own = units[(place - turn) % len(ENGINES) :: len(ENGINES)]
            for mates in (own[start : start + CHUNK] for start in range(0, len(own), CHUNK)):
                names = [f"way of {name}, {unit}, {engine}, seed {seed}" for unit in mates]
                found += workspace.finished(names, partial(_walked, model, mates, settings, progress))
    return torch.from_numpy(np.stack([piece.arrays["images"] for piece in found]))


def _walked(model: Model, units: Sequence[Unit], settings: Settings, progress: Progress) -> list[FinishedPiece]:
    """Return the images on the way of each unit's ascent, as they are kept."""
    return [FinishedPiece({}, {"images": images}) for images in trajectories(model, units, settings, progress=progress)]


def _detector(workspace: Workspace, natural: Tensor, paths: Tensor) -> tuple[Detector, DetectorQuality]:
    """Return the detector, trained now or read, and how well it does."""
    seed = workspace.settings.seed
    images = [natural[places] for places in _split(len(natural), seed)]
    ascents = [
        torch.cat([paths[places].flatten(0, 1), noise])
        for places, noise in zip(_split(len(paths), seed), _noise(workspace), strict=True)
    ]

    def compute() -> list[FinishedPiece]:
        detector = train_detector(images[0], ascents[0], seed=seed)
        calibrate(detector, images[1], ascents[1])
        return [FinishedPiece({}, {name: weight.numpy() for name, weight in detector.state_dict().items()})]

    (piece,) = workspace.finished([f"detector {fingerprint(paths.numpy())}"], compute)
    with torch.random.fork_rng(devices=[]):  # it draws weights, which are then those that were kept
        detector = Detector(workspace.model.shape)
    detector.load_state_dict({name: torch.from_numpy(array) for name, array in piece.arrays.items()})
    detector.eval().requires_grad_(requires_grad=False)
    return detector, detection(detector, images[2], ascents[2])


def _noise(workspace: Workspace) -> list[Tensor]:
    """Return noise images as uint8, in as many parts as all images."""
    images = torch.cat(list(noise_batches(workspace.model.shape, NOISE, workspace.settings.seed, batch=NOISE)))
    return [(255 * images[places]).round().to(torch.uint8) for places in _split(NOISE, workspace.settings.seed)]


def _split(count: int, seed: int) -> list[np.ndarray]:
    """Return the places below `count` in three parts, in random order.

    Examples
    --------
    >>> [len(part) for part in _split(10, seed=0)]
    [6, 2, 2]
    """
    borders = np.rint(np.cumsum(SHARES)[:-1] * count).astype(int)
    return np.split(np.random.default_rng(seed).permutation(count), borders)


def _check(natural: Readout, units: Sequence[Unit], images: ImageSet, learned: int) -> None:
    """Raise DomainError unless there is what is needed."""
    for unit in units:
        if unit.layer != natural.layer:
            told = f"a fooling circuit goes around the network's output, the layer {natural.layer!r}"
            raise DomainError(f"{told}; the unit {unit} is of another layer")
    if min(learned, len(images)) < 5:
        told = f"{len(images)} images and {learned} units"
        raise DomainError(f"the detector needs at least 5 images and 5 units to learn from, received {told}")


def _bytes(images: ImageSet) -> Tensor:
    """Return all images as uint8."""
    pixels = torch.from_numpy(images.images)
    return pixels if pixels.dtype == torch.uint8 else (pixels * 255).round().to(torch.uint8)


def _floats(images: Tensor) -> Tensor:
    """Return images in [0, 1] as float32."""
    return images.float() / 255 if images.dtype == torch.uint8 else images
