import numpy as np
import pytest
import torch

from fvproof.empirical.maximization.parametrization import (
    COLORS,
    PARAMETRIZATIONS,
    fourier,
    frequencies,
    parametrization,
)
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

CPU = torch.device("cpu")
SHAPES = [(1, 8, 8), (3, 32, 32), (4, 7, 9), (3, 5, 6), (2, 1, 1)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_images_have_the_shape_asked_for_and_start_almost_grey(name, shape):
    code = parametrization(name, shape, CPU)
    images = code.decode(torch.stack([code.initial(torch.Generator().manual_seed(i)) for i in range(3)]))
    assert images.shape == (3, *shape)
    assert images.dtype == torch.float32
    assert 0 < (images - 0.5).abs().max() < 0.1


@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_values_stay_in_the_unit_interval_however_large_the_coefficients(name):
    code = parametrization(name, (3, 8, 8), CPU)
    images = code.decode(1e4 * code.initial(torch.Generator().manual_seed(0))[None])
    assert images.min() >= 0
    assert images.max() <= 1


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 7, 9), (3, 5, 6), (2, 1, 1)])
@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_every_pixel_answers_to_the_coefficients(name, shape):
    code = parametrization(name, shape, CPU)
    coefficients = code.initial(torch.Generator().manual_seed(0))[None].requires_grad_()
    image = code.decode(coefficients)[0]
    for pixel in image.flatten():
        (gradient,) = torch.autograd.grad(pixel, coefficients, retain_graph=True)
        assert gradient.abs().max() > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_every_image_has_fourier_coefficients(shape):
    image = 0.02 + 0.96 * torch.rand(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64).numpy()
    waves = np.log(image / (1 - image))
    if shape[0] == 3:
        colors = np.array(COLORS) / np.linalg.norm(COLORS, axis=1).max()
        waves = np.einsum("chw,ck->khw", waves, np.linalg.inv(colors))
    vertical, horizontal = np.fft.fftfreq(shape[1]), np.fft.rfftfreq(shape[2])
    far = np.hypot(vertical[:, None], horizontal)
    falling = np.sqrt(np.maximum(far, 1 / shape[1]) * np.maximum(far, 1 / shape[2]))
    spectrum = 4 * falling * np.fft.rfft2(waves, norm="ortho")
    coefficients = torch.tensor(np.stack([spectrum.real, spectrum.imag], axis=-1), dtype=torch.float32)
    np.testing.assert_allclose(fourier(shape, CPU).decode(coefficients[None])[0], image, atol=2e-4)


def test_a_coefficient_of_a_low_frequency_changes_the_image_more_than_one_of_a_high_frequency():
    code = fourier((1, 32, 32), CPU)
    changes = []
    for index in (1, 4, 12):
        coefficients = torch.zeros(1, 1, 32, 17, 2)
        coefficients[0, 0, 0, index, 0] = 0.01
        changes.append((code.decode(coefficients) - 0.5).abs().max())
    assert torch.allclose(torch.stack(changes) / changes[0], torch.tensor([1, 1 / 4, 1 / 12]), rtol=1e-3)


def test_frequencies_are_those_of_the_real_transform():
    assert frequencies(5, 6).shape == (5, 4)
    assert frequencies(4, 4).max() == pytest.approx(2**-0.5)


def test_an_unknown_parametrization_is_answered_with_the_near_names():
    with pytest.raises(UnknownName, match="did you mean fourier"):
        parametrization("furier", (1, 8, 8), CPU)


@pytest.mark.parametrize("shape", [(8,), (1, 0, 8), (1, 2, 2, 2, 2)])
def test_an_input_needs_channels_and_one_to_three_sides(shape):
    with pytest.raises(ShapeError, match="C, L or C, H, W or C, D, H, W, not"):
        parametrization("pixel", shape, CPU)


def test_maco_without_natural_images_says_what_it_needs():
    with pytest.raises(DomainError, match="maco needs natural images"):
        parametrization("maco", (1, 8, 8), CPU)
