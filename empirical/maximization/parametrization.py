"""How an image is written in free real coefficients, on which gradient ascent then works.

Gradient ascent on pixels gives high-frequency patterns; on Fourier coefficients scaled by 1/frequency, in colours that
are decorrelated in natural images, it gives pictures that people can look at (Olah, Mordvintsev and Schubert, "Feature
Visualization", Distill 2017). A sigmoid keeps every pixel strictly between 0 and 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from theory.errors import ShapeError, UnknownName

COLORS = ((0.26, 0.27, 0.27), (0.09, 0.0, -0.09), (0.02, -0.05, 0.03))
"""Principal colours of ImageNet, each as long as its standard deviation (Olah et al. 2017): light, red-blue, green."""

SPREAD = 0.01
"""Standard deviation of the coefficients that ascent starts from: an image that is almost grey."""

CONTRAST = 0.25
"""Factor between the inverse transform and the sigmoid, for a usual learning rate of 0.05."""


@dataclass(frozen=True, slots=True)
class Parametrization:
    """A map from free real coefficients to images.

    Attributes
    ----------
    initial
        Draws the coefficients of one image from a generator.
    decode
        Maps a batch of coefficients to images `(N, C, H, W)` with values in [0, 1], differentiably.
    """

    initial: Callable[[torch.Generator], Tensor]
    decode: Callable[[Tensor], Tensor]


def pixel(shape: tuple[int, int, int], device: torch.device) -> Parametrization:
    """Return the parametrization by one coefficient per pixel and channel: `image = sigmoid(z)`.

    Examples
    --------
    >>> pixels = pixel((1, 8, 8), torch.device("cpu"))
    >>> pixels.decode(torch.zeros(2, 1, 8, 8)).unique()
    tensor([0.5000])
    """
    return Parametrization(lambda generator: _normal(shape, generator).to(device), torch.sigmoid)


def fourier(shape: tuple[int, int, int], device: torch.device) -> Parametrization:
    """Return the parametrization by Fourier coefficients, `image = sigmoid(colours · F⁻¹(z / max(|f|, 1/size)) / 4)`.

    `f` is the frequency in cycles per pixel and `F⁻¹` the unitary inverse of the real Fourier transform. Three channels
    are mixed by the principal colours of natural images; any other number of channels is left as it is.

    Parameters
    ----------
    shape
        `(C, H, W)` of the image; any size.
    device
        Where coefficients and images are to lie.

    Examples
    --------
    >>> waves = fourier((3, 8, 8), torch.device("cpu"))
    >>> z = waves.initial(torch.Generator().manual_seed(0))
    >>> z.shape, waves.decode(z[None]).shape
    (torch.Size([3, 8, 5, 2]), torch.Size([1, 3, 8, 8]))
    """
    channels, height, width = shape
    scale = CONTRAST / frequencies(height, width).clamp(min=1 / max(height, width)).to(device)
    colors = torch.tensor(COLORS, device=device)
    colors = colors / colors.norm(dim=1).max()

    def decode(coefficients: Tensor) -> Tensor:
        spectrum = torch.view_as_complex(coefficients) * scale
        waves = torch.fft.irfft2(spectrum, s=(height, width), norm="ortho")
        return torch.sigmoid(torch.einsum("nkhw,kc->nchw", waves, colors) if channels == 3 else waves)

    return Parametrization(lambda generator: _normal((*shape[:2], width // 2 + 1, 2), generator).to(device), decode)


def frequencies(height: int, width: int) -> Tensor:
    """Return |f| in cycles per pixel for each coefficient of the real Fourier transform, `(height, width // 2 + 1)`.

    Examples
    --------
    >>> frequencies(2, 2)
    tensor([[0.0000, 0.5000],
            [0.5000, 0.7071]])
    """
    return torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None, :])


PARAMETRIZATIONS: dict[str, Callable[[tuple[int, int, int], torch.device], Parametrization]] = {
    "fourier": fourier,
    "pixel": pixel,
}
"""Every parametrization by name: a function from the image's shape and the device."""


def parametrization(name: str, shape: tuple[int, int, int], device: torch.device) -> Parametrization:
    """Return the parametrization of that name for images of that shape."""
    if name not in PARAMETRIZATIONS:
        raise UnknownName("parametrization", name, PARAMETRIZATIONS)
    if len(shape) != 3 or min(shape) < 1:
        raise ShapeError(f"an image has a shape (C, H, W) of positive numbers, received {shape}")
    return PARAMETRIZATIONS[name](shape, device)


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Return normal coefficients of standard deviation SPREAD."""
    return SPREAD * torch.randn(shape, generator=generator)
