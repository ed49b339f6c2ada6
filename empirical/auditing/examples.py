"""The natural images that excite a unit most and least, as a report shows them beside the visualizations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.natural_exemplars import ExemplarReading


@dataclass(frozen=True, slots=True, eq=False)
class NaturalExample:
    """One natural image of a unit.

    Attributes
    ----------
    stored
        (C, H, W) as the set of images holds it, and no copy: many units have the same examples.
    name
        Its file, or its number.
    activation
        Of the unit.
    """

    stored: np.ndarray
    name: str
    activation: float

    @property
    def image(self) -> np.ndarray:
        """Float32 (C, H, W) in [0, 1]."""
        return ImageSet(self.stored[None]).batch()[0].numpy()


@dataclass(frozen=True, slots=True, eq=False)
class NaturalExamples:
    """The images of least and greatest activation, the most extreme ones first."""

    least: tuple[NaturalExample, ...]
    greatest: tuple[NaturalExample, ...]


def examples(images: ImageSet, natural: np.ndarray, read: ExemplarReading) -> NaturalExamples:
    """Return the exemplars that decoders were shown of a unit.

    Parameters
    ----------
    images
        N natural images.
    natural
        (N,), the unit's activations.
    read
        Which of them they are.
    """
    return NaturalExamples(_shown(images, natural, read.least), _shown(images, natural, read.greatest))


def _shown(images: ImageSet, natural: np.ndarray, places: Sequence[int]) -> tuple[NaturalExample, ...]:
    """Return the images at these places."""
    names = [images.names[place] if images.names else f"image {place}" for place in places]
    return tuple(
        NaturalExample(images.images[place], name, float(natural[place]))
        for name, place in zip(names, places, strict=True)
    )
