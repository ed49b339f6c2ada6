"""Reading objectives off a network: layers' outputs to responses at the places wanted, responses to weighted sums."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, parts
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.theory.errors import DomainError, ShapeError

Read = Callable[[Tensor, Tensor | None], Tensor]
"""From images, and the numbers of the objectives that they stand for (None: all in order), to values."""


def responses(output: Tensor, position: str = "mean") -> Tensor:
    """Return the activations of all units of a layer, one row per image.

    Parameters
    ----------
    output
        The layer's output, `(N, C)` or `(N, C, *positions)`, as `fvproof.empirical.networks.capturing` gives it.
    position
        "mean" over all positions, "center" for the middle one, or its indices: a row and a column such as "3x4", or the
        number of a token.

    Returns
    -------
    Tensor
        Of shape `(N, C)`.

    Raises
    ------
    ShapeError
        An output without units.
    DomainError
        A place that the output does not have.

    Examples
    --------
    >>> maps = torch.arange(8.0).reshape(1, 2, 2, 2)
    >>> responses(maps).tolist(), responses(maps, "0x1").tolist()
    ([[1.5, 5.5]], [[1.0, 5.0]])
    """
    if output.dim() < 2:
        raise ShapeError(f"a unit's layer gives (N, C) or (N, C, *positions), received {tuple(output.shape)}")
    sizes = tuple(output.shape[2:])
    if not sizes and position in ("mean", "center"):
        return output
    if position == "mean":
        return output.mean(dim=tuple(range(2, output.dim())))
    place = tuple(size // 2 for size in sizes) if position == "center" else _place(position, sizes)
    return output[:, :, *place]


def _place(text: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices of a place."""
    found = tuple(int(number) for number in text.split("x") if number.isascii() and number.isdecimal())
    if not sizes or len(found) != len(sizes) or not all(i < size for i, size in zip(found, sizes, strict=True)):
        has = " by ".join(map(str, sizes)) + " places" if sizes else "no places"
        raise DomainError(f"a place is mean, center or counted from 0, of a layer with {has}; received {text!r}")
    return found


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
            except (DomainError, ShapeError) as error:
                raise type(error)(f"layer {layer!r}: {error}") from error
            sizes[layer] = found.shape[1]
        return output.flatten(1)[:, :1]

    reads = {layer: partial(look, layer) for layer in layers}
    with frozen(model.network), torch.no_grad(), capturing(model, layers, reads) as run:
        run(image)
    for objective, part in needed:
        size = sizes[part.layer]
        if part.of not in (None, size):
            raise DomainError(f"a direction in layer {part.layer!r} has {size} entries, {objective} has {part.of}")
        if not all(0 <= channel < size for channel in part.channels):
            raise DomainError(f"layer {part.layer!r} has units 0 to {size - 1}, received {max(part.channels)}")


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
    visits = visits or {}
    places: dict[str, list[str]] = {layer: [] for layer in visits}
    for part in (part for objective in objectives for part in parts(objective)):
        own = places.setdefault(part.layer, [])
        own.extend([part.place] if part.place not in own else [])
    choices: list[_Choice] = []

    def read_layer(layer: str, output: Tensor) -> Tensor:
        if layer in visits:
            visits[layer](output)
        found = [responses(output.float(), place or position) for place in places[layer]]
        return torch.cat(found, dim=1) if found else output.float().flatten(1)[:, :0]

    reads = {layer: partial(read_layer, layer) for layer in places}
    with capturing(model, list(places), reads) as run:

        def read(images: Tensor, rows: Tensor | None) -> Tensor:
            found = run(images)
            if not choices:
                widths = {layer: found[layer].shape[1] for layer in places}
                choices.append(_choice(objectives, places, widths, images.device))
            seen = torch.cat([found[layer] for layer in places], dim=1)
            return choices[0].of_all(seen) if rows is None else choices[0].of_own(seen, rows)

        yield read


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
    objectives: Sequence[Objective], places: Mapping[str, list[str]], widths: Mapping[str, int], device: torch.device
) -> _Choice:
    """Return which columns each objective reads: layer by layer, in each place by place, the channels of each."""
    starts: dict[tuple[str, str], int] = {}
    end = 0
    for layer, own in places.items():
        for place in own:
            starts[layer, place] = end
            end += widths[layer] // len(own)
    terms = [
        [
            (starts[part.layer, part.place] + channel, weight)
            for part in parts(objective)
            for channel, weight in zip(part.channels, part.weights, strict=True)
        ]
        for objective in objectives
    ]
    longest = max(map(len, terms), default=0)
    filled = [[*own, *[(own[0][0], 0.0)] * (longest - len(own))] for own in terms]
    columns = torch.tensor([[column for column, _ in own] for own in filled], dtype=torch.long, device=device)
    return _Choice(columns, torch.tensor([[weight for _, weight in own] for own in filled], device=device))
