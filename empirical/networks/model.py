"""A network and how it reads images."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import torch
from torch import Tensor, nn

from fvproof.empirical.networks.preprocessing import unchanged
from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import DomainError

_ROW_BY_ROW: WeakSet[nn.Module] = WeakSet()
"""Networks that view their maps as vectors, and so cannot be given images whose channels lie together in memory."""


class Stopped(BaseException):
    """Raised by a hook, to stop the forward pass: no error, so that a network that catches errors lets it pass."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network and how it reads images.

    Parameters
    ----------
    name
        As the user gave it.
    network
        In evaluation mode.
    shape
        Of one input: (C, H, W) of an image, (C, L) of a signal, (C, D, H, W) of a volume.
    class_names
        One per output, where known.
    normalize
        From float32 images in [0, 1], (N, C, H, W), to what the network reads.
    axes
        For layers by name: along which dimension of the output the units lie, where
        `fvproof.empirical.networks.layouts` is overruled.
    output
        Where in what the network returns its output is, see `fvproof.empirical.networks.outputs`; None of a tensor.
    until
        The layer whose output counts as the network's, and after which nothing is run; None for the network itself.
    alone
        Whether the network takes one image at a time: batches are then run image by image.
    """

    name: str
    network: nn.Module
    shape: Shape
    class_names: tuple[str, ...] | None = None
    normalize: Callable[[Tensor], Tensor] = unchanged
    axes: Mapping[str, int] = field(default_factory=dict)
    output: str | None = None
    until: str | None = None
    alone: bool = False

    def __call__(self, images: Tensor) -> Tensor:
        """Return the network's output for float32 images in [0, 1], (N, C, H, W); one number each is a row of one."""
        if self.alone and len(images) > 1:
            return torch.cat([self(image) for image in images.split(1)])
        read = self.normalize(images)
        if self.network in _ROW_BY_ROW:
            return self.answer(read.contiguous())
        try:
            return self.answer(read)
        except RuntimeError as error:
            if read.is_contiguous() or "view size is not compatible" not in str(error):
                raise
        _ROW_BY_ROW.add(self.network)
        return self(images)

    def answer(self, read: Tensor) -> Tensor:
        """Return the network's output for inputs as it reads them."""
        found = self.network(read) if self.until is None else self._run_until(self.until, read)
        if self.output is not None:
            for name in self.output.split("."):
                found = _part(found, name)
        return _rows(found, read.shape[0]) if isinstance(found, Tensor) else found

    def _run_until(self, layer: str, read: Tensor) -> Any:  # noqa: ANN401  whatever a layer gives
        """Return what a layer gives; nothing is run after it."""
        found: list[Any] = []

        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            found.append(output)
            raise Stopped

        handle = self.network.get_submodule(layer).register_forward_hook(hook)
        try:
            self.network(read)
        except Stopped:
            if not found:  # stopped before, by somebody else
                raise
        finally:
            handle.remove()
        if not found:
            raise DomainError(f"the output must be that of a layer that is run, {layer!r} is not")
        return found[0][0] if isinstance(found[0], (tuple, list)) and found[0] else found[0]


def _part(value: Any, name: str) -> Any:  # noqa: ANN401  whatever a network returns
    """Return an entry, a field or an item by its name."""
    if isinstance(value, Mapping):
        return value[name] if name in value else next(one for key, one in value.items() if str(key) == name)
    return value[int(name)] if isinstance(value, (list, tuple)) and name.isdecimal() else getattr(value, name)


def _rows(output: Tensor, count: int) -> Tensor:
    """Return an output with a row for each image, where `squeeze` took dimensions away that have one entry."""
    if output.dim() == 0 and count == 1:
        return output.view(1, 1)
    if output.dim() == 1 and output.shape[0] == count:
        return output.unsqueeze(1)
    return output.unsqueeze(0) if output.dim() == 1 and count == 1 else output
