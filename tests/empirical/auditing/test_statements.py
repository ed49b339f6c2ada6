from dataclasses import replace

import pytest

from fvproof.empirical.auditing.findings import Whereabouts
from fvproof.empirical.auditing.statements import statements, where
from fvproof.empirical.detecting.detection import Signs
from fvproof.empirical.measurement.bootstrap import Estimate


def found(units, question):
    return next(reason for reason in statements(units, None) if reason.question == question)


def told(radii):
    return where(Whereabouts(tuple(radii), Estimate(0.1, 0.0, 0.2)))


def test_a_unit_says_how_far_around_an_image_it_can_be_read(make_unit):
    radii = make_unit(channel=2).whereabouts.radii
    assert told(radii) == "within 0.300 of an image (certified, the median of 3); the nearest other image is 1.50 away"


def test_a_radius_counts_as_certified_only_if_all_are(make_unit):
    one, *others = make_unit(channel=2).whereabouts.radii
    assert "within 0.600 of an image (an estimate, the median of 3)" in told([replace(one, certified=None), *others])
    none = [replace(one, certified=None, estimated=None)] * 3
    assert told(none) == "nowhere around 3 images, not even nearby"


def test_the_statement_gives_the_median_unit_and_the_correlation_with_distance_from_affine(make_unit):
    units = [make_unit(channel=channel, order=0.9 - 0.02 * channel) for channel in range(5)]
    reason = found(units, "Where can they be trusted?")
    assert "within 0.300 of a natural image; the nearest other one is 1.50 away" in reason.answer
    assert "certified" in reason.detail
    assert "has the rank correlation −1.00" in reason.detail
    assert reason.detail.endswith(": units farther from affine are read worse.")
    mixed = [make_unit(channel=channel, order=share) for channel, share in enumerate((0.8, 0.9, 0.7, 0.85, 0.75))]
    assert "it is open whether" in found(mixed, "Where can they be trusted?").detail
    assert reason.holds is None
    few = found(units[:3], "Where can they be trusted?")
    assert "correlation" not in few.detail


MINUS = "−10.0 points"
QUESTION = "Are there signs that somebody manipulated the visualizations?"


def signed(make_unit, *measured):
    """Return units with these reliances and rifts."""
    made = [make_unit(channel=channel) for channel in range(len(measured))]
    return [replace(one, signs=Signs(str(one.unit), 2.0, *pair)) for one, pair in zip(made, measured, strict=True)]


def test_units_that_are_suspected_are_counted_and_named_with_the_reason_of_the_first(make_unit):
    reason = found(signed(make_unit, (0.0, 0.1), (0.98, 0.0), (0.0, 0.75)), QUESTION)
    assert reason.answer == "yes, in 2 of 3 units"
    assert reason.holds is None
    assert "Suspected: conv2:1, conv2:2. Of conv2:1: 98% of its visualization rests on" in reason.detail
    assert reason.detail.endswith("though rarely.")


def test_that_nothing_is_found_is_said_with_the_largest_measurements_and_proves_nothing(make_unit):
    reason = found(signed(make_unit, (0.04, float("nan")), (-0.1, float("nan"))), QUESTION)
    assert reason.answer == "no: in none of 2 units"
    assert "At most 4% of the activation of one rests on" in reason.detail
    assert "could not be measured" in reason.detail
    assert reason.detail.endswith("That proves nothing.")


def test_the_largest_rift_is_told_with_how_many_units_it_was_measured_in(make_unit):
    detail = found(signed(make_unit, (0.0, 0.12), (0.0, float("nan"))), QUESTION).detail
    assert "natural images is 0.120 (suspicious: 0.3), measured in 1 of 2 units." in detail


def test_signs_that_were_not_looked_for_are_not_stated(make_unit):
    with pytest.raises(StopIteration):
        found([make_unit()], QUESTION)


def test_what_was_not_measured_is_not_stated(make_unit):
    none = replace(make_unit().whereabouts, radii=())
    for whereabouts in (None, none):
        with pytest.raises(StopIteration):
            found([replace(make_unit(), whereabouts=whereabouts)], "Where can they be trusted?")


def test_units_without_a_radius_do_not_count_in_the_median(make_unit):
    without = replace(make_unit(channel=0), whereabouts=replace(make_unit().whereabouts, radii=()))
    answer = found([without, make_unit(channel=2)], "Where can they be trusted?").answer
    assert answer.startswith("for the median unit, within 0.300 of a natural image")


def test_one_radius_is_no_median(make_unit):
    assert "within 0.300 of an image (certified); " in told(make_unit(channel=2).whereabouts.radii[:1])


def gaining(make_unit, *gains):
    """Return units whose visualizations tell so much more than examples, with an interval of 0.04 about each."""
    units = [make_unit(channel=channel) for channel in range(len(gains))]
    return [
        replace(one, reading=replace(one.reading, exemplars=replace(one.reading.exemplars, gain=estimate(gain))))
        for one, gain in zip(units, gains, strict=True)
    ]


def estimate(value):
    return Estimate(value, value - 0.02, value + 0.02)


@pytest.mark.parametrize(
    ("gains", "says", "figure"),
    [
        ((0.05, 0.05), "yes: they tell the order of 5.0 points more of the pairs of images", "+5.0 points"),
        ((-0.1, -0.1), "no: natural examples tell the order of 10.0 points more of the pairs of images", MINUS),
        ((0.2, -0.2), "it is open which of the two tell more", "+0.0 points"),
    ],
)
def test_visualizations_are_compared_with_natural_examples(make_unit, gains, says, figure):
    reason = found(gaining(make_unit, *gains), "Do they tell more than natural examples?")
    assert (reason.answer, reason.figure, reason.holds) == (says, figure, None)
    assert "The mean difference is" in reason.detail


def test_examples_are_not_spoken_of_where_nothing_was_read(make_unit):
    blind = [replace(make_unit(), reading=None)]
    assert all(reason.question != "Do they tell more than natural examples?" for reason in statements(blind, None))
