"""Layers' outputs, the units in front, from forward passes that stop at the last layer needed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from fvproof.empirical.networks.layouts import Layout
from fvproof.empirical.networks.model import Model, Stopped
from fvproof.empirical.networks.views import View, before_projection, view
from fvproof.theory.errors import DomainError, ShapeError

Read = Callable[[Tensor], Tensor]


@contextmanager
def capturing(
    model: Model, layers: Sequence[str], read: Read | Mapping[str, Read] = lambda output: output
) -> Iterator[Callable[[Tensor], dict[str, Tensor]]]:
    """Give a function from images to the layers' outputs that stops the forward pass at the last of these layers.

    Wherever a layer has its units (`fvproof.empirical.networks.layouts`), its output is given as `(N, C)` or `(N, C,
    *positions)`: a view with an image in each row, units along dimension 1, then rows and columns, or tokens.

    The hooks that it needs are gone at the end of the `with` block. A module that is called several times in one pass
    counts by its first call; of an output with several tensors the first is taken.

    Parameters
    ----------
    model
        The network.
    layers
        Dotted names of its modules, and what else a name can stand for: `fvproof.empirical.networks.views`.
    read
        Applied to each output at once, before a later layer can change it in place; one function, or one per layer.

    Raises
    ------
    UnknownName
        A layer that the network does not have.
    DomainError
        A layer that the forward pass does not run, when the function is called.
    ShapeError
        A layer whose output is no tensor with units for each image.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> model = Model("two", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Softmax(1)), (1, 2, 2))
    >>> with capturing(model, ["1"]) as run:
    ...     run(torch.zeros(3, 1, 2, 2))["1"].shape
    torch.Size([3, 2])
    """
    found: dict[str, Tensor] = {}
    count = [0]
    views = {layer: view(model.network, layer) for layer in layers}
    known = {layer: seen.layout(model) for layer, seen in views.items()}

    def show(layer: str, given: object) -> None:
        if layer not in found:
            reader = read[layer] if isinstance(read, Mapping) else read
            seen = views[layer]
            output = _read(_first_tensor(given, layer), layer, known[layer], count[0])
            found[layer] = reader(output if seen.channels is None else output[:, seen.channels])
        if len(found) == len(layers):
            raise Stopped

    def run(images: Tensor) -> dict[str, Tensor]:
        found.clear()
        if not layers:
            return {}
        if model.alone and len(images) > 1:
            parts = [run(image) for image in images.split(1)]
            return {layer: torch.cat([part[layer] for part in parts]) for layer in layers}
        count[0] = len(images)
        _pass(model, images, lambda: len(found) == len(layers))
        for missing in (layer for layer in layers if layer not in found):
            raise DomainError(f"a unit's layer must be run in a forward pass, {missing!r} is not")
        return dict(found)

    handles = [_watch(seen, partial(show, layer)) for layer, seen in views.items()]
    try:
        yield run
    finally:
        found.clear()
        for handle in handles:
            handle.remove()


def _watch(seen: View, show: Callable[[object], None]) -> RemovableHandle:
    """Have a function shown what a name stands for, whenever its module is called."""
    if seen.side == "input":
        return seen.module.register_forward_pre_hook(lambda _module, inputs: show(inputs))
    if seen.side == "output":
        return seen.module.register_forward_hook(lambda _module, _inputs, output: show(output))
    attention: Any = seen.module
    return attention.register_forward_hook(
        lambda module, inputs, named, _output: show(before_projection(module, inputs, named)), with_kwargs=True
    )


def _pass(model: Model, images: Tensor, done: Callable[[], bool]) -> None:
    """Run a forward pass until it stops; once it is done, what a network that catches everything raises is no error."""
    try:
        model(images)
    except Stopped:
        return
    except Exception:
        if not done():
            raise


def _first_tensor(output: object, layer: str) -> Tensor:
    """Return the output, or the first of several, if it is a tensor."""
    first = output[0] if isinstance(output, (tuple, list)) and output else output
    if not isinstance(first, Tensor):
        raise ShapeError(f"a unit's layer gives a tensor, {layer!r} gives {type(first).__name__}")
    if first.is_complex():
        raise DomainError(f"a unit's layer gives real numbers, {layer!r} gives complex ones")
    return first


def _read(output: Tensor, layer: str, layout: Layout | None, count: int) -> Tensor:
    """Return a layer's output for so many images with its units in front."""
    try:
        if layout is None:
            raise ShapeError(f"gives {tuple(output.shape)} for {count} images")
        return layout.read(output, count)
    except ShapeError as error:
        raise ShapeError(f"a unit's layer gives one row per image, {layer!r} {error}") from None
