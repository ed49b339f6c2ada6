"""Objectives by name, as a user types them.

fc:3  fc:0-7  fc            units: one, a range with both ends, all of a layer
all                         all units of all convolutional and linear layers
conv4:3@center  conv4:3@2x5  one channel at one place: the middle, or a row and a column counted from 0
block:3@cls  block:3@17     of the class token, or of the token with this number
block:3@max                 where it is largest
block.attn.head2:0-15       what one head of attention gives before heads are mixed; block.attn.heads: all of them
block.mlp.fc2.input:0-7     what goes into a layer
sae.safetensors:0-255@block  features of a dictionary in a file, as units of a layer; a second @ for the place
fc:animals.npy#2            a direction: a row of an array in a file; without `#`, each row
fc:3-fc:7                   the first and not the second
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from fvproof.empirical.networks.dictionaries import Dictionary, Feature
from fvproof.empirical.networks.dictionary_files import SUFFIXES, read_dictionary
from fvproof.empirical.networks.layers import learned_layers
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Difference, Direction, Neuron, Objective, Term, Unit
from fvproof.empirical.networks.readout import check_objectives
from fvproof.empirical.networks.units import NUMBER, channel_counts, split_channels, within
from fvproof.empirical.networks.views import view
from fvproof.theory.errors import DomainError
from fvproof.theory.texts import BLANKS
from fvproof.verify.files.disk import require_regular

SUFFIX = ".npy"
"""How the name of a file of directions ends."""

EVERYTHING = "all"
"""All units of all layers that have learned filters."""


def parse_objectives(text: str, model: Model) -> list[Objective]:
    """Return the objectives that a text names, separated by commas, in its order and each once.

    Parameters
    ----------
    text
        Such as `conv1:0-7,fc:3@center,fc:3-fc:7,fc:animals.npy#2`, see above.
    model
        The network that must have the layers.

    Raises
    ------
    UnknownName
        A layer that the network does not have; the message lists the near names.
    DomainError
        A channel, place or row that there is not, a range that is none, a file that holds no directions.

    Examples
    --------
    >>> from torch import nn
    >>> model = Model("tiny", nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), (1, 8, 8))
    >>> [str(found) for found in parse_objectives("1:0-1,1:3-1:0", model)]
    ['1:0', '1:1', '1:3-1:0']
    """
    named = [part.strip(BLANKS) for part in text.split(",") if part.strip(BLANKS)]
    if not named:
        raise DomainError(f"units are written LAYER:CHANNELS (conv1:0-7,fc:3), received {text!r}")
    if named == [EVERYTHING] and EVERYTHING not in dict(model.network.named_modules()):
        return _everything(model)
    return checked_objectives(
        list(dict.fromkeys(chain.from_iterable(_objectives(part, model) for part in named))), model
    )


def checked_objectives(found: list[Objective], model: Model) -> list[Objective]:
    """Return the objectives, if the network has them and each has a name of its own."""
    check_objectives(model, found)
    if twice := [name for name, count in Counter(map(str, found)).items() if count > 1]:
        raise DomainError(f"two directions must not have one name, {twice[0]}: rename a file")
    return found


def _everything(model: Model) -> list[Objective]:
    """Return all units of all layers that have learned filters, whatever these are called."""
    counts = channel_counts(model, learned_layers(model))
    if not counts:
        raise DomainError(f"{model.name} has no convolutional or linear layer: name others, instead of {EVERYTHING}")
    return [Unit(layer, channel) for layer, count in counts.items() for channel in range(count)]


def _objectives(text: str, model: Model) -> list[Objective]:
    """Return the objectives of one part: one difference, or terms."""
    for place in (place for place, letter in enumerate(text) if letter == "-"):
        first, second = text[:place], text[place + 1 :]
        if ":" in first and _names_a_layer(second, model):
            return [_difference(_term(first, model), _term(second, model))]
    return list(_terms(text, model))


def _difference(first: Term, second: Term) -> Difference:
    """Return the difference of two terms, which must not be the same."""
    if first == second:
        raise DomainError(f"a difference is of one unit and another, not of {first} and itself")
    return Difference(first, second)


def _names_a_layer(text: str, model: Model) -> bool:
    """Whether the text is a term: a layer of the network, or what is meant for one, and something after a colon."""
    layer, colon, _ = text.partition(":")
    return bool(colon) and (layer in dict(model.network.named_modules()) or "-" not in layer or _is_dictionary(text))


def _term(text: str, model: Model) -> Term:
    """Return the one term that a text names."""
    terms = _terms(text, model)
    if len(terms) != 1:
        raise DomainError(f"a difference is of one unit and another, {text!r} names {len(terms)}")
    return terms[0]


def _is_dictionary(text: str) -> bool:
    """Whether a text names features of a file: FILE:FEATURES@LAYER."""
    name, at, _ = text.partition("@")
    return bool(at) and name.partition(":")[0].endswith(SUFFIXES)


def _terms(text: str, model: Model) -> Sequence[Term]:
    """Return the terms that a text names: units, neurons, directions or features of one layer."""
    name, _, place = text.partition("@")
    layer, _, rest = name.partition(":")
    if _is_dictionary(text):
        layer, _, place = place.partition("@")
        return _features(name, layer, place, model)
    file, _, row = rest.partition("#")
    if file.endswith(SUFFIX):
        view(model.network, layer)
        return _directions(layer, Path(file), row, place)
    numbers = _channels(name, model)
    return [Neuron(layer, channel, place) for channel in numbers] if place else [Unit(layer, c) for c in numbers]


def _features(name: str, layer: str, place: str, model: Model) -> list[Feature]:
    """Return the features of a dictionary in a file, all or some."""
    file, features = split_channels(name)
    width = channel_counts(model, [layer])[layer]
    found = read_dictionary(Path(file), width)
    return found.units(layer, features if features is None else _existing(found, features), place=place)


def _existing(dictionary: Dictionary, features: range) -> range:
    """Return the features, or raise DomainError if the dictionary has only so many."""
    if features.stop > dictionary.count:
        last = dictionary.count - 1
        raise DomainError(f"{dictionary.name} has features 0 to {last}, received {max(features.start, last + 1)}")
    return features


def _channels(text: str, model: Model) -> range:
    """Return the channels of one layer that a text names; those of a range, and of none, that the layer has."""
    layer, channels = split_channels(text)
    if channels is not None and channels.stop == channels.start + 1:
        return channels  # looked at later, with all others
    count = channel_counts(model, [layer])[layer]
    return range(count) if channels is None else within(layer, channels, count)


def _directions(layer: str, path: Path, row: str, place: str) -> list[Direction]:
    """Return the directions in a file, or the one of that number."""
    require_regular(path)
    try:
        rows = np.atleast_2d(np.load(path, allow_pickle=False))
        vectors = [tuple(map(float, vector)) for vector in rows]
    except (OSError, ValueError, TypeError) as error:
        raise DomainError(f"{path} must be an array of numbers, one row per direction: {error}") from error
    if row and not (NUMBER.fullmatch(row) and int(row) < len(vectors)):
        raise DomainError(f"{path} has directions 0 to {len(vectors) - 1}, received {row!r}")
    chosen = [int(row)] if row else range(len(vectors))
    return [Direction(layer, f"{path.name}#{i}", vectors[i], place) for i in chosen]
