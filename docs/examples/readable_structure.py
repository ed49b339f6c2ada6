"""What structure buys: one network with ordinary, with cosine and with prototype units, and how well each can be read.

    python docs/examples/readable_structure.py

The three are trained alike on the same digits (`fvproof.empirical.networks.digits`). Both visualizations of every
hidden unit are made alike, too. Each decoder sees them and predicts the unit's activation of 450 digits that training
never saw.
"""

from collections.abc import Sequence

import numpy as np
from tabulate import tabulate

from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.prediction import predictions, visualization
from fvproof.empirical.measurement.recognition import accuracy
from fvproof.empirical.measurement.scores import Score, score
from fvproof.empirical.measurement.structured import cosine_prediction, distance_prediction
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit, activations
from fvproof.empirical.networks.zoo import load_model

NETWORKS = {"digits-plain": "after", "digits-cosine": "hidden", "digits-prototype": "hidden"}
"""From each network to the layer that is read: the hidden units, ordinary ones after their ReLU."""

UNITS = 32
HEADERS = ("network", "accuracy", "units", "decoder", "pairs ordered", "error, 1 is knowing nothing")


def rows(name: str, layer: str, settings: Settings, count: int = UNITS) -> list[tuple[object, ...]]:
    """Return a row for each decoder: medians over the units."""
    model, images = load_model(name), digits_images()
    units = [Unit(layer, channel) for channel in range(count)]
    lows, highs = (maximize(model, units, settings, minimize=low) for low in (True, False))
    natural = activations(model, units, [images.batch()])
    found: dict[str, list[Score]] = {}
    for unit, low, high in zip(units, lows, highs, strict=True):
        if low.activation < high.activation and np.ptp(natural[unit]) > 0:
            phi = visualization(low, high)
            _, in_pixels = predictions(model, {unit: phi}, images, layers=[])[unit]
            for predicted in (in_pixels, cosine_prediction(phi, images), distance_prediction(phi, images)):
                found.setdefault(predicted.decoder, []).append(score(predicted, natural[unit], phi))
    right = accuracy(model, images)
    return [(name, right, len(scores), decoder, *_medians(scores)) for decoder, scores in found.items()]


def _medians(scores: Sequence[Score]) -> tuple[float, float]:
    """Return the medians of order and of relative error."""
    return (
        float(np.median([one.order.value for one in scores])),
        float(np.median([one.relative_error.value for one in scores])),
    )


def main() -> None:
    """Print the table."""
    settings = Settings(steps=256, parametrization="pixel", transforms="off")
    table = [row for name, layer in NETWORKS.items() for row in rows(name, layer, settings)]
    print(tabulate(table, HEADERS, floatfmt=".3f"))


if __name__ == "__main__":
    main()
