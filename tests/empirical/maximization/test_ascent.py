import pytest
import torch
from torch import nn

from empirical.maximization import ascent
from empirical.maximization.ascent import Settings, ascend
from empirical.networks.probing import frozen
from empirical.networks.units import Unit
from empirical.networks.zoo import Model
from theory.errors import DomainError, UnknownName


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


def climb(model, units, settings, sign=1):
    with frozen(model.network):
        return ascend(model, units, settings, sign=sign)


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"batch": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
    ],
)
def test_settings_out_of_range_are_refused_with_what_was_received(wrong):
    with pytest.raises(DomainError, match=str(next(iter(wrong.values())))):
        Settings(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"parametrization": "furier"}, {"transforms": "standart"}, {"position": "corner"}, {"precision": "half"}]
)
def test_settings_by_an_unknown_name_are_refused(wrong):
    with pytest.raises(UnknownName, match=next(iter(wrong.values()))):
        Settings(**wrong)


def test_the_optimiser_is_adam():
    settings = Settings(steps=30, parametrization="pixel", transforms="off", precision="float32", learning_rate=0.1)
    torch.manual_seed(0)
    model = Model("bowl", nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 1)), (1, 4, 4))
    found = climb(model, [Unit("3", 0)], settings)
    start = ascent.parametrization("pixel", (1, 4, 4), torch.device("cpu")).initial(
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


def test_without_opened_relus_the_same_unit_stays_silent(monkeypatch):
    monkeypatch.setattr(ascent, "OPENED_STEPS", 0)
    found = climb(Model("asleep", Asleep(), (1, 4, 4)), [Unit("unit", 0)], PLAIN)
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
    with frozen(CURVES.network):
        ascend(CURVES, [Unit("curves", 0), Unit("curves", 1)], Settings(steps=3), sign=1, progress=counted.append)
    assert counted == [2, 2, 2]
