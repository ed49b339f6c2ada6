"""Findings that were made up, to test what is done with findings."""

from dataclasses import replace

import numpy as np
import pytest

from fvproof.empirical.auditing.examples import NaturalExample, NaturalExamples
from fvproof.empirical.auditing.findings import Audit, End, Silence, TwinFindings, UnitFindings, Whereabouts
from fvproof.empirical.auditing.judgement import judge
from fvproof.empirical.auditing.knowable import Knowable
from fvproof.empirical.fooling.twins import TwinCheck
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import Reading
from fvproof.empirical.measurement.natural_exemplars import ExemplarReading
from fvproof.empirical.measurement.reading_radius import ReadingRadius
from fvproof.empirical.measurement.scores import Reach, Score
from fvproof.empirical.measurement.similarity import LayerSimilarity
from fvproof.empirical.networks.units import Unit


def estimate(value, half=0.02):
    return Estimate(value, value - half, value + half)


def end(activation, *, succeeded=True, seed=0, shape=(1, 8, 8)):
    image = np.random.default_rng(seed).random(shape).astype(np.float32)
    status = "ok" if succeeded else "weaker than noise"
    return End(
        image, activation, 0.9 * activation, 0.5 * activation, 0.4 * activation, status, succeeded, "pieces/a.npz"
    )


def score(decoder, layer, *, order, error):
    same = {"error": estimate(error), "worst": 1.0, "side": estimate(0.7), "order_extreme": estimate(order)}
    nan = Estimate(float("nan"), float("nan"), float("nan"))
    return Score(decoder, layer, relative_error=estimate(error), side_balanced=nan, order=estimate(order), **same)


def exemplars(order):
    scores = (
        score("pixel projection", None, order=order - 0.1, error=0.8),
        score("similarity", "conv1", order=order, error=0.7),
    )
    return ExemplarReading((1, 2), (3, 4), scores, 1, Estimate(0.05, 0.02, 0.08))


def examples(channel):
    images = np.random.default_rng(100 + channel).random((4, 1, 8, 8)).astype(np.float32)
    made = [NaturalExample(image, f"digit {place}", place - 1.5) for place, image in enumerate(images)]
    return NaturalExamples(tuple(made[:2]), tuple(made[:1:-1]))


def unit_findings(layer="conv2", channel=0, *, order=0.9, error=0.6, succeeded=True):
    scores = (
        score("uninformed", None, order=0.5, error=1.0),
        score("pixel projection", None, order=order - 0.1, error=error + 0.1),
        score("similarity", layer, order=order, error=error),
        score("similarity", "conv1", order=order - 0.2, error=error),
    )
    return UnitFindings(
        unit=Unit(layer, channel),
        layers=(layer,),
        meaning=None,
        minimization=end(-3.0, seed=2 * channel),
        maximization=end(4.0, succeeded=succeeded, seed=2 * channel + 1),
        natural=np.random.default_rng(channel).normal(size=300).astype(np.float32),
        reading=Reading(scores, 2, Reach(0.0, 0.0, 0.0, 0.4), exemplars(order - 0.05)),
        examples=examples(channel),
        knowable=(
            Knowable("relu-network", "a ReLU network", None, 1.0, 0.0, 0.0),
            Knowable("lipschitz", "as flat as its visualization allows", None, 0.97, 0.0, None),
            Knowable("convex", "convex", "the argmax has no coordinate 0 or 1", None, None, None),
        ),
        whereabouts=whereabouts(layer, channel, 0.1 * (channel + 1), certified=True),
    )


def whereabouts(layer, channel, radius, *, certified):
    radii = [
        ReadingRadius(
            *(f"{layer}:{channel}", place, 0.25, radius if certified else None, 2 * radius, 1.5, 0),
            inside=0.4,
            outside=0.9,
            natural=1.1,
        )
        for place in range(3)
    ]
    return Whereabouts(tuple(radii), estimate(0.2 + 0.01 * channel))


def similarity(layer, value, half=0.02, others=0.0):
    known = (estimate(value, half), estimate(value, 2 * half), estimate(others, half), estimate(value - others, half))
    return LayerSimilarity(layer, "spearman", 0.5, 0.1, 0.3, 0.1, *known)


def made_audit(**changes):
    units = tuple(unit_findings(channel=channel) for channel in range(3))
    curve = (similarity("conv1", -0.1), similarity("conv2", 0.8), similarity("logits", float("nan")))
    image = np.random.default_rng(9).random((1, 8, 8)).astype(np.float32)
    twin = TwinFindings(units[0].unit, image, "digit 7", 0.2, TwinCheck(0.9, 299, 299, 0.0, -3.0, 4.0, True), 0.0)
    found = Audit(
        model="made up",
        image_count=300,
        units=units,
        accuracy=0.9,
        curve=curve,
        twin=twin,
        silence=(Silence("relu1#1", 3, 16, (0, 4, 5, 9)),),
        verdict=judge("made up", units, curve, twin),
        settings={"seed": 0, "steps": 8, "confidence": 0.95},
        versions={"fvproof": "0"},
        notes=("1 images could not be read and were skipped: a.png.",),
    )
    found = replace(found, **changes)
    return replace(found, verdict=judge(found.model, found.units, found.curve, found.twin))


@pytest.fixture
def make_unit():
    """Return a function that makes up the findings on one unit."""
    return unit_findings


@pytest.fixture
def make_similarity():
    """Return a function that makes up one layer's similarity."""
    return similarity


@pytest.fixture
def make_audit():
    """Return a function that makes up an audit; the verdict follows from the rest."""
    return made_audit
