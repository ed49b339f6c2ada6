import numpy as np
import pytest

import empirical.sweep as sweep_module
from empirical.maximization.maximize import Settings, maximize
from empirical.networks.digits import digits_images
from empirical.networks.units import activations, parse_units
from empirical.networks.zoo import load_model
from empirical.store import place
from empirical.sweep import CHUNK, sweep
from empirical.workspace import context_of, workspace

SETTINGS = Settings(steps=6)


@pytest.fixture(scope="module")
def model():
    return load_model("digits")


@pytest.fixture
def work(model, tmp_path):
    return workspace(model, digits_images(), SETTINGS, tmp_path, pytest.fail)


@pytest.fixture(scope="module")
def units(model):
    return parse_units("conv2:0-9,logits:0-2", model)


@pytest.fixture(scope="module")
def natural(model, units):
    return activations(model, units, [digits_images().batch()])


@pytest.fixture
def computed(monkeypatch):
    """Record which units are really optimized."""
    done = []

    def recording(model, mates, *arguments, **options):
        done.append([str(unit) for unit in mates])
        return maximize(model, mates, *arguments, **options)

    monkeypatch.setattr(sweep_module, "maximize", recording)
    return done


def same(first, second):
    fields = ("unit", "end", "activation", "activation_seen", "natural_low", "natural_high", "noise_best", "status")
    figures = all(getattr(first, field) == getattr(second, field) for field in (*fields, "seed", "settings"))
    return figures and np.array_equal(first.image, second.image) and np.array_equal(first.trace, second.trace)


def test_a_kept_run_is_the_run_that_was_computed(model, work, units, natural):
    found = [sweep(work, units[:3], natural=natural, minimize=True) for _ in range(2)]
    direct = maximize(model, units[:3], SETTINGS, natural=natural, minimize=True)
    for run in direct:
        assert same(found[0][run.unit], run)
        assert same(found[1][run.unit], run)


def test_units_of_one_layer_are_computed_a_few_at_a_time_and_only_once(work, units, natural, computed):
    sweep(work, units, natural=natural)
    assert [len(mates) for mates in computed] == [CHUNK, 2, 3]
    sweep(work, units, natural=natural)
    assert len(computed) == 3


def test_both_ends_are_different_work(work, units, natural, computed):
    sweep(work, units[:2], natural=natural)
    sweep(work, units[:2], natural=natural, minimize=True)
    assert len(computed) == 2


def test_only_the_batch_with_a_damaged_file_is_computed_again(model, work, units, natural, computed):
    before = sweep(work, units, natural=natural)
    place(work.folder, work.key("conv2:9 max")).write_bytes(b"damaged")
    sentences = []
    work = workspace(model, digits_images(), SETTINGS, work.folder, sentences.append)
    after = sweep(work, units, natural=natural)
    assert computed[3:] == [["conv2:8", "conv2:9"]]
    assert len(sentences) == 1
    assert all(same(before[unit], after[unit]) for unit in units)


@pytest.mark.parametrize("change", ["seed", "images", "model"])
def test_another_seed_model_or_set_of_images_is_other_work(model, change):
    images = digits_images()
    other = {
        "seed": (model, images, Settings(steps=6, seed=1)),
        "images": (model, images.subset(range(100)), SETTINGS),
        "model": (load_model("digits-small"), images, SETTINGS),
    }[change]
    assert context_of(model, images, SETTINGS) != context_of(*other)


def test_progress_counts_every_step_once_whether_computed_or_kept(work, units, natural):
    for _ in range(2):
        steps = []
        sweep(work, units, natural=natural, progress=steps.append)
        assert sum(steps) == len(units) * SETTINGS.steps
