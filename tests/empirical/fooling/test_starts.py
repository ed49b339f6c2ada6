import numpy as np

from fvproof.empirical.fooling.starts import FIRST_STEPS, first_looks, own_picture, spread_units
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model


def test_every_engine_is_looked_at_from_its_start_on():
    found = first_looks(load_model("digits-small"), "hidden1")
    assert list(found) == list(ENGINES)
    assert {looks.shape for looks in found.values()} == {(4, FIRST_STEPS, 1, 8, 8)}
    contrast = {name: looks[:, 0].std() for name, looks in found.items()}
    assert contrast["ours"] < 0.02 < contrast["noise"]


def test_a_fast_engine_has_gone_farther_after_a_step():
    found = first_looks(load_model("digits"), "hidden")
    gone = {name: np.abs(looks[:, 1] - looks[:, 0]).mean() for name, looks in found.items()}
    assert gone["fast"] > 2 * gone["plain"]


def test_the_default_target_is_the_visualization_of_a_unit_that_has_one():
    model = load_model("digits")
    assert own_picture(model, "hidden").shape == (1, 8, 8)
    assert not np.array_equal(own_picture(model, "hidden"), own_picture(model, "hidden", [Unit("hidden", 9)]))
    assert len(spread_units(model, "hidden", 100)) == 32
