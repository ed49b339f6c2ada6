"""Bootstrap intervals over images, from one number per image: nothing is computed again for a replicate."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

REPLICATES = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its bootstrap interval (95 %); NaN where it is not defined."""

    value: float
    low: float
    high: float


def resampled(groups: np.ndarray, seed: int, replicates: int = REPLICATES) -> np.ndarray:
    """Return the weights that images have in the mean over groups of the groups' means, when each group is resampled.

    Parameters
    ----------
    groups
        (N,), the group of each image. Images are drawn with replacement from their own group.
    seed
        Of the draws.
    replicates
        The number of bootstrap samples.

    Returns
    -------
    numpy.ndarray
        (replicates, N), every row sums to 1; `resampled(...) @ values` are the replicates of the mean.

    Examples
    --------
    >>> weights = resampled(np.array([0, 0, 0, 1]), seed=0, replicates=2)
    >>> weights.sum(axis=1).tolist(), weights[:, 3].tolist()
    ([1.0, 1.0], [0.5, 0.5])
    """
    return _drawn(tuple(np.unique(groups, return_inverse=True)[1].tolist()), seed, replicates)


@lru_cache(maxsize=4)
def _drawn(groups: tuple[int, ...], seed: int, replicates: int) -> np.ndarray:
    """Return the weights; they are kept, since many decoders and layers are measured on the same images."""
    generator, members = np.random.default_rng(seed), np.array(groups)
    weights = np.zeros((replicates, len(groups)))
    kinds = max(groups) + 1
    for kind in range(kinds):
        places = np.flatnonzero(members == kind)
        counts = generator.multinomial(len(places), np.full(len(places), 1 / len(places)), size=replicates)
        weights[:, places] = counts / (len(places) * kinds)
    weights.flags.writeable = False
    return weights


def unweighted(groups: np.ndarray) -> np.ndarray:
    """Return the weights (N,) of the mean over groups of the groups' means.

    Examples
    --------
    >>> unweighted(np.array([0, 0, 1])).tolist()
    [0.25, 0.25, 0.5]
    """
    kinds, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return 1 / (counts[inverse] * len(kinds))


def pairwise(weights: np.ndarray, means: np.ndarray, value: float) -> np.ndarray:
    """Return the replicates of a mean over pairs of images, from each image's mean over its partners.

    To first order, an image with weight w counts in 2w of the pairs (Hoeffding's decomposition of a U-statistic):
    `value + 2 (weights · means − value)`.

    Parameters
    ----------
    weights
        From `resampled`, (replicates, N).
    means
        (N,), for each image the mean over all pairs that it is in.
    value
        The mean over all pairs.
    """
    return value + 2 * (weights @ means - value)


def estimate(value: float, replicates: np.ndarray) -> Estimate:
    """Return a value with the percentile interval of its replicates; NaN ends where too many are not defined.

    Examples
    --------
    >>> estimate(2, np.full(100, 3.0))
    Estimate(value=2.0, low=3.0, high=3.0)
    """
    undefined = np.isnan(replicates).mean()
    if np.isnan(value) or undefined > (1 - LEVEL) / 2:
        return Estimate(float(value), float("nan"), float("nan"))
    low, high = np.nanquantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(value), float(low), float(high))
