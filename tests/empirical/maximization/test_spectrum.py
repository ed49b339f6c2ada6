import numpy as np
import pytest
import torch

from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.parametrization import maco
from fvproof.empirical.maximization.spectrum import Spectrum, measure_spectrum
from fvproof.theory.errors import DomainError, ShapeError

CPU = torch.device("cpu")
SHAPES = [(1, 8, 8), (3, 9, 8), (3, 8, 9), (5, 7, 7)]


def natural(shape, count=40, seed=0):
    """Return smooth random images with correlated channels, uint8."""
    generator = np.random.default_rng(seed)
    waves = np.cumsum(np.cumsum(generator.normal(size=(count, *shape)), axis=-1), axis=-2)
    mixed = np.einsum("nchw,ck->nkhw", waves, generator.normal(size=(shape[0], shape[0])))
    return ImageSet(np.rint(255 / (1 + np.exp(-0.3 * mixed))).astype(np.uint8))


def logits(images):
    pixels = images.astype(np.float64)
    return np.log(pixels / (1 - pixels))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_image_of_maco_has_the_mean_magnitudes_of_the_natural_images(shape):
    images = natural(shape)
    found = measure_spectrum(images)
    inside = np.clip(images.images / 255.0, 1 / 512, 1 - 1 / 512)
    colors = found.colors.double().numpy()
    transform = lambda x: np.fft.rfft2(np.einsum("nchw,kc->nkhw", logits(x), colors), norm="ortho")  # noqa: E731
    expected = np.abs(transform(inside)).mean(0)
    code = maco(shape, CPU, found)
    for seed in range(3):
        image = code.decode(code.initial(torch.Generator().manual_seed(seed))[None])
        spectrum = transform(image.double().numpy())[0]
        np.testing.assert_allclose(np.abs(spectrum)[..., 1:, :], expected[..., 1:, :], rtol=2e-3, atol=2e-3)
        np.testing.assert_allclose(
            spectrum[:, 0, 0].real, transform(inside)[..., 0, 0].real.mean(0), rtol=1e-3, atol=2e-3
        )


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_phase_is_free_and_it_moves_the_image(shape):
    code = maco(shape, CPU, measure_spectrum(natural(shape)))
    first, second = (code.decode(code.initial(torch.Generator().manual_seed(seed))[None]) for seed in (0, 1))
    assert (first - second).abs().mean() > 0.05
    coefficients = code.initial(torch.Generator().manual_seed(0))[None].requires_grad_()
    (gradient,) = torch.autograd.grad(code.decode(coefficients)[0, 0, 0, 0], coefficients)
    assert gradient.abs().max() > 0


def test_principal_colours_are_uncorrelated_in_the_images():
    images = natural((3, 8, 8))
    colors = measure_spectrum(images).colors
    torch.testing.assert_close(colors @ colors.T, torch.eye(3), atol=1e-5, rtol=0)
    columns = logits(np.clip(images.images / 255.0, 1 / 512, 1 - 1 / 512)).transpose(1, 0, 2, 3).reshape(3, -1)
    covariance = np.cov(colors.double().numpy() @ columns)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-4 * covariance.max()
    assert (np.diff(np.diag(covariance)) < 0).all()


def test_the_spectrum_does_not_depend_on_how_the_images_are_divided(monkeypatch):
    images = natural((3, 8, 8))
    whole = measure_spectrum(images)
    divided = ImageSet.batches
    monkeypatch.setattr(ImageSet, "batches", lambda images: divided(images, 7))
    torch.testing.assert_close(measure_spectrum(images).magnitude, whole.magnitude)


def test_flat_images_have_no_phase_and_are_refused():
    with pytest.raises(DomainError, match="must not all be of one flat colour"):
        measure_spectrum(ImageSet(np.full((3, 1, 8, 8), 200, np.uint8)))


def test_a_spectrum_of_images_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"of images \(1, 8, 8\)"):
        maco((1, 8, 8), CPU, Spectrum(torch.ones(1, 4, 3), torch.ones(1, 1)))
