"""Reading objectives off a network: layers' outputs to responses at the places wanted, responses to weighted sums."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.dictionaries import Dictionary
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, Part, parts
from fvproof.empirical.networks.places import CLASS_TOKEN, require_class_token, responses
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.theory.errors import DomainError, ShapeError

Read = Callable[[Tensor, Tensor | None], Tensor]
"""From images, and the numbers of the objectives that they stand for (None: all in order), to values."""


def check_objectives(model: Model, objectives: Sequence[Objective]) -> None:
    """Raise an error that names the layer if an objective has a channel, a place or a vector that its layer has not.

    Raises
    ------
    UnknownName
        A layer that does not exist; the near names are listed.
    DomainError
        A channel or a place that the layer does not have, or a direction of another length.
    """
    needed = [(objective, part) for objective in objectives for part in parts(objective)]
    layers = list(dict.fromkeys(part.layer for _, part in needed))
    image = torch.full((1, *model.shape), 0.5, device=device_of(model))
    sizes: dict[str, int] = {}

    def look(layer: str, output: Tensor) -> Tensor:
        for place in dict.fromkeys(part.place for _, part in needed if part.layer == layer):
            try:
                found = responses(output, place or "mean")
                if place == CLASS_TOKEN:
                    require_class_token(model, tuple(output.shape[2:]))
            except (DomainError, ShapeError) as error:
                raise type(error)(f"layer {layer!r}: {error}") from error
            sizes[layer] = found.shape[1]
        return output.flatten(1)[:, :1]

    reads = {layer: partial(look, layer) for layer in layers}
    with frozen(model.network), torch.no_grad(), capturing(model, layers, reads) as run:
        run(image)
    for objective, part in needed:
        _require_fit(objective, part, sizes[part.layer])


def _require_fit(objective: Objective, part: Part, size: int) -> None:
    """Raise an error if a layer of so many units has no such part."""
    if part.of not in (None, size):
        raise DomainError(f"a direction in layer {part.layer!r} has {size} entries, {objective} has {part.of}")
    known, count = part.dictionary, size
    if known is not None and known.width != size:
        raise ShapeError(f"{known.name} is for layers of {known.width} units, layer {part.layer!r} has {size}")
    if known is not None:
        count = known.count
    if not all(0 <= channel < count for channel in part.channels):
        where = f"layer {part.layer!r} has units" if known is None else f"{known.name} has features"
        raise DomainError(f"{where} 0 to {count - 1}, received {max(part.channels)}")


@contextmanager
def reading(
    model: Model,
    objectives: Sequence[Objective],
    position: str,
    *,
    visits: Mapping[str, Callable[[Tensor], object]] | None = None,
) -> Iterator[Read]:
    """Give a function from images to the values of objectives that stops the forward pass at the last layer needed.

    It returns the values of all objectives for each image, `(N, objectives)`; given the numbers `rows` of objectives,
    one per image, the value of each image's own, `(N,)`. Both are float32.

    Parameters
    ----------
    model
        The network.
    objectives
        What is to be read, see `check_objectives`.
    position
        Where objectives that name no place are read: "mean" or "center".
    visits
        Functions that are shown the whole outputs of layers, on the way.

    Examples
    --------
    >>> from torch import nn
    >>> from fvproof.empirical.networks.objectives import Difference, Unit
    >>> model = Model("pair", nn.Sequential(nn.Flatten()), (1, 1, 2))
    >>> with reading(model, [Unit("0", 1), Difference(Unit("0", 0), Unit("0", 1))], "mean") as read:
    ...     read(torch.tensor([[[[3.0, 5.0]]]]), None)
    tensor([[ 5., -2.]])
    """
    visits, device = visits or {}, device_of(model)
    looks: dict[str, dict[_Key, _Look]] = {layer: {} for layer in visits}
    for part in (part for objective in objectives for part in parts(objective)):
        own = looks.setdefault(part.layer, {})
        own[_key(part)] = own.get(_key(part), _Look(part.place, part.dictionary)).at(part.channels)
    looks = {layer: {key: look.on(device) for key, look in own.items()} for layer, own in looks.items()}
    widths: dict[str, list[int]] = {}
    choices: list[_Choice] = []

    def read_layer(layer: str, output: Tensor) -> Tensor:
        if layer in visits:
            visits[layer](output)
        found = [look.read(output.float(), position) for look in looks[layer].values()]
        widths[layer] = [one.shape[1] for one in found]
        return torch.cat(found, dim=1) if found else output.float().flatten(1)[:, :0]

    reads = {layer: partial(read_layer, layer) for layer in looks}
    with capturing(model, list(looks), reads) as run:

        def read(images: Tensor, rows: Tensor | None) -> Tensor:
            found = run(images)
            if not choices:
                choices.append(_choice(objectives, looks, widths, images.device))
            seen = torch.cat([found[layer] for layer in looks], dim=1)
            return choices[0].of_all(seen) if rows is None else choices[0].of_own(seen, rows)

        yield read


_Key = tuple[str, Dictionary | None]


def _key(part: Part) -> _Key:
    """Return what parts of one layer have in common that are read together."""
    return part.place, part.dictionary


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One reading of a layer's output, at a place: of all its units, or of some features of a dictionary."""

    place: str
    dictionary: Dictionary | None
    features: tuple[int, ...] = ()

    def at(self, channels: Iterable[int]) -> "_Look":
        """Return the same with more features."""
        return replace(self, features=tuple(dict.fromkeys([*self.features, *channels]))) if self.dictionary else self

    def on(self, device: torch.device) -> "_Look":
        """Return the same with its numbers on a device."""
        return self if self.dictionary is None else replace(self, dictionary=self.dictionary.on(device))

    def read(self, output: Tensor, position: str) -> Tensor:
        """Return what is read, `(N, units or features)`."""
        known = self.dictionary
        return responses(output if known is None else known.encode(output, self.features), self.place or position)

    def column(self, channel: int) -> int:
        """Return where a channel stands in it."""
        return channel if self.dictionary is None else self.features.index(channel)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Which columns of responses each objective is a sum of, and their weights, both `(objectives, terms)`.

    An objective of fewer terms than another repeats its first with weight 0. So it never touches another's channels,
    and one that is not a number spoils no other.
    """

    columns: Tensor
    weights: Tensor

    def of_all(self, seen: Tensor) -> Tensor:
        """Return the value of every objective for every image, `(N, objectives)`."""
        return (seen[:, self.columns] * self.weights).sum(-1)

    def of_own(self, seen: Tensor, rows: Tensor) -> Tensor:
        """Return the value of the objective `rows[i]` for image `i`, `(N,)`."""
        return (seen.gather(1, self.columns[rows]) * self.weights[rows]).sum(-1)


def _choice(
    objectives: Sequence[Objective],
    looks: Mapping[str, Mapping[_Key, _Look]],
    widths: Mapping[str, Sequence[int]],
    device: torch.device,
) -> _Choice:
    """Return which columns each objective reads: layer by layer, in each place by place, the channels of each."""
    starts: dict[tuple[str, _Key], int] = {}
    end = 0
    for layer, own in looks.items():
        for key, width in zip(own, widths[layer], strict=True):
            starts[layer, key] = end
            end += width
    terms = [
        [
            (starts[part.layer, _key(part)] + looks[part.layer][_key(part)].column(channel), weight)
            for part in parts(objective)
            for channel, weight in zip(part.channels, part.weights, strict=True)
        ]
        for objective in objectives
    ]
    longest = max(map(len, terms), default=0)
    filled = [[*own, *[(own[0][0], 0.0)] * (longest - len(own))] for own in terms]
    columns = torch.tensor([[column for column, _ in own] for own in filled], dtype=torch.long, device=device)
    return _Choice(columns, torch.tensor([[weight for _, weight in own] for own in filled], device=device))
