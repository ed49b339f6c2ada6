"""Batch norms computed by the convolutions before them: in evaluation mode both together are one affine map.

Which norm follows which convolution is not read off names: a forward pass is watched, and a pair is one whose tensor in
between goes into nothing else. So a layer that is read, by whomever, is never folded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode
from typing_extensions import override

from fvproof.empirical.networks.convolutions import Kernel, layout_of, stands

CONVOLUTIONS = frozenset([torch.conv2d, torch.ops.aten.conv2d.default])

ASKS = frozenset(
    [Tensor.dim, Tensor.size, *(getattr(Tensor, name).__get__ for name in ("shape", "ndim", "dtype", "device"))]
)
"""What can be asked of a tensor without reading its numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class AffineNorm:
    """A batch norm in evaluation mode by its tensors `(C,)`: `scale · x + shift`."""

    mean: Tensor
    variance: Tensor
    weight: Tensor | None
    bias: Tensor | None
    eps: float

    @property
    def scale(self) -> Tensor:
        """What an input is multiplied by."""
        root = torch.rsqrt(self.variance + self.eps)
        return root if self.weight is None else root * self.weight

    @property
    def shift(self) -> Tensor:
        """What is added then."""
        moved = -self.mean * self.scale
        return moved if self.bias is None else moved + self.bias

    def same(self, other: "AffineNorm | None") -> bool:
        """Return whether another is by the very same tensors."""
        names = ("mean", "variance", "weight", "bias")
        return other is not None and all(getattr(self, name) is getattr(other, name) for name in names)

    def folded(self, weight: Tensor, bias: Tensor | None, layout: torch.memory_format) -> Kernel:
        """Return a convolution with this norm after it."""
        moved = self.shift if bias is None else self.shift + bias * self.scale
        return Kernel.of(weight * self.scale.view(-1, 1, 1, 1), moved, layout)

    def undone(self, normed: Tensor) -> Tensor:
        """Return what was normalized."""
        return (normed - self.shift.view(-1, 1, 1)) / self.scale.view(-1, 1, 1)


def _norm(args: Sequence[Any], named: Mapping[str, Any]) -> AffineNorm | None:
    """Return the norm that `torch.nn.functional.batch_norm` is asked for, if it can be folded."""
    given = _NORM.bind(*args, **named)
    given.apply_defaults()
    asked = given.arguments
    learned = any(asked[name] is not None and asked[name].requires_grad for name in ("weight", "bias"))
    if asked["training"] or asked["running_mean"] is None or asked["running_var"] is None or learned:
        return None
    return AffineNorm(asked["running_mean"], asked["running_var"], asked["weight"], asked["bias"], asked["eps"])


_NORM = signature(F.batch_norm)


class watched(TorchFunctionMode):  # noqa: N801 (used as `with watched() as seen:`)
    """In the block, a forward pass is watched; then `pairs()` are the norms of convolutions, by their weights' ids."""

    def __init__(self) -> None:
        super().__init__()
        self._outputs: dict[int, tuple[Tensor, Tensor]] = {}
        self._uses: dict[int, list[AffineNorm | None]] = {}

    def pairs(self) -> dict[int, AffineNorm]:
        """Return the norm after each convolution that is called once, and whose output goes into that norm alone."""
        weights = [id(weight) for weight, _ in self._outputs.values()]
        once = {key: uses[0] for key, uses in self._uses.items() if len(uses) == 1}
        found = {id(weight): once.get(key) for key, (weight, _) in self._outputs.items()}
        return {key: norm for key, norm in found.items() if norm and weights.count(key) == 1 and _invertible(norm)}

    @override
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        for one in () if func in ASKS else _tensors([*args, *named.values()]):
            if id(one) in self._outputs:
                plain = func is not F.batch_norm or one is not args[0]
                self._uses[id(one)].append(None if plain else _norm(args, named))
        found = func(*args, **named)
        if func in CONVOLUTIONS and len(args) > 1 and stands(*_given(args, named)):
            self._outputs[id(found)], self._uses[id(found)] = (args[1], found), []
        return found


def _invertible(norm: AffineNorm) -> bool:
    """Return whether what was normalized can be had again."""
    return bool((torch.isfinite(norm.scale) & (norm.scale != 0)).all()) and norm.mean.dtype == torch.float32


def _given(args: Sequence[Any], named: Mapping[str, Any]) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return the input, the weights and the bias of a convolution."""
    return args[0], args[1], args[2] if len(args) > 2 else named.get("bias")


def _tensors(given: Iterable[Any]) -> Iterator[Tensor]:
    """Yield the tensors among arguments, in lists too."""
    for one in given:
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, (list, tuple)):
            yield from _tensors(one)


class quick_convolutions(TorchFunctionMode):  # noqa: N801 (used as `with quick_convolutions(pairs):`)
    """In the block, convolutions of images by fixed weights are prepared once, those before a norm together with it.

    The weights must not change inside. Convolutions by weights that are computed or learned, and on other devices, are
    torch's. Where, against what was watched, a norm does not come next, its convolution's output is computed back.

    Parameters
    ----------
    pairs
        What `watched` found; none are folded otherwise.

    Examples
    --------
    >>> from torch import nn
    >>> network = nn.Sequential(nn.Conv2d(3, 8, 7, 2), nn.BatchNorm2d(8), nn.ReLU()).eval().requires_grad_(False)
    >>> image = torch.rand(1, 3, 16, 16, requires_grad=True)
    >>> with torch.no_grad(), watched() as seen:
    ...     plain = network(image)
    >>> with quick_convolutions(seen.pairs()):
    ...     found = network(image)
    >>> len(seen.pairs()), torch.allclose(found, plain, atol=1e-6)
    (1, True)
    """

    def __init__(self, pairs: Mapping[int, AffineNorm] | None = None) -> None:
        super().__init__()
        self._pairs = pairs or {}
        self._kernels: dict[tuple[int, bool, torch.memory_format], tuple[Tensor, Kernel]] = {}
        self._ahead: dict[int, tuple[Tensor, AffineNorm]] = {}

    @override
    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        if self._ahead and func not in ASKS:
            if func is F.batch_norm and (found := self._normed(args, named)) is not None:
                return found
            args, named = self._back(args), {name: self._back(one) for name, one in named.items()}
        if func in CONVOLUTIONS and len(args) > 1 and stands(*_given(args, named)):
            return self._convolved(args, named)
        return func(*args, **named)

    def _convolved(self, args: Sequence[Any], named: Mapping[str, Any]) -> Tensor:
        """Return the convolution, together with the norm that follows it."""
        images, weight, bias = _given(args, named)
        options = {name: value for name, value in named.items() if name != "bias"}
        layout = layout_of(images)
        norm, key = self._pairs.get(id(weight)), (id(weight), torch.is_autocast_enabled("cpu"), layout)
        if key not in self._kernels:
            kernel = Kernel.of(weight, bias, layout) if norm is None else norm.folded(weight, bias, layout)
            self._kernels[key] = (weight, kernel)  # with the weight, so that its id stays its own
        found = self._kernels[key][1].convolve(images, *args[3:], **options)
        if norm is not None:
            self._ahead[id(found)] = (found, norm)
        return found

    def _normed(self, args: Sequence[Any], named: Mapping[str, Any]) -> Tensor | None:
        """Return what a norm is asked of if it has been normalized with its convolution."""
        held = self._ahead.get(id(args[0])) if args else None
        if held is None or not held[1].same(_norm(args, named)):
            return None
        return self._ahead.pop(id(args[0]))[0]

    def _back(self, given: Any) -> Any:  # noqa: ANN401  any argument
        """Return an argument as it would be without a norm ahead."""
        if isinstance(given, Tensor):
            held = self._ahead.get(id(given))
            return given if held is None else held[1].undone(held[0]).to(given.dtype)
        return type(given)(map(self._back, given)) if type(given) in (list, tuple) else given
