"""Units to images: units that read the same layers are optimized together, as many as there is memory for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np

from fvproof.empirical.maximization.ascent import Ascent, clean_activations
from fvproof.empirical.maximization.diversity import largest_likeness
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Wanted, layers_of


@dataclass(frozen=True, slots=True, eq=False)
class AscentRow(Generic[Wanted]):
    """What ascent found for one unit, or for one of its variants.

    Attributes
    ----------
    unit, variant
        Which.
    image, activation, trace
        As of a run, see `fvproof.empirical.maximization.maximize.Run`.
    felt
        Whether any step had a gradient; None if there can be none.
    likeness
        To the unit's other variants; None if there are none.
    way, way_activations
        As of a run.
    """

    unit: Wanted
    variant: int
    image: np.ndarray
    activation: float
    trace: np.ndarray
    felt: bool | None
    likeness: float | None
    way: np.ndarray
    way_activations: np.ndarray

    @property
    def is_finite(self) -> bool:
        """Whether the activation was a number at every step."""
        return bool(np.isfinite(self.trace).all())


def by_layers(units: Sequence[Wanted]) -> list[list[Wanted]]:
    """Return the units in groups that read the same layers.

    Examples
    --------
    >>> from fvproof.empirical.networks.objectives import Unit
    >>> [len(group) for group in by_layers([Unit("fc", 0), Unit("conv", 0), Unit("fc", 1)])]
    [2, 1]
    """
    groups: dict[tuple[str, ...], list[Wanted]] = {}
    for unit in units:
        groups.setdefault(layers_of(unit), []).append(unit)
    return list(groups.values())


def rows(
    model: Model,
    units: Sequence[Wanted],
    settings: Settings,
    climb: Callable[[list[Wanted]], Ascent],
    capacity: Capacity,
) -> Iterator[AscentRow[Wanted]]:
    """Yield what ascent finds, batch by batch.

    Parameters
    ----------
    model
        The network, held fixed.
    units
        Of any layers, each once.
    settings
        How they are optimized.
    climb
        From units of the same layers to what ascent finds.
    capacity
        How many images there is room for.
    """
    for group in by_layers(units):
        batches = capacity.parts(lambda mates: (mates, climb(mates)), group, weight=settings.diversity)
        for mates, ascent in batches:
            yield from _columns(model, mates, settings, ascent, capacity)


def _columns(
    model: Model, units: Sequence[Wanted], settings: Settings, ascent: Ascent, capacity: Capacity
) -> Iterator[AscentRow[Wanted]]:
    """Yield the rows of one batch."""
    count = settings.diversity
    clean, *seen = (
        clean_activations(model, units, settings, images, capacity).cpu().numpy()
        for images in (ascent.images, *ascent.way)
    )
    way = np.stack([images.cpu().numpy() for images in (ascent.images, *ascent.way)])[1:]
    levels = np.stack([clean, *seen])[1:]
    place, alike = layers_of(units[0])[-1], np.full(len(clean), None)
    if count > 1:
        alike = largest_likeness(model, place, ascent.images, count, capacity).cpu().numpy()
    images, traces = ascent.images.cpu().numpy(), ascent.trace.cpu().numpy()
    felt = [None] * len(clean) if ascent.cut else ascent.felt.tolist()
    taken = ascent.taken.tolist()
    for i, activation in enumerate(clean.tolist()):
        unit, variant = units[i // count], i % count
        nearest = None if alike[i] is None else float(alike[i])
        trace = traces[i, : taken[i]]
        yield AscentRow(unit, variant, images[i], activation, trace, felt[i], nearest, way[:, i], levels[:, i])
