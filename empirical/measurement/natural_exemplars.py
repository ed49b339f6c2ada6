"""Natural images in the place of visualizations: the control that asks whether visualizations tell more than examples.

The exemplars of a unit are the natural images that excite it most and least, of one half of the images; the same
decoders that are shown visualizations are shown them, chosen on the rest of that half, and measured on the same images
of the other half. What is left of the difference is what the pictures tell. (Borowski et al., ICLR 2021, asked people
the same: they told more from natural examples.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.prediction import Ends
from fvproof.empirical.measurement.scores import Score

EXEMPLARS = 4
"""So many images of either end, or a quarter of those that they are taken from."""

NORMAL = 1.959963984540054
"""The 97.5% point of the standard normal distribution: half a 95% interval, in standard deviations."""


@dataclass(frozen=True, slots=True)
class ExemplarReading:
    """How well decoders that are shown natural exemplars predict a unit, and whether its visualizations tell more.

    Attributes
    ----------
    least, greatest
        The places of the exemplars among the images, the most extreme ones first.
    scores, best
        As in `Reading`, of the decoders that are shown them; errors are shares of the same (M − m)/2.
    gain
        The share of pairs whose order the visualizations tell, less that which the exemplars tell; positive where
        visualizations tell more.
    """

    least: tuple[int, ...]
    greatest: tuple[int, ...]
    scores: tuple[Score, ...]
    best: int
    gain: Estimate

    @property
    def chosen(self) -> Score:
        """What the chosen decoder came to."""
        return self.scores[self.best]


def exemplar_places(natural: np.ndarray, among: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places of the images that excite a unit least and most, of some; of equal ones the first.

    Parameters
    ----------
    natural
        (N,), the unit's activation of each image.
    among
        Places, at least four of them.

    Examples
    --------
    >>> exemplar_places(np.array([5.0, 1.0, 9.0, 3.0, 2.0, 7.0, 8.0, 4.0, 6.0]), np.arange(8))
    ((1, 4), (2, 6))
    """
    count = max(1, min(EXEMPLARS, len(among) // 4))
    ranked = among[np.argsort(natural[among], kind="stable")]
    falling = among[np.argsort(-natural[among], kind="stable")]
    return tuple(ranked[:count].tolist()), tuple(falling[:count].tolist())


def exemplar_ends(images: ImageSet, natural: np.ndarray, least: Sequence[int], greatest: Sequence[int]) -> Ends:
    """Return the exemplars of a unit as what a decoder is shown."""
    low, high = (images.subset(list(places)).batch().numpy() for places in (least, greatest))
    return Ends(low, high, float(natural[list(least)].mean()), float(natural[list(greatest)].mean()))


def mean_gain(gains: Sequence[Estimate]) -> Estimate:
    """Return by how much more visualizations tell than exemplars, over units; of those where that is known.

    The interval is the normal one for the mean over units, the units taken as drawn from many. To their variance comes
    that of the images as if all units erred alike on them: it is wider than need be rather than narrower.

    Examples
    --------
    >>> found = mean_gain([Estimate(-0.1, -0.2, 0.0), Estimate(-0.3, -0.4, -0.2)])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (-0.2, -0.42, 0.02)
    """
    known = [gain for gain in gains if np.isfinite([gain.value, gain.low, gain.high]).all()]
    if not known:
        return Estimate(float("nan"), float("nan"), float("nan"))
    if len(known) == 1:
        return known[0]
    values = np.array([gain.value for gain in known])
    images = float(np.mean([gain.high - gain.low for gain in known])) / 2
    half = sqrt((NORMAL * values.std(ddof=1)) ** 2 / len(values) + images**2)
    return Estimate(float(values.mean()), float(values.mean() - half), float(values.mean() + half))
