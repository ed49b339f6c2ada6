"""Whether a network is piecewise linear, as ReLU networks are: read off the operators that one forward pass calls."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from typing_extensions import override

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import reading


class Kind(Enum):
    """What a network is known to be, the narrowest first."""

    RELU = "a ReLU network"
    CONTINUOUS = "a continuous function"
    ANY = "a function"


def _words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


MOVING = _words("""
    view _unsafe_view reshape permute transpose t squeeze unsqueeze expand slice select alias clone detach flip roll cat
    stack split split_with_sizes chunk unbind narrow index index_select gather unfold as_strided contiguous
    _reshape_alias _to_copy to copy_ flatten unflatten movedim pixel_shuffle pixel_unshuffle native_channel_shuffle
    repeat constant_pad_nd reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d
    replication_pad3d im2col col2im
""")
"""Operators that move numbers."""

LINEAR = _words("""
    add sub rsub neg sum mean avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d _adaptive_avg_pool2d
    adaptive_avg_pool2d _adaptive_avg_pool3d cumsum upsample_nearest1d upsample_nearest2d upsample_nearest3d
    _upsample_nearest_exact2d upsample_bilinear2d upsample_bicubic2d upsample_linear1d upsample_trilinear3d
    native_batch_norm _native_batch_norm_legit_no_training _native_batch_norm_legit native_dropout dropout
""")
"""Operators that add, with fixed weights; batch norms and dropout in evaluation mode."""

BENDING = _words("""
    relu relu6 leaky_relu hardtanh clamp clamp_min clamp_max threshold abs maximum minimum prelu _prelu_kernel
    hardsigmoid max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices
    max_pool3d_with_indices adaptive_max_pool2d amax amin rrelu_with_noise softshrink
""")
"""Operators that are piecewise linear, and continuous."""

PRODUCTS = _words("mul mm bmm addmm baddbmm matmul linear convolution _convolution conv1d conv2d conv3d mv dot")
"""Operators that are linear if at most one factor depends on the image."""

JUMPS = _words("""
    round sign floor ceil trunc frac fix floor_divide remainder fmod gt ge lt le eq ne bool argmax argmin topk sort
    argsort heaviside bernoulli nonzero searchsorted bucketize bitwise_and logical_and logical_or logical_not
""")
"""Operators that jump, or choose."""


class _Watch(TorchDispatchMode):
    """Inside the `with` block, notes the narrowest kind that all that is made of the images belongs to.

    What depends on the images goes by its memory, since torch makes several objects of one tensor.
    """

    def __init__(self, images: Tensor) -> None:
        super().__init__()
        self.kind, self.kept = Kind.RELU, {_memory(images): images}  # kept, so that no memory is given to another

    @override
    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        moving = [self._depends(one) for one in (*args, *(kwargs or {}).values())]
        output = func(*args, **(kwargs or {}))
        if any(moving):
            name = func._schema.name.rpartition("::")[2]
            self._note(name if name == "copy_" else name.removesuffix("_"), moving)
            changed = args[:1] if func._schema.is_mutable else ()
            made = output if isinstance(output, (list, tuple)) else (output,)
            self.kept |= {_memory(one): one for one in _tensors([*made, *changed])}
        return output

    def _depends(self, given: object) -> bool:
        """Return whether an argument depends on the images."""
        return any(_memory(one) in self.kept for one in _tensors([given]))

    def _note(self, name: str, moving: Sequence[bool]) -> None:
        """Note one operator, by which of its arguments depend on the images."""
        if name in JUMPS:
            self.kind = Kind.ANY
        if self.kind is Kind.RELU and not _is_piecewise(name, moving):
            self.kind = Kind.CONTINUOUS


def _is_piecewise(name: str, moving: Sequence[bool]) -> bool:
    """Return whether an operator is piecewise linear in those of its arguments that depend on the images."""
    if name == "div":
        return not any(moving[1:])
    if name in PRODUCTS:
        return sum(moving[1:] if name in ("addmm", "baddbmm") else moving) <= 1
    return name in MOVING | LINEAR | BENDING


def _memory(tensor: Tensor) -> int:
    """Return where a tensor is."""
    return tensor.untyped_storage()._cdata


def _tensors(values: Any) -> Iterator[Tensor]:  # noqa: ANN401  whatever an operator takes or gives
    """Yield the tensors among values and in lists of them."""
    for value in values:
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, Tensor):
                yield one


def kind_of(model: Model, unit: Objective) -> Kind:
    """Return what a unit is, as a function of the image.

    A ReLU network is one that puts together sums, products with fixed weights, ReLUs, maxima and the like; also what a
    network squares, exponentiates or normalizes by itself is continuous, unless something jumps or chooses. Operators
    that are not known do not count as those of a ReLU network.

    Examples
    --------
    >>> from torch import nn
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> def of(bend):
    ...     return Model("net", nn.Sequential(nn.Flatten(), nn.Linear(4, 2), bend), (1, 2, 2))
    >>> kind_of(of(nn.ReLU()), Unit("2", 0)).value, kind_of(of(nn.GELU()), Unit("2", 0)).value
    ('a ReLU network', 'a continuous function')
    """
    image = torch.full((1, *model.shape), 0.5, device=device_of(model))
    with frozen(model.network), torch.no_grad(), reading(model, [unit], "mean") as read, _Watch(image) as watch:
        read(image, None)
    return watch.kind
