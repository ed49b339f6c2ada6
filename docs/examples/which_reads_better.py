"""Which units of a layer can be read better from their visualizations: features of a dictionary, neurons, directions?

    python which_reads_better.py efficientnet_lite0.py:efficientnet_lite0 --weights lite0.pt --images imagenet \
        --layer _blocks.10 --dictionary sae.safetensors

As an audit does: each unit is visualized at both ends, and decoders that see these two pictures tell which of two
natural images excites it more; the decoder is chosen on one half of the images, below the layer, and measured on the
other. Chance is 50%. The interval is over units: if others of the same kind had been drawn.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

import fvproof as fv
from fvproof.empirical.images import spread
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.bootstrap import estimate, resampled
from fvproof.empirical.measurement.holdout import decoder_layers, readings
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.networks.dictionaries import Dictionary
from fvproof.empirical.networks.dictionary_files import read_dictionary
from fvproof.empirical.networks.objectives import Objective, Unit
from fvproof.empirical.networks.units import activations, channel_counts
from fvproof.verbs.subject import Subject

RARE = 0.02
"""Features that fewer of the images open are left out: nearly all pairs of images are equal there."""

LAYERS = 4
"""Decoders look at so many of the layers below."""


def open_features(subject: Subject, dictionary: Dictionary, layer: str) -> list[Objective]:
    """Return the features that enough of the images open."""
    found = activations(subject.model, dictionary.units(layer), subject.natural.batches(25))
    return [unit for unit, values in found.items() if (values > 0).mean() >= RARE]


def orders(subject: Subject, units: Sequence[Objective], layer: str, settings: Settings) -> list[float]:
    """Return for each unit the share of pairs of natural images whose order its visualizations tell."""
    model, images = subject.model, subject.natural
    natural = activations(model, units, images.batches(25))
    lows, highs = (maximize(model, units, settings, minimize=end, natural=natural) for end in (True, False))
    ends = zip(units, lows, highs, strict=True)
    shown = {unit: visualization(low, high) for unit, low, high in ends if low.activation < high.activation}
    layers = decoder_layers(model, [layer])
    layers = layers[: layers.index(layer) + 1][-LAYERS - 1 :]
    found = readings(model, shown, images, natural, layers=layers, seed=settings.seed)
    return [found[unit].chosen.order.value if unit in found else 0.5 for unit in units]


def main() -> None:
    """Measure and print one row for each kind of units."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    for name in ("weights", "images", "layer", "dictionary"):
        parser.add_argument(f"--{name}", required=True)
    for name, default in (("limit", 200), ("units", 12), ("steps", 32), ("size", 224), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"[{default}]")
    given = parser.parse_args()
    reading = {"shape": (3, given.size, given.size), "limit": given.limit}
    subject = fv.model(given.model, weights=given.weights, images=given.images, **reading)
    width = channel_counts(subject.model, [given.layer])[given.layer]
    generator = torch.Generator().manual_seed(given.seed)
    plain = Dictionary("random", torch.randn(given.units, width, generator=generator), kind="direction")
    features = open_features(subject, read_dictionary(Path(given.dictionary), width), given.layer)
    kinds: dict[str, list[Objective]] = {
        "features of the dictionary": [features[place] for place in spread(len(features), given.units)],
        "neurons": [Unit(given.layer, place) for place in spread(width, given.units)],
        "random directions": [*plain.units(given.layer)],
    }
    settings = Settings(steps=given.steps, seed=given.seed)
    for name, units in kinds.items():
        told = np.array(orders(subject, units, given.layer, settings))
        mean = estimate(told.mean(), resampled(np.zeros(len(told), int), given.seed) @ told)
        print(f"{name:28} {len(units):3} units   {mean.value:.1%} ({mean.low:.1%} to {mean.high:.1%})", flush=True)


if __name__ == "__main__":
    main()
