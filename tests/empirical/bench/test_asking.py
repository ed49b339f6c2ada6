import re

import numpy as np
import pytest
import torch

from fvproof.empirical.bench.anchors import anchors
from fvproof.empirical.bench.asking import activation_of, ask_for_picture
from fvproof.empirical.bench.entries import entries, plain_loop
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model

UNIT = Unit("logits", 3)


def asked(method, *, sign=1, budget=8, limit_s=30.0):
    return ask_for_picture(method, load_model("digits"), UNIT, sign, budget, limit_s=limit_s)


def endless(_model, _unit, _budget):
    while True:
        pass


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (lambda m, u, b: 1 / 0, "it raised ZeroDivisionError: division by zero"),
        (lambda m, u, b: torch.full(u.shape, float("nan")), "a picture must be finite"),
        (lambda m, u, b: torch.full(u.shape, 2.0), r"a picture must be floats in \[0, 1\]"),
        (lambda m, u, b: torch.zeros(3, 8, 8), r"must have the shape \(1, 8, 8\), not \(3, 8, 8\)"),
        (lambda m, u, b: None, "must be floats"),
        (lambda m, u, b: u(torch.zeros(b + 1, *u.shape)), "the budget is 8 passes, and 9 were asked for"),
        (lambda m, u, b: m(torch.zeros(b + 1, *u.shape)), "the budget is 8 passes, and 9 were asked for"),
    ],
)
def test_what_a_method_does_wrong_is_one_sentence(method, said):
    found = asked(method)
    assert found.picture is None
    assert re.search(said, found.problem), found.problem


def test_a_method_that_does_not_end_is_stopped():
    assert asked(endless, limit_s=0.2).problem == "it took more than 0.2 s"


def test_what_passes_the_network_is_counted_whoever_has_it_pass():
    assert asked(plain_loop).passes == 8
    assert asked(lambda m, u, b: (m(torch.zeros(3, *u.shape)), torch.zeros(u.shape))[1]).passes == 3


def test_a_unit_is_turned_around_where_the_least_is_asked_for():
    model = load_model("digits")
    most, least = (asked(plain_loop, sign=sign, budget=64).picture for sign in (1, -1))
    high, low = activation_of(model, UNIT, np.stack([most, least]))
    assert high > 5 > -5 > low
    with torch.no_grad():
        direct = model(torch.from_numpy(most)[None])[0, 3]
    assert high == pytest.approx(float(direct), rel=1e-4)


@pytest.mark.parametrize("anchor", anchors(), ids=lambda anchor: anchor.name)
def test_no_image_leaves_the_known_range_of_an_anchor_and_a_long_ascent_comes_near_its_ends(anchor):
    images = np.random.default_rng(0).integers(0, 2, (4000, 1, 8, 8)).astype(np.float32)
    values = activation_of(anchor.model, anchor.unit, images)
    slack = 1e-4 * (anchor.high - anchor.low)
    assert anchor.low - slack <= values.min()
    assert values.max() <= anchor.high + slack
    if anchor.name == "rectified":  # it starts where nothing is to be felt
        return
    both = [ask_for_picture(plain_loop, anchor.model, anchor.unit, sign, 3000, limit_s=60).picture for sign in (1, -1)]
    high, low = activation_of(anchor.model, anchor.unit, np.stack(both))
    assert high - low > 0.98 * (anchor.high - anchor.low)


@pytest.mark.parametrize("name", entries(digits_images()))
def test_every_entry_keeps_to_its_budget_and_gives_a_picture(name):
    found = asked(entries(digits_images())[name], budget=16)
    assert found.problem == ""
    assert found.passes <= 16
