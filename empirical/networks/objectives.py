"""What can be maximized: a channel, one at one place, a direction, a feature of a dictionary, a difference of two.

Each is a weighted sum of a few channels, or features, of a few layers, each read at one place: its mean over all
positions, or its value at one of them.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from typing_extensions import override

from fvproof.empirical.networks.dictionaries import Dictionary, Feature
from fvproof.theory.errors import DomainError


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """One channel of one layer, the layer under its own dotted name; where the network's output is read, a logit.

    Examples
    --------
    >>> str(Unit("layer3.2.conv2", 7))
    'layer3.2.conv2:7'
    """

    layer: str
    channel: int

    @override
    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}"


@dataclass(frozen=True, slots=True, order=True)
class Neuron:
    """One channel at one place: "mean", "max", "center", "cls", a row and a column such as "3x4", a token's number.

    Examples
    --------
    >>> str(Neuron("conv1", 7, "0x2"))
    'conv1:7@0x2'
    """

    layer: str
    channel: int
    place: str

    @override
    def __str__(self) -> str:
        return f"{self.layer}:{self.channel}@{self.place}"


@dataclass(frozen=True, slots=True, order=True)
class Direction:
    """A weighted sum of all channels of a layer, `Σ v_c · x_c`.

    Attributes
    ----------
    layer
        Under its own dotted name.
    name
        Of the direction, such as its file's.
    vector
        One finite number per channel, not all zero.
    place
        As of a neuron; "" for the settings' position.

    Examples
    --------
    >>> str(Direction("conv1", "edges.npy#0", (1.0, -0.5)))
    'conv1:edges.npy#0'
    """

    layer: str
    name: str
    vector: tuple[float, ...]
    place: str = ""

    def __post_init__(self) -> None:
        if not any(self.vector) or not all(abs(value) < float("inf") for value in self.vector):
            raise DomainError(f"a direction is finite and not zero, {self.layer}:{self.name} is not")

    @override
    def __str__(self) -> str:
        return f"{self.layer}:{self.name}" + (f"@{self.place}" if self.place else "")


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """What excites one and not the other: the first's activation minus the second's.

    Examples
    --------
    >>> str(Difference(Unit("fc", 3), Unit("fc", 7)))
    'fc:3-fc:7'
    """

    first: "Term"
    second: "Term"

    @override
    def __str__(self) -> str:
        return f"{self.first}-{self.second}"


Term = Unit | Neuron | Direction | Feature
"""What a difference is of."""

Objective = Term | Difference

Wanted = TypeVar("Wanted", bound=Objective)
"""One kind of objectives, or several."""


@dataclass(frozen=True, slots=True)
class Part:
    """Channels of one layer at one place ("" for the settings' position), their weights, and how many there must be.

    Where there is a dictionary, the channels are its features.
    """

    layer: str
    place: str
    channels: tuple[int, ...]
    weights: tuple[float, ...]
    of: int | None = None
    dictionary: Dictionary | None = None


def parts(objective: Objective) -> tuple[Part, ...]:
    """Return what an objective is the sum of; channels that weigh nothing are left out.

    Examples
    --------
    >>> for part in parts(Difference(Unit("fc", 1), Direction("fc", "v", (0.0, 2.0)))):
    ...     print(part)
    Part(layer='fc', place='', channels=(1,), weights=(1.0,), of=None, dictionary=None)
    Part(layer='fc', place='', channels=(1,), weights=(-2.0,), of=2, dictionary=None)
    """
    match objective:
        case Unit(layer, channel):
            return (Part(layer, "", (channel,), (1.0,)),)
        case Neuron(layer, channel, place):
            return (Part(layer, place, (channel,), (1.0,)),)
        case Direction(layer, _, vector, place):
            weighed = [(channel, weight) for channel, weight in enumerate(vector) if weight]
            channels, weights = zip(*weighed, strict=True)
            return (Part(layer, place, channels, weights, len(vector)),)
        case Feature(layer, dictionary, index, place):
            return (Part(layer, place, (index,), (1.0,), dictionary=dictionary),)
        case Difference(first, second):
            taken = (replace(part, weights=tuple(-weight for weight in part.weights)) for part in parts(second))
            return (*parts(first), *taken)


def layers_of(objective: Objective) -> tuple[str, ...]:
    """Return the layers that an objective reads, each once.

    Examples
    --------
    >>> layers_of(Difference(Unit("conv1", 3), Unit("fc", 7)))
    ('conv1', 'fc')
    """
    return tuple(dict.fromkeys(part.layer for part in parts(objective)))


def identity(objective: Objective) -> str:
    """Return a name that no other objective has: two directions or dictionaries may share their own.

    Examples
    --------
    >>> identity(Unit("fc", 3)), identity(Neuron("fc", 3, "cls"))
    ('fc:3', "Neuron(layer='fc', channel=3, place='cls')")
    """
    if isinstance(objective, Unit):
        return str(objective)
    digests = [part.dictionary.fingerprint for part in parts(objective) if part.dictionary is not None]
    return " ".join([repr(objective), *digests])
