from math import isnan

import numpy as np
import pytest
import torch

from fvproof.empirical.claim.asked import Claim
from fvproof.empirical.claim.beside import AskedBeside, examine
from fvproof.empirical.claim.measure import responses, rivals
from fvproof.empirical.claim.verdict import Verdict
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model

UNITS = [Unit("logits", 3), Unit("logits", 4)]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return workspace(load_model("digits-small"), digits_images(), Settings(steps=48), tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def claims(work):
    most, least = (maximize(work.model, UNITS, Settings(steps=48, seed=5), minimize=end)[0] for end in (False, True))
    return [
        Claim(UNITS[0], most.image),
        Claim(UNITS[1], most.image),
        Claim(UNITS[0], least.image, "min"),
        Claim(UNITS[0], least.image),
    ]


@pytest.fixture(scope="module")
def found(work, claims, tmp_path_factory):
    return examine(work, claims, AskedBeside(certify_s=0.5), tmp_path_factory.mktemp("out"), None)


def test_visualizations_of_either_end_deserve_their_claims_and_no_others(found):
    expected = [Verdict.DESERVED, Verdict.NOT_DESERVED, Verdict.DESERVED, Verdict.NOT_DESERVED]
    assert [one.decision.verdict for one in found] == expected


def test_activations_are_those_of_a_direct_pass(work, claims, found):
    for claim, one in zip(claims, found, strict=True):
        with torch.no_grad():
            direct = work.model(torch.from_numpy(claim.image)[None])[0, claim.unit.channel]
            natural = work.model(work.images.batch())[:, claim.unit.channel]
        assert one.measured.activation == pytest.approx(float(direct), rel=1e-4)
        assert one.measured.natural_high == pytest.approx(float(natural.max()), rel=1e-4)
        assert one.measured.natural_median == pytest.approx(float(np.median(natural.numpy())), rel=1e-3)


def test_no_picture_is_beyond_the_certified_extremum(found):
    for one in found:
        low, high = one.certified
        assert low <= high
        assert (
            one.measured.activation <= high + 1e-4
            if one.measured.end == "max"
            else one.measured.activation >= low - 1e-4
        )


def test_what_a_picture_predicts_stands_beside_natural_exemplars(found):
    told = found[0].told
    assert told.order[1] <= told.order[0] <= told.order[2]
    assert told.gain[0] == pytest.approx(told.order[0] - told.exemplars[0], abs=1e-6)
    assert told.contrast[0] > 0.3 > found[3].told.contrast[0]
    assert found[3].told.order == ()  # its picture is the other end: there is nothing to see between them


def test_rivals_are_the_units_that_a_picture_excites_most(work, claims):
    known = responses(work, claims)
    ranked = rivals(known, claims[1], 1)
    assert ranked[0] == UNITS[0]  # the picture is its visualization
    assert len(ranked) == 2


def test_signs_are_not_measured_where_there_is_no_rise(found):
    assert isnan(found[3].measured.reliance)
    assert found[0].measured.reliance < 0.05
