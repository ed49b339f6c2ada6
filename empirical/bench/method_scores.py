"""What is measured of a method, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.natural_exemplars import NORMAL

FOUND = 0.9
"""An anchor is read right if so much of its range is reached at both ends."""


@dataclass(frozen=True, slots=True)
class UnitScore:
    """What a method came to at one unit.

    Attributes
    ----------
    unit
        Its name.
    reached
        How far the picture for the maximum goes beyond the natural median, in multiples of the best natural image; 0
        where there is none.
    passes
        Images that passed the network for it.
    order, exemplars
        The share of pairs of held-out images in the right order, for the decoder that sees the method's two pictures,
        and for the one that sees natural exemplars, with 95% intervals.
    problem
        What went wrong, in a sentence; "" if nothing.
    """

    unit: str
    reached: float
    passes: int
    order: Estimate
    exemplars: Estimate
    problem: str


@dataclass(frozen=True, slots=True)
class AnchorScore:
    """Which share of an anchor's known range the two pictures span; 0 where one is missing."""

    anchor: str
    spanned: float


@dataclass(frozen=True, slots=True)
class Resistance:
    """What a manipulation left of a method's pictures.

    Attributes
    ----------
    manipulation
        What was done to the network.
    kept
        The rise of the unit of the *untouched* network at pictures that were made from the manipulated one, as a share
        of that at those made from the untouched one, mean over units: 1 is not impressed, 0 (and less) is fooled.
    """

    manipulation: str
    kept: float


@dataclass(frozen=True, slots=True)
class LayerScore:
    """How alike pictures of classes are to natural images of their class (1) rather than of others (0), at a layer."""

    layer: str
    similarity: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MethodScore:
    """Everything that is measured of a method.

    Attributes
    ----------
    units, anchors, resistance, curve
        See there.
    remarks
        What a reader has to know, in sentences.
    cpu_s
        Seconds of processor time that the method took.
    """

    units: tuple[UnitScore, ...]
    anchors: tuple[AnchorScore, ...]
    resistance: tuple[Resistance, ...]
    curve: tuple[LayerScore, ...]
    remarks: tuple[str, ...]
    cpu_s: float

    @property
    def order(self) -> Estimate:
        """The mean over units of the share of pairs in the right order."""
        return mean([one.order for one in self.units])

    @property
    def exemplars(self) -> Estimate:
        """The same of natural exemplars."""
        return mean([one.exemplars for one in self.units])

    @property
    def reached(self) -> Estimate:
        """The mean over units of what was reached."""
        return mean([Estimate(one.reached, one.reached, one.reached) for one in self.units])

    @property
    def anchors_right(self) -> int:
        """How many anchors are read right."""
        return sum(one.spanned >= FOUND for one in self.anchors)


def mean(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean over units, with a 95% interval: units taken as drawn from many, images as shared by all.

    Examples
    --------
    >>> mean([Estimate(0.5, 0.4, 0.6), Estimate(0.5, 0.4, 0.6)])
    Estimate(value=0.5, low=0.4, high=0.6)
    """
    values = np.array([one.value for one in parts])
    images = float(np.mean([one.high - one.low for one in parts])) / 2
    spread = NORMAL * float(values.std(ddof=1)) / sqrt(len(values)) if len(values) > 1 else 0.0
    half = sqrt(spread**2 + images**2)
    return Estimate(float(values.mean()), float(values.mean()) - half, float(values.mean()) + half)
