"""A network and how it reads images."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from weakref import WeakSet

from torch import Tensor, nn

from fvproof.empirical.networks.preprocessing import unchanged
from fvproof.empirical.shapes import Shape

_ROW_BY_ROW: WeakSet[nn.Module] = WeakSet()
"""Networks that view their maps as vectors, and so cannot be given images whose channels lie together in memory."""


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
    """

    name: str
    network: nn.Module
    shape: Shape
    class_names: tuple[str, ...] | None = None
    normalize: Callable[[Tensor], Tensor] = unchanged
    axes: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the network's output for float32 images in [0, 1], (N, C, H, W)."""
        read = self.normalize(images)
        if self.network in _ROW_BY_ROW:
            return self.network(read.contiguous())
        try:
            return self.network(read)
        except RuntimeError as error:
            if read.is_contiguous() or "view size is not compatible" not in str(error):
                raise
        _ROW_BY_ROW.add(self.network)
        return self(images)
