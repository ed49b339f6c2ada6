"""Making networks ready to be looked at: with all their numbers, in a type that takes images, one by one if need be."""

from contextlib import suppress
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

from fvproof.empirical.networks.memory import out_of_memory
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.openness import tensors_of
from fvproof.empirical.networks.outputs import with_output
from fvproof.empirical.networks.probing import copy_of, device_of, frozen
from fvproof.empirical.notices import notify

HALVES = (torch.float16, torch.bfloat16)

NOT_SINGLE = (*HALVES, torch.float64)
"""Precisions that become float32, in which everything is measured."""

SEVERAL = 4
"""Images in a batch that is tried."""


def ready(model: Model, output: str | None = None) -> Model:
    """Return a network that can be looked at: itself, or a copy with all its numbers in a type that takes images.

    Parameters
    ----------
    model
        The user's own, which is left as it is.
    output
        See `fvproof.empirical.networks.outputs.with_output`.
    """
    tensors = list(tensors_of(model.network))
    if any(is_lazy(tensor) or tensor.dtype in NOT_SINGLE for tensor in tensors):
        model = replace(model, network=copy_of(model.network))
        materialize(model)
    return image_by_image(with_output(model, output))


def materialize(model: Model) -> None:
    """Give a network its numbers: layers that wait for an image to know their size get one; halves become float32.

    Not those of a network that takes float32 as it is, and so brings images to its own type. Layers that are made in
    the first forward pass are there afterwards.
    """
    if any(map(is_lazy, tensors_of(model.network))):
        _run_once(model)
    takes = _fails_on(model, 1) is None
    found = {tensor.dtype for tensor in tensors_of(model.network)} & {*NOT_SINGLE}
    if found and not takes:
        model.network.float()
        if found & {*HALVES}:
            notify(f"{model.name} has weights in half precision, which become float32")


def image_by_image(model: Model) -> Model:
    """Return the network; one that takes single images, but no batch of several, is run image by image, and it is said.

    Examples
    --------
    >>> from torch import nn
    >>> from fvproof.empirical.notices import heard_by
    >>> alone = nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (1, 4)), nn.Linear(4, 2))
    >>> with heard_by(print):
    ...     image_by_image(Model("alone", alone, (1, 2, 2))).alone
    alone takes one image at a time: it is run image by image, which is slow
    True
    """
    error = _fails_on(model, SEVERAL)
    if error is None or out_of_memory(error) or _fails_on(model, 1) is not None:
        return model
    notify(f"{model.name} takes one image at a time: it is run image by image, which is slow")
    return replace(model, alone=True)


def _run_once(model: Model) -> None:
    """Run one image through layers that wait for one; what fails is said when the network is tried."""
    with suppress(Exception, SystemExit), torch.no_grad():
        model.network(model.normalize(_images(model, 1)))


def _fails_on(model: Model, count: int) -> BaseException | None:
    """Return what a network raises for so many images; None if it takes them."""
    if any(map(is_lazy, tensors_of(model.network))):
        return RuntimeError("it has no numbers")
    try:
        with frozen(model.network), torch.no_grad():
            model(_images(model, count))
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a network raises
        return error
    return None


def _images(model: Model, count: int) -> Tensor:
    """Return so many images of noise."""
    return torch.rand(count, *model.shape, generator=torch.Generator().manual_seed(0)).to(device_of(model))
