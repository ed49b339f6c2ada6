"""Following what the axes of tensors count through one forward pass."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override

from fvproof.empirical.networks.axes import Axes, unknown
from fvproof.empirical.networks.axis_rules import Call, axes_after

Key = tuple[int, int, tuple[int, ...], tuple[int, ...]]


class Follower(TorchDispatchMode):
    """Inside the `with` block, knows what the axes of every tensor count that depends on the images.

    A tensor goes by its memory and how it is read, since torch makes several objects of one tensor. Memory that is
    given back is not held: a weak reference keeps its address from being used again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.axes: dict[Key, Axes] = {}
        self.storages: dict[int, StorageWeakRef] = {}
        self.clock = 0

    def tell(self, tensor: Tensor, axes: Axes) -> None:
        """Say what the axes of a tensor count."""
        if (key := _key(tensor)) is not None:
            self.axes[key] = axes
            self.storages.setdefault(key[0], StorageWeakRef(tensor.untyped_storage()))

    def ask(self, tensor: object) -> Axes | None:
        """Return what the axes of a tensor count; None of one that does not depend on the images."""
        if not isinstance(tensor, Tensor) or (key := _key(tensor)) is None:
            return None
        lost = unknown(tensor.shape) if key[0] in self.storages else None  # written to, a part at a time
        return self.axes.get(key, lost)

    @override
    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.clock += 1
        places = func._schema.arguments
        named = {one.name: one.default_value for one in places if one.has_default_value()}
        named |= dict(zip((one.name for one in places), args, strict=False)) | dict(kwargs or {})
        known = {id(one): self.ask(one) for one in _tensors(named.values())}  # as it was before the call
        output = func(*args, **(kwargs or {}))
        call = Call(func._schema.name.rpartition("::")[2], named, lambda one: known.get(id(one)), self.clock)
        for i, one in enumerate(_tensors(output if isinstance(output, (tuple, list)) else (output,))):
            if (axes := axes_after(call, one, first=i == 0)) is not None:
                self.tell(one, axes)
        return output


def _tensors(values: Any) -> Iterator[Tensor]:  # noqa: ANN401  whatever an operator takes or gives
    """Yield the tensors among values and in lists of them."""
    for value in values:
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, Tensor):
                yield one


def _key(tensor: Tensor) -> Key | None:
    """Return where a tensor is and how it is read; None of one without memory of its own, such as a sparse one."""
    try:
        return tensor.untyped_storage()._cdata, int(tensor.storage_offset()), tuple(tensor.shape), tensor.stride()
    except (NotImplementedError, RuntimeError):
        return None
