"""Are visualizations processed like natural images? The sanity check of Geirhos et al. (ICML 2024, section 3).

At each layer, the similarity between the activations of visualizations and of natural images of the same class, on a
scale where natural images of different classes have 0 and of the same class 1.

With unit vectors h(x) whose scalar product is the similarity (`empirical.measurement.directions`) the mean over all
pairs of two groups is the scalar product of the groups' means. So two passes over the images suffice, and only one sum
per class is held::

    a(x) = mean of ⟨h(x), h(y)⟩ over the other images y of x's class = (⟨h(x), S_c⟩ − ‖h(x)‖²) / (n_c − 1)
    b(x) = mean over the other classes c' of ⟨h(x), S_c'⟩ / n_c'
    v(x) = mean of ⟨h(x), h(z)⟩ over the visualizations z of x's class

and every statistic is a mean over classes of the classes' means of these three numbers per image. They also give the
bootstrap: an image that is drawn w times counts w times in v, and 2w times (once on each side of a pair) in a and b.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from empirical.images import ImageSet
from empirical.measurement.bootstrap import Estimate, estimate, pairwise, resampled, unweighted
from empirical.measurement.directions import MEASURES, Batch, Measure, Site, directing, in_groups
from empirical.networks.layers import chosen_layers
from empirical.networks.zoo import Model
from theory.errors import DomainError, ShapeError

PASSES = 3
"""Over the visualizations, then twice over the natural images."""


@dataclass(frozen=True, slots=True)
class LayerSimilarity:
    """How visualizations compare to natural images at one layer.

    Attributes
    ----------
    layer, measure
        Where and how similarity is measured.
    same, different
        Mean similarity of two natural images of one class, and of different classes.
    visualization
        Mean similarity of a visualization to the natural images of its class.
    normalized
        (visualization − different) / (same − different): 1 if visualizations are like natural images of their class, 0
        if they are like those of other classes. NaN where the layer does not tell classes apart (same ≤ different). The
        interval is over the choice of natural images, not over that of classes or visualizations.
    """

    layer: str
    measure: Measure
    same: float
    different: float
    visualization: float
    normalized: Estimate


def sanity_curve(
    model: Model,
    natural: ImageSet,
    visualizations: ImageSet,
    *,
    layers: Sequence[str] | None = None,
    measures: Sequence[Measure] = MEASURES,
    seed: int = 0,
) -> tuple[LayerSimilarity, ...]:
    """Return, for each layer and measure, how similar visualizations are to natural images of their class.

    Memory: two vectors per class for as many layers at once as fit into `directions.MEMORY`, at least
    one; independent of the number of images.

    Parameters
    ----------
    model
        The network.
    natural
        At least two images of each class that is visualized. Those of other classes are left out.
    visualizations
        One or more of each of at least two classes, with the same labels.
    layers
        All that give new numbers where none are named.
    measures
        "spearman" (the paper's), "pearson", "cosine".
    seed
        Of the bootstrap.

    Returns
    -------
    tuple of LayerSimilarity
        In the order in which the layers run, measure by measure.

    Raises
    ------
    DomainError, ShapeError, UnknownName
        If labels, shapes or layers do not fit.

    Source: Geirhos et al., ICML 2024, section 3; the linear-time form and the intervals are fvproof's.

    Examples
    --------
    >>> from empirical.networks.digits import digits_images
    >>> from empirical.networks.zoo import load_model
    >>> natural, also_natural = digits_images(held_out=False), digits_images()
    >>> (logits,) = sanity_curve(
    ...     load_model("digits-small"), natural, also_natural, layers=["logits"], measures=["spearman"]
    ... )
    >>> round(logits.normalized.value, 1)
    1.0
    """
    natural, kinds, natural_class, shown_class = _matched(model, natural, visualizations)
    sizes = chosen_layers(model, layers)
    sites = [Site(layer, measure) for layer in sizes for measure in measures]
    groups = in_groups(sites, sizes, 2 * len(kinds))
    total = len(groups) * (2 * len(natural) + len(visualizations))
    numbers: dict[Site, np.ndarray] = {}
    with tqdm(total=total, desc="sanity check", disable=None, leave=False) as report:
        for group in groups:
            with directing(model, group) as run:
                shown = _sums(run(visualizations, report), shown_class, len(kinds))
                sums = _sums(run(natural, report), natural_class, len(kinds))
                products = [_products(batch, sums, shown) for _, batch in run(natural, report)]
            for site in group:
                columns = np.concatenate([batch[site] for batch in products])
                numbers[site] = _per_image(columns, natural_class, np.bincount(shown_class))
    base, weights = unweighted(natural_class), resampled(natural_class, seed)
    return tuple(_summary(site, numbers[site], base, weights) for site in sites)


def _matched(model: Model, natural: ImageSet, shown: ImageSet) -> tuple[ImageSet, np.ndarray, np.ndarray, np.ndarray]:
    """Return the natural images of the visualized classes, these classes, and each image's place among them."""
    for name, images in (("natural images", natural), ("visualizations", shown)):
        if images.labels is None:
            raise DomainError(f"the {name} must have labels")
        if images.shape != tuple(model.shape):
            raise ShapeError(f"the {name} must have the model's shape {tuple(model.shape)}, not {images.shape}")
    assert natural.labels is not None
    assert shown.labels is not None
    kinds, shown_class = np.unique(shown.labels, return_inverse=True)
    if len(kinds) < 2:
        raise DomainError("the sanity check needs visualizations of at least two classes, not of one")
    natural = natural.subset(np.flatnonzero(np.isin(natural.labels, kinds)))
    assert natural.labels is not None
    for kind in kinds:
        if (count := int((natural.labels == kind).sum())) < 2:
            raise DomainError(f"the sanity check needs at least 2 natural images of class {kind}, not {count}")
    return natural, kinds, np.searchsorted(kinds, natural.labels), shown_class


def _sums(batches: Iterable[Batch], classes: np.ndarray, count: int) -> dict[Site, Tensor]:
    """Return for each site the sum of each class's directions, (classes, d)."""
    sums: dict[Site, Tensor] = {}
    for places, batch in batches:
        members = torch.from_numpy(classes[places])
        for site, rows in batch.items():
            total = sums.setdefault(site, rows.new_zeros(count, rows.shape[1]))
            total.index_add_(0, members.to(rows.device), rows)
    return sums


def _products(batch: dict[Site, Tensor], sums: dict[Site, Tensor], shown: dict[Site, Tensor]) -> dict[Site, np.ndarray]:
    """Return for each site the images' squared lengths and scalar products with all sums, (n, 1 + 2 classes)."""
    return {
        site: torch.cat([(rows * rows).sum(1, keepdim=True), rows @ sums[site].T, rows @ shown[site].T], 1)
        .cpu()
        .numpy()
        .astype(np.float64)
        for site, rows in batch.items()
    }


def _per_image(columns: np.ndarray, classes: np.ndarray, shown_counts: np.ndarray) -> np.ndarray:
    """Return a, b and v of each image, (N, 3)."""
    counts, images = np.bincount(classes), np.arange(len(classes))
    squares, sums, shown = np.split(columns, [1, 1 + len(counts)], axis=1)
    own = sums[images, classes]
    same = (own - squares[:, 0]) / (counts[classes] - 1)
    different = ((sums / counts).sum(1) - own / counts[classes]) / (len(counts) - 1)
    return np.stack([same, different, shown[images, classes] / shown_counts[classes]], axis=1)


def _summary(site: Site, numbers: np.ndarray, base: np.ndarray, weights: np.ndarray) -> LayerSimilarity:
    """Return the statistics of one site with their interval."""
    same, different, shown = base @ numbers
    spread = _normalized(
        pairwise(weights, numbers[:, 0], same), pairwise(weights, numbers[:, 1], different), weights @ numbers[:, 2]
    )
    value = _normalized(np.array(same), np.array(different), np.array(shown))
    return LayerSimilarity(
        site.layer, site.measure, float(same), float(different), float(shown), estimate(float(value), spread)
    )


def _normalized(same: np.ndarray, different: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return (shown − different) / (same − different), NaN where classes are not told apart."""
    gap = np.where(same > different, same - different, np.nan)
    return (shown - different) / gap
