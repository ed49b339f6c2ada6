"""How an image is written in free real coefficients, on which gradient ascent then works.

Gradient ascent on pixels gives high-frequency patterns; on Fourier coefficients scaled by 1/frequency, in colours that
are decorrelated in natural images, it gives pictures that people can look at (Olah, Mordvintsev and Schubert, "Feature
Visualization", Distill 2017). A sigmoid keeps every pixel strictly between 0 and 1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from fvproof.empirical.maximization.spectrum import Spectrum, sides_of
from fvproof.empirical.shapes import Shape, checked_shape
from fvproof.theory.errors import DomainError, ShapeError, UnknownName

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
        Maps a batch of coefficients to images `(N, C, H, W)` with values in [0, 1], differentiably; or to signals or
        volumes.
    """

    initial: Callable[[torch.Generator], Tensor]
    decode: Callable[[Tensor], Tensor]


def pixel(shape: Shape, device: torch.device) -> Parametrization:
    """Return the parametrization by one coefficient per pixel and channel: `image = sigmoid(z)`.

    Examples
    --------
    >>> pixels = pixel((1, 8, 8), torch.device("cpu"))
    >>> pixels.decode(torch.zeros(2, 1, 8, 8)).unique()
    tensor([0.5000])
    """
    return Parametrization(lambda generator: _normal(shape, generator).to(device), torch.sigmoid)


def fourier(shape: Shape, device: torch.device) -> Parametrization:
    """Return the parametrization by Fourier coefficients, `image = sigmoid(colours · F⁻¹(z / gauge(f)) / 4)`.

    `F⁻¹` is the unitary inverse of the real Fourier transform over all sides, and the `gauge` that of `gauges`: the
    frequency itself on a square. Three channels of an image are mixed by the principal colours of natural images;
    those of signals and volumes, and any other number, are left as they are.

    Parameters
    ----------
    shape
        `(C, H, W)` of an image, `(C, L)` of a signal or `(C, D, H, W)` of a volume; any size.
    device
        Where coefficients and images are to lie.

    Examples
    --------
    >>> waves = fourier((3, 8, 8), torch.device("cpu"))
    >>> z = waves.initial(torch.Generator().manual_seed(0))
    >>> z.shape, waves.decode(z[None]).shape
    (torch.Size([3, 8, 5, 2]), torch.Size([1, 3, 8, 8]))
    """
    sides = shape[1:]
    scale = CONTRAST / gauges(*sides).to(device)
    coloured = len(shape) == 3 and shape[0] == len(COLORS)
    colors = torch.tensor(COLORS, device=device)
    colors = colors / colors.norm(dim=1).max()

    def decode(coefficients: Tensor) -> Tensor:
        spectrum = torch.view_as_complex(coefficients) * scale
        waves = torch.fft.irfftn(spectrum, s=sides, dim=sides_of(shape), norm="ortho")
        return torch.sigmoid(_mixed(waves, colors) if coloured else waves)

    size = (*shape[:-1], shape[-1] // 2 + 1, 2)
    return Parametrization(lambda generator: _normal(size, generator).to(device), decode)


def gauges(*sides: int) -> Tensor:
    """Return by what each coefficient is divided: `Π_i max(|f|, 1/side_i)^½`, so that every octave counts alike.

    On a square it is the frequency `max(|f|, 1/side)`, on a line its root, in a cube its power 3/2: there are `|f|^d`
    coefficients up to `|f|` in `d` dimensions. A side that is too short for a wave does not count.

    Examples
    --------
    >>> gauges(2, 2)
    tensor([[0.5000, 0.5000],
            [0.5000, 0.7071]])
    >>> gauges(4)
    tensor([0.5000, 0.5000, 0.7071])
    """
    found = frequencies(*sides)
    product = torch.ones_like(found)
    for side in sides:
        product = product * found.clamp(min=1 / side)
    return product.sqrt()


def frequencies(*sides: int) -> Tensor:
    """Return |f| in cycles per pixel for each coefficient of the real Fourier transform, `(.., last side // 2 + 1)`.

    Examples
    --------
    >>> frequencies(2, 2)
    tensor([[0.0000, 0.5000],
            [0.5000, 0.7071]])
    """
    found = torch.fft.rfftfreq(sides[-1])
    for i, side in enumerate(reversed(sides[:-1]), start=1):
        found = torch.hypot(torch.fft.fftfreq(side).view(-1, *[1] * i), found[None])
    return found


def maco(shape: Shape, device: torch.device, spectrum: Spectrum) -> Parametrization:
    """Return the parametrization by phases: the magnitude is that of natural images, and stays so (Fel et al. 2023).

    `image = sigmoid(colours · F⁻¹(magnitude · exp(i·phase)))`: the logits of every such image have exactly the mean
    spectrum and the mean colour of the natural images. Where the transform of a real image is its own mirror image, the
    phase is that of the coefficient minus that of its mirror image.

    Parameters
    ----------
    shape
        That of the images, signals or volumes that the spectrum was measured on.
    device
        Where coefficients and images are to lie.
    spectrum
        See `fvproof.empirical.maximization.spectrum.measure_spectrum`.

    Raises
    ------
    ShapeError
        If the spectrum is that of images of another shape.
    """
    size = (*shape[:-1], shape[-1] // 2 + 1)
    if spectrum.magnitude.shape != size:
        raise ShapeError(
            f"the spectrum must be of images {shape}, its magnitudes are {tuple(spectrum.magnitude.shape)}"
        )
    magnitude, colors = spectrum.magnitude.to(device), spectrum.colors.to(device)
    columns = torch.arange(size[-1], device=device)
    own = (columns == 0) | (2 * columns == shape[-1])
    others = sides_of(shape)[:-1]

    def decode(coefficients: Tensor) -> Tensor:
        mirrored = coefficients.flip(others).roll([1] * len(others), others) if others else coefficients
        phase = torch.where(own, coefficients - mirrored, coefficients)
        spectral = torch.polar(torch.ones_like(phase), phase) * magnitude
        waves = torch.fft.irfftn(spectral, s=shape[1:], dim=sides_of(shape), norm="ortho")
        return torch.sigmoid(_mixed(waves, colors))

    def initial(generator: torch.Generator) -> Tensor:
        return (2 * pi * torch.rand(size, generator=generator)).to(device)

    return Parametrization(initial, decode)


PARAMETRIZATIONS: dict[str, Callable[[Shape, torch.device], Parametrization]] = {
    "fourier": fourier,
    "pixel": pixel,
}
"""The parametrizations that need no natural images, by name: functions from the image's shape and the device."""

NAMES = (*PARAMETRIZATIONS, "maco")
"""All parametrizations."""


def parametrization(name: str, shape: Shape, device: torch.device, spectrum: Spectrum | None = None) -> Parametrization:
    """Return the parametrization of that name for images of that shape; "maco" needs the spectrum of natural images."""
    if name not in NAMES:
        raise UnknownName("parametrization", name, NAMES)
    checked_shape(shape)
    if name != "maco":
        return PARAMETRIZATIONS[name](shape, device)
    if spectrum is None:
        raise DomainError(
            "the parametrization maco needs natural images, whose spectrum it keeps: give some (--images)"
        )
    return maco(shape, device, spectrum)


def _mixed(waves: Tensor, colors: Tensor) -> Tensor:
    """Return images `(N, C, H, W)` from how much there is of each colour, `(N, K, H, W)`; colours are rows."""
    return (colors.T @ waves.flatten(2)).unflatten(2, waves.shape[2:])  # quicker than einsum: a product of wide rows


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Return normal coefficients of standard deviation SPREAD."""
    return SPREAD * torch.randn(shape, generator=generator)
