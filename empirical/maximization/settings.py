"""How images are optimized: the settings, all of them checked when they are made."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from fvproof.empirical.maximization.parametrization import NAMES
from fvproof.empirical.maximization.transforms import TRANSFORMS
from fvproof.empirical.networks.units import Position
from fvproof.theory.errors import DomainError, UnknownName

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How images are optimized.

    Attributes
    ----------
    steps
        Of Adam; at least 1.
    learning_rate
        Of Adam; positive.
    parametrization
        "fourier", "pixel" or "maco", see `fvproof.empirical.maximization.parametrization`.
    transforms
        "off", "light", "standard" or "padded", see `fvproof.empirical.maximization.transforms`.
    seed
        Of all random streams.
    position
        What a unit with positions is read by: their "mean", or the "center".
    batch
        At most so many images at once; results do not depend on it, up to rounding.
    precision
        Of the passes through the network: "float32", "bfloat16" where layers have it, or "auto": bfloat16 where the
        hardware multiplies it faster. Activations of clean images are always computed in float32.
    diversity
        How many visualizations of each unit, as unlike each other as their activation allows; 1 for the best alone. See
        `fvproof.empirical.maximization.diversity`.
    patience
        A unit stops when so many steps brought no gain over as many before; 0: never.
    opened
        So many of the first steps let gradients through ReLUs that block them, see
        `fvproof.empirical.maximization.redirection`; 0: gradients as they are.
    contrast
        Factor on the coefficients that ascent starts from: 1 gives an image that is almost grey; positive.
    at
        After so many steps the image is kept on the way; increasing numbers from 1 to `steps`.

    Raises
    ------
    DomainError
        A number out of its range.
    UnknownName
        A choice that there is not.
    """

    steps: int = 512
    learning_rate: float = 0.05
    parametrization: str = "fourier"
    transforms: str = "standard"
    seed: int = 0
    position: Position = "mean"
    batch: int = 32
    precision: Precision = "auto"
    diversity: int = 1
    patience: int = 0
    opened: int = 16
    contrast: float = 1.0
    at: tuple[int, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the settings as JSON holds them."""
        return {**asdict(self), "at": list(self.at)}

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise DomainError(f"steps must be at least 1, received {self.steps}")
        if self.batch < 1:
            raise DomainError(f"a batch must hold at least 1 image, received {self.batch}")
        if self.diversity < 1 or self.patience < 0:
            raise DomainError(f"diversity must be at least 1, patience 0, received {self.diversity}, {self.patience}")
        if self.opened < 0 or not 0 < self.contrast < float("inf"):
            numbers = f"{self.opened} and {self.contrast}"
            raise DomainError(f"opened must be at least 0 and contrast positive and finite, received {numbers}")
        if not 0 < self.learning_rate < float("inf"):
            raise DomainError(f"the learning rate must be positive and finite, received {self.learning_rate}")
        if any(not low < high for low, high in zip((0, *self.at), (*self.at, self.steps + 1), strict=True)):
            counts = ",".join(map(str, self.at))
            raise DomainError(f"at must be increasing counts of steps from 1 to {self.steps}, received {counts}")
        for kind, name, known in (
            ("parametrization", self.parametrization, NAMES),
            ("set of transforms", self.transforms, TRANSFORMS),
            ("position", self.position, get_args(Position)),
            ("precision", self.precision, get_args(Precision)),
        ):
            if name not in known:
                raise UnknownName(kind, name, known)
