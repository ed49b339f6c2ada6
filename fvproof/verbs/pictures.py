"""Pictures as a verb takes them: a file, or an array of the network's shape."""

from pathlib import Path

import numpy as np
from torch import Tensor
from typing_extensions import TypeAliasType

from fvproof.empirical.decoding import read_picture
from fvproof.empirical.images import ImageSet
from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import ShapeError

Picture = TypeAliasType("Picture", str | Path | Tensor | np.ndarray)
"""A picture: the path of its file, or (C, H, W), uint8 in 0..255 or floating point in [0, 1]."""


def picture_of(given: Picture, shape: Shape) -> np.ndarray:
    """Return a picture as float32 (C, H, W) in [0, 1]: from a file, brought to the shape, or in memory, which must fit.

    Raises
    ------
    DomainError, ShapeError
        If the file is no picture, numbers are outside [0, 1], or an array has another shape.

    Examples
    --------
    >>> picture_of(np.full((1, 2, 2), 255, np.uint8), (1, 2, 2)).tolist()
    [[[1.0, 1.0], [1.0, 1.0]]]
    """
    if isinstance(given, (str, Path)):
        return read_picture(Path(given), shape)
    array = given.detach().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given)
    if array.shape != tuple(shape):
        raise ShapeError(f"a picture for this network must have the shape {tuple(shape)}, not {array.shape}")
    return ImageSet(array[None]).batch()[0].numpy()
