"""Activations of a layer as unit vectors whose scalar product is the similarity of two images there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from empirical.images import ImageSet
from empirical.networks.layers import chosen_layers
from empirical.networks.probing import capturing, device_of, frozen
from empirical.networks.zoo import Model
from theory.errors import DomainError

Measure = Literal["spearman", "pearson", "cosine"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

BATCH = 16
"""Images in one forward pass."""

MEMORY = 2**28
"""Numbers (of four bytes) that may be held at once; layers are taken in groups that keep to it where they can."""


def average_ranks(values: Tensor) -> Tensor:
    """Return twice the ranks of each row's entries, counted from 0; equal entries share their average rank.

    Parameters
    ----------
    values
        (n, d).

    Examples
    --------
    >>> average_ranks(torch.tensor([[0.0, 3.0, 0.0, 1.0]]))
    tensor([[1., 6., 1., 4.]])
    """
    ranks = torch.empty_like(values)
    for row, result in zip(values, ranks, strict=True):
        places = _order(row)
        _, sizes = torch.unique_consecutive(row[places], return_counts=True)
        middles = (2 * sizes.cumsum(0) - sizes - 1).to(values.dtype)
        result[places] = middles.repeat_interleave(sizes)
    return ranks


def _order(row: Tensor) -> Tensor:
    """Return the places of the entries in ascending order; on a CPU, NumPy sorts several times faster than torch."""
    return torch.from_numpy(np.argsort(row.numpy())) if row.device.type == "cpu" else row.argsort()


def directions(activations: Tensor, measure: Measure) -> Tensor:
    """Return rows of length one whose scalar products are the similarities of the activations' rows.

    Spearman's correlation is Pearson's of the ranks, and Pearson's is the cosine of the centred values. A row in which
    a correlation is not defined, because all its entries are equal, becomes zero: it is similar to nothing.

    Parameters
    ----------
    activations
        (n, d) float32.
    measure
        "spearman", "pearson" or "cosine".

    Examples
    --------
    >>> rows = directions(torch.tensor([[1.0, 2.0, 3.0], [5.0, 7.0, 8.0], [3.0, 1.0, 2.0]]), "spearman")
    >>> (rows @ rows.T).round(decimals=2).tolist()
    [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5], [-0.5, -0.5, 1.0]]
    """
    rows = average_ranks(activations) if measure == "spearman" else activations
    if measure != "cosine":
        constant = rows.amax(dim=1) == rows.amin(dim=1)
        rows = torch.where(constant[:, None], 0.0, rows - rows.mean(dim=1, keepdim=True))
    lengths = rows.norm(dim=1, keepdim=True)
    return rows / torch.where(lengths > 0, lengths, 1.0)


@dataclass(frozen=True, slots=True)
class Site:
    """A layer and a measure of similarity there."""

    layer: str
    measure: Measure


Batch = tuple[slice, dict[Site, Tensor]]


@contextmanager
def directing(model: Model, sites: Sequence[Site]) -> Iterator[Callable[[ImageSet | Tensor, tqdm], Iterator[Batch]]]:
    """Give a function from images to an iterator over batches: their places, and their directions at every site."""
    layers = list(dict.fromkeys(site.layer for site in sites))

    def run_all(images: ImageSet | Tensor, report: tqdm) -> Iterator[Batch]:
        for start in range(0, len(images), BATCH):
            batch = (
                images.batch(start, start + BATCH) if isinstance(images, ImageSet) else images[start : start + BATCH]
            )
            found = run(batch.to(device))
            for layer, values in found.items():
                if not torch.isfinite(values).all():
                    raise DomainError(f"activations must be finite, those of layer {layer!r} are not")
            yield (
                slice(start, start + len(batch)),
                {site: directions(found[site.layer], site.measure) for site in sites},
            )
            report.update(len(batch))

    device = device_of(model)
    with frozen(model.network), torch.no_grad(), capturing(model, layers, _flattened) as run:
        yield run_all


def _flattened(output: Tensor) -> Tensor:
    """Return a layer's output as rows of float32, copied: a later layer may change it in place."""
    return output.flatten(1).to(torch.float32, copy=True)


def in_groups(sites: Iterable[Site], sizes: Mapping[str, int], rows: int) -> list[list[Site]]:
    """Return the sites in groups for which `rows` vectors, and a batch's, fit into the memory allowed.

    Examples
    --------
    >>> sites = [Site("a", "cosine"), Site("b", "cosine")]
    >>> [len(group) for group in in_groups(sites, {"a": 2**20, "b": 2**20}, rows=200)]
    [1, 1]
    """
    groups: list[list[Site]] = [[]]
    room = MEMORY
    for site in sites:
        cost = sizes[site.layer] * (rows + 2 * BATCH)
        if cost > room and groups[-1]:
            groups.append([])
            room = MEMORY
        groups[-1].append(site)
        room -= cost
    return groups


def similarities(
    model: Model, images: ImageSet, references: np.ndarray, *, layers: Sequence[str] | None = None
) -> dict[str, np.ndarray]:
    """Return the Spearman similarity of every image to every reference image, layer by layer.

    Parameters
    ----------
    model
        The network.
    images
        N images.
    references
        (R, C, H, W) float32 in [0, 1].
    layers
        All where none are named.

    Returns
    -------
    dict
        For each layer, in the order in which they run, a float64 array (N, R).

    Raises
    ------
    UnknownName, DomainError
        If there is no such layer, or its activations are not finite.

    Examples
    --------
    >>> from empirical.networks.digits import digits_images
    >>> from empirical.networks.zoo import load_model
    >>> images = digits_images()
    >>> found = similarities(load_model("digits-small"), images, images.images[:3], layers=["relu1", "logits"])
    >>> list(found), found["logits"].shape, round(float(found["logits"][2, 2]), 4)
    (['relu1', 'logits'], (450, 3), 1.0)
    """
    sizes = chosen_layers(model, layers)
    sites = [Site(layer, "spearman") for layer in sizes]
    groups = in_groups(sites, sizes, len(references))
    found = {layer: np.empty((len(images), len(references))) for layer in sizes}
    total = len(groups) * (len(images) + len(references))
    with tqdm(total=total, desc="similarities", disable=None, leave=False) as report:
        for group in groups:
            with directing(model, group) as run:
                shown = _collected(run(torch.from_numpy(references), report))
                for places, batch in run(images, report):
                    for site, rows in batch.items():
                        found[site.layer][places] = (rows @ shown[site].T).cpu().numpy()
    return found


def _collected(batches: Iterable[Batch]) -> dict[Site, Tensor]:
    """Return all directions of each site in one tensor."""
    parts: dict[Site, list[Tensor]] = {}
    for _, batch in batches:
        for site, rows in batch.items():
            parts.setdefault(site, []).append(rows)
    return {site: torch.cat(rows) for site, rows in parts.items()}
