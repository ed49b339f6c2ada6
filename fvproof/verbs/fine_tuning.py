"""What `fv.fool` is told of fine-tuning, whatever it is for."""

from dataclasses import dataclass
from typing import TypedDict

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.verbs.units import Units, units_of


class TuningOptions(TypedDict, total=False):
    """How a network is fine-tuned, and how it is looked at then; see `fv.fool`."""

    train_steps: int
    learning_rate: float
    unseen: float
    steps: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class TuningSettings:
    """The same options, checked, with their defaults."""

    train_steps: int = 500
    learning_rate: float = 1e-3
    unseen: float = 0.25
    steps: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.unseen < 1:
            raise DomainError(f"unseen must be in (0, 1), received {self.unseen}")


def one_unit(units: Units, model: Model, what: str) -> Unit:
    """Return the unit that is meant, or say that one is asked for."""
    named = units_of(units, model)
    if len(named) != 1:
        raise DomainError(f"a {what} is for one unit (LAYER:CHANNEL), received {len(named)}")
    return named[0]
