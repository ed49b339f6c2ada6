"""What enters a layer: the feature vectors that its filters are multiplied with, one for each image and position."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from torch import Tensor, nn
from tqdm import tqdm

from fvproof.empirical.fooling.windows import Geometry
from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.model import Model, Stopped
from fvproof.empirical.networks.probing import device_of, find_layer, frozen
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.verify.files.disk import writing

Filtered = nn.Conv1d | nn.Conv2d | nn.Linear
"""Layers with filters."""


def filter_layer(model: Model, name: str) -> Filtered:
    """Return the layer of that name, which must have filters.

    Raises
    ------
    UnknownName
        If there is no such layer.
    DomainError
        If it is no convolution with zero padding and one group, and no linear layer.
    """
    layer = find_layer(model.network, name)
    if isinstance(layer, nn.Linear):
        return layer
    if isinstance(layer, nn.Conv1d | nn.Conv2d) and _plain(layer):
        return layer
    wanted = "a Linear layer, or a Conv1d or Conv2d with one group and a padding of zeros given in numbers"
    raise DomainError(f"layer {name!r} must be {wanted}, not {type(layer).__name__}")


def _plain(layer: nn.Conv1d | nn.Conv2d) -> bool:
    """Return whether a convolution has one group and is padded with a stated number of zeros."""
    return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)


def geometry(layer: Filtered) -> Geometry | None:
    """Return where a convolution's windows lie, of signals as of images of one row; None for a linear layer."""
    if isinstance(layer, nn.Linear):
        return None
    numbers = (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    if isinstance(layer, nn.Conv1d):
        (kernel,), (stride,), (padding,), (dilation,) = numbers
        return Geometry((1, int(kernel)), (1, int(stride)), (0, int(padding)), (1, int(dilation)))
    kernel, stride, padding, dilation = ((int(pair[0]), int(pair[1])) for pair in numbers)
    return Geometry(kernel, stride, padding, dilation)


def entering(model: Model, name: str, images: ImageSet) -> Iterator[np.ndarray]:
    """Yield what enters a layer, float32 `(n, C, H, W)` or `(n, .., C)`, a batch of images at a time.

    What enters a convolution of signals is given as images of one row.

    The layer itself and what follows are not run, and the network is left as it was.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> next(entering(load_model("digits"), "conv2", digits_images())).shape
    (64, 16, 8, 8)
    """
    device, found, layer = device_of(model), [], find_layer(model.network, name)
    of_signals = any(isinstance(module, nn.Conv1d) for module in layer.modules())

    def stop(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if not found:
            found.append(inputs[0].detach().float().cpu().numpy())
        raise Stopped

    handle = layer.register_forward_pre_hook(stop)
    try:
        with frozen(model.network), torch.no_grad():
            for batch in images.batches():
                batch = batch.to(device)
                with suppress(Stopped):
                    model(batch)
                if not found:
                    raise DomainError(f"the layer must be run in a forward pass, {name!r} is not")
                maps = _rows(found.pop(), name, len(batch))
                yield maps[:, :, None] if of_signals and maps.ndim == 3 else maps
    finally:
        handle.remove()


def _rows(maps: np.ndarray, name: str, images: int) -> np.ndarray:
    """Return what enters a layer, or raise ShapeError if it has no row for each image."""
    if len(maps) != images:
        raise ShapeError(f"one row per image must enter the layer, {maps.shape} enters {name!r} for {images} images")
    return maps


def features(model: Model, name: str, images: ImageSet, path: Path | None = None) -> np.ndarray:
    """Return what enters a layer for all images, in memory or, if a path is given, in a file that is written there.

    Parameters
    ----------
    model, name, images
        As for `entering`.
    path
        An .npy file. Memory then holds one batch at a time, whatever the number of images.

    Raises
    ------
    DomainError
        If the file cannot be written, or the layer does not run.
    """
    kept, start = None, 0
    with tqdm(total=len(images), desc=f"features entering {name}", disable=None, leave=False) as bar:
        for batch in entering(model, name, images):
            if kept is None:
                kept = _empty((len(images), *batch.shape[1:]), path)
            kept[start : start + len(batch)] = batch
            start += len(batch)
            bar.update(len(batch))
    assert kept is not None
    return kept


def _empty(shape: tuple[int, ...], path: Path | None) -> np.ndarray:
    """Return an array to be filled, in memory or in a file."""
    if path is None:
        return np.empty(shape, np.float32)
    with writing(path):
        return open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
