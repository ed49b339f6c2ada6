"""How far units are from affine: the one class of functions whose visualizations can be read, along straight ways.

An affine unit rises evenly from its minimization a to its maximization b, and between any two natural images.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.bootstrap import Estimate, estimate, resampled
from fvproof.empirical.measurement.prediction import end_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Wanted
from fvproof.empirical.networks.units import Position, activations
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

POINTS = 17
"""On each way, both ends included."""

PAIRS = 64
"""Ways between natural images, no image on two of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Linearity:
    """How far a unit is from affine.

    Attributes
    ----------
    along
        (POINTS,) activations at equal steps from a to b.
    deviation
        Largest distance of `along` from the straight line between its ends, as a share of M − m; 0 if the unit is
        affine.
    natural
        The same distance on ways between natural images, their mean, as a share of M − m.
    natural_relative
        The mean distance on these ways as a share of the mean difference of their ends; 1 if a unit strays from the
        line as much as it changes.
    """

    along: np.ndarray
    deviation: float
    natural: Estimate
    natural_relative: Estimate


def linearity(
    model: Model,
    shown: Mapping[Wanted, Visualization],
    images: ImageSet,
    *,
    position: Position = "mean",
    seed: int = 0,
) -> dict[Wanted, Linearity]:
    """Return how far units are from affine, from a to b and between natural images.

    Parameters
    ----------
    model
        The network.
    shown
        Units of any layers, each with its visualizations.
    images
        At least two natural images.
    position
        What a unit with positions is read by.
    seed
        Of the choice of pairs and of the bootstrap over pairs.

    Raises
    ------
    DomainError
        If there are fewer than two images, or the two visualizations of a unit have equal activations.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> from fvproof.empirical.networks.units import Unit
    >>> unit, phi = Unit("logits", 3), Visualization(np.zeros(64), np.ones(64), -5, 5)
    >>> found = linearity(load_model("digits-small"), {unit: phi}, digits_images())
    >>> found[unit].along.shape, 0 < found[unit].natural.value < 1
    ((17,), True)
    """
    if len(images) < 2:
        raise DomainError(f"ways between natural images need at least 2 images, not {len(images)}")
    for unit, phi in shown.items():
        if not phi.spread:
            raise DomainError(f"the visualizations of {unit} must have different activations, not both {phi.minimum}")
    order = np.random.default_rng(seed).permutation(len(images))[: 2 * min(PAIRS, len(images) // 2)]
    between = _ways(model, list(shown), _natural_ways(images, order), position)
    weights = resampled(np.zeros(len(order) // 2), seed)
    found = {}
    for unit, phi in shown.items():
        low, high = torch.from_numpy(end_images(phi, images.shape))
        (along,) = _ways(model, [unit], iter([_way(low, high)]), position)[unit]
        found[unit] = _summary(along, between[unit], float(phi.spread), weights)
    return found


def _way(start: Tensor, end: Tensor) -> Tensor:
    """Return images at equal steps from one to another, (POINTS, C, H, W)."""
    return torch.stack([torch.lerp(start, end, share) for share in torch.linspace(0, 1, POINTS)])


def _natural_ways(images: ImageSet, order: Sequence[int] | np.ndarray) -> Iterator[Tensor]:
    """Yield the ways between consecutive images of an order."""
    for i, j in zip(order[0::2], order[1::2], strict=True):
        yield _way(images.batch(i, i + 1)[0], images.batch(j, j + 1)[0])


def _ways(
    model: Model, units: Sequence[Wanted], ways: Iterator[Tensor], position: Position
) -> dict[Wanted, np.ndarray]:
    """Return the units' activations along each way, (ways, POINTS)."""
    found = activations(model, units, ways, position=position)
    return {unit: values.reshape(-1, POINTS).astype(np.float64) for unit, values in found.items()}


def _distance(ways: np.ndarray) -> np.ndarray:
    """Return each way's largest distance from the straight line between its ends."""
    shares = np.linspace(0, 1, POINTS)
    lines = ways[:, :1] + shares * (ways[:, -1:] - ways[:, :1])
    return np.abs(ways - lines).max(axis=1)


def _summary(along: np.ndarray, between: np.ndarray, spread: float, weights: np.ndarray) -> Linearity:
    """Return the measurements of one unit."""
    distances, changes = _distance(between), np.abs(between[:, -1] - between[:, 0])
    resampled_changes = weights @ changes
    relative = (weights @ distances) / np.where(resampled_changes > 0, resampled_changes, np.nan)
    value = distances.mean() / changes.mean() if changes.any() else float("nan")
    return Linearity(
        along=along,
        deviation=float(_distance(along[None])[0] / spread),
        natural=estimate(distances.mean() / spread, weights @ distances / spread),
        natural_relative=estimate(value, relative),
    )
