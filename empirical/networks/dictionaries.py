"""Dictionaries of directions: the features of sparse autoencoders, and plain directions, as units of a layer.

With x the activations of all channels at one place of a layer, feature i is

    f_i(x) = σ(⟨w_i, x − c⟩ + b_i)

where σ lets through what is positive (ReLU), what is above the feature's threshold (JumpReLU), or what is positive and
among the k largest of all features at that place (top-k); without σ it is a direction. What a unit of it gives for an
image is the mean of f_i over the places, as of any other channel, or its value at one of them.

Source: Cunningham et al., ICLR 2024; Gao et al., "Scaling and evaluating sparse autoencoders", 2024 (top-k);
Rajamanoharan et al., "Jumping ahead", 2024 (JumpReLU).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function_unary
from typing_extensions import override

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.uncluttered import Uncluttered

Kind = Literal["direction", "relu", "jump", "top-k"]

EPSILON = 1e-5
"""Added to the standard deviation where activations are standardized, as OpenAI's autoencoders and SAELens do."""


def gated(values: Tensor, lets: Tensor) -> Tensor:
    """Return the values where a gate lets them through, else 0; `fvproof.empirical.maximization` can open it.

    Examples
    --------
    >>> values = torch.tensor([-1.0, 2.0])
    >>> gated(values, values > 0)
    tensor([0., 2.])
    """
    if has_torch_function_unary(values):
        return handle_torch_function(gated, (values,), values, lets)
    return torch.where(lets, values, torch.zeros((), device=values.device, dtype=values.dtype))


@dataclass(frozen=True, eq=False, repr=False)
class Dictionary(metaclass=Uncluttered):
    """A dictionary of features of a layer with C channels: a sparse autoencoder's encoder, or plain directions.

    With x the activations of all channels at one place, feature i is f_i(x) = σ(⟨w_i, x − c⟩ + b_i), where σ lets
    through all ("direction"), what is positive ("relu"), what is above the feature's threshold ("jump"), or what is
    positive and among the k largest features at that place ("top-k").

    Attributes
    ----------
    name
        What it is called where its features are named, such as its file.
    encoder
        W, (features, C).
    bias
        b, (features,); None for 0.
    center
        c, (C,), subtracted from the activations; None for 0.
    kind
        "direction", "relu", "jump" or "top-k".
    k
        Of "top-k": how many features are open at each place. Of features that are equal there all are.
    threshold
        Of "jump": (features,), or one number.
    standardized
        Whether the activations at each place are first brought to mean 0 and standard deviation 1 over the channels.

    Raises
    ------
    DomainError, ShapeError
        If the tensors do not fit together or are not finite.

    Examples
    --------
    >>> found = Dictionary("mine", torch.eye(3), bias=torch.tensor([0.0, -1.0, 0.0]))
    >>> found
    <Dictionary mine: 3 features of 3 channels, relu>
    >>> found.encode(torch.tensor([[2.0, 3.0, -1.0]])).tolist()
    [[2.0, 2.0, 0.0]]
    >>> [str(unit) for unit in found.units("blocks.8", range(2), place="cls")]
    ['mine:0@blocks.8@cls', 'mine:1@blocks.8@cls']
    """

    name: str
    encoder: Tensor
    bias: Tensor | None = None
    center: Tensor | None = None
    kind: Kind = "relu"
    k: int | None = None
    threshold: Tensor | float | None = None
    standardized: bool = False

    def __post_init__(self) -> None:
        if self.encoder.dim() != 2 or not self.encoder.numel():
            raise ShapeError(f"a dictionary has a matrix (features, channels), received {tuple(self.encoder.shape)}")
        for what, vector, length in (("bias", self.bias, self.count), ("center", self.center, self.width)):
            if vector is not None and vector.shape != (length,):
                raise ShapeError(f"the {what} of {self.name} must be {length} numbers, not {tuple(vector.shape)}")
        if not all(bool(torch.isfinite(one).all()) for one in self._tensors):
            raise DomainError(f"the numbers of {self.name} must be finite")
        if self.kind == "top-k" and not (isinstance(self.k, int) and 0 < self.k <= self.count):
            raise DomainError(f"k of {self.name} must be 1 to {self.count}, not {self.k}")
        if self.kind == "jump" and self._threshold.numel() not in (1, self.count):
            raise DomainError(f"{self.name} needs a threshold for each of its {self.count} features, or one for all")

    @property
    def count(self) -> int:
        """How many features there are."""
        return self.encoder.shape[0]

    @property
    def width(self) -> int:
        """How many channels the layer has."""
        return self.encoder.shape[1]

    @property
    def _threshold(self) -> Tensor:
        """The threshold as a tensor; empty where there is none."""
        return torch.zeros(0) if self.threshold is None else torch.as_tensor(self.threshold, dtype=torch.float32)

    @property
    def _tensors(self) -> list[Tensor]:
        """All numbers."""
        return [one for one in (self.encoder, self.bias, self.center, self._threshold) if one is not None]

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all numbers."""
        digest = sha256(f"{self.kind} {self.k} {self.standardized}".encode())
        for one in (self.encoder, self.bias, self.center, self._threshold):
            digest.update(b"none" if one is None else one.detach().cpu().float().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dictionary) and (self.name, self.fingerprint) == (other.name, other.fingerprint)

    @override
    def __hash__(self) -> int:
        return hash((self.name, self.fingerprint))

    @override
    def __repr__(self) -> str:
        gate = f"top-k, k = {self.k}" if self.kind == "top-k" else self.kind
        return f"<Dictionary {self.name}: {self.count} features of {self.width} channels, {gate}>"

    def units(self, layer: str, features: Iterable[int] | None = None, *, place: str = "") -> list["Feature"]:
        """Return features, all where none are named, as units of a layer."""
        chosen = range(self.count) if features is None else features
        return [Feature(layer, self, int(feature), place) for feature in chosen]

    def on(self, device: torch.device) -> "Dictionary":
        """Return the same with its numbers on a device."""
        if self.encoder.device == device:
            return self
        moved = {name: None if one is None else one.to(device) for name, one in self._named().items()}
        return replace(self, **moved)

    def _named(self) -> dict[str, Tensor | None]:
        """Return the tensors by name."""
        threshold = None if self.threshold is None else self._threshold
        return {"encoder": self.encoder, "bias": self.bias, "center": self.center, "threshold": threshold}

    def encode(self, activations: Tensor, features: Sequence[int] | None = None) -> Tensor:
        """Return features, all where none are named, at every place: (N, features, ..).

        Parameters
        ----------
        activations
            Of all channels of the layer, (N, C, ..), as `fvproof.empirical.networks.capturing` gives them.
        features
            Their numbers.

        Raises
        ------
        ShapeError
            If the layer has not as many channels.
        """
        if activations.shape[1] != self.width:
            raise ShapeError(f"{self.name} is for layers of {self.width} units, not {activations.shape[1]}")
        wanted = torch.arange(self.count) if features is None else torch.tensor(list(features), dtype=torch.long)
        with torch.autocast(activations.device.type, enabled=False):
            return self._encoded(activations.float().movedim(1, -1), wanted.to(activations.device)).movedim(-1, 1)

    def _encoded(self, x: Tensor, wanted: Tensor) -> Tensor:
        """Return features of activations with the channels last."""
        if self.standardized:
            x = x - x.mean(-1, keepdim=True)
            x = x / (x.std(-1, keepdim=True) + EPSILON)
        x = x if self.center is None else x - self.center
        if self.kind == "top-k":
            every = F.linear(x, self.encoder, self.bias)
            least = every.topk(self.k or 1, dim=-1).values[..., -1:]
            values = every[..., wanted]
            return gated(values, (values >= least) & ~(values <= 0))
        values = F.linear(x, self.encoder[wanted], None if self.bias is None else self.bias[wanted])
        match self.kind:
            case "direction":
                return values
            case "relu":
                return gated(values, ~(values <= 0))
            case "jump":
                least = self._threshold.to(values.device).clamp(min=0)
                return gated(values, ~(values <= (least if least.numel() == 1 else least[wanted])))


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a dictionary, as a unit of a layer.

    Attributes
    ----------
    layer
        Under its own dotted name.
    dictionary
        For layers of its width.
    index
        Of the feature.
    place
        As of a neuron; "" for the settings' position.
    """

    layer: str
    dictionary: Dictionary
    index: int
    place: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.dictionary.name}:{self.index}@{self.layer}" + (f"@{self.place}" if self.place else "")
