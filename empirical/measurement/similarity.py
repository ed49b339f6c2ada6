"""Are visualizations processed like natural images? The sanity check of Geirhos et al. (ICML 2024, section 3).

At each layer, the similarity between the activations of visualizations and of natural images of the same class, on a
scale where natural images of different classes have 0 and of the same class 1. As a control, the same for
visualizations and natural images of *other* classes: where the two do not differ, a visualization is not processed like
images of its class, however alike it is to them.

With unit vectors h(x) whose scalar product is the similarity (`fvproof.empirical.measurement.directions`) the mean over
all pairs of two groups is the scalar product of the groups' means. So one pass over the images suffices, class by
class, and of each class c of n images only the mean of its vectors is kept, μ_c::

    same        = mean over c of (n² ‖μ_c‖² − Σ_x ‖h(x)‖²) / (n (n − 1))
    different   = mean over c ≠ c' of ⟨μ_c, μ_c'⟩
    shown       = mean over c of ⟨μ_c, ν_c⟩,  ν_c the mean over the visualizations of c
    others      = mean over c ≠ c' of ⟨μ_c, ν_c'⟩

Two intervals come with it. That over *images* rests on the same means for each single image x, a(x) over the other
images of its class, b(x) over those of other classes, v(x) over the visualizations of its class, o(x) over those of
others: an image that is drawn w times counts w times in v and o, and 2w times (once on each side of a pair) in a and b.
They are measured in a second pass, over so many images of each class as tell the spread. That over *classes* draws
classes, with their images and visualizations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.bootstrap import Estimate, estimate, pairwise, resampled
from fvproof.empirical.measurement.class_means import Comparison, bytes_held, class_by_class, image_by_image
from fvproof.empirical.measurement.directions import MEASURES, Measure, Site, in_groups
from fvproof.empirical.networks.layers import chosen_layers
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError, ShapeError

SPREAD_IMAGES, SPREAD_LEAST = 128, 4
"""The interval over images is measured on so many of them, in equal parts of each class, and on so many of a class."""


Scaled = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Similarity to natural images of the same class, of other classes, and the contrast of the two, on the scale."""


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
    other_classes
        The control: mean similarity of a visualization to the natural images of the other visualized classes.
    normalized
        (visualization − different) / (same − different): 1 if visualizations are like natural images of their class, 0
        if they are like those of other classes. NaN where the layer does not tell classes apart (same ≤ different). The
        interval is over the choice of natural images.
    over_classes
        The same with the interval over the choice of classes, each with its images and visualizations: rough where
        there are fewer than ten.
    normalized_others
        The control on the same scale, (other_classes − different) / (same − different).
    contrast
        normalized − normalized_others: 1 for natural images in the place of visualizations, 0 if visualizations are
        as alike to images of other classes as to those of their own. The interval is over the choice of natural images.
    """

    layer: str
    measure: Measure
    same: float
    different: float
    visualization: float
    other_classes: float
    normalized: Estimate
    over_classes: Estimate
    normalized_others: Estimate
    contrast: Estimate


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

    Memory: a vector per class for as many layers at once as fit into `directions.MEMORY`, at least one; independent of
    the number of images. Of layers of `ranks.LARGE` numbers and more, means are kept in half precision (entries scaled
    to be near 1, so that similarities change by less than 10⁻⁵), and on a CPU ranks are binned.

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

    Source: Geirhos et al., ICML 2024, section 3; the linear-time form, the intervals and the contrast are fvproof's.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> natural, also_natural = digits_images(held_out=False), digits_images()
    >>> (logits,) = sanity_curve(
    ...     load_model("digits-small"), natural, also_natural, layers=["logits"], measures=["spearman"]
    ... )
    >>> round(logits.normalized.value, 1)
    1.0
    """
    comparison = _matched(model, natural, visualizations, seed)
    sizes = chosen_layers(model, layers)
    sites = [Site(layer, measure) for layer in sizes for measure in measures]
    groups = in_groups(sites, {site: bytes_held(sizes[site.layer], len(comparison.kinds)) for site in sites})
    total = len(groups) * comparison.shows
    found: dict[Site, LayerSimilarity] = {}
    with tqdm(total=total, desc="sanity check", disable=None, leave=False) as report:
        for group in groups:
            means, exact = class_by_class(model, comparison, {site: sizes[site.layer] for site in group}, report)
            numbers = image_by_image(model, comparison, means, report)
            found |= {site: _summary(site, exact[site], numbers[site], comparison) for site in group}
    return tuple(found[site] for site in sites)


def _matched(model: Model, natural: ImageSet, shown: ImageSet, seed: int) -> Comparison:
    """Return what is compared, or raise an error where it does not fit."""
    for name, images in (("natural images", natural), ("visualizations", shown)):
        if images.labels is None:
            raise DomainError(f"the {name} must have labels")
        if images.shape != tuple(model.shape):
            raise ShapeError(f"the {name} must have the model's shape {tuple(model.shape)}, not {images.shape}")
    assert natural.labels is not None
    assert shown.labels is not None
    kinds = np.unique(shown.labels)
    if len(kinds) < 2:
        raise DomainError("the sanity check needs visualizations of at least two classes, not of one")
    natural_of = [np.flatnonzero(natural.labels == kind) for kind in kinds]
    for kind, places in zip(kinds, natural_of, strict=True):
        if len(places) < 2:
            raise DomainError(f"the sanity check needs at least 2 natural images of class {kind}, not {len(places)}")
    generator, most = np.random.default_rng(seed), max(SPREAD_LEAST, SPREAD_IMAGES // len(kinds))
    return Comparison(
        natural=natural,
        shown=shown,
        kinds=kinds,
        natural_of=natural_of,
        shown_of=[np.flatnonzero(shown.labels == kind) for kind in kinds],
        spread_of=[np.sort(generator.permutation(places)[:most]) for places in natural_of],
        seed=seed,
    )


def _summary(site: Site, exact: np.ndarray, numbers: np.ndarray, comparison: Comparison) -> LayerSimilarity:
    """Return the statistics of one site with their intervals."""
    value = exact.mean(axis=0)
    whole, replicates = _scale(*value), _over_images(exact, numbers, comparison)
    normalized, others, contrast = (estimate(float(one), drawn) for one, drawn in zip(whole, replicates, strict=True))
    return LayerSimilarity(
        site.layer,
        site.measure,
        *value.tolist(),
        normalized=normalized,
        over_classes=estimate(normalized.value, _over_classes(exact, comparison.seed)),
        normalized_others=others,
        contrast=contrast,
    )


def _over_images(exact: np.ndarray, numbers: np.ndarray, comparison: Comparison) -> Scaled:
    """Return the replicates of what is on the scale if the images of each class are drawn again."""
    same, different, shown, others = _spread(exact, numbers, comparison).T
    counts = [len(places) for places in comparison.spread_of]
    weights = resampled(np.repeat(np.arange(len(counts)), counts), comparison.seed)
    value = exact.mean(axis=0)
    ends = pairwise(weights, same, value[0]), pairwise(weights, different, value[1])
    return _scale(*ends, weights @ shown, weights @ others)


def _over_classes(exact: np.ndarray, seed: int) -> np.ndarray:
    """Return the replicates if classes are drawn again, with their images and visualizations."""
    same, different, shown, others = exact.T
    weights = resampled(np.zeros(len(exact)), seed)
    ends = weights @ same, pairwise(weights, different, different.mean())
    return _scale(*ends, weights @ shown, weights @ others)[0]


def _spread(exact: np.ndarray, numbers: np.ndarray, comparison: Comparison) -> np.ndarray:
    """Return the numbers of the images with their classes' exact means, scaled to vary as means of all images would."""
    parts, start = [], 0
    for mean, all_places, places in zip(exact, comparison.natural_of, comparison.spread_of, strict=True):
        some, count = len(places), len(all_places)
        part = numbers[start : start + some]
        scale = np.sqrt(some / count * (some / (some - 1)) * ((count - 1) / count))
        parts.append(mean + scale * (part - part.mean(axis=0)))
        start += some
    return np.concatenate(parts)


def _scale(same: np.ndarray, different: np.ndarray, shown: np.ndarray, others: np.ndarray) -> Scaled:
    """Return both similarities as (… − different) / (same − different), and their contrast; NaN without a scale."""
    gap = np.where(same > different, same - different, np.nan)
    return (shown - different) / gap, (others - different) / gap, (shown - others) / gap
