"""Asking a method for a picture: what it is given, how its forward passes are counted, what it may give back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from fvproof.empirical.arrays import in_unit
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import frozen
from fvproof.empirical.networks.units import Unit, activations
from fvproof.theory.errors import DomainError
from fvproof.verify.refutation.asking import TooSlow, time_limit


@dataclass(slots=True, eq=False)
class UnitToShow:
    """A unit as a method gets it: called with images, it gives what is to be made as large as possible.

    Attributes
    ----------
    layer, channel
        Where it is.
    sign
        1, or −1 where the least activation is asked for: ``unit(images)`` is turned around already.
    shape
        (C, H, W) of an image.
    budget
        So many images may pass the network, forwards, in all; one more is an error.
    passes
        So many have.
    """

    layer: str
    channel: int
    sign: int
    shape: tuple[int, ...]
    budget: int
    passes: int = 0
    _model: Model | None = field(default=None, repr=False)

    def __call__(self, images: Tensor) -> Tensor:
        """Return what is to be made large, (N,), of images (N, C, H, W) in [0, 1]; gradients pass."""
        assert self._model is not None
        seen: list[Tensor] = []
        layer = self._model.network.get_submodule(self.layer)
        handle = layer.register_forward_hook(lambda *called: seen.append(called[2]))
        try:
            self._model(images)
        finally:
            handle.remove()
        return self.sign * seen[-1][:, self.channel].reshape(len(images), -1).mean(1)

    def count(self, images: int) -> None:
        """Count images that pass; raise DomainError when the budget is spent."""
        if self.passes + images > self.budget:
            raise DomainError(f"the budget is {self.budget} passes, and {self.passes + images} were asked for")
        self.passes += images


Method = Callable[[Model, UnitToShow, int], object]
"""A method: from network, unit and budget to a picture, (C, H, W) in [0, 1] as a tensor or an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """What a method made: a picture, or a sentence why there is none; how many images passed."""

    picture: np.ndarray | None
    problem: str
    passes: int


def ask_for_picture(method: Method, model: Model, unit: Unit, sign: int, budget: int, *, limit_s: float) -> Attempt:
    """Return what a method makes of a unit.

    Whatever it does wrong becomes one sentence: it raises, takes too long (in the main thread, where it can be
    stopped), spends more than its budget, or gives back something that is no picture of this network.
    """
    activation_of(model, unit, np.full((1, *model.shape), 0.5, np.float32))  # what is learned once counts for nobody
    shown = UnitToShow(unit.layer, unit.channel, sign, tuple(model.shape), budget)
    try:
        with _counted(model, shown), time_limit(limit_s):
            given = method(model, shown, budget)
        return Attempt(_picture(given, tuple(model.shape)), "", shown.passes)
    except TooSlow:
        return Attempt(None, f"it took more than {limit_s:g} s", shown.passes)
    except Exception as error:  # noqa: BLE001  the method is somebody else's code
        said = " ".join(str(error).split()) or "no reason given"
        own = isinstance(error, DomainError)
        return Attempt(None, said if own else f"it raised {type(error).__name__}: {said}", shown.passes)


@contextmanager
def _counted(model: Model, shown: UnitToShow) -> Iterator[None]:
    """Open a unit to a method, and count what passes the network, whoever has it pass."""

    def count(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        shown.count(len(inputs[0]))

    shown._model = model  # its own
    with frozen(model.network), torch.enable_grad():
        handle = model.network.register_forward_pre_hook(count)
        try:
            yield
        finally:
            handle.remove()


def _picture(given: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return what a method gave as float32 (C, H, W), or say what is wrong with it."""
    array = given.detach().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given)
    if array.dtype.kind != "f":
        raise DomainError(f"a picture must be floats in [0, 1], not {array.dtype}")
    if array.shape != shape:
        raise DomainError(f"a picture must have the shape {shape}, not {array.shape}")
    return in_unit(array, "a picture").copy()


def activation_of(model: Model, unit: Unit, pictures: np.ndarray) -> np.ndarray:
    """Return a unit's activations of pictures (N, C, H, W)."""
    return activations(model, [unit], [torch.from_numpy(pictures)])[unit].astype(np.float64)
