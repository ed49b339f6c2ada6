from dataclasses import replace

import pytest

from fvproof.empirical.auditing.judgement import (
    ERROR,
    ORDER,
    RULE,
    SHARE,
    SIMILARITY,
    judge,
    obstacle,
    predicts,
    succeeded,
)
from fvproof.empirical.detecting.detection import Signs


@pytest.fixture
def good(make_unit, make_similarity):
    return [make_unit(channel=channel) for channel in range(10)], [make_similarity("conv2", 0.9)]


def verdict(units, curve):
    return judge("net", units, curve, None)


def test_a_model_that_meets_all_requirements_is_trusted_on_images_like_those_measured(good):
    found = verdict(*good)
    assert found.trusted
    assert "on images like those measured" in found.sentence
    assert [reason.holds for reason in found.reasons] == [True, True, True, None, None, None]


@pytest.mark.parametrize(
    ("change", "count", "trusted"),
    [
        ({"order": 0.7}, 1, True),
        ({"order": 0.7}, 2, False),
        ({"order": 0.76}, 2, False),
        ({"error": 0.99}, 2, False),
        ({"succeeded": False}, 1, True),
        ({"succeeded": False}, 2, False),
    ],
    ids=["one unit may fail", "two may not", "interval below", "error interval above", "one visualization", "two"],
)
def test_nine_of_ten_units_must_pass_at_the_worse_end_of_the_interval(good, make_unit, change, count, trusted):
    units, curve = good
    units = [make_unit(channel=channel, **change) for channel in range(count)] + units[count:]
    assert verdict(units, curve).trusted is trusted


@pytest.mark.parametrize(("value", "trusted"), [(0.53, True), (0.51, False), (-0.2, False), (float("nan"), False)])
def test_every_audited_layer_must_process_visualizations_like_natural_images(good, make_similarity, value, trusted):
    units, _ = good
    curve = [make_similarity("conv1", 0.0), make_similarity("conv2", value)]
    assert verdict(units, curve).trusted is trusted


@pytest.mark.parametrize(("value", "others", "trusted"), [(4.33, 4.08, False), (1.0, 0.49, False), (1.0, 0.47, True)])
def test_a_layer_at_which_visualizations_are_as_like_other_classes_says_nothing(
    good, make_similarity, value, others, trusted
):
    units, _ = good
    found = verdict(units, [make_similarity("conv2", value, others=others)])
    assert found.trusted is trusted
    assert "to other classes" in found.reasons[2].detail


def test_a_layer_that_is_not_audited_does_not_matter(good, make_similarity):
    units, curve = good
    assert verdict(units, [make_similarity("conv1", -1.0), *curve]).trusted


def test_what_was_not_measured_counts_as_not_met(good):
    units, curve = good
    without_curve = verdict(units, [])
    assert not without_curve.trusted
    assert "could not be measured" in without_curve.sentence
    blind = [replace(unit, reading=None, knowable=()) for unit in units]
    assert not verdict(blind, curve).trusted
    assert obstacle(blind[0]) == "prediction not measured"


def test_the_sentence_names_what_failed_and_nothing_else(good, make_unit):
    _, curve = good
    found = verdict([make_unit(order=0.6)], curve)
    assert found.sentence == (
        "Feature visualizations of net cannot be trusted: only 0 of 1 unit have visualizations that predict how they "
        "respond to natural images."
    )


def test_the_advice_is_about_what_failed(good, make_unit, make_similarity):
    units, curve = good
    assert "Audit again" in verdict(units, curve).advice[0]
    weak = [make_unit(succeeded=False) for _ in units]
    (longer,) = verdict([replace(unit, reading=units[0].reading) for unit in weak], curve).advice
    assert "--steps" in longer
    unread = [*units[:8], *(make_unit(channel=channel, order=0.6) for channel in (8, 9))]
    (some,) = verdict(unread, curve).advice
    assert "Read only these units, marked ✓ below: conv2:0, conv2:1," in some
    assert "conv2:8" not in some
    (none,) = verdict([make_unit(order=0.6)], curve).advice
    assert none.startswith("Judge the units by the natural images")
    (classes,) = verdict(units, [make_similarity("conv2", 0.1)]).advice
    assert "examples of a class" in classes
    few = [replace(unit, natural=unit.natural[:50]) for unit in unread]
    assert "with 50 of them" in verdict(few, curve).advice[1]


def test_the_theory_is_stated_and_requires_nothing(good):
    theory = verdict(*good).reasons[5]
    assert theory.holds is None
    assert "by 100% of what knowing nothing costs" in theory.detail


def test_units_are_told_apart_by_what_speaks_against_them(make_unit):
    units = [make_unit(), make_unit(succeeded=False), make_unit(order=0.6), make_unit(error=1.0)]
    told = [obstacle(unit) for unit in units]
    assert told == [None, "a visualization failed", "predicts too little", "errs like knowing nothing"]
    assert [predicts(unit) for unit in units] == [True, True, False, False]
    assert [succeeded(unit) for unit in units] == [True, False, True, True]


def test_the_rule_in_words_names_the_thresholds_in_force():
    for text in (f"{SHARE:.0%}", f"{ORDER:.0%}", f"{ERROR:.0%}", f"{SIMILARITY}"):
        assert text in RULE


def test_units_that_may_be_manipulated_are_not_recommended_whatever_the_verdict(make_unit, make_similarity):
    sound = [make_unit(channel=channel) for channel in range(10)]
    odd = replace(sound[0], signs=Signs(str(sound[0].unit), 9.0, 0.9, 0.0))
    for order in (0.9, 0.5):
        units = [odd, *sound[1:9], make_unit(channel=9, order=order), make_unit(channel=10, order=order)]
        advice = judge("made up", units, [make_similarity("conv2", 0.8)], None).advice
        assert advice[0] == "Do not read conv2:0: somebody may have manipulated their visualizations."
        assert not any("conv2:0," in sentence for sentence in advice[1:])
