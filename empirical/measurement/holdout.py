"""How well a unit's visualizations can be read: the decoder is chosen on one half of the images, measured on the other.

Of many decoders the best one always looks a little better than it is, if it is chosen and measured on the same images.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fvproof.empirical.images import ImageSet
from fvproof.empirical.measurement.natural_exemplars import ExemplarReading, exemplar_ends, exemplar_places
from fvproof.empirical.measurement.prediction import Predicted, ends, predicted, require_visualization
from fvproof.empirical.measurement.scores import Reach, Score, concordance, order_gain, reach, score
from fvproof.empirical.networks.layers import chosen_layers, layer_sizes
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, Wanted, layers_of
from fvproof.empirical.networks.views import owners
from fvproof.theory.errors import DomainError
from fvproof.theory.visualization import Visualization

MOST_LAYERS = 12
"""Similarity is measured at so many layers of the network, evenly spaced, and at the units' own."""

LEAST_IMAGES = 8
"""Fewer images cannot be halved and measured."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How well decoders that see a unit's visualizations predict its activations of natural images.

    Attributes
    ----------
    scores
        One per decoder, on the second half of the images.
    best
        The place among them of the decoder that orders most pairs of the first half rightly, of those that look below
        the unit's layer only: at the unit's own layer and above, the image's activations hold the answer.
    reach
        Where natural activations lie on the scale of the visualizations.
    exemplars
        How well the same decoders do that are shown natural images in the place of the visualizations.
    """

    scores: tuple[Score, ...]
    best: int
    reach: Reach
    exemplars: ExemplarReading

    @property
    def chosen(self) -> Score:
        """What the chosen decoder came to."""
        return self.scores[self.best]

    @property
    def in_pixels(self) -> Score:
        """What the decoder came to that sees pixels only, and nothing of the network."""
        return next(score for score in self.scores if score.decoder == "pixel projection")


def halves(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of two random halves of so many images, each in ascending order.

    Examples
    --------
    >>> first, second = halves(5, seed=0)
    >>> len(first), len(second), sorted([*first.tolist(), *second.tolist()])
    (2, 3, [0, 1, 2, 3, 4])
    """
    order = np.random.default_rng(seed).permutation(count)
    return np.sort(order[: count // 2]), np.sort(order[count // 2 :])


def decoder_layers(model: Model, audited: Iterable[str]) -> list[str]:
    """Return the layers at which similarity is measured: some evenly spaced ones, the last, and the audited ones.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> decoder_layers(load_model("digits"), ["conv2"])
    ['conv1', 'relu1', 'conv2', 'relu2', 'hidden', 'relu3', 'logits']
    """
    layers, kept = all_layers(model, audited), set(audited)
    kept |= {layers[place] for place in np.linspace(0, len(layers) - 1, MOST_LAYERS).round().astype(int)}
    return [layer for layer in layers if layer in kept]


def all_layers(model: Model, audited: Iterable[str]) -> list[str]:
    """Return all layers that give new numbers, and those of the audited ones at which something can be compared.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("nested", nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.ReLU())), (1, 2, 2))
    >>> all_layers(model, []), all_layers(model, ["1.1"])
    (['0', '1.0', '1'], ['0', '1.0', '1.1', '1'])
    """
    names = list(layer_sizes(model))
    return list(chosen_layers(model, [*names, *(layer for layer in audited if _comparable(model, layer))]))


def _comparable(model: Model, layer: str) -> bool:
    """Return whether the layer gives several numbers for each image."""
    try:
        return bool(chosen_layers(model, [layer]))
    except DomainError:
        return False


def require_enough(images: ImageSet) -> None:
    """Raise DomainError if there are too few images to be halved and measured."""
    if len(images) < LEAST_IMAGES:
        raise DomainError(f"predictions must be measured on at least {LEAST_IMAGES} images, not {len(images)}")


def readings(
    model: Model,
    shown: Mapping[Wanted, Visualization],
    images: ImageSet,
    natural: Mapping[Wanted, np.ndarray],
    *,
    layers: Sequence[str],
    seed: int = 0,
) -> dict[Wanted, Reading]:
    """Return how well each unit's visualizations can be read.

    Parameters
    ----------
    model
        The network.
    shown
        Units of any layers and what a decoder sees of each.
    images
        At least `LEAST_IMAGES` natural images.
    natural
        For each unit its activations of them.
    layers
        Where similarity is measured, in the order in which they run (`decoder_layers`).
    seed
        Of the halves and of the bootstrap.

    Raises
    ------
    DomainError
        If there are too few images, or a unit's two visualizations have the same activation or image.
    """
    require_enough(images)
    for unit, phi in shown.items():
        require_visualization(unit, phi, images)
    if not shown:
        return {}
    halved = halves(len(images), seed)
    places = {unit: exemplar_places(natural[unit], halved[0]) for unit in shown}
    pictures = [ends(phi, images.shape) for phi in shown.values()]
    examples = [exemplar_ends(images, natural[unit], *places[unit]) for unit in shown]
    made = predicted(model, [*pictures, *examples], images, layers=layers)
    both = zip(made[: len(shown)], made[len(shown) :], strict=True)
    return {
        unit: _reading(
            _Truth(natural[unit], shown[unit], layers_below(model, unit, layers), seed), said, halved, places[unit]
        )
        for unit, said in zip(shown, both, strict=True)
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    """What a unit does, the scale that it is compared on, where decoders may look, and the seed of the bootstrap."""

    natural: np.ndarray
    phi: Visualization
    below: tuple[str, ...]
    seed: int

    def scores(self, made: Sequence[Predicted], places: np.ndarray) -> tuple[Score, ...]:
        """Return how well decoders do on the images at these places."""
        return tuple(score(_at(one, places), self.natural[places], self.phi, seed=self.seed) for one in made)

    def best(self, made: Sequence[Predicted], places: np.ndarray) -> int:
        """Return the place of the decoder that does best on these images."""
        return best_decoder(made, self.natural, places, self.below)


def layers_below(model: Model, unit: Objective, layers: Sequence[str]) -> tuple[str, ...]:
    """Return the layers below any that the unit reads, of which its activation is computed.

    Parameters
    ----------
    model, unit
        The network and its unit.
    layers
        In the order they run in.

    Examples
    --------
    >>> from fvproof.empirical.networks.units import Unit
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> layers_below(load_model("digits"), Unit("conv2", 0), ["conv1", "relu1", "conv2", "logits"])
    ('conv1', 'relu1')
    """
    places = [layers.index(name) for name in owners(model.network, layers_of(unit)) if name in layers]
    return tuple(layers[: min(places, default=0)])


def best_decoder(made: Sequence[Predicted], natural: np.ndarray, places: np.ndarray, below: Collection[str]) -> int:
    """Return the place of the decoder that orders most pairs of some images rightly, of those that may be chosen.

    Parameters
    ----------
    made
        What the decoders predict of N images.
    natural
        (N,), what the unit does.
    places
        Of the images that count.
    below
        Layers at which a decoder may look: those below the unit's (`layers_below`).
    """
    allowed = [i for i, one in enumerate(made) if one.layer is None or one.layer in below]
    return max(allowed, key=lambda i: _ordered(natural[places], made[i].values[places]))


def _reading(
    truth: _Truth,
    said: tuple[tuple[Predicted, ...], tuple[Predicted, ...]],
    halved: tuple[np.ndarray, np.ndarray],
    exemplars: tuple[tuple[int, ...], tuple[int, ...]],
) -> Reading:
    """Return what was found of one unit, whose exemplars of the first half choose no decoder."""
    (first, second), (pictures, examples), (least, greatest) = halved, said, exemplars
    best = truth.best(pictures, first)
    best_example = truth.best(examples, np.setdiff1d(first, [*least, *greatest]))
    shown = (pictures[best].values[second], examples[best_example].values[second])
    return Reading(
        scores=truth.scores(pictures, second),
        best=best,
        reach=reach(truth.natural, truth.phi),
        exemplars=ExemplarReading(
            least,
            greatest,
            truth.scores(examples, second),
            best_example,
            order_gain(truth.natural[second], *shown, seed=truth.seed),
        ),
    )


def _at(predicted: Predicted, places: np.ndarray) -> Predicted:
    """Return the predictions for some of the images."""
    return Predicted(predicted.decoder, predicted.layer, predicted.values[places])


def _ordered(truth: np.ndarray, guess: np.ndarray) -> float:
    """Return the share of pairs of different activations whose order is known; chance if there is no such pair."""
    known, pairs = concordance(truth, guess)
    return float(known.sum() / pairs.sum()) if pairs.any() else 0.5
