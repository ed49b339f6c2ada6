"""Which units rise with one weighted sum of pixels, wherever they are looked at, and with which: read off the network.

A *ridge function* is g(⟨w, x⟩ + b) with g strictly increasing. That a unit is one follows from its operators: from the
image on they are affine (convolutions, averages, normalization by fixed statistics, samples at fixed places, ...), and
then functions of one number that rise strictly (`fvproof.empirical.networks.ridge_rules`). What does not depend on the
image is a constant of the network, as torch computes it in float32.

So much is exact: it holds for the function that the constants define in real numbers. The weights w are computed in
doubles, with the running error bound of Higham (2002, 3.3): if a value has the magnitude m = Σ|w| along all ways to it
and the error e, n products of it with weights W, added in any order, have the magnitude |W|·m and an error of at most

    |W|·e + γₙ·|W|·(m + e),    γₙ = n·u / (1 − n·u),    u = 2⁻⁵³.

A network that runs in float32 rounds more; responses that are that near to one another may come out in another order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import frozen
from fvproof.empirical.networks.ridge_rules import Refused, gamma
from fvproof.empirical.networks.ridge_ways import Way, way_to

MOST_PIXELS = 1 << 14
"""Of an image: each is sent through the network by itself."""

AT_ONCE = 8
"""Pixels sent through the network at once: what doubles need stays in the processor's own memory."""

TINY = 1e-290
"""More than underflow can cost in a product."""


@dataclass(frozen=True, slots=True, eq=False)
class Ridges:
    """Units of a layer that are g(⟨w, x⟩ + b), g strictly increasing, for x in pixels of [0, 1].

    Attributes
    ----------
    layer
        Its name.
    weights
        (units, d), w in doubles.
    error
        (units,), an upper bound of Σ|w − weights|.
    link
        What makes up g, in order; empty if the units are affine.
    """

    layer: str
    weights: np.ndarray
    error: np.ndarray
    link: tuple[str, ...]

    @property
    def certified(self) -> np.ndarray:
        """Which units surely depend on the image, (units,) bool: those that do not are constant, or not known to."""
        return np.abs(self.weights).max(1) > self.error


@dataclass(frozen=True, slots=True)
class NoRidges:
    """Why units could not be shown to be ridge functions; that they are none is not claimed."""

    reason: str


def ridges(model: Model, layer: str) -> Ridges | NoRidges:
    """Return the weighted sums of pixels that the units of a layer rise with, or why they cannot be read off.

    Parameters
    ----------
    model
        The network.
    layer
        A unit with positions is read by their mean.

    Source: fvproof; the error bound is that of N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002.

    Examples
    --------
    >>> from torch import nn
    >>> linear = nn.Linear(4, 2, bias=False)
    >>> found = ridges(Model("one", nn.Sequential(nn.Flatten(), linear, nn.ELU()), (1, 2, 2)), "2")
    >>> bool((found.weights == linear.weight.detach().double().numpy()).all()), found.link
    (True, ('ELU',))
    >>> ridges(Model("two", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.ReLU()), (1, 2, 2)), "2").reason
    'relu (aten.relu.default) does not rise strictly on the whole line'
    """
    if prod(model.shape) > MOST_PIXELS:
        return NoRidges(f"images of more than {MOST_PIXELS} numbers are not tried")
    try:
        with frozen(model.network):
            way = way_to(model, layer)
    except Refused as refused:
        return NoRidges(str(refused))
    with torch.no_grad():  # in doubles torch has plain sums of products, no fast transforms
        _, error = _bounded(way, torch.ones(1, *model.shape, dtype=torch.double))
        rows = [values.numpy() for values in _impulses(way, model.shape)]
    weights = np.ascontiguousarray(np.concatenate(rows).T)
    return Ridges(layer, weights, 1.0001 * error.reshape(-1).numpy() + TINY, way.bends)


def _bounded(way: Way, image: Tensor) -> tuple[Tensor, Tensor]:
    """Return the magnitudes and the errors of the units' weights, each summed over all pixels."""
    found = {way.image: (image, torch.zeros_like(image))}
    for link in way.links:
        sizes, errors = zip(*(found[name] for name in link.sources), strict=True)
        step, both = link.step, [size + error for size, error in zip(sizes, errors, strict=True)]
        size, error, most = step.bound(*sizes), step.bound(*errors), step.bound(*both)
        stray = step.stray(both[0]) if step.stray else torch.zeros_like(size)
        up = 1 + 2 * gamma(step.terms + 3)  # these numbers are computed with roundings too
        found[link.name] = (up * (size + stray), up * (error + gamma(step.terms) * most + stray) + TINY)
    return found[way.output]


def _impulses(way: Way, shape: tuple[int, int, int]) -> Iterator[Tensor]:
    """Yield what the units' linear parts give for each pixel alone, (pixels, units), some pixels at a time."""

    def through(image: Tensor) -> Tensor:
        found = {way.image: image[None]}
        for link in way.links:
            found[link.name] = link.step.run(*(found[name] for name in link.sources))
        return found[way.output].reshape(-1)

    count = prod(shape)
    for start in range(0, count, AT_ONCE):
        pixels = torch.arange(start, min(start + AT_ONCE, count))
        images = torch.zeros(len(pixels), count, dtype=torch.double)
        images[torch.arange(len(pixels)), pixels] = 1
        yield torch.vmap(through)(images.reshape(-1, *shape))
