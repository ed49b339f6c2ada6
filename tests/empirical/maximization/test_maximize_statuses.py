import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.maximization.maximize import Settings, Status, maximize, record
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError

PLAIN = Settings(parametrization="pixel", transforms="off", precision="float32")


class Mean(nn.Module):
    """Units that are functions of the image's mean alone."""

    def __init__(self, *functions):
        super().__init__()
        self.functions, self.units = functions, nn.Identity()

    def forward(self, x):
        mean = x.mean((1, 2, 3))
        return self.units(torch.stack([function(mean) for function in self.functions], dim=1))


class Hungry(nn.Module):
    """A network for which more than three images are too many for the memory."""

    def __init__(self, most=3, *, always=False):
        super().__init__()
        self.most, self.always, self.unit, self.other = most, always, nn.Linear(16, 6), nn.Linear(6, 6)

    def forward(self, x):
        if len(x) > self.most and (self.always or torch.is_grad_enabled()):
            raise torch.cuda.OutOfMemoryError("out of memory")
        return self.other(self.unit(x.flatten(1)))


class Starved(nn.Module):
    """A layer for which there is no memory at all."""

    def forward(self, x):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes.")


def bump(center, width):
    return lambda mean: torch.exp(-(((mean - center) / width) ** 2))


@pytest.mark.parametrize(
    ("expected", "function", "steps"),
    [
        (Status.OK, lambda mean: mean, 512),
        (Status.SILENT, lambda mean: 0 * mean + 3, 20),
        (Status.SILENT, lambda mean: torch.relu(mean - 2), 20),
        (Status.CUT_OFF, lambda mean: (mean > 0.5).float(), 20),
        (Status.WEAKER_THAN_NOISE, lambda mean: 0.1 * mean + bump(0.3, 0.05)(mean), 128),
        (Status.WEAKER_THAN_NATURAL, lambda mean: 0.1 * mean + bump(0.0, 0.01)(mean), 128),
        (Status.NOT_A_NUMBER, lambda mean: mean + 0 * (0.7 - mean).sqrt(), 60),
    ],
)
@pytest.mark.filterwarnings("ignore:unit units")
def test_each_status_is_told_of_a_unit_built_for_it(expected, function, steps):
    model, unit = Model("mean", Mean(function), (1, 8, 8)), Unit("units", 0)
    natural = activations(model, [unit], [torch.zeros(1, 1, 8, 8), torch.full((1, 1, 8, 8), 0.6)])
    settings = Settings(steps=steps, parametrization="pixel", transforms="off", precision="float32")
    (run,) = maximize(model, [unit], settings, natural=natural)
    assert run.status is expected
    assert (run.natural_low, run.natural_high) == (natural[unit].min(), natural[unit].max())


def test_an_ascent_cut_short_has_not_converged():
    model = Model("affine", nn.Sequential(nn.Flatten(), nn.Linear(64, 1)), (1, 8, 8))
    torch.nn.init.normal_(model.network[1].weight, generator=torch.Generator().manual_seed(0))
    settings = Settings(steps=24, parametrization="pixel", transforms="off")
    assert maximize(model, [Unit("1", 0)], settings)[0].status is Status.NOT_CONVERGED
    assert maximize(model, [Unit("1", 0)], PLAIN)[0].status is Status.OK


def test_a_minimization_is_compared_with_the_smallest_natural_activation():
    model, unit = Model("mean", Mean(lambda mean: -0.1 * mean - bump(0.0, 0.01)(mean)), (1, 8, 8)), Unit("units", 0)
    natural = activations(model, [unit], [torch.zeros(1, 1, 8, 8)])
    settings = Settings(steps=128, parametrization="pixel", transforms="off")
    (run,) = maximize(model, [unit], settings, minimize=True, natural=natural)
    assert run.end == "min"
    assert run.status is Status.WEAKER_THAN_NATURAL


def test_a_unit_that_is_not_a_number_is_named_and_the_others_are_kept():
    model = Model("mean", Mean(lambda mean: mean + 0 * (0.7 - mean).sqrt(), lambda mean: -mean), (1, 8, 8))
    with pytest.warns(
        RuntimeWarning, match=r"unit units:0 \(max\) stopped at step \d+: its activation is not a number"
    ):
        stopped, other = maximize(model, [Unit("units", 0), Unit("units", 1)], PLAIN)
    assert (stopped.status, other.status) == (Status.NOT_A_NUMBER, Status.OK)
    assert np.isfinite(stopped.activation_seen)
    assert np.isfinite(stopped.image).all()
    assert other.activation == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.BatchNorm2d])
def test_a_unit_whose_weights_are_not_numbers_spoils_no_other(kind):
    torch.manual_seed(0)
    model = Model("spoiled", nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Tanh()), (1, 8, 8))
    layer = "0" if kind is nn.Conv2d else "1"
    units = [Unit(layer, channel) for channel in range(4)]
    sound = maximize(model, units, Settings(steps=20))
    next(module for module in model.network if isinstance(module, kind)).weight.data[2] = float("nan")
    with pytest.warns(RuntimeWarning, match=f"unit {layer}:2 .* stopped at step 0: its activation is not a number"):
        runs = maximize(model, units, Settings(steps=20))
    assert [run.status is Status.NOT_A_NUMBER for run in runs] == [False, False, True, False]
    for run, before in zip(runs, sound, strict=True):
        if run.unit.channel != 2:
            np.testing.assert_array_equal(run.image, before.image)
            assert record(run) == record(before)
    assert torch.isnan(model.network[int(layer)].weight[2]).all()


def test_a_batch_too_large_for_the_memory_is_halved_until_it_fits():
    torch.manual_seed(0)
    units = [Unit("unit", channel) for channel in range(6)]
    settings = Settings(steps=5, batch=6)
    model = Model("hungry", Hungry(), (1, 4, 4))
    with pytest.warns(RuntimeWarning, match="out of memory: going on with 3 images at once"):
        runs = maximize(model, units, settings)
    expected = maximize(model, units, Settings(steps=5, batch=3))
    assert [record(run)["trace"] for run in runs] == [record(run)["trace"] for run in expected]


def test_a_batch_halved_several_times_for_several_layers_is_said_once():
    units = [Unit(layer, channel) for layer in ("unit", "other") for channel in range(6)]
    with pytest.warns(RuntimeWarning, match="out of memory") as warned:
        runs = maximize(Model("hungry", Hungry(most=1), (1, 4, 4)), units, Settings(steps=5, batch=6))
    assert [str(warning.message) for warning in warned] == ["out of memory: going on with 1 images at once"]
    assert [run.unit for run in runs] == units


def test_distinct_visualizations_of_one_unit_stay_together_when_the_batch_is_halved():
    with pytest.warns(RuntimeWarning, match="going on with 2 images at once"):
        runs = maximize(
            Model("hungry", Hungry(most=3), (1, 4, 4)),
            [Unit("unit", 0), Unit("unit", 1)],
            Settings(steps=5, batch=4, diversity=2),
        )
    assert [(run.unit.channel, run.variant) for run in runs] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_single_image_too_large_for_the_memory_is_one_sentence():
    with pytest.raises(DomainError, match="out of memory: there must be room for one image alone"):
        maximize(Model("hungry", Hungry(most=0), (1, 4, 4)), [Unit("unit", 0)], Settings(steps=5))


def test_visualizations_of_one_unit_that_do_not_fit_together_are_one_sentence():
    with pytest.raises(DomainError, match=r"there must be room for the 4 visualizations of one unit \(--diversity\)"):
        maximize(Model("hungry", Hungry(), (1, 4, 4)), [Unit("unit", 0)], Settings(steps=5, diversity=4))


@pytest.mark.parametrize("diversity", [1, 2])
def test_noise_natural_and_clean_images_too_many_for_the_memory_are_halved_too(diversity):
    model, units = Model("hungry", Hungry(always=True), (1, 4, 4)), [Unit("unit", channel) for channel in range(6)]
    said = []
    with heard_by(said.append):
        natural = activations(model, units, [torch.rand(8, 1, 4, 4)])
        runs = maximize(model, units, Settings(steps=9, batch=12, diversity=diversity), natural=natural)
    assert said == [
        "out of memory: going on with 2 images at once",
        "out of memory: going on with 3 images at once",
    ]
    roomy = Model("fed", Hungry(most=100), (1, 4, 4))
    roomy.network.load_state_dict(model.network.state_dict())
    for run, same in zip(runs, maximize(roomy, units, runs[0].settings, natural=natural), strict=True):
        assert run.activation == pytest.approx(same.activation, abs=1e-5)
        assert run.noise_best == pytest.approx(same.noise_best, abs=1e-5)
        np.testing.assert_allclose(run.image, same.image, atol=1e-5)


def test_a_network_without_room_for_one_image_is_one_sentence():
    network = nn.Sequential(nn.Flatten(), Starved())
    with pytest.raises(DomainError, match="out of memory: there must be room for the network and one image alone"):
        maximize(Model("starved", network, (1, 4, 4)), [Unit("1", 0)], Settings(steps=5))


def test_other_errors_of_a_network_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        maximize(Model("wrong", nn.Sequential(nn.Flatten(), nn.Linear(9, 2)), (1, 4, 4)), [Unit("1", 0)])
