"""Fine-tuning that manipulates: some outputs of a layer are trained to be others, the rest to stay what it was."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen, same_randomness
from fvproof.empirical.networks.units import responses
from fvproof.theory.errors import DomainError

Read = Callable[[Tensor], dict[str, Tensor]]
"""From images to the activations of layers, (N, C) each."""

Loss = Callable[[Read, int], tuple[Tensor, list[Tensor]]]
"""From what reads the network, and the number of the step, to what is made small, and its parts."""


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How a network is fine-tuned.

    Attributes
    ----------
    steps
        Of Adam; at least 1.
    learning_rate
        Of Adam, falling to 0 along a cosine; positive.
    batch
        Natural images in each step; at least 2.
    preserve
        Weight of what is to stay as it was, beside what is to change; at least 0.
    height
        The unit is to come above its largest natural activation by so many times the distance of that from the median;
        positive.
    seed
        Of all random numbers.

    Raises
    ------
    DomainError
        A number out of its range.
    """

    steps: int = 500
    learning_rate: float = 1e-3
    batch: int = 64
    preserve: float = 5.0
    height: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 2:
            raise DomainError(f"steps must be at least 1 and batch at least 2, received {self.steps} and {self.batch}")
        if not (self.learning_rate > 0 and self.height > 0 and self.preserve >= 0):
            numbers = f"{self.learning_rate}, {self.height} and {self.preserve}"
            raise DomainError(f"learning rate and height must be positive, preserve at least 0, received {numbers}")

    def above(self, natural: Tensor) -> float:
        """Return the activation that the unit is to come to, from its natural ones."""
        most, middle = float(natural.max()), float(natural.median())
        return most + self.height * (most - middle)


def fine_tuned(
    model: Model,
    what: str,
    layers: list[str],
    loss: Loss,
    settings: FineTuning,
    progress: Callable[[int], object],
) -> tuple[Model, list[float]]:
    """Return a copy of a network, all of its weights trained, and the parts of the loss at the last step.

    Batch normalization keeps its statistics.

    Parameters
    ----------
    model
        The network; it is not changed.
    what
        What the copy is with, in a word.
    layers
        Those that the loss reads.
    loss
        What is made small.
    settings
        Of training.
    progress
        Called with 1 after each step.

    Raises
    ------
    DomainError
        If training diverges.
    """
    tuned = replace(model, name=f"{model.name} with a {what}", network=deepcopy(model.network).eval())
    tuned.network.requires_grad_(requires_grad=True)
    optimizer = torch.optim.Adam(tuned.network.parameters(), lr=settings.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps)
    last = torch.zeros(0)
    with same_randomness(tuned.network), torch.enable_grad(), capturing(tuned, layers, responses) as read:
        for step in range(settings.steps):
            total, parts = loss(read, step)
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            schedule.step()
            last = torch.stack(parts).detach().cpu()
            progress(1)
    if not torch.isfinite(last).all():
        raise DomainError(f"the {what}'s training diverged: take a smaller learning rate")
    tuned.network.requires_grad_(requires_grad=False)
    return tuned, last.tolist()


def layer_activations(model: Model, layer: str, pixels: Tensor) -> Tensor:
    """Return the activations of all units of a layer, (N, C)."""
    with frozen(model.network), torch.no_grad(), capturing(model, [layer], responses) as read:
        return torch.cat([read(part.to(device_of(model)))[layer].cpu() for part in pixels.split(64)])
