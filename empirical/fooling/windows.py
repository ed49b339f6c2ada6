"""The windows of a convolution as vectors, and their scalar products with filters, rounded towards the safe side.

Numbers of float32 have 24 significant bits, so that the product of two is exact in float64; only the sum rounds. With
u = 2⁻⁵³ and n terms, added in any order, a computed sum differs from the exact one by at most
γ_n·Σ|w_i·h_i| ≤ γ_n·‖w‖·‖h‖, with γ_n = n·u / (1 − n·u) (Higham, Accuracy and Stability of Numerical Algorithms, 2002,
section 3.1). No torch here: a certificate can be checked without it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fvproof.theory.errors import ShapeError

NUMBERS = 1 << 24
"""So many numbers of windows at once."""

GUARD = 2
"""Factor on an error bound that is itself computed in floating point."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where a convolution's windows lie: kernel, stride, padding with zeros and dilation, each (height, width)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """The scalar products of some images' windows with filters.

    Attributes
    ----------
    values
        Float64 (images, positions, filters), as computed.
    error
        Float64 (filters,): no value differs by more from the exact one.
    longest
        The greatest length of a window.
    """

    values: np.ndarray
    error: np.ndarray
    longest: float


def gamma(terms: int, *, bits: int) -> float:
    """Return γ_n for sums of n terms in floating point with so many significant bits: 24 or 53.

    Examples
    --------
    >>> gamma(1000, bits=24) < 6e-5
    True
    """
    rounding = terms * 2.0**-bits
    return rounding / (1 - rounding)


def windows(maps: np.ndarray, geometry: Geometry | None) -> np.ndarray:
    """Return the windows as float64 vectors, (images, positions, n), n running over channel, row and column.

    Parameters
    ----------
    maps
        (N, C, H, W) with a geometry; (N, C) or (N, .., C) without one: then each vector of C numbers is a window.
    geometry
        Of the convolution, None for a linear layer.

    Raises
    ------
    ShapeError
        If the maps have not these dimensions.

    Examples
    --------
    >>> windows(np.ones((2, 3, 5, 5)), Geometry((3, 3), (2, 2), (1, 1), (1, 1))).shape
    (2, 9, 27)
    """
    if geometry is None:
        return maps.reshape(len(maps), -1, maps.shape[-1]).astype(np.float64)
    if maps.ndim != 4:
        raise ShapeError(f"what enters a convolution must have shape (N, C, H, W), not {maps.shape}")
    rows, columns = ((size, size) for size in geometry.padding)
    padded = np.pad(maps.astype(np.float64), ((0, 0), (0, 0), rows, columns))
    spans = tuple(step * (size - 1) + 1 for step, size in zip(geometry.dilation, geometry.kernel, strict=True))
    view = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(2, 3))
    (down, across), (apart_y, apart_x) = geometry.stride, geometry.dilation
    chosen = view[:, :, ::down, ::across, ::apart_y, ::apart_x].transpose(0, 2, 3, 1, 4, 5)
    count = chosen.shape[1] * chosen.shape[2]
    return chosen.reshape(len(maps), count, -1)


def responses(maps: np.ndarray, geometry: Geometry | None, filters: np.ndarray) -> Iterator[Responses]:
    """Yield the scalar products of windows and filters, some images at a time, with a bound on their rounding error.

    Parameters
    ----------
    maps
        Float32; may be a file mapped into memory.
    geometry
        Of the convolution, None for a linear layer.
    filters
        Float32 (filters, n).
    """
    wide = filters.astype(np.float64)
    lengths, terms = np.linalg.norm(wide, axis=1), filters.shape[1]
    one = windows(maps[:1], geometry)
    step = max(1, NUMBERS // one[0].size)
    for start in range(0, len(maps), step):
        vectors = windows(maps[start : start + step], geometry)
        longest = float(np.sqrt(np.einsum("ipn,ipn->ip", vectors, vectors).max()))
        yield Responses(vectors @ wide.T, GUARD * gamma(terms, bits=53) * lengths * longest, longest)
