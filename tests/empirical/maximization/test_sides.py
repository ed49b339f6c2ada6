"""Signals and volumes: coefficients, motions, noise and spectra of one and three sides, and what is found with them."""

from math import radians, sin

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.maximize import Natural, Settings, maximize
from fvproof.empirical.maximization.parametrization import fourier, gauges, maco
from fvproof.empirical.maximization.spectrum import measure_spectrum
from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.maximization.transforms import GREY, draw_for, motion, move
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import model_of

CPU = torch.device("cpu")
SHAPES = [(1, 40), (3, 25), (12, 16), (1, 6, 8, 8), (3, 4, 5, 7), (7, 8, 8), (1, 2, 40)]


def linear(shape):
    torch.manual_seed(0)
    return model_of(nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), 2)), shape=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_input_has_fourier_coefficients(shape):
    image = np.random.default_rng(0).uniform(0.1, 0.9, shape)
    axes = tuple(range(1, len(shape)))
    far = np.sqrt(sum(f**2 for f in np.meshgrid(*_frequencies(shape), indexing="ij")))
    gauge = np.sqrt(np.prod([np.maximum(far, 1 / side) for side in shape[1:]], axis=0))
    spectrum = 4 * gauge * np.fft.rfftn(np.log(image / (1 - image)), axes=axes, norm="ortho")
    coefficients = torch.tensor(np.stack([spectrum.real, spectrum.imag], axis=-1), dtype=torch.float32)
    np.testing.assert_allclose(fourier(shape, CPU).decode(coefficients[None])[0], image, atol=2e-4)


def _frequencies(shape):
    return [*(np.fft.fftfreq(side) for side in shape[1:-1]), np.fft.rfftfreq(shape[-1])]


@pytest.mark.parametrize("sides", [(64,), (4096,), (64, 64), (16, 16, 16), (1, 4096), (2, 400)])
def test_starts_are_almost_grey_and_no_coefficient_outweighs_the_image(sides):
    code = fourier((1, *sides), CPU)
    start = code.decode(torch.stack([code.initial(stream(0, i)) for i in range(8)]))
    assert 0 < start.std() < 0.05
    assert 1 / (4 * gauges(*sides).min() * np.sqrt(np.prod(sides))) == pytest.approx(0.25, rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("minimize", [False, True])
def test_a_linear_unit_reaches_its_optimum_on_the_box(shape, minimize):
    model = linear(shape)
    weights, bias = model.network[1].weight[1].detach(), model.network[1].bias[1].item()
    settings = Settings(steps=128, parametrization="pixel", transforms="off", learning_rate=0.2)
    (run,) = maximize(model, [Unit("1", 1)], settings, minimize=minimize)
    ends = weights.clamp(max=0).sum().item() + bias, weights.clamp(min=0).sum().item() + bias
    best, worst = ends if minimize else ends[::-1]
    assert abs(run.activation - best) < 0.01 * abs(best - worst)
    exact = (weights * torch.from_numpy(run.image).flatten()).sum().item() + bias
    assert run.activation == pytest.approx(exact, abs=1e-4)
    assert (run.noise_best > best) if minimize else (run.noise_best < best)


@pytest.mark.parametrize("shape", SHAPES)
def test_fourier_coefficients_and_motions_climb_above_noise_on_a_smooth_unit(shape):
    model = linear(shape)
    grid = torch.meshgrid(*(torch.linspace(-3, 3, side) for side in shape[1:]), indexing="ij")
    smooth = torch.exp(-sum(axis**2 for axis in grid) / 2)
    with torch.no_grad():
        model.network[1].weight[0] = (smooth - smooth.mean()).expand(shape).flatten() / 10
    (run,) = maximize(model, [Unit("1", 0)], Settings(steps=96))
    assert run.activation > run.noise_best
    assert not run.status.failed


def pair(shape, kernel):
    """Return a network of signals, and the same one of images of one row."""
    torch.manual_seed(0)
    line = nn.Sequential(
        nn.Conv1d(shape[0], 4, kernel), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    row = nn.Sequential(
        nn.Conv2d(shape[0], 4, (1, kernel)), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    row.load_state_dict({k: v.unsqueeze(2) if k == "0.weight" else v for k, v in line.state_dict().items()})
    return model_of(line, shape=shape), model_of(row, shape=(shape[0], 1, shape[1]))


@pytest.mark.parametrize("channels", [1, 5])
@pytest.mark.parametrize("transforms", ["standard", "padded"])
def test_a_signal_is_treated_like_an_image_of_one_row(channels, transforms):
    line, row = pair((channels, 50), 7)
    units = [Unit("0", 1), Unit("4", 2)]
    settings = Settings(steps=12, transforms=transforms, precision="float32")
    for one, other in zip(maximize(line, units, settings), maximize(row, units, settings), strict=True):
        np.testing.assert_allclose(one.image, other.image[:, 0], atol=2e-3)
        assert (one.noise_best, one.activation) == pytest.approx((other.noise_best, other.activation), abs=1e-3)
    signals = torch.rand(6, channels, 50)
    found = activations(line, units, [signals])
    np.testing.assert_allclose(found[units[0]], line.network[0](signals)[:, 1].mean(1).detach(), rtol=1e-4, atol=1e-6)


def generators(count=1):
    return [stream(0, i) for i in range(count)]


@pytest.mark.parametrize("shape", [(1, 400), (12, 16000), (1, 2, 400), (1, 16, 32, 32), (1, 16, 112, 112)])
def test_motions_keep_most_of_an_input_in_view(shape):
    maps = draw_for(shape, motion("standard"), 40, generators())[:, 0]
    seen = (move(torch.ones(40, *shape), maps) - GREY) * 2
    assert seen.mean() > (0.8 if len(shape) == 4 else 0.9)  # corners of volumes turn about three axes
    assert not torch.equal(maps[0], maps[1])


@pytest.mark.parametrize("shape", [(2, 9), (2, 4, 5, 6)])
def test_no_motion_leaves_an_input_as_it_is(shape):
    image = torch.rand(1, *shape)
    assert torch.allclose(move(image, draw_for(shape, motion("off"), 1, generators())[0]), image, atol=1e-5)


def test_a_volume_is_shifted_by_whole_voxels_along_its_own_sides():
    volume = torch.rand(1, 1, 4, 6, 8)
    for side, row in ((2, 2), (3, 1), (4, 0)):
        maps = torch.eye(3, 4)[None].clone()
        maps[0, row, 3] = -2 / volume.shape[side]
        moved = move(volume, maps)
        torch.testing.assert_close(
            moved.narrow(side, 1, volume.shape[side] - 1), volume.narrow(side, 0, volume.shape[side] - 1)
        )
        assert torch.allclose(moved.select(side, 0), torch.tensor(GREY))


def test_a_volume_is_turned_in_voxels_and_as_far_as_an_image_at_most():
    sides = torch.tensor([10.0, 8.0, 6.0])  # width, height, depth
    maps = draw_for((1, 6, 8, 10), motion("standard"), 500, generators())[:, 0]
    in_voxels = sides[:, None] * maps[:, :, :3] / sides
    scale = torch.linalg.det(in_voxels) ** (1 / 3)
    turns = in_voxels / scale[:, None, None]
    assert torch.allclose(turns @ turns.transpose(1, 2), torch.eye(3), atol=1e-5)
    assert 0.85 < scale.min() < scale.max() < 1.15
    assert turns[:, 0, 1].abs().max() <= sin(radians(10)) * 1.05
    assert all(turns[:, i, j].abs().max() > 0.1 for i, j in ((0, 1), (0, 2), (1, 2)))


def test_the_time_of_a_film_is_neither_turned_nor_scaled():
    maps = draw_for((3, 8, 32, 32), motion("standard"), 50, generators())[:, 0]
    assert torch.equal(maps[:, 2, :3], torch.tensor([0.0, 0.0, 1.0]).expand(50, 3))
    assert maps[:, 0, 1].abs().max() > 0.1
    assert maps[:, 2, 3].abs().max() > 0


@pytest.mark.parametrize("shape", [(1, 41), (3, 40), (2, 4, 6, 6)])
def test_maco_keeps_the_spectrum_of_natural_signals_and_volumes(shape):
    natural = ImageSet(np.random.default_rng(0).uniform(0.05, 0.95, (9, *shape)).astype(np.float32))
    spectrum = measure_spectrum(natural)
    axes = tuple(range(2, len(shape) + 1))
    logits = torch.logit(natural.batch().double())
    waves = np.fft.rfftn(np.einsum("nc...,kc->nk...", logits, spectrum.colors), axes=axes, norm="ortho")
    np.testing.assert_allclose(
        spectrum.magnitude.flatten(1)[:, 1:], np.abs(waves).mean(0).reshape(shape[0], -1)[:, 1:], rtol=1e-4, atol=1e-5
    )
    code = maco(shape, CPU, spectrum)
    made = torch.logit(code.decode(code.initial(stream(0, "start"))[None])[0].double())
    found = np.fft.rfftn(np.einsum("c...,kc->k...", made, spectrum.colors), axes=axes_of(shape), norm="ortho")
    np.testing.assert_allclose(np.abs(found), spectrum.magnitude.abs(), rtol=1e-2, atol=1e-2)


def axes_of(shape):
    return tuple(range(1, len(shape)))


@pytest.mark.parametrize("shape", SHAPES)
def test_noise_is_of_all_degrees_of_smoothness_and_fills_the_range(shape):
    noise = torch.cat(list(noise_batches(shape, 64, 0, batch=10)))
    assert noise.shape == (64, *shape)
    assert 0 <= noise.min() < 0.1 < 0.9 < noise.max() <= 1
    steps = (noise[..., 1:] - noise[..., :-1]).abs().flatten(1).mean(1)
    assert steps.max() > 2 * steps.min()


def test_natural_signals_are_what_a_visualization_must_beat():
    line, _ = pair((1, 50), 7)
    signals = torch.rand(20, 1, 50)
    unit = Unit("0", 1)
    natural = Natural(activations(line, [unit], [signals]))
    (run,) = maximize(line, [unit], Settings(steps=64), natural=natural)
    wanted = line.network[0](signals)[:, 1].mean(1)
    assert (run.natural_low, run.natural_high) == pytest.approx((wanted.min().item(), wanted.max().item()), abs=1e-5)
