"""Where the units of each layer lie: along which dimension of its output, and where the images are.

What counts is the layer that computes them, not how many dimensions there are: a convolution's units lie along
dimension 1, those of `nn.Linear` or `nn.LayerNorm` along the last, and whatever comes after keeps them where it moves
them. Two images are run once, and every operator is followed (`fvproof.empirical.networks.axis_rules`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeGuard
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from fvproof.empirical.networks.axes import Axes, Factor, images_axes, size_of, unknown
from fvproof.empirical.networks.following import Follower
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, find_layer, frozen
from fvproof.theory.errors import DomainError, ShapeError

Source = Literal["known", "assumed", "given"]

LAST = (nn.Linear, nn.LayerNorm, nn.RMSNorm, nn.Embedding, nn.RNNBase, nn.MultiheadAttention)
"""Kinds of layers whose units lie along the last dimension; needed only for networks that cannot be followed."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a layer's output is to be read.

    Attributes
    ----------
    shape
        Of one image's output, all its dimensions.
    axis
        Along which its units lie.
    source
        Whether that is "known" from the layers that computed it, "assumed" from the number of dimensions, or "given".
    images
        The dimension that counts images.
    around
        How many parts of images lie there, before and after the count of images: windows, or time steps. Mostly (1, 1).
    """

    shape: tuple[int, ...]
    axis: int
    source: Source
    images: int = 0
    around: tuple[int, int] = (1, 1)

    @property
    def units(self) -> int:
        """How many units the layer has."""
        return self.around[1] if self.axis == self.images else self.shape[self.axis]

    @property
    def positions(self) -> tuple[int, ...]:
        """How many rows, columns, tokens or the like the layer has."""
        parts = self.around[:1] if self.axis == self.images else self.around
        own = [size for i, size in enumerate(self.shape) if i not in (self.axis, self.images)]
        return (*(part for part in parts if part > 1), *own)

    def read(self, output: Tensor, count: int) -> Tensor:
        """Return a view of the layer's output for so many images with its units in front, `(N, C, *positions)`.

        Raises
        ------
        ShapeError
            If it does not have a row for each image.

        Examples
        --------
        >>> Layout((1, 8, 8, 20), 3, "known").read(torch.zeros(2, 8, 8, 20), 2).shape
        torch.Size([2, 20, 8, 8])
        """
        before, beside = self.around
        if output.dim() != len(self.shape) or output.shape[self.images] != before * count * beside:
            raise ShapeError(f"gives {tuple(output.shape)} for {count} images")
        axis, images = self.axis, self.images
        if before * beside > 1:
            parts = [before] * (before > 1) + [count] + [beside] * (beside > 1)
            output = output.unflatten(images, parts)
            images += before > 1
            axis = images + 1 if self.axis == self.images else axis + (len(parts) - 1) * (axis > self.images)
        return output if (images, axis) == (0, 1) else output.movedim((images, axis), (0, 1))


def layout_of(axes: Axes | None, shape: tuple[int, ...], count: int) -> Layout | None:
    """Return how a tensor is to be read, from what its dimensions count; None if it has no units for each image.

    Parameters
    ----------
    axes
        None of a tensor that does not depend on the images.
    shape
        Of the tensor, for `count` images.
    count
        How many images there were.
    """
    if axes is None or len(shape) < 2:
        return None
    images = axes.with_kind("image") or [0]
    around = _around(axes.axes[images[0]], count)
    if around is None:
        return None
    one = tuple(size // count if i == images[0] else size for i, size in enumerate(shape))
    found, others = axes.with_kind("channel"), [i for i in range(len(shape)) if i != images[0]]
    if found == images and _ends_in_channels(axes.axes[images[0]]):
        return Layout(one, images[0], "known", images[0], around)
    found = [place for place in found if place != images[0]] or (others if len(others) == 1 else [])
    sure = len(found) == 1 and axes.with_kind("image") == images and images[0] not in axes.with_kind("channel")
    some = 0 < len(found) < len(others)  # all of them: a vector that was made into maps
    guess = found[-1] if some else others[-1] if len(shape) == 3 else others[0]
    return Layout(one, guess, "known" if sure else "assumed", images[0], around)


def _ends_in_channels(one: tuple[Factor, ...]) -> bool:
    """Return whether a dimension counts the channels of one image after those of another."""
    kinds = [factor.kind for factor in one]
    return kinds[-2:] == ["image", "channel"] and "channel" not in kinds[:-1]


def _around(one: tuple[Factor, ...], count: int) -> tuple[int, int] | None:
    """Return how many parts lie before and beside images in a dimension; None if it does not count all of them."""
    place = next((i for i, factor in enumerate(one) if factor == Factor("image", count)), None)
    if place is not None:
        return size_of(one[:place]), size_of(one[place + 1 :])
    return (1, 1) if size_of(one) == count else None


_Both = tuple[dict[str, Layout], dict[str, Layout]]

_KNOWN: "WeakKeyDictionary[nn.Module, tuple[object, _Both]]" = WeakKeyDictionary()
"""Layouts of networks, with what they were found for: shape, given axes, and modules."""


def layouts(model: Model) -> Mapping[str, Layout]:
    """Return how to read each layer that runs and gives a tensor with units for each image, in the order they finish.

    Raises
    ------
    UnknownName, DomainError
        If an axis is given of a layer that there is not, or that it cannot have.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Flatten(2), nn.LSTM(49, 5, batch_first=True))
    >>> {name: (found.axis, found.units) for name, found in layouts(Model("net", network, (3, 8, 8))).items()}
    {'0': (1, 4), '1': (1, 4), '2': (2, 5)}
    """
    return _known(model)[0]


def layouts_entering(model: Model) -> Mapping[str, Layout]:
    """Return how to read the first tensor that goes into each layer, if it has units for each image.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Flatten(2), nn.LSTM(49, 5, batch_first=True))
    >>> {name: found.units for name, found in layouts_entering(Model("net", network, (3, 8, 8))).items()}
    {'0': 3, '1': 4, '2': 4}
    """
    return _known(model)[1]


def _known(model: Model) -> "_Both":
    """Return the layouts of what leaves and of what enters layers, found once."""
    modules = tuple((name, id(module)) for name, module in model.network.named_modules())
    about = (model.shape, model.until, model.alone, tuple(model.axes.items()), modules)
    kept = _KNOWN.get(model.network)
    if kept is None or kept[0] != about:
        kept = _KNOWN[model.network] = (about, _found(model))
    return kept[1]


def _found(model: Model) -> _Both:
    """Return the layouts of all layers."""
    with following(model) as follow:
        follow.run()
    for layer, place in model.axes.items():
        find_layer(model.network, layer)
        if layer not in follow.layers:
            raise DomainError(f"an axis is given of layer {layer!r}, which gives no tensor with units for each image")
        if follow.layers[layer].source != "given":
            raise DomainError(f"layer {layer!r} gives {_shown(follow.layers[layer])}, received the axis {place}")
    return follow.layers, follow.entering


def _shown(layout: Layout) -> str:
    """Return the shape and the axes that there are."""
    others = [str(i) for i in range(len(layout.shape)) if i != layout.images]
    return f"{'×'.join(map(str, layout.shape))}, whose units lie along one of the axes {', '.join(others)}"


class Following:
    """A forward pass in which the axes of all tensors are followed; `following` makes one.

    Attributes
    ----------
    layers, entering
        The layouts of what left the layers that ran, and of what entered them.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.count = model, 2
        self.layers, self.entering = dict[str, Layout](), dict[str, Layout]()
        self.follower: Follower | None = None

    def run(self, start: Callable[[], object] = lambda: None) -> None:
        """Run two grey images, after `start`; one alone if the network does not take two. What fails is not followed.

        Of a network that fails whatever it is given, the layers are known that it reaches.
        """
        reached: dict[str, Layout] = {}
        ways = ((2, Follower()), (1, Follower()), (1, None))
        for count, follower in ways[1:] if self.model.alone else ways:
            self.count, self.follower, self.layers, self.entering = count, follower, {}, {}
            start()
            try:
                self._pass()
            except Exception:  # noqa: BLE001  a network may refuse two images, or to be followed, in any way
                reached = max(self.layers, reached, key=len)
            else:
                return
        self.layers = reached

    def _pass(self) -> None:
        images = torch.full((self.count, *self.model.shape), 0.5, device=device_of(self.model))
        if self.follower is None:
            self.model(images)
            return
        self.follower.tell(images, images_axes(images.shape))
        with self.follower:
            self.model(images)

    def layout(self, tensor: Tensor, layer: str) -> Layout | None:
        """Return how to read a tensor that is computed in a layer."""
        follower = self.follower
        axes = unknown(tensor.shape) if follower is None else follower.ask(tensor)
        found = layout_of(axes, tuple(tensor.shape), self.count)
        given = self.model.axes.get(layer)
        if found is None or given is None or not -tensor.dim() <= given < tensor.dim():
            return found
        given %= tensor.dim()
        return found if given == found.images else replace(found, axis=given, source="given")

    def enter(self, name: str, _module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """Note the layout of what enters a layer."""
        first = inputs[0] if inputs else None
        if name not in self.entering and _is_real(first) and (found := self.layout(first, "")) is not None:
            self.entering[name] = found

    def note(self, name: str, module: nn.Module, _inputs: object, output: Any) -> None:  # noqa: ANN401  a layer's
        """Note the layout of a layer's output, or of its first tensor; the axis that is given holds from here on."""
        first = output[0] if isinstance(output, (tuple, list)) and output else output
        if name in self.layers or not _is_real(first):
            return
        if (found := self.layout(first, name)) is None:
            return
        if self.follower is None and found.source == "assumed" and isinstance(module, LAST):
            found = replace(found, axis=first.dim() - 1)
        self.layers[name] = found
        if found.source == "given" and self.follower is not None:
            self.follower.tell(first, _given(self.follower.ask(first), first.shape, found))


def _is_real(value: object) -> TypeGuard[Tensor]:
    """Return whether a value is a tensor of real numbers: complex ones have no order, and excite nothing."""
    return isinstance(value, Tensor) and not value.is_complex()


def _given(known: Axes | None, shape: tuple[int, ...], layout: Layout) -> Axes:
    """Return the axes of an output whose units lie along a dimension that the user gave."""
    kept = unknown(shape) if known is None else known
    parts = [tuple(Factor("image" if f.kind == "image" else "other", f.size) for f in one) for one in kept.axes]
    parts[layout.axis] = (Factor("channel", shape[layout.axis]),)
    return Axes(tuple(parts), 0)


@contextmanager
def following(model: Model) -> Iterator[Following]:
    """Give a forward pass of grey images in which the axes of all tensors are followed; the network stays as it was."""
    follow = Following(model)
    scripted = torch.jit.ScriptModule  # which takes no hooks
    named = [(name, one) for name, one in model.network.named_modules() if name and not isinstance(one, scripted)]
    handles = [
        *(module.register_forward_pre_hook(partial(follow.enter, name)) for name, module in named),
        *(module.register_forward_hook(partial(follow.note, name)) for name, module in named),
    ]
    try:
        with frozen(model.network), torch.no_grad():
            yield follow
    finally:
        for handle in handles:
            handle.remove()
