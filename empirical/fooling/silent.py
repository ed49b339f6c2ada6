"""Silent units: each filter gets a companion that no natural image excites, and that takes over the visualization.

To a layer's output ⟨w, h⟩ + b is added a unit that is silent on natural images (Geirhos et al., ICML 2024, section 2)::

    ReLU(⟨w', h⟩ + b'),  w' = scale·(w + λ·Δw),  Δw ⊥ w,  ‖Δw‖ = ‖w‖,  b' ≤ −max over H of ⟨w', h⟩

where H are the feature vectors of natural images at all positions. Δw is the direction in which two kinds of vectors
lie farthest beyond H: those of a target picture, and those of what optimisers look at in their first steps, so that a
gradient reaches the unit from the start, in engines that let none through closed ReLUs too (where there is no such
direction, Δw points from the mean of H to the target). The bias is rounded so that the unit is 0 on H in exact
arithmetic, hence on the convex hull of H, and in float32 whatever the order of summation. The layer becomes a
`WithSilent` under the same name: an ordinary module.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.fooling.aim import aim, look
from fvproof.empirical.fooling.features import Filtered, features, filter_layer, geometry
from fvproof.empirical.fooling.starts import own_picture
from fvproof.empirical.fooling.windows import Geometry, gamma, responses, windows
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import find_layer
from fvproof.empirical.networks.units import Unit, check_units
from fvproof.theory.errors import DomainError, ShapeError

MOST_MARGIN, CLOSED_MARGIN = 0.2, 0.05
"""The margin, unless it is given: half of what the starts of engines leave, and at most the first; the second where
they leave nothing."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong silent units are.

    Attributes
    ----------
    factor
        λ, the length of the new direction as a multiple of the filter's own; positive. The paper has 3; more leaves the
        starts of optimisers farther outside.
    scale
        Of the whole filter; positive.
    margin
        How much farther than the largest natural value the bias lies, as a share of the range of the natural values; at
        least 0. None: as far as the starts of every engine allow, see `MOST_MARGIN`.

    Raises
    ------
    DomainError
        A number out of its range.
    """

    factor: float = 8.0
    scale: float = 100.0
    margin: float | None = None

    def __post_init__(self) -> None:
        if not (0 < self.factor < float("inf") and 0 < self.scale < float("inf")):
            raise DomainError(f"factor and scale must be positive, received {self.factor} and {self.scale}")
        if self.margin is not None and not 0 <= self.margin < float("inf"):
            raise DomainError(f"the margin must be at least 0, received {self.margin}")


class WithSilent(nn.Module):
    """A layer and its silent companion: `natural(x) + ReLU(silent(x))`."""

    def __init__(self, natural: nn.Module, silent: nn.Module) -> None:
        super().__init__()
        self.natural, self.silent = natural, silent

    @override
    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output, plus what the silent units add."""
        return self.natural(x) + torch.relu(self.silent(x))


@dataclass(frozen=True, slots=True, eq=False)
class Silenced:
    """A network with silent units, and what they are built from.

    Attributes
    ----------
    model
        The network; the layer is a `WithSilent`.
    layer, channels
        Where the silent units are.
    filters, biases
        Float32 (channels, n) and (channels,): w' and b'.
    low, high
        Float64 (channels,): the least and the largest ⟨w', h⟩ over the natural feature vectors, as computed.
    bound
        Float64 (channels,): no ⟨w', h⟩ + b' on them is larger, in exact arithmetic; at most 0.
    reach
        Float64 (channels,): how far the target drives ⟨w', h⟩ beyond its natural range at its best position, as a share
        of that range. Where it is not above the margin, even the target leaves the silent unit silent.
    margin
        Float64 (channels,): of each bias, as a share of that range.
    opened
        For each engine, which share of its starts opens the silent units; the mean over units.
    maps
        What enters the layer for each natural image, float32.
    geometry
        Of the convolution; None for a linear layer.
    """

    model: Model
    layer: str
    channels: tuple[int, ...]
    filters: np.ndarray
    biases: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bound: np.ndarray
    reach: np.ndarray
    margin: np.ndarray
    opened: dict[str, float]
    maps: np.ndarray
    geometry: Geometry | None


def silence(
    model: Model,
    units: Sequence[Unit],
    images: ImageSet,
    *,
    target: Tensor | None = None,
    strength: Strength | None = None,
    path: Path | None = None,
) -> Silenced:
    """Return the network with silent units beside units of a layer.

    Parameters
    ----------
    model
        The network; it is not changed.
    units
        Of one layer, a convolution or a linear layer.
    images
        The natural images on which the silent units are silent, at every position.
    target
        What the visualizations are to show, float32 (C, H, W) in [0, 1]; where none is given, the visualization of a
        unit of the layer.
    strength
        λ, scale and margin.
    path
        An .npy file for what enters the layer, so that memory does not grow with the number of images.

    Raises
    ------
    UnknownName, DomainError, ShapeError
        If there is no such layer or unit, units are of several layers, or images and target have not the network's
        shape.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> model, images = load_model("digits"), digits_images()
    >>> found = silence(model, [Unit("conv2", channel) for channel in range(32)], images)
    >>> torch.equal(found.model(images.batch()), model(images.batch()))
    True

    Source: Geirhos et al., ICML 2024, section 2; the exact bias is fvproof's.
    """
    strength = strength or Strength()
    layer, channels = _one_layer(units), tuple(unit.channel for unit in units)
    module, shape = filter_layer(model, layer), tuple(model.shape)
    if layer in model.axes and layouts(model)[layer].axis != layouts(replace(model, axes={}))[layer].axis:
        raise DomainError(f"silent units lie beside the filters of {layer!r}, not along the axis {model.axes[layer]}")
    check_units(units, {layer: len(module.weight)})
    target = torch.from_numpy(own_picture(model, layer)) if target is None else target
    if images.shape != shape or tuple(target.shape) != shape:
        raise ShapeError(f"images and target must have the shape {shape}, not {images.shape}, {tuple(target.shape)}")
    maps, where = features(model, layer, images, path), geometry(module)
    shown = features(model, layer, ImageSet(target[None].numpy().astype(np.float32)))
    looks = look(model, layer, where)
    natural = module.weight.detach().double().cpu().flatten(1).numpy()[list(channels)]
    direction = aim(windows(shown, where)[0], looks, maps, where)
    filters = (strength.scale * (natural + strength.factor * orthogonal(direction, natural))).astype(np.float32)
    low, high, error, longest = _range(maps, where, filters)

    def beyond(vectors: np.ndarray) -> np.ndarray:
        best = (vectors @ filters.astype(np.float64).T).max(1)
        return (best - high) / np.maximum(high - low, np.finfo(np.float64).tiny)

    starts = {engine: beyond(found[:, 0].reshape(-1, *found.shape[2:])) for engine, found in looks.items()}
    margin = _margin(strength.margin, starts)
    biases = _biases(filters, high + error + margin * (high - low), longest)
    bound = high + error + biases.astype(np.float64)
    fooled = _spliced(model, layer, channels, filters, biases)
    opened = {engine: float((found > margin).mean()) for engine, found in starts.items()}
    kept = (filters, biases, low, high, bound, beyond(windows(shown, where))[0], margin, opened)
    return Silenced(fooled, layer, channels, *kept, maps, where)


def _margin(given: float | None, starts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the margin of each unit: as given, or half of what the starts of every engine leave."""
    least = np.min([found.mean(0) for found in starts.values()], axis=0)
    if given is not None:
        return np.full_like(least, given)
    return np.where(least > 0, np.minimum(least / 2, MOST_MARGIN), CLOSED_MARGIN)


def _one_layer(units: Sequence[Unit]) -> str:
    """Return the layer of the units."""
    layers = sorted({unit.layer for unit in units})
    if len(layers) != 1:
        raise DomainError(f"silent units are put into one layer at a time, not into {', '.join(layers) or 'none'}")
    return layers[0]


def orthogonal(aim: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return for each filter the part of a direction that is orthogonal to it, as long as the filter.

    A filter of zeros counts as long as the filters are on average.

    Examples
    --------
    >>> orthogonal(np.array([1.0, 1.0]), np.array([[2.0, 0.0]])).tolist()
    [[0.0, 2.0]]
    """
    lengths = np.linalg.norm(filters, axis=1, keepdims=True)
    own = filters / np.where(lengths > 0, lengths, 1)
    rest = aim - (own @ aim)[:, None] * own
    rest -= (own * rest).sum(1, keepdims=True) * own  # once more, for what rounding has left
    sizes = np.linalg.norm(rest, axis=1, keepdims=True)
    if not (sizes > 0).all():
        raise DomainError("the target must excite the layer in another direction than its filters do")
    return rest / sizes * np.where(lengths > 0, lengths, lengths.mean())


def _range(maps: np.ndarray, where: Geometry | None, filters: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return least and largest response of each filter, their largest error, and the greatest length of a vector."""
    low, high, error, longest = np.inf, -np.inf, 0.0, 0.0
    for found in responses(maps, where, filters):
        low = np.minimum(low, found.values.min((0, 1)))
        high = np.maximum(high, found.values.max((0, 1)))
        error, longest = np.maximum(error, found.error), max(longest, found.longest)
    return np.asarray(low), np.asarray(high), np.asarray(error), np.asarray(longest)


def _biases(filters: np.ndarray, reach: np.ndarray, longest: np.ndarray) -> np.ndarray:
    """Return float32 biases below −reach by what float32 can err, for sums in any order, rounded downwards."""
    lengths, sums = np.linalg.norm(filters.astype(np.float64), axis=1), gamma(filters.shape[1] + 2, bits=24)
    exact = -(reach + 2 * sums * (lengths * longest + np.abs(reach)))
    rounded = exact.astype(np.float32)
    return np.where(rounded.astype(np.float64) > exact, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def _spliced(model: Model, layer: str, channels: tuple[int, ...], filters: np.ndarray, biases: np.ndarray) -> Model:
    """Return a copy of the model whose layer has silent units; channels without one have filters of zeros."""
    network = deepcopy(model.network).eval()
    natural = find_layer(network, layer)
    silent = deepcopy(natural)
    assert isinstance(silent, Filtered)
    weight = torch.zeros_like(silent.weight)
    bias = weight.new_zeros(len(weight))
    places = torch.tensor(channels, device=weight.device)
    weight[places] = torch.from_numpy(filters).to(weight).view(-1, *weight.shape[1:])
    bias[places] = torch.from_numpy(biases).to(bias)
    silent.weight, silent.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    parent, _, own = layer.rpartition(".")
    setattr(network.get_submodule(parent), own, WithSilent(natural, silent).train(natural.training))
    return replace(model, name=f"{model.name} with silent units", network=network)
