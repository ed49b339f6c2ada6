"""Class by class, what the sanity check rests on: each site's class means, and the numbers of single images.

See `empirical.measurement.similarity` for what a, b and v are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from empirical.images import ImageSet
from empirical.measurement.directions import Directions, Site, visit_directions
from empirical.measurement.ranks import LARGE
from empirical.networks.probing import device_of
from empirical.networks.zoo import Model

Means = dict[Site, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What is compared: the visualized classes, and the places of their images.

    Attributes
    ----------
    natural, shown
        Images and visualizations.
    kinds
        The labels that are visualized.
    natural_of, shown_of
        The places of each class's images and visualizations.
    spread_of
        The places of those of its images that the interval over images rests on.
    seed
        Of the bootstrap.
    """

    natural: ImageSet
    shown: ImageSet
    kinds: np.ndarray
    natural_of: list[np.ndarray]
    shown_of: list[np.ndarray]
    spread_of: list[np.ndarray]
    seed: int

    @property
    def shows(self) -> int:
        """How many images are run through the network: visualizations in both passes."""
        return sum(map(len, (*self.natural_of, *self.spread_of, *self.shown_of, *self.shown_of)))


def bytes_held(size: int, classes: int) -> int:
    """Return how much memory one site takes: its classes' means, and four further vectors."""
    return size * (classes * _kept(size).itemsize + 4 * torch.float32.itemsize)


def _kept(size: int) -> torch.dtype:
    """Return the precision in which a class's mean is kept."""
    return torch.float32 if size < LARGE else torch.float16


def class_by_class(
    model: Model, comparison: Comparison, sizes: Mapping[Site, int], report: tqdm
) -> tuple[Means, dict[Site, np.ndarray]]:
    """Return each site's means (classes, d), times √d, and for each class the means of a, b and v, (classes, 3).

    Parameters
    ----------
    model, comparison
        What is run, and what is compared.
    sizes
        For each site the number d of its layer's numbers.
    report
        Told how many images are done.
    """
    device, kinds = device_of(model), len(comparison.kinds)
    means = {site: torch.empty((kinds, size), dtype=_kept(size), device=device) for site, size in sizes.items()}
    exact = {site: np.empty((kinds, 3)) for site in sizes}
    sums = {site: torch.empty(size, device=device) for site, size in sizes.items()}
    shown = dict.fromkeys(sizes, 0.0)

    def compare(site: Site, batch: Directions) -> None:
        shown[site] += float(batch.products(sums[site][None]).sum())

    for place, (natural, visual) in enumerate(zip(comparison.natural_of, comparison.shown_of, strict=True)):
        for site, total in sums.items():
            total.zero_()
            shown[site] = 0.0
        squares, count = _add_all(model, sums, comparison.natural.subset(natural), report), len(natural)
        visit_directions(model, sizes, comparison.shown.subset(visual), compare, report)
        for site, total in sums.items():
            means[site][place] = total * (sizes[site] ** 0.5 / count)
            exact[site][place, 0] = (float(total @ total) - squares[site]) / (count * (count - 1))
            exact[site][place, 2] = shown[site] / (count * len(visual))
    for site, kept in means.items():
        exact[site][:, 1] = _to_others(kept)
    return means, exact


def _add_all(model: Model, sums: Means, images: ImageSet, report: tqdm) -> dict[Site, float]:
    """Add the images' directions to each site's sum, (d,), and return the sums of their squared lengths."""
    squares = dict.fromkeys(sums, 0.0)

    def add(site: Site, batch: Directions) -> None:
        batch.add_to(sums[site])
        squares[site] += float(batch.squares().sum())

    visit_directions(model, sums, images, add, report)
    return squares


def _to_others(means: Tensor) -> np.ndarray:
    """Return for each class the mean of its mean's scalar products with those of the other classes, (classes,)."""
    parts = (part.float() for part in means.split(LARGE, dim=1))
    products = sum((part @ part.T).double() for part in parts)
    assert isinstance(products, Tensor)
    products /= means.shape[1]
    return ((products.sum(1) - products.diagonal()) / (len(means) - 1)).cpu().numpy()


def image_by_image(model: Model, comparison: Comparison, means: Means, report: tqdm) -> dict[Site, np.ndarray]:
    """Return a, b and v of the images that the interval rests on, class after class, (N, 3)."""
    sites, numbers = list(means), {site: [] for site in means}
    others = {site: kept.new_zeros((3, kept.shape[1]), dtype=torch.float32) for site, kept in means.items()}
    for site, kept in means.items():
        others[site][1] = kept.sum(0, dtype=torch.float32) / kept.shape[1] ** 0.5
    classes = zip(comparison.natural_of, comparison.spread_of, comparison.shown_of, strict=True)
    for place, (natural, spread, visual) in enumerate(classes):
        for site, kept in means.items():
            others[site][0] = kept[place].float() / kept.shape[1] ** 0.5
            others[site][2] = 0
        _add_all(model, {site: rows[2] for site, rows in others.items()}, comparison.shown.subset(visual), report)

        def measure(site: Site, batch: Directions, count: int = len(natural), visuals: int = len(visual)) -> None:
            own, total, shown = batch.products(others[site]).double().cpu().numpy().T
            same = (count * own - batch.squares().cpu().numpy()) / (count - 1)
            different = (total - own) / (len(means[site]) - 1)
            numbers[site].append(np.stack([same, different, shown / visuals], axis=1))

        visit_directions(model, sites, comparison.natural.subset(spread), measure, report)
    return {site: np.concatenate(parts) for site, parts in numbers.items()}
