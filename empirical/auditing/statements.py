"""What an audit states beside the reasons of its verdict: it informs, and requires nothing."""

from collections.abc import Iterator, Sequence
from math import isfinite
from statistics import median

import numpy as np

from fvproof.empirical.auditing.findings import Reason, TwinFindings, UnitFindings, Whereabouts
from fvproof.empirical.detecting.detection import RELIANCE, RIFT, Signs
from fvproof.empirical.measurement.association import LEAST_UNITS, rank_correlation
from fvproof.empirical.measurement.natural_exemplars import mean_gain
from fvproof.empirical.measurement.reading_radius import SHARE
from fvproof.empirical.networks.piecewise import Kind
from fvproof.empirical.pages.wording import in_brackets, listed, number, points
from fvproof.theory.wording import percent


def statements(units: Sequence[UnitFindings], twin: TwinFindings | None) -> Iterator[Reason]:
    """Yield what is stated of these units: examples, manipulation, extrema, radii, theory, the twin."""
    found = (_exemplars(units), _signs(units), _certified(units), _whereabouts(units), _theory(units), _twin(twin))
    for reason in found:
        if reason is not None:
            yield reason


def _exemplars(units: Sequence[UnitFindings]) -> Reason | None:
    """Return whether the visualizations tell more than natural examples; None where neither was measured."""
    read = [unit.reading for unit in units if unit.reading is not None]
    gain = mean_gain([reading.exemplars.gain for reading in read])
    if not isfinite(gain.value):
        return None
    shown = percent(float(np.median([reading.chosen.order.value for reading in read])))
    examples = percent(float(np.median([reading.exemplars.chosen.order.value for reading in read])))
    count = max(len(reading.exemplars.least) for reading in read)
    each = f"{count} that excite it most and the {count} that excite it least" if count > 1 else "most and least one"
    answer = "it is open which of the two tell more"
    if gain.low > 0:
        answer = f"yes: they tell the order of {points(gain.value)} more of the pairs of images"
    elif gain.high < 0:
        answer = f"no: natural examples tell the order of {points(-gain.value)} more of the pairs of images"
    return Reason(
        "Do they tell more than natural examples?",
        answer,
        f"The same decoders were shown, in the place of a unit's visualizations, natural images: the {each}, of the "
        f"half on which nothing is measured. At the median unit they told the order of {examples} of pairs, and of "
        f"{shown} from the visualizations. The mean difference is {points(gain.value)}"
        f"{in_brackets(gain, points)}; above 0, visualizations tell more.",
        None,
        figure=points(gain.value, signed=True),
        label="told by visualizations beyond natural examples",
    )


def _signs(units: Sequence[UnitFindings]) -> Reason | None:
    """Return whether something speaks for a manipulation of the maximizations; None where that was not looked for."""
    found = [unit.signs for unit in units if unit.signs is not None]
    if not found:
        return None
    suspected = [one for one in found if one.reasons]
    count = f"{len(suspected) or 'none'} of {len(found)} unit{'s' if len(found) > 1 else ''}"
    return Reason(
        "Are there signs that somebody manipulated the visualizations?",
        f"yes, in {count}" if suspected else f"no: in {count}",
        "Looked at are the visualizations of greatest activation. "
        + (_suspects(suspected) if suspected else f"{_largest(found)} That proves nothing."),
        None,
    )


def _suspects(suspected: Sequence[Signs]) -> str:
    """Return which units are suspected, with the reason for the first, as sentences."""
    first, names = suspected[0], listed([one.unit for one in suspected])
    return (
        f"Suspected: {names}. Of {first.unit}: {' and '.join(first.reasons)}. Units of untouched networks are "
        "suspected too, though rarely."
    )


def _largest(found: Sequence[Signs]) -> str:
    """Return the largest of both measurements, as sentences."""
    reliance = max([min(max(one.reliance, 0), 1) for one in found if isfinite(one.reliance)], default=0.0)
    rifts = [one.rift for one in found if isfinite(one.rift)]
    rests = (
        f"At most {percent(reliance, rounded='up')} of the activation of one rests on channels that hardly any natural "
        f"image opens (suspicious: {percent(RELIANCE)})"
        if reliance > 0
        else "None of them rests on channels that hardly any natural image opens"
    )
    if not rifts:
        return f"{rests}; whether one gradient serves them and another one natural images could not be measured."
    torn = "the largest rift between the gradient that serves one and the gradient that serves natural images is"
    return f"{rests}; {torn} {number(max(rifts))} (suspicious: {RIFT}), measured in {len(rifts)} of {len(found)} units."


def _theory(units: Sequence[UnitFindings]) -> Reason:
    """Return what any decoder can know at the natural images."""
    rows = [unit.knowable[0] for unit in units if unit.knowable]
    titles = list(dict.fromkeys(row.title for row in rows)) or [Kind.RELU.value]
    radii = [row.error for row in rows if row.error is not None]
    radius = percent(float(np.mean(radii)), rounded="down") if radii else "all"
    return Reason(
        "What can be known for certain?",
        f"nothing, if all that is known of a unit is that it is {' or '.join(titles)}",
        f"At the natural images, even the best decoder can be wrong by {radius} of what knowing nothing costs, half "
        "the unit's range. What was measured holds for images like these; nothing guarantees it for others.",
        None,
    )


def _certified(units: Sequence[UnitFindings]) -> Reason | None:
    """Return how near gradient ascent came to the true extrema; None where there are none."""
    ends = [end.certified for unit in units for end in (unit.minimization, unit.maximization) if end.certified]
    if not any(isfinite(end.gap) for end in ends):
        return None
    gap, distance = (float(np.nanmedian([getattr(end, name) for end in ends])) for name in ("gap", "distance"))
    return Reason(
        "Are they the images of least and greatest activation of all?",
        f"the median visualization falls short of the true extremum by {percent(max(gap, 0))} of the unit's range",
        f"For {len(ends)} visualizations the extremum over all images is certified. The image that attains it is, at "
        f"the median, {percent(distance)} of the longest possible distance away from the one that was found.",
        None,
    )


def where(found: Whereabouts) -> str:
    """Return in one sentence where a unit can be read.

    Examples
    --------
    >>> from fvproof.empirical.measurement.bootstrap import Estimate
    >>> where(Whereabouts((), Estimate(0.1, 0.1, 0.1)))
    'around no image'
    """
    if not found.radii:
        return "around no image"
    kind = "certified" if found.certified else "an estimate"
    if found.radius == 0:
        return f"nowhere around {len(found.radii)} image{'s' * (len(found.radii) > 1)}, not even nearby"
    kind = f"{kind}, the median of {len(found.radii)}" if len(found.radii) > 1 else kind
    return (
        f"within {number(found.radius)} of an image ({kind}); the nearest other image is {number(found.nearest)} away"
    )


def _whereabouts(units: Sequence[UnitFindings]) -> Reason | None:
    """Return near which images the units can be read; None where that was not measured."""
    found = [unit.whereabouts for unit in units if unit.whereabouts is not None and unit.whereabouts.radii]
    if not found:
        return None
    radius, nearest = number(median([one.radius for one in found])), number(median([one.nearest for one in found]))
    kind = "certified" if all(one.certified for one in found) else "estimated"
    return Reason(
        "Where can they be trusted?",
        f"for the median unit, within {radius} of a natural image; the nearest other one is {nearest} away",
        f"The distance is Euclidean, in pixels of [0, 1], and {kind}. There, the two nearby images of least and "
        f"greatest activation tell the unit's activation with an error of at most {SHARE:.0%} of its range; knowing "
        f"nothing, it is 50%.{_affine(units)}",
        None,
    )


def _affine(units: Sequence[UnitFindings]) -> str:
    """Return whether units that are nearer to affine are read better, as a sentence; none of too few units."""
    pairs = [
        (unit.whereabouts.nonlinearity.value, unit.reading.chosen.order.value)
        for unit in units
        if unit.whereabouts and unit.reading
    ]
    if len(pairs) < LEAST_UNITS:
        return ""
    together = rank_correlation(*zip(*pairs, strict=True))
    if not isfinite(together.value):
        return ""
    says = "it is open whether units farther from affine are read worse"
    if together.high < 0:
        says = "units farther from affine are read worse"
    elif together.low > 0:
        says = "units farther from affine are read better"
    return (
        f" With the share of pairs told in the right order, the distance from affine has the rank correlation "
        f"{number(together.value)}{in_brackets(together)}: {says}."
    )


def _twin(twin: TwinFindings | None) -> Reason | None:
    """Return the counterexample, as an illustration of the theory; None where there is none."""
    if twin is None:
        return None
    check = twin.check
    same = "the same visualizations" if check.same_visualization else "almost the same visualizations"
    values = f"{number(check.at_image)} where it gives {number(twin.original)}"
    return Reason(
        "Can that happen here?",
        f"yes: a twin of {twin.unit} has {same} and gives {values}",
        f"They disagree on {twin.image_name}. Both were run: on {check.agreeing} of {check.others} other images they "
        "are equal bit for bit.",
        None,
    )
