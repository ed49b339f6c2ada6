"""When the visualizations of a model can be trusted: the thresholds, and the verdict that follows from the findings.

Trust has to be shown; what was not measured, or not precisely enough, does not count. Three things are required of what
was measured, each at the lower end of its confidence interval:

1. the visualizations show what they claim to show: no natural image and no noise is more extreme (for `SHARE` of the
   units);
2. they predict: of two natural images, the decoder that does best on one half of the images (of those that look below
   the unit's layer only) tells on the other half the one with the larger activation at least as often as `ORDER`, with
   an error below the uninformed decoder's (for `SHARE` of the units);
3. the network processes them like natural images: at every audited layer, visualizations of a class are at least as
   like natural images of their class as `SIMILARITY`, on the scale from other classes (0) to the same class (1), and
   by `CONTRAST` of that scale more like them than like natural images of other classes. Visualizations that are as like
   images of any class, however like, are processed like images of none.

`order` is what studies with people ask for, and unlike the error it cannot be had by knowing how activations are
distributed: a decoder that does not look at the images is at 1/2. What the theory says is stated beside it and required
of nobody: for ReLU networks a visualization guarantees nothing elsewhere, so that `trusted` means "measured on images
like these", never "proved".
"""

from collections.abc import Iterator, Sequence

import numpy as np

from fvproof.empirical.auditing.findings import Judgement, Reason, TwinFindings, UnitFindings
from fvproof.empirical.auditing.statements import statements
from fvproof.empirical.measurement.similarity import LayerSimilarity
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.pages.wording import in_brackets, listed, number
from fvproof.theory.wording import percent

ORDER = 0.75
"""Required share of pairs in the right order: halfway between chance and always right."""

ERROR = 1.0
"""Required error as a share of the uninformed decoder's: less than it."""

SIMILARITY = 0.5
"""Required similarity at the audited layers: nearer to the same class than to other classes."""

CONTRAST = 0.5
"""Required difference between the similarity to the same and to other classes: half of that of natural images."""

FEW = 200
"""With fewer images, more of them are asked for."""

SHARE = 0.9
"""Share of the audited units for which a requirement must be met."""

RULE = (
    f"trusted if, for at least {SHARE:.0%} of the audited units, both visualizations are more extreme than natural "
    f"images and noise, and the order is told in at least {ORDER:.0%} of pairs with an error below {ERROR:.0%}; and "
    f"if, at all audited layers, the similarity to natural images of the same class is at least {SIMILARITY}, and at "
    f"least {CONTRAST} above that to natural images of other classes. What counts is the worse end of each confidence "
    "interval over natural images; what could not be measured counts as not met."
)
"""The same in one sentence, for readers of a report."""


def succeeded(unit: UnitFindings) -> bool:
    """Return whether both visualizations are as extreme as anything else that was tried."""
    return unit.minimization.succeeded and unit.maximization.succeeded


def predicts(unit: UnitFindings) -> bool:
    """Return whether the visualizations tell which of two natural images has the larger activation, and how large."""
    if unit.reading is None:
        return False
    best = unit.reading.chosen
    return best.order.low >= ORDER and best.relative_error.high < ERROR


def obstacle(unit: UnitFindings) -> str | None:
    """Return in a few words what speaks against reading a unit's visualizations; None where nothing measured does."""
    if not succeeded(unit):
        return "a visualization failed"
    if unit.reading is None:
        return "prediction not measured"
    if not unit.reading.chosen.order.low >= ORDER:
        return "predicts too little"
    error = unit.reading.chosen.relative_error
    if not error.high < ERROR:
        return "errs more than knowing nothing" if error.low > ERROR else "errs like knowing nothing"
    return None


def processes(row: LayerSimilarity) -> bool:
    """Return whether a layer processes visualizations like natural images of their class, and of no other."""
    return row.normalized.low >= SIMILARITY and row.contrast.low >= CONTRAST


def suspected(unit: UnitFindings) -> bool:
    """Return whether something speaks for a manipulation of a unit's visualizations."""
    return unit.signs is not None and bool(unit.signs.reasons)


def judge(
    model: str, units: Sequence[UnitFindings], curve: Sequence[LayerSimilarity], twin: TwinFindings | None
) -> Judgement:
    """Return the verdict on a model with its reasons, by the rule above.

    Parameters
    ----------
    model
        Its name.
    units
        At least one.
    curve
        Similarity at each layer; empty where it could not be measured, which shows nothing.
    twin
        A twin that was built, to be named among the reasons.
    """
    required = (_visualizations(units), _predictions(units), _processing(units, curve))
    reasons = (*required, *statements(units, twin))
    advice = tuple(_advice(units, required, None if twin is None else twin.unit))
    failed = [
        f"only {reason.answer}" if reason.answer[0].isdecimal() else reason.answer
        for reason in required
        if not reason.holds
    ]
    if failed:
        return Judgement(
            "not trusted",
            f"Feature visualizations of {model} cannot be trusted: {'; '.join(failed)}.",
            "These pictures alone do not tell to which natural images the units respond.",
            advice,
            reasons,
        )
    return Judgement(
        "trusted",
        f"Feature visualizations of {model} can be trusted on images like those measured: there they predict how units "
        "respond and are processed like natural images; nothing guarantees this for other images.",
        "These pictures tell to which of two images like those measured a unit responds more.",
        (
            *_warning(units),
            "Audit again where the images change: what was measured here says nothing of images of another kind.",
        ),
        reasons,
    )


def _advice(units: Sequence[UnitFindings], required: Sequence[Reason], twin: Objective | None) -> Iterator[str]:
    """Yield what to do where not all requirements are met."""
    shown, predicted, processed = (reason.holds for reason in required)
    yield from _warning(units)
    if not shown:
        yield "Optimize longer (--steps 2048): visualizations that natural images or noise beat show nothing."
    if not predicted:
        readable = [unit.unit for unit in units if obstacle(unit) is None and not suspected(unit)]
        yield (
            f"Read only these units, marked ✓ below: {listed([str(unit) for unit in readable], most=12)}. Judge the "
            "others by the natural images that excite them most and least, which their cards show."
            if readable
            else "Judge the units by the natural images that excite them most and least, which their cards show, and "
            "not by these pictures."
        )
        if twin in readable:
            yield (
                f"{twin} is among them although its twin below has the same pictures and answers otherwise elsewhere: "
                "that it can be read was measured, on images like these; the pictures alone do not show it."
            )
    if not processed:
        yield "Do not take these pictures for examples of a class: give images with labels, or look at later layers."
    if len(units[0].natural) < FEW:
        yield f"Give more images: with {len(units[0].natural)} of them the confidence intervals are wide."


def _warning(units: Sequence[UnitFindings]) -> Iterator[str]:
    """Yield which units not to read, if some are suspected."""
    names = [str(unit.unit) for unit in units if suspected(unit)]
    if names:
        yield f"Do not read {listed(names)}: somebody may have manipulated their visualizations."


def _visualizations(units: Sequence[UnitFindings]) -> Reason:
    """Return whether the visualizations are extreme, and which are not."""
    good = sum(map(succeeded, units))
    ends = [
        (unit.unit, name, end)
        for unit in units
        for name, end in (("min", unit.minimization), ("max", unit.maximization))
    ]
    failed = [f"{unit} {name} ({end.status})" for unit, name, end in ends if not end.succeeded]
    return Reason(
        "Are the visualizations more extreme than natural images and noise?",
        f"{_count(good, units)} have two visualizations that are more extreme than natural images and noise",
        f"Required of {SHARE:.0%} of the units. {f'Not met by {listed(failed)}.' if failed else 'Met by all.'}",
        good >= SHARE * len(units),
        figure=f"{good} of {len(units)}",
        label="units with visualizations more extreme than natural images and noise",
    )


def _predictions(units: Sequence[UnitFindings]) -> Reason:
    """Return whether the visualizations predict natural activations, and how well."""
    good = sum(map(predicts, units))
    read = [unit.reading for unit in units if unit.reading is not None]
    found = "It could not be measured."
    if read:
        order = percent(float(np.median([reading.chosen.order.value for reading in read])))
        error = percent(float(np.median([reading.chosen.relative_error.value for reading in read])))
        pixels = percent(float(np.median([reading.in_pixels.order.value for reading in read])))
        found = (
            f"For the median unit the order is told in {order} of pairs, with {error} of that error, if similarity is "
            f"judged by the network itself; in {pixels} if it is judged by pixels."
        )
    return Reason(
        "Do they predict how units respond to natural images?",
        f"{_count(good, units)} have visualizations that predict how they respond to natural images",
        f"Required of {SHARE:.0%} of the units: of two natural images, the one with the larger activation is told in "
        f"at least {ORDER:.0%} of pairs (chance is 50%), and the error is below that of always answering the middle of "
        f"the unit's range. {found}",
        good >= SHARE * len(units),
        figure=f"{good} of {len(units)}",
        label="units whose visualizations predict natural images",
    )


def _processing(units: Sequence[UnitFindings], curve: Sequence[LayerSimilarity]) -> Reason:
    """Return whether the audited layers process visualizations like natural images."""
    question = "Does the network process them like natural images of the same class?"
    layers = dict.fromkeys(name for found in units for name in found.layers)
    rows = [row for row in curve if row.layer in layers]
    if len(rows) < len(layers):
        answer = "whether they are processed like natural images could not be measured"
        return Reason(
            question,
            answer,
            "That takes labelled images of several classes that the outputs name.",
            holds=False,
            figure="not measured",
            label="audited layers that process them like natural images",
        )
    good, figures = sum(map(processes, rows)), "; ".join(map(_compared, rows))
    return Reason(
        question,
        f"{good} of {len(rows)} audited layers process them like natural images",
        f"Required of all: at least {SIMILARITY}, where 0 is as alike as natural images of different classes and 1 as "
        f"natural images of the same class, and at least {CONTRAST} more than to natural images of other classes. "
        f"Found: {figures}.",
        good == len(rows),
        figure=f"{good} of {len(rows)}",
        label="audited layers that process them like natural images",
    )


def _compared(row: LayerSimilarity) -> str:
    """Return what was found at a layer, in words."""
    same, others, more = row.normalized, row.normalized_others, row.contrast
    return (
        f"{row.layer} {number(same.value)}{in_brackets(same)}, to other classes {number(others.value)}, "
        f"{number(more.value)} less{in_brackets(more)}"
    )


def _count(good: int, units: Sequence[UnitFindings]) -> str:
    """Return "3 of 16 units"."""
    return f"{good} of {len(units)} unit{'s' if len(units) > 1 else ''}"
