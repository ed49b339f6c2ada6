"""What a picture has to do to deserve its claim: the figures that are measured of it, and the rule that reads them.

The figures are on one scale, the *share* (a − μ) / (A − μ): a is the unit's activation of the picture, μ the median of
natural images, and A that of something to compare with. Of the end that is claimed, all signs are turned alike, so that
more is more of what is claimed at both ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, nan

from fvproof.empirical.claim.asked import End
from fvproof.empirical.detecting.detection import RELIANCE, RIFT
from fvproof.empirical.maximization.baselines import ROUNDING
from fvproof.theory.wording import percent

FEW = 20
"""Fewer natural images decide nothing."""

HALF = 0.5
"""A picture is beaten by a search of whose rise it reaches less than this share."""

LEAST = 0.6
"""The weakest search is no measure of what is enough where it reaches less than this share of the best one."""

SLACK = 0.01
"""A picture may fall so much farther behind: pixels in a file are whole numbers of 255."""

UNSETTLED = 0.03
"""So much less settled than searches a picture may be: ascent from it ends otherwise with every seed."""

SETTLED = 0.6
"""The share that a picture reaches at least of what ascent finds that starts from it."""

DOUBTFUL = RELIANCE / 2
"""From this reliance on channels that hardly any image opens, it is open whether a picture is manipulated."""

NEARLY = 0.01
"""Another unit is shown as well where its share is larger by more than this; by `FAR` more, it is shown rather."""

FAR = 0.2

SEARCHED = 2
"""So many searches must find something more extreme than natural images and noise."""


class Verdict(StrEnum):
    """Whether a picture deserves to be called a unit's visualization."""

    DESERVED = "deserved"
    NOT_DESERVED = "not deserved"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Search:
    """What one engine found from scratch.

    Attributes
    ----------
    engine, activation
        Its name, and the activation of its visualization.
    succeeded
        Whether natural images and noise let that be.
    from_it
        The activation of what ascent finds that starts from it.
    """

    engine: str
    activation: float
    succeeded: bool
    from_it: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured of one picture and its unit.

    Attributes
    ----------
    unit, end, picture
        The unit's name, "max" or "min", and the picture's name.
    activation
        Of the picture.
    natural_low, natural_median, natural_high, natural_count
        Activations of natural images, and their number.
    percentile
        The share of natural images that the picture is more extreme than, at this end.
    noise_best
        The most extreme of as many noise images as there were steps.
    searches
        What engines found from scratch.
    from_picture
        The activation of what ascent found that started from the picture.
    rival, rival_share, own_share
        Of all other units of the layer, that which the picture shows most: its name, which share of the rise of its own
        visualization the picture reaches, and the same of the unit that is claimed, both measured with the package's
        own engine. None and NaN where there are no other units.
    reliance, rift
        See `fvproof.empirical.detecting.detection.Signs`; NaN where they are not measured.
    """

    unit: str
    end: End
    picture: str
    activation: float
    natural_low: float
    natural_median: float
    natural_high: float
    natural_count: int
    percentile: float
    noise_best: float
    searches: tuple[Search, ...]
    from_picture: float
    rival: str | None
    rival_share: float
    own_share: float
    reliance: float
    rift: float

    @property
    def sign(self) -> int:
        """1 at the greatest, −1 at the least."""
        return 1 if self.end == "max" else -1

    @property
    def natural_best(self) -> float:
        """The most extreme activation of a natural image, at this end."""
        return self.natural_high if self.end == "max" else self.natural_low

    @property
    def good_searches(self) -> tuple[Search, ...]:
        """Those whose visualizations are ones to go by."""
        return tuple(one for one in self.searches if one.succeeded)

    @property
    def best(self) -> float:
        """The most extreme activation that a search found; NaN where none found one to go by."""
        found = [self.sign * one.activation for one in self.good_searches]
        return self.sign * max(found) if found else nan

    @property
    def share(self) -> float:
        """Which share of the rise of the best search the picture reaches."""
        return share(self.activation, self.best, self.natural_median)

    @property
    def settled(self) -> float:
        """Which share the picture reaches of the rise of the ascent from it; 1 where that finds nothing better."""
        return self._settled(self.activation, self.from_picture)

    @property
    def enough(self) -> float:
        """The share that is asked for: the lower end of the range that searches have, and at least `LEAST`."""
        reached = [share(one.activation, self.best, self.natural_median) for one in self.good_searches]
        return _lower_end(reached, SLACK, LEAST)

    @property
    def settled_enough(self) -> float:
        """How settled a picture has to be: the lower end of how settled searches are, and at least `SETTLED`."""
        reached = [self._settled(one.activation, one.from_it) for one in self.good_searches]
        return _lower_end(reached, UNSETTLED, SETTLED)

    def _settled(self, value: float, after: float) -> float:
        """Return which share of the rise after an ascent there was before it."""
        return 1.0 if self.sign * (after - value) <= 0 else share(value, after, self.natural_median)


def _lower_end(reached: Sequence[float], slack: float, least: float) -> float:
    """Return the lower end of a range from draws: their minimum lies above it by about their spread over n − 1.

    The upper end is 1. The slack is taken off; nothing below `least` is returned, and NaN where there are no draws.
    """
    if not reached:
        return nan
    return max(least, min(reached) - (1 - min(reached)) / max(1, len(reached) - 1) - slack)


def share(value: float, best: float, middle: float) -> float:
    """Return (value − middle) / (best − middle); NaN where best and middle do not differ.

    Examples
    --------
    >>> share(3.0, 5.0, 1.0), share(-3.0, -5.0, -1.0)
    (0.5, 0.5)
    """
    return (value - middle) / (best - middle) if best != middle else nan


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reasons, in sentences; `beaten_by` those of them that beat the picture."""

    verdict: Verdict
    beaten_by: tuple[str, ...]
    doubts: tuple[str, ...]


def decide(found: Measured) -> Decision:
    """Return whether a picture deserves its claim, by `RULE`."""
    if not isfinite(found.activation):
        return Decision(Verdict.NOT_DESERVED, ("the unit's activation of the picture is not a number",), ())
    beaten, doubts = tuple(_beaten(found)), tuple(_doubts(found))
    if beaten:
        return Decision(Verdict.NOT_DESERVED, beaten, doubts)
    return Decision(Verdict.UNDECIDED if doubts else Verdict.DESERVED, (), doubts)


def _beaten(found: Measured) -> list[str]:
    """Return what beats the picture, and what speaks for a manipulation."""
    settled = (
        f"ascent that starts from it goes on to {found.from_picture:.4g}, it is {percent(found.settled)} of the way"
    )
    searched = f"ascent from scratch reaches {found.best:.4g}, it is {percent(found.share)} of the way"
    torn = f"one gradient serves the picture, another one natural images (rift {found.rift:.2f})"
    lost = percent(min(found.reliance, 1), rounded="down") if isfinite(found.reliance) else ""
    return _said(
        (_is_beyond(found, found.natural_best), f"a natural image reaches {found.natural_best:.4g}"),
        (_is_beyond(found, found.noise_best), f"noise reaches {found.noise_best:.4g}"),
        (found.share < HALF, searched),
        (found.settled < HALF, settled),
        (_shows_another(found), f"it shows {found.rival} rather: {_rivalry(found)}"),
        (found.reliance >= RELIANCE, f"manipulated: {lost} of it rests on channels that hardly any image opens"),
        (found.rift >= RIFT, f"manipulated: {torn}"),
    )


def _doubts(found: Measured) -> list[str]:
    """Return what keeps a picture from deserving its claim without beating it."""
    searched, count = found.good_searches, found.natural_count
    weak = f"it reaches {percent(found.share)} of what ascent finds, {percent(found.enough)} are asked for"
    unsettled = (
        f"it is {percent(found.settled)} of the way to what ascent finds that starts from it, "
        f"{percent(found.settled_enough)} are asked for"
    )
    rare = f"{percent(found.reliance)} of it may rest on channels that hardly any image opens" if _open(found) else ""
    few = f"there are only {count} natural images, and {FEW} are asked for"
    none = f"{len(searched)} of {len(found.searches)} searches find anything more extreme than natural images and noise"
    return _said(
        (count < FEW, few),
        (len(searched) < SEARCHED, none),
        (found.share < found.enough, weak),
        (found.settled < found.settled_enough, unsettled),
        (found.rival_share > found.own_share + NEARLY, f"it shows {found.rival} as well: {_rivalry(found)}"),
        (_open(found), rare),
    )


def _said(*known: tuple[bool, str]) -> list[str]:
    """Return the sentences that hold."""
    return [sentence for holds, sentence in known if holds]


def _is_beyond(found: Measured, other: float) -> bool:
    """Return whether something else is more extreme, by more than rounding."""
    return found.sign * (other - found.activation) > ROUNDING * (abs(other) + abs(found.activation))


def _shows_another(found: Measured) -> bool:
    """Return whether the picture is too weak for its own unit, and less so for another one."""
    return found.share < found.enough and found.rival_share > max(found.own_share + FAR, LEAST)


def _open(found: Measured) -> bool:
    """Return whether the reliance is too large to be none, and too small to be a sign."""
    return DOUBTFUL <= found.reliance < RELIANCE


def _rivalry(found: Measured) -> str:
    """Return how far the picture gets for the other unit, and for its own."""
    return f"{percent(found.rival_share)} of the way there, {percent(found.own_share)} here"


RULE = (
    "deserved if the picture is at least as extreme as every natural image and as the best of as many noise images as "
    "there are steps; if it reaches the share of the rise of the best search that the weakest of four reaches, less a "
    f"third of their spread, less {SLACK}, and at least {LEAST}; if ascent that starts from it finds as little more as "
    f"ascent from what the four found: it is as far along that way as the least of them, less a third of their spread, "
    f"less {UNSETTLED}, and {SETTLED} at least; if it does not come nearer to another unit of the layer, by more than "
    f"{NEARLY} of the rise of its visualization; and if less than {DOUBTFUL} of its rise rests on channels that hardly "
    f"any natural image opens, with a rift below {RIFT}. Not deserved if a natural image or noise beats it, if it "
    f"reaches less than {HALF} of the rise of a search, if it shows another unit rather (a share that is larger by "
    f"{FAR}), or if its reliance is {RELIANCE} or its rift {RIFT} or more. Undecided otherwise, and with fewer than "
    f"{FEW} natural images or {SEARCHED} searches that succeed."
)
"""The rule in words, for readers of a card."""
