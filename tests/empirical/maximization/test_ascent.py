from dataclasses import asdict, replace

import pytest
import torch
from torch import nn

from fvproof.empirical.maximization import ascent
from fvproof.empirical.maximization.ascent import ascend
from fvproof.empirical.maximization.parametrization import parametrization
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.probing import frozen


class Curves(nn.Module):
    """Two units of the mean: one is NaN above 0.7, one falls."""

    def __init__(self):
        super().__init__()
        self.curves = nn.Identity()

    def forward(self, x):
        mean = x.mean((1, 2, 3))
        return self.curves(torch.stack([mean + 0 * (0.7 - mean).sqrt(), -mean], dim=1))


class Asleep(nn.Module):
    """A unit that a grey image does not reach: two ReLUs in a row block the gradient until the image is bright."""

    def __init__(self):
        super().__init__()
        self.unit = nn.ReLU()

    def forward(self, x):
        mean = x.mean((1, 2, 3))[:, None]
        return self.unit(torch.relu(mean - 0.55) - 0.01)


CURVES = Model("curves", Curves(), (1, 4, 4))
PLAIN = Settings(steps=60, parametrization="pixel", transforms="off", precision="float32")


def climb(model, units, settings, **options):
    code = parametrization(settings.parametrization, model.shape, torch.device("cpu"))
    with frozen(model.network):
        return ascend(model, units, settings, code, **{"sign": 1, **options})


def test_the_optimiser_is_adam():
    settings = Settings(steps=30, parametrization="pixel", transforms="off", precision="float32", learning_rate=0.1)
    torch.manual_seed(0)
    model = Model("bowl", nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1)), (1, 4, 4))
    found = climb(model, [Unit("3", 0)], settings)
    start = parametrization("pixel", (1, 4, 4), torch.device("cpu")).initial(
        ascent.stream(0, "start", Unit("3", 0), "max")
    )
    reference = start[None].requires_grad_()
    adam, trace = torch.optim.Adam([reference], lr=0.1), []
    for _ in range(30):
        adam.zero_grad()
        activation = model(torch.sigmoid(reference))[0, 0]
        (-activation).backward()
        adam.step()
        trace.append(activation.item())
    assert torch.allclose(found.trace[0], torch.tensor(trace), atol=1e-5)
    assert torch.allclose(found.images, torch.sigmoid(reference), atol=1e-5)


def test_a_unit_that_is_not_a_number_stops_there_and_the_others_go_on():
    found = climb(CURVES, [Unit("curves", 0), Unit("curves", 1)], PLAIN)
    stopped, other = found.trace
    last = int(torch.isfinite(stopped).sum())
    assert 0 < last < 60
    assert torch.isnan(stopped[last:]).all()
    assert found.images.isfinite().all()
    assert 0.7 < found.images[0].mean() < 0.75
    assert torch.allclose(other, climb(CURVES, [Unit("curves", 1)], PLAIN).trace[0], atol=1e-5)
    assert torch.isfinite(other).all()


def test_a_unit_that_is_never_a_number_keeps_its_first_image():
    model = Model("nan", nn.Sequential(nn.Flatten(), nn.Linear(16, 1)), (1, 4, 4))
    model.network[1].bias.data.fill_(float("nan"))
    found = climb(model, [Unit("1", 0)], PLAIN)
    assert torch.isnan(found.trace).all()
    assert not found.felt.any()
    assert (found.images - 0.5).abs().max() < 0.02


def test_a_gradient_that_relus_block_at_the_start_gets_through():
    found = climb(Model("asleep", Asleep(), (1, 4, 4)), [Unit("unit", 0)], PLAIN)
    assert found.trace[0, 0] == 0
    assert found.images.mean() > 0.9


def test_without_opened_relus_the_same_unit_stays_silent():
    found = climb(Model("asleep", Asleep(), (1, 4, 4)), [Unit("unit", 0)], replace(PLAIN, opened=0))
    assert not found.felt.any()
    assert (found.trace == 0).all()


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "auto"])
def test_every_precision_climbs(precision):
    model = Model("conv", nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)), (3, 8, 8))
    found = climb(model, [Unit("2", 0), Unit("2", 1)], Settings(steps=40, precision=precision))
    assert found.images.dtype == found.trace.dtype == torch.float32
    assert (found.trace[:, -5:].mean(1) > found.trace[:, 0]).all()


def test_the_centre_is_read_where_asked_for():
    model = Model("conv", nn.Conv2d(1, 1, 3, padding=1), (1, 9, 9))
    model = Model("wrapped", nn.Sequential(model.network), (1, 9, 9))
    found = climb(
        model, [Unit("0", 0)], Settings(steps=5, parametrization="pixel", transforms="off", position="center")
    )
    moved = (found.images[0, 0] - 0.5).abs() > 0.04
    assert moved[3:6, 3:6].all()
    assert moved.sum() == 9


def test_progress_counts_every_image_at_every_step():
    counted = []
    climb(CURVES, [Unit("curves", 0), Unit("curves", 1)], Settings(steps=3), progress=counted.append)
    assert counted == [2, 2, 2]


class Slopes(nn.Module):
    """Units of the mean: one rises for good, one is level from 0.6 on."""

    def __init__(self):
        super().__init__()
        self.slopes = nn.Identity()

    def forward(self, x):
        logits = torch.logit(x.clamp(1e-6, 1 - 1e-6)).mean((1, 2, 3))
        return self.slopes(torch.stack([logits, logits.clamp(max=0.5)], dim=1))


def test_a_unit_at_a_plateau_leaves_and_the_others_go_on_as_without_it():
    model, counted = Model("slopes", Slopes(), (1, 4, 4)), []
    units, patient = [Unit("slopes", 0), Unit("slopes", 1)], Settings(**{**asdict(PLAIN), "steps": 100, "patience": 10})
    found = climb(model, units, patient, progress=counted.append)
    alone = climb(model, units, Settings(**{**asdict(PLAIN), "steps": 100}))
    assert found.taken[0] == 100
    taken = int(found.taken[1])
    assert 20 <= taken <= 40
    torch.testing.assert_close(found.trace[0], alone.trace[0])
    torch.testing.assert_close(found.images[0], alone.images[0])
    torch.testing.assert_close(found.trace[1, :taken], alone.trace[1, :taken])
    assert torch.isnan(found.trace[1, taken:]).all()
    assert sum(counted) == 200


def test_without_patience_nothing_stops():
    model = Model("slopes", Slopes(), (1, 4, 4))
    assert climb(model, [Unit("slopes", 1)], PLAIN).taken.tolist() == [60]


def test_when_all_units_are_at_a_plateau_the_ascent_is_over():
    model, counted = Model("slopes", Slopes(), (1, 4, 4)), []
    patient = Settings(**{**asdict(PLAIN), "steps": 1000, "patience": 10})
    climb(model, [Unit("slopes", 1)], patient, progress=counted.append)
    assert len(counted) < 60
    assert sum(counted) == 1000


@pytest.mark.parametrize("patience", [0, 4])
def test_the_image_kept_after_some_steps_is_what_ascent_of_so_many_steps_finds(patience):
    settings = replace(PLAIN, at=(1, 7, 60), patience=patience)
    model = Model("bowl", nn.Sequential(nn.Flatten(), nn.Linear(16, 2), nn.Tanh()), (1, 4, 4))
    units = [Unit("1", 0), Unit("1", 1)]
    found = climb(model, units, settings)
    for steps, kept in zip(settings.at, found.way, strict=True):
        assert torch.equal(kept, climb(model, units, replace(settings, steps=steps, at=())).images)
    assert torch.equal(found.images, climb(model, units, replace(settings, at=())).images)


def test_where_a_unit_stopped_before_the_kept_image_is_the_last():
    found = climb(CURVES, [Unit("curves", 1)], replace(PLAIN, steps=400, at=(5, 400), patience=4))
    assert found.taken[0] < 400
    assert torch.equal(found.way[1], found.images)
