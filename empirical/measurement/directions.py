"""Activations of a layer as unit vectors whose scalar product is the similarity of two images there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.ranks import centred_ranks
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import chosen_layers
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.shapes import laid_out
from fvproof.theory.errors import DomainError

Measure = Literal["spearman", "pearson", "cosine"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

BATCH = 16
"""Images in one forward pass, of which the activations of many layers are held at once."""

MEMORY = 2**30
"""Bytes that may be held at once; layers are taken in groups that keep to it where they can."""

CHUNK = 2**20
"""Numbers of a layer that are worked on at once: as many as a processor's cache holds."""

NEARLY_CONSTANT = 0.01
"""Below this share of the mean square, a variance is not computed as the difference of two squares."""


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Vectors ``h = scale·(rows − shift)`` of length one, or zero, one per image.

    Attributes
    ----------
    rows
        (n, d).
    shift, scale
        (n,).
    """

    rows: Tensor
    shift: Tensor
    scale: Tensor

    def explicit(self) -> Tensor:
        """Return the vectors themselves, (n, d)."""
        return self.scale[:, None] * (self.rows - self.shift[:, None])

    def add_to(self, total: Tensor) -> None:
        """Add all vectors to one, (d,)."""
        total.addmv_(self.rows.T, self.scale)
        if self.shift.any():
            total -= self.scale @ self.shift

    def products(self, others: Tensor) -> Tensor:
        """Return the scalar product of each vector with each of others (m, d), (n, m)."""
        return self.scale[:, None] * (self.rows @ others.T - self.shift[:, None] * others.sum(1))

    def squares(self) -> Tensor:
        """Return the squared length of each vector: 0 where a similarity is not defined, else 1."""
        return (self.scale > 0).to(self.scale.dtype)


def directions(activations: Tensor, measure: Measure) -> Directions:
    """Return vectors of length one whose scalar products are the similarities of the activations' rows.

    Spearman's correlation is Pearson's of the ranks (`fvproof.empirical.measurement.ranks`), and Pearson's is the
    cosine of the centred values. A row in which a correlation is not defined, because all its entries are equal,
    becomes zero: it is similar to nothing.

    Parameters
    ----------
    activations
        (n, d) float32.
    measure
        "spearman", "pearson" or "cosine".

    Examples
    --------
    >>> found = directions(torch.tensor([[1.0, 2.0, 3.0], [5.0, 7.0, 8.0], [3.0, 1.0, 2.0]]), "spearman").explicit()
    >>> (found @ found.T).round(decimals=2).tolist()
    [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5], [-0.5, -0.5, 1.0]]
    """
    return _directions(activations, torch.linalg.vector_norm(activations, dim=1), measure)


def _directions(rows: Tensor, lengths: Tensor, measure: Measure) -> Directions:
    """Return the directions of activations with these lengths."""
    if measure == "spearman":
        rows = centred_ranks(rows, lengths)
        lengths = torch.linalg.vector_norm(rows, dim=1)
    if measure != "pearson":
        return Directions(rows, torch.zeros_like(lengths), _inverse(lengths))
    means, squares = rows.mean(dim=1), lengths.square()
    variances = squares - rows.shape[1] * means.square()
    if (variances < NEARLY_CONSTANT * squares).any():
        rows, means = rows - means[:, None], torch.zeros_like(means)
        constant = rows.amax(dim=1) == rows.amin(dim=1)
        return Directions(rows, means, _inverse(torch.linalg.vector_norm(rows, dim=1)) * ~constant)
    return Directions(rows, means, _inverse(variances.sqrt()))


def _inverse(lengths: Tensor) -> Tensor:
    """Return 1 / length, and 0 where that is not defined."""
    return torch.where(lengths > 0, 1 / lengths, 0.0)


@dataclass(frozen=True, slots=True)
class Site:
    """A layer and a measure of similarity there."""

    layer: str
    measure: Measure


Visit = Callable[[Site, Directions], None]


def visit_directions(
    model: Model, sites: Iterable[Site], images: ImageSet | Tensor, visit: Visit, report: tqdm
) -> None:
    """Show the directions of all images, in order, batch by batch and site by site.

    They are shown while the layer's output is at hand, and not kept: what is shown may change after the call.

    Parameters
    ----------
    model
        The network.
    sites
        Layers and measures.
    images
        Images, or a batch of them.
    visit
        Called with a site and the directions of the next images there.
    report
        Told how many images are done.

    Raises
    ------
    DomainError
        If activations are not finite.
    """
    measures: dict[str, list[Site]] = {}
    for site in sites:
        measures.setdefault(site.layer, []).append(site)
    reads = {layer: partial(_shown, visit, at) for layer, at in measures.items()}
    device = device_of(model)
    with (
        frozen(model.network),
        quick_norms(model.network),
        torch.no_grad(),
        capturing(model, list(measures), reads) as run,
    ):
        for start in range(0, len(images), BATCH):
            stop = start + BATCH
            batch = images.batch(start, stop) if isinstance(images, ImageSet) else images[start:stop]
            run(laid_out(batch.to(device)))
            report.update(len(batch))


def _shown(visit: Visit, sites: Sequence[Site], output: Tensor) -> Tensor:
    """Show a layer's output, and return nothing of it but one number per image."""
    rows = _flattened(output)
    lengths = torch.linalg.vector_norm(rows, dim=1)
    if not torch.isfinite(lengths).all():
        raise DomainError(f"activations must be finite, those of layer {sites[0].layer!r} are not")
    count = max(1, CHUNK // rows.shape[1])
    for some, long in zip(rows.split(count), lengths.split(count), strict=True):
        for site in sites:
            visit(site, _directions(some, long, site.measure))
    return lengths


def _flattened(output: Tensor) -> Tensor:
    """Return a layer's output as rows of float32, channels last: the order of a map's numbers in memory."""
    return output.movedim(1, -1).flatten(1).float()


def in_groups(sites: Iterable[Site], bytes_of: Mapping[Site, int]) -> list[list[Site]]:
    """Return the sites in groups that fit into the memory allowed, each with at least one.

    Examples
    --------
    >>> sites = [Site("a", "cosine"), Site("b", "cosine")]
    >>> [len(group) for group in in_groups(sites, dict.fromkeys(sites, 2**29 + 1))]
    [1, 1]
    """
    groups: list[list[Site]] = [[]]
    room = MEMORY
    for site in sites:
        cost = bytes_of[site]
        if cost > room and groups[-1]:
            groups.append([])
            room = MEMORY
        groups[-1].append(site)
        room -= cost
    return groups


def similarities(
    model: Model,
    images: ImageSet,
    references: np.ndarray,
    *,
    layers: Sequence[str] | None = None,
    groups: Sequence[int] | None = None,
) -> dict[str, np.ndarray]:
    """Return the Spearman similarity of every image to every reference image, or group of them, layer by layer.

    The similarity to a group is the mean of those to its images. As a similarity is a scalar product of directions, it
    is that with the mean direction of the group, which is all that is kept of one.

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
    groups
        (R,), the group of each reference, numbered from 0 without a gap; where none are given, each is its own.

    Returns
    -------
    dict
        For each layer, in the order in which they run, a float64 array (N, number of groups).

    Raises
    ------
    UnknownName, DomainError
        If there is no such layer, or its activations are not finite.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> images = digits_images()
    >>> found = similarities(load_model("digits-small"), images, images.images[:3], layers=["relu1", "logits"])
    >>> list(found), found["logits"].shape, round(float(found["logits"][2, 2]), 4)
    (['relu1', 'logits'], (450, 3), 1.0)
    """
    sizes = chosen_layers(model, layers)
    sites = [Site(layer, "spearman") for layer in sizes]
    of = torch.arange(len(references)) if groups is None else torch.as_tensor(groups)
    count = int(of.max()) + 1
    rounds = in_groups(sites, {site: 4 * sizes[site.layer] * count for site in sites})
    found: dict[str, list[Tensor]] = {layer: [] for layer in sizes}
    with tqdm(
        total=len(rounds) * (len(images) + len(references)), desc="similarities", disable=None, leave=False
    ) as report:
        for some in rounds:
            means = _mean_directions(model, some, torch.from_numpy(references), of, report)
            visit_directions(
                model,
                some,
                images,
                lambda site, batch, means=means: found[site.layer].append(batch.products(means[site]).cpu()),
                report,
            )
    return {layer: torch.cat(parts).numpy().astype(np.float64) for layer, parts in found.items()}


def _mean_directions(
    model: Model, sites: Sequence[Site], references: Tensor, groups: Tensor, report: tqdm
) -> dict[Site, Tensor]:
    """Return the mean direction of each group of references at each site, (groups, d)."""
    shares = 1 / torch.bincount(groups).float()
    means: dict[Site, Tensor] = {}
    seen = dict.fromkeys(sites, 0)

    def add(site: Site, batch: Directions) -> None:
        rows = batch.explicit()
        of = groups[seen[site] : seen[site] + len(rows)].to(rows.device)
        if site not in means:
            means[site] = rows.new_zeros(len(shares), rows.shape[1])
        means[site].index_add_(0, of, rows * shares.to(rows.device)[of][:, None])
        seen[site] += len(rows)

    visit_directions(model, sites, references, add, report)
    return means
