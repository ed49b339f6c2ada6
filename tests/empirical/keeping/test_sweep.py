import numpy as np
import pytest

import fvproof.empirical.keeping.sweep as sweep_module
from fvproof.empirical.keeping.store import place
from fvproof.empirical.keeping.sweep import natural_ranges, sweep
from fvproof.empirical.keeping.workspace import context_of, workspace
from fvproof.empirical.maximization.maximize import Natural, Settings, maximize, record
from fvproof.empirical.maximization.spectrum import measure_spectrum
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import activations, parse_units
from fvproof.empirical.networks.zoo import load_model

SETTINGS = Settings(steps=6, batch=8)


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
    figures = record(first) == record(second)
    return figures and np.array_equal(first.image, second.image) and np.array_equal(first.trace, second.trace)


def test_a_kept_run_is_the_run_that_was_computed(model, work, units, natural):
    found = [sweep(work, units[:3], natural=natural, minimize=True) for _ in range(2)]
    direct = maximize(model, units[:3], SETTINGS, natural=natural, minimize=True)
    for first, second, run in zip(*found, direct, strict=True):
        assert same(first, run)
        assert same(second, run)


def test_units_of_one_layer_are_computed_a_few_at_a_time_and_only_once(work, units, natural, computed):
    sweep(work, units, natural=natural)
    assert [len(mates) for mates in computed] == [8, 2, 3]
    sweep(work, units, natural=natural)
    assert len(computed) == 3


@pytest.mark.parametrize(("batch", "diversity", "sizes"), [(3, 1, [3, 3, 3, 1, 3]), (8, 4, [2] * 5 + [2, 1])])
def test_no_more_images_than_a_batch_holds_are_optimized_together(
    model, units, tmp_path, computed, batch, diversity, sizes
):
    settings = Settings(steps=2, batch=batch, diversity=diversity)
    sweep(workspace(model, None, settings, tmp_path, pytest.fail), units)
    assert [len(mates) for mates in computed] == sizes


def test_of_large_images_a_cpu_works_on_fewer_together(units, tmp_path, computed, monkeypatch):
    monkeypatch.setattr(sweep_module, "PIXELS", 5 * 8 * 8)
    sweep(workspace(load_model("digits"), None, SETTINGS, tmp_path, pytest.fail), units)
    assert [len(mates) for mates in computed] == [5, 5, 3]


def test_distinct_visualizations_of_a_unit_are_kept_with_their_likeness(model, units, tmp_path):
    work = workspace(model, digits_images(), Settings(steps=6, diversity=2), tmp_path, pytest.fail)
    found = [sweep(work, units[:3]) for _ in range(2)]
    direct = maximize(model, units[:3], work.settings, natural=activations(model, units, [digits_images().batch()]))
    assert [run.variant for run in found[0]] == [0, 1] * 3
    assert all(run.likeness is not None for run in found[0])
    assert all(map(same, found[0], direct))
    assert all(map(same, found[1], direct))


def test_the_natural_spectrum_is_measured_once_for_all(model, units, tmp_path, monkeypatch):
    measured = []
    monkeypatch.setattr(sweep_module, "measure_spectrum", lambda images: measured.append(1) or measure_spectrum(images))
    work = workspace(model, digits_images(), Settings(steps=6, batch=8, parametrization="maco"), tmp_path, pytest.fail)
    found = sweep(work, units)
    natural = Natural(activations(model, units, [digits_images().batch()]), measure_spectrum(digits_images()))
    assert all(map(same, found[:8], maximize(model, units[:8], work.settings, natural=natural)))
    assert len(measured) == 1


def test_every_kind_of_objective_is_kept_under_a_name_of_its_own(model, tmp_path, computed):
    for folder, number in (("a", 0), ("b", 1)):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "v.npy", np.eye(10)[number])
    texts = ["conv1:2@0x3", "logits:3-logits:5", *(f"logits:{tmp_path / folder / 'v.npy'}" for folder in "ab")]
    wanted = [unit for text in texts for unit in parse_objectives(text, model)]
    work = workspace(model, digits_images(), SETTINGS, tmp_path / "pieces", pytest.fail)
    for _ in range(2):
        found = sweep(work, wanted)
        assert [run.unit for run in found] == wanted
    assert len(computed) == 2
    assert len({run.activation for run in found}) == 4


def test_without_natural_images_nothing_is_compared_with_them(model, units, tmp_path):
    work = workspace(model, None, SETTINGS, tmp_path, pytest.fail)
    assert [run.natural_high for run in sweep(work, units[:2])] == [None, None]


def test_natural_images_are_looked_at_once(model, work, units, natural, monkeypatch):
    found = natural_ranges(work, units)
    monkeypatch.setattr(sweep_module, "ranges", lambda *_, **__: pytest.fail("looked again"))
    assert natural_ranges(work, units).keys() == found.keys()
    for unit in units:
        np.testing.assert_allclose(found[unit], [natural[unit].min(), natural[unit].max()], rtol=1e-6)


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
    assert all(map(same, before, after))


@pytest.mark.parametrize("change", ["seed", "images", "model"])
def test_another_seed_model_or_set_of_images_is_other_work(model, change):
    images = digits_images()
    other = {
        "seed": (model, images, Settings(steps=6, batch=8, seed=1)),
        "images": (model, images.subset(range(100)), SETTINGS),
        "model": (load_model("digits-small"), images, SETTINGS),
    }[change]
    assert context_of(model, images, SETTINGS) != context_of(*other)


def test_progress_counts_every_step_once_whether_computed_or_kept(work, units, natural):
    for _ in range(2):
        steps = []
        sweep(work, units, natural=natural, progress=steps.append)
        assert sum(steps) == len(units) * SETTINGS.steps
