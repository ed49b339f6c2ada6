"""The rectifiers of a network, wherever they are computed: what enters them, and what comes out if some stay shut.

A *rectifier* is an elementwise maximum with a constant, its *floor*: ReLU, ReLU6, a threshold, a clamp from below. Each
call in a forward pass is one, by a module or by a function in the middle of `forward`, also in a torch export. A
channel of a rectifier is *shut* on an input if nowhere in it the floor is exceeded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override

aten = torch.ops.aten


def _relu(_arguments: Sequence[Any], _named: Mapping[str, Any]) -> float:
    return 0.0


def _clamp(arguments: Sequence[Any], named: Mapping[str, Any]) -> float | None:
    return arguments[1] if len(arguments) > 1 else named.get("min")


def _clamp_by_tensor(arguments: Sequence[Any], named: Mapping[str, Any]) -> float | None:
    floor = _clamp(arguments, named)
    return float(floor) if isinstance(floor, Tensor) and floor.numel() == 1 else None


def _hardtanh(arguments: Sequence[Any], named: Mapping[str, Any]) -> float:
    return arguments[1] if len(arguments) > 1 else named.get("min_val", -1.0)


def _threshold(arguments: Sequence[Any], named: Mapping[str, Any]) -> float:
    return arguments[1] if len(arguments) > 1 else named["threshold"]


FLOORS: dict[object, Callable[[Sequence[Any], Mapping[str, Any]], float | None]] = {
    aten.relu.default: _relu,
    aten.relu_.default: _relu,
    aten.clamp.default: _clamp,
    aten.clamp_.default: _clamp,
    aten.clamp_min.default: _clamp,
    aten.clamp_min_.default: _clamp,
    aten.clamp.Tensor: _clamp_by_tensor,
    aten.clamp_min.Tensor: _clamp_by_tensor,
    aten.hardtanh.default: _hardtanh,
    aten.hardtanh_.default: _hardtanh,
    aten.threshold.default: _threshold,
    aten.threshold_.default: _threshold,
}
"""Each operation and the floor in its arguments; None where it has none."""

Look = Callable[[str, Tensor], None]


def height(inputs: Tensor, floor: float) -> Tensor:
    """Return how far each channel rises above the floor at most, (N, C).

    Examples
    --------
    >>> height(torch.tensor([[[[-2.0, 3.0]], [[-1.0, -4.0]]]]), 0.0).tolist()
    [[3.0, -1.0]]
    """
    return (channels_last(inputs) - floor).flatten(1, -2).amax(1) if inputs.dim() > 2 else inputs - floor


def channels_last(tensor: Tensor) -> Tensor:
    """Return (N, C, H, W) as (N, H, W, C); (N, T, C) and (N, C) as they are."""
    return tensor.movedim(1, -1) if tensor.dim() == 4 else tensor


class _Watched(TorchDispatchMode):
    """Sees every rectifier in a forward pass, and holds some of their channels at the floor."""

    def __init__(self, place: Callable[[], str], look: Look, shut: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.place, self.look, self.shut = place, look, shut

    @override
    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        floor = FLOORS[func](args, named) if func in FLOORS else None
        if floor is None or args[0].dim() < 2:
            return func(*args, **named)
        name = self.place()
        self.look(name, height(args[0], floor))
        output = func(*args, **named)
        if name in self.shut:
            channels_last(output)[..., self.shut[name]] = floor
        return output


@contextmanager
def watching(network: nn.Module, look: Look, shut: Mapping[str, Tensor] | None = None) -> Iterator[Callable[[], None]]:
    """See the rectifiers of all forward passes in the `with` block; give a function to be called before each of them.

    Parameters
    ----------
    network
        It has hooks for as long as the block lasts.
    look
        Called with each rectifier's name and how far each channel of each image rises above the floor, (N, C). The name
        is that of the innermost module in which it is computed, with its number there: `layer1.0#2`.
    shut
        For rectifiers by name: which channels to hold at the floor, their numbers or (C,) bool.

    Examples
    --------
    >>> network, heights = nn.Sequential(nn.Linear(2, 3), nn.ReLU()), {}
    >>> with torch.no_grad(), watching(network, heights.__setitem__) as start:
    ...     start()
    ...     _ = network(torch.ones(4, 2))
    >>> {name: tuple(found.shape) for name, found in heights.items()}
    {'1#1': (4, 3)}
    """
    inside: list[str] = []
    counts: dict[str, int] = {}

    def place() -> str:
        module = inside[-1] if inside else ""
        counts[module] = counts.get(module, 0) + 1
        return f"{module}#{counts[module]}"

    def start() -> None:
        inside.clear()
        counts.clear()

    def leave(*_: object) -> None:
        inside.pop()

    handles = []
    for name, module in network.named_modules():
        handles.append(module.register_forward_pre_hook(lambda _module, _inputs, name=name: inside.append(name)))
        handles.append(module.register_forward_hook(leave))
    try:
        with _Watched(place, look, shut or {}):
            yield start
    finally:
        for handle in handles:
            handle.remove()
