"""Class by class, what the sanity check rests on: each site's class means, and the numbers of single images.

See `fvproof.empirical.measurement.similarity` for what a, b, v and o are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.directions import Directions, Site, visit_directions
from fvproof.empirical.measurement.ranks import LARGE
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of

Sums = dict[Site, Tensor]
"""For each site a sum of vectors, (d,)."""


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
    """Return how much memory one site takes: its classes' means, and six further vectors."""
    return size * (classes * _kept(size).itemsize + 6 * torch.float32.itemsize)


def _kept(size: int) -> torch.dtype:
    """Return the precision in which a class's mean is kept."""
    return torch.float32 if size < LARGE else torch.float16


@dataclass(frozen=True, slots=True, eq=False)
class SiteMeans:
    """What is kept of one site.

    Attributes
    ----------
    natural
        (classes, d), the mean vector of each class's images, times √d.
    shown
        (d,), the sum over classes of the mean vector of their visualizations.
    """

    natural: Tensor
    shown: Tensor


def class_by_class(
    model: Model, comparison: Comparison, sizes: Mapping[Site, int], report: tqdm
) -> tuple[dict[Site, SiteMeans], dict[Site, np.ndarray]]:
    """Return what is kept of each site, and for each class the means of a, b, v and o, (classes, 4).

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
    means = {site: _empty(kinds, size, device) for site, size in sizes.items()}
    exact = {site: np.empty((kinds, 4)) for site in sizes}
    natural_sums, shown_sums = ({site: torch.empty(size, device=device) for site, size in sizes.items()} for _ in "ab")
    for place, (natural, visual) in enumerate(zip(comparison.natural_of, comparison.shown_of, strict=True)):
        squares = _sum_up(model, natural_sums, comparison.natural.subset(natural), report)
        _sum_up(model, shown_sums, comparison.shown.subset(visual), report)
        count = len(natural)
        for site, total in natural_sums.items():
            shown = shown_sums[site] / len(visual)
            means[site].natural[place] = total * (sizes[site] ** 0.5 / count)
            means[site].shown.add_(shown)
            exact[site][place, 0] = (float(total @ total) - squares[site]) / (count * (count - 1))
            exact[site][place, 2] = float(total @ shown) / count
    for site, kept in means.items():
        exact[site][:, 1], all_shown = _to_others(kept)
        exact[site][:, 3] = (all_shown - exact[site][:, 2]) / (kinds - 1)
    return means, exact


def _empty(classes: int, size: int, device: torch.device) -> SiteMeans:
    """Return room for what is kept of a site with so many numbers."""
    natural = torch.empty((classes, size), dtype=_kept(size), device=device)
    return SiteMeans(natural, torch.zeros(size, device=device))


def _sum_up(model: Model, sums: Sums, images: ImageSet, report: tqdm) -> dict[Site, float]:
    """Put the sum of the images' directions into each site's sum, and return the sums of their squared lengths."""
    for total in sums.values():
        total.zero_()
    squares = dict.fromkeys(sums, 0.0)

    def add(site: Site, batch: Directions) -> None:
        batch.add_to(sums[site])
        squares[site] += float(batch.squares().sum())

    visit_directions(model, sums, images, add, report)
    return squares


def _to_others(kept: SiteMeans) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each class's mean, the mean of its products with other classes' means, and that with `shown`."""
    parts = zip(kept.natural.split(LARGE, dim=1), kept.shown.split(LARGE), strict=True)
    size, classes = kept.natural.shape[1], len(kept.natural)
    products = torch.zeros((classes, classes + 1), dtype=torch.float64)
    for natural, shown in parts:
        rows = natural.float()
        products[:, :-1] += (rows @ rows.T).double().cpu()
        products[:, -1] += (rows @ shown).double().cpu() * size**0.5
    products /= size
    natural = products[:, :-1]
    return ((natural.sum(1) - natural.diagonal()) / (classes - 1)).numpy(), products[:, -1].numpy()


def image_by_image(
    model: Model, comparison: Comparison, means: Mapping[Site, SiteMeans], report: tqdm
) -> dict[Site, np.ndarray]:
    """Return a, b, v and o of the images that the interval rests on, class after class, (N, 4)."""
    numbers: dict[Site, list[np.ndarray]] = {site: [] for site in means}
    shown_sums = {site: torch.empty_like(kept.shown) for site, kept in means.items()}
    totals = {site: _mean(kept.natural.sum(0, dtype=torch.float32)) for site, kept in means.items()}
    others = len(comparison.kinds) - 1
    classes = zip(comparison.natural_of, comparison.spread_of, comparison.shown_of, strict=True)
    for place, (natural, spread, visual) in enumerate(classes):
        _sum_up(model, shown_sums, comparison.shown.subset(visual), report)
        rows = {
            site: torch.stack([_mean(kept.natural[place]), totals[site], shown_sums[site] / len(visual), kept.shown])
            for site, kept in means.items()
        }

        def measure(site: Site, batch: Directions, rows: Sums = rows, count: int = len(natural)) -> None:
            own, total, shown, all_shown = batch.products(rows[site]).double().cpu().numpy().T
            same = (count * own - batch.squares().cpu().numpy()) / (count - 1)
            values = [same, (total - own) / others, shown, (all_shown - shown) / others]
            numbers[site].append(np.stack(values, axis=1))

        visit_directions(model, means, comparison.natural.subset(spread), measure, report)
    return {site: np.concatenate(parts) for site, parts in numbers.items()}


def _mean(kept: Tensor) -> Tensor:
    """Return a mean (d,), or a sum of means, without the factor √d that it is kept with."""
    return kept.float() / len(kept) ** 0.5
