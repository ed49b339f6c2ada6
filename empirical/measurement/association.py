"""Do units that are nearer to affine have visualizations that predict better? The rank correlation over units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.measurement.bootstrap import REPLICATES, Estimate, estimate
from fvproof.empirical.measurement.holdout import Reading
from fvproof.empirical.measurement.linearity import Linearity
from fvproof.empirical.networks.objectives import Wanted
from fvproof.theory.errors import DomainError, ShapeError

LEAST_UNITS = 4
"""Of fewer units a correlation says nothing."""


@dataclass(frozen=True, slots=True)
class LinearityAssociation:
    """Spearman's correlations, over units, of the distance from affine with how well the visualizations are read.

    The distance is `Linearity.natural_relative`: between natural images, as a share of the change. If units that are
    nearer to affine are read better, `order` is negative and `error` positive.

    Attributes
    ----------
    units
        How many units were compared: those that were both measured.
    order
        With the share of pairs of natural images that the chosen decoder orders rightly.
    error
        With the chosen decoder's relative error.
    error_in_pixels
        With that of the pixel projection, which is right on the whole way from a to b if the unit is affine.
    """

    units: int
    order: Estimate
    error: Estimate
    error_in_pixels: Estimate


def linearity_association(
    found: Mapping[Wanted, Linearity], read: Mapping[Wanted, Reading], *, seed: int = 0
) -> LinearityAssociation:
    """Return how the distance of units from affine goes with how well their visualizations predict.

    Parameters
    ----------
    found
        From `linearity.linearity`.
    read
        From `holdout.readings`. Units that are in one of the two only are left out.
    seed
        Of the bootstrap over units.

    Raises
    ------
    DomainError
        If fewer than `LEAST_UNITS` units are in both.
    """
    units = [unit for unit in found if unit in read]
    if len(units) < LEAST_UNITS:
        raise DomainError(f"a correlation over units needs at least {LEAST_UNITS} units, not {len(units)}")
    distances = [found[unit].natural_relative.value for unit in units]
    return LinearityAssociation(
        units=len(units),
        order=rank_correlation(distances, [read[unit].chosen.order.value for unit in units], seed=seed),
        error=rank_correlation(distances, [read[unit].chosen.relative_error.value for unit in units], seed=seed),
        error_in_pixels=rank_correlation(
            distances, [read[unit].in_pixels.relative_error.value for unit in units], seed=seed
        ),
    )


def rank_correlation(one: Sequence[float], other: Sequence[float], *, seed: int = 0) -> Estimate:
    """Return Spearman's correlation of paired values with its bootstrap interval over pairs; NaN pairs do not count.

    Each replicate ranks the values that were drawn anew. Where all values of a side are equal it is not defined.

    Raises
    ------
    ShapeError
        If there are not as many values of one as of the other.

    Examples
    --------
    >>> round(rank_correlation([1, 2, 3, 4, 5], [1, 4, 9, 16, 25]).value, 9)
    1.0
    """
    if len(one) != len(other):
        raise ShapeError(f"values must come in pairs, not {len(one)} and {len(other)}")
    pairs = np.array([one, other], dtype=np.float64)
    pairs = pairs[:, np.isfinite(pairs).all(axis=0)]
    if pairs.shape[1] < 2:
        return Estimate(float("nan"), float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).integers(pairs.shape[1], size=(REPLICATES, pairs.shape[1]))
    return estimate(float(_correlations(pairs[:, None])[0]), _correlations(pairs[:, drawn]))


def _correlations(pairs: np.ndarray) -> np.ndarray:
    """Return the rank correlation of each of R samples, from (2, R, n); NaN where it is not defined."""
    from scipy.stats import rankdata  # a third of a second, which nobody else needs

    ranks = rankdata(pairs, axis=2)
    ranks -= ranks.mean(axis=2, keepdims=True)
    lengths = np.sqrt((ranks**2).sum(axis=2)).prod(axis=0)
    return (ranks[0] * ranks[1]).sum(axis=1) / np.where(lengths > 0, lengths, np.nan)
