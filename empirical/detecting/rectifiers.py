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

from fvproof.empirical.networks.layouts import Layout, following
from fvproof.empirical.networks.model import Model

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

See = Callable[[str, Tensor, float], None]
"""Called with a rectifier's name, and with what enters it or comes out of it, as it is, and the floor."""


def height(inputs: Tensor, floor: float) -> Tensor:
    """Return how far each channel rises above the floor at most, (N, C).

    Parameters
    ----------
    inputs
        (N, C), or (N, C, ...) with positions.
    floor
        Of the rectifier.

    Examples
    --------
    >>> height(torch.tensor([[[[-2.0, 3.0]], [[-1.0, -4.0]]]]), 0.0).tolist()
    [[3.0, -1.0]]
    """
    return inputs.amax(tuple(range(2, inputs.dim()))) - floor if inputs.dim() > 2 else inputs - floor


class _Watched(TorchDispatchMode):
    """Sees what enters every rectifier in a forward pass, and what comes out."""

    def __init__(self, place: Callable[[], str], enter: See, leave: See) -> None:
        super().__init__()
        self.place, self.enter, self.leave = place, enter, leave

    @override
    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        named = kwargs or {}
        floor = FLOORS[func](args, named) if func in FLOORS else None
        if floor is None or args[0].dim() < 2:
            return func(*args, **named)
        name = self.place()
        self.enter(name, args[0], floor)
        output = func(*args, **named)
        self.leave(name, output, floor)
        return output


@contextmanager
def watching(model: Model, look: Look, shut: Mapping[str, Tensor] | None = None) -> Iterator[Callable[[int], None]]:
    """See the rectifiers of all forward passes in the `with` block.

    It gives a function that is to be called before each of them with its number of images.
    Rectifiers that no image enters, such as those of a table of positions, are not seen.

    Parameters
    ----------
    model
        Its network has hooks for as long as the block lasts.
    look
        Called with each rectifier's name and how far each channel of each image rises above the floor, (N, C). The name
        is that of the innermost module in which it is computed, with its number there: `layer1.0#2`.
    shut
        For rectifiers by name: which channels to hold at the floor, their numbers or (C,) bool.

    Examples
    --------
    >>> model, heights = Model("one", nn.Sequential(nn.Conv2d(1, 3, 2), nn.ReLU()), (1, 4, 4)), {}
    >>> with torch.no_grad(), watching(model, heights.__setitem__) as start:
    ...     start(5)
    ...     _ = model(torch.ones(5, 1, 4, 4))
    >>> {name: tuple(found.shape) for name, found in heights.items()}
    {'1#1': (5, 3)}
    """
    shut, count, known = shut or {}, [0], _layouts(model)

    def enter(name: str, inputs: Tensor, floor: float) -> None:
        if name in known:
            look(name, height(known[name].read(inputs, count[0]), floor))

    def leave(name: str, output: Tensor, floor: float) -> None:
        if name in shut and name in known:
            known[name].read(output, count[0])[:, shut[name]] = floor

    with _seeing(model.network, enter, leave) as begin:

        def start(images: int) -> None:
            count[0] = images
            begin()

        yield start


def _layouts(model: Model) -> dict[str, Layout]:
    """Return where the channels of each rectifier that images enter lie in its inputs."""
    found: dict[str, Layout] = {}

    def enter(name: str, inputs: Tensor, _floor: float) -> None:
        if (layout := follow.layout(inputs, name.partition("#")[0])) is not None:
            found[name] = layout

    with following(model) as follow, _seeing(model.network, enter, lambda *_: None) as start:
        follow.run(start=lambda: (start(), found.clear()))
    return found


@contextmanager
def _seeing(network: nn.Module, enter: See, leave: See) -> Iterator[Callable[[], None]]:
    """See the rectifiers of all forward passes in the `with` block; give what is to be called before each of them."""
    inside: list[str] = []
    counts: dict[str, int] = {}

    def place() -> str:
        module = inside[-1] if inside else ""
        counts[module] = counts.get(module, 0) + 1
        return f"{module}#{counts[module]}"

    def start() -> None:
        inside.clear()
        counts.clear()

    def pop(*_: object) -> None:
        inside.pop()

    handles = []
    for name, module in network.named_modules():
        handles.append(module.register_forward_pre_hook(lambda _module, _inputs, name=name: inside.append(name)))
        handles.append(module.register_forward_hook(pop))
    try:
        with _Watched(place, enter, leave):
            yield start
    finally:
        for handle in handles:
            handle.remove()
