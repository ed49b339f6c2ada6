"""Are units that are nearer to affine read better from their visualizations? Over units of several layers of a network.

    python nearer_to_affine.py cifar_resnet.py:resnet20 --weights cifar10_resnet20.pt --images cifar10_test.npz

Of an affine unit, the two visualizations tell the order of all images. How far is a unit from that? Between natural
images it strays from the straight line by some share of what it changes. How well is it read? Decoders that see its two
pictures tell which of two natural images excites it more; chosen on one half of the images, measured on the other half.
Spearman's correlation over units, with 95% bootstrap intervals: over all units, and within layers, so that a layer that
is both bent and hard to read does not count as evidence about units. Below 0: nearer to affine, better read.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

import fvproof as fv
from fvproof.empirical.images import spread
from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.measurement.association import linearity_association
from fvproof.empirical.measurement.bootstrap import Estimate, estimate
from fvproof.empirical.measurement.holdout import decoder_layers, readings
from fvproof.empirical.measurement.linearity import linearity
from fvproof.empirical.measurement.prediction import visualization
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.units import activations, channel_counts
from fvproof.verbs.subject import Subject

REPLICATES = 2000


def measured(m: Subject, units: Sequence[Unit], settings: Settings) -> tuple[dict, dict]:
    """Return of each unit how far it is from affine, and how its visualizations are read."""
    natural = activations(m.model, units, m.natural.batches(25))
    lows, highs = (maximize(m.model, units, settings, minimize=end, natural=natural) for end in (True, False))
    ends = zip(units, lows, highs, strict=True)
    shown = {unit: visualization(low, high) for unit, low, high in ends if low.activation < high.activation}
    layers = decoder_layers(m.model, list(dict.fromkeys(unit.layer for unit in units)))
    read = readings(m.model, shown, m.natural, natural, layers=layers, seed=settings.seed)
    return linearity(m.model, shown, m.natural, seed=settings.seed), read


def within(layers: Sequence[str], bent: np.ndarray, told: np.ndarray, seed: int) -> Estimate:
    """Return the correlation of ranks within layers, with an interval over units that are drawn layer by layer."""
    groups = [np.flatnonzero(np.array(layers) == layer) for layer in dict.fromkeys(layers)]
    random = np.random.default_rng(seed)

    def correlation(drawn: Sequence[np.ndarray]) -> float:
        pairs = [[rankdata(one[places]) / len(places) for one in (bent, told)] for places in drawn]
        a, b = (np.concatenate([pair[side] - pair[side].mean() for pair in pairs]) for side in (0, 1))
        return float(a @ b / np.sqrt((a @ a) * (b @ b)))

    again = [correlation([random.choice(places, len(places)) for places in groups]) for _ in range(REPLICATES)]
    return estimate(correlation(groups), np.array(again))


def main() -> None:
    """Measure, and print a row for each unit and the correlations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    for name in ("weights", "images", "layers"):
        parser.add_argument(f"--{name}", required=True)
    for name, default in (("limit", 200), ("units", 8), ("steps", 64), ("size", 0), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"[{default}]")
    given = parser.parse_args()
    shape = {"shape": (3, given.size, given.size)} if given.size else {}
    m = fv.model(given.model, weights=given.weights, images=given.images, limit=given.limit, **shape)
    counts = channel_counts(m.model, given.layers.split(","))
    units = [Unit(layer, int(place)) for layer, count in counts.items() for place in spread(count, given.units)]
    found, read = measured(m, units, Settings(steps=given.steps, seed=given.seed))
    both = [unit for unit in units if unit in read and np.isfinite(found[unit].natural_relative.value)]
    bent = np.array([found[unit].natural_relative.value for unit in both])
    told = np.array([read[unit].chosen.order.value for unit in both])
    for row in zip(both, bent, told, strict=True):
        print(f"{row[0]!s:24} from affine {row[1]:.3f}   order {row[2]:.3f}")
    overall = linearity_association({unit: found[unit] for unit in both}, read, seed=given.seed).order
    inside = within([unit.layer for unit in both], bent, told, given.seed)
    for name, one in (("over all units", overall), ("within layers", inside)):
        print(f"{name:15} {len(both)} units: {one.value:.2f} ({one.low:.2f} to {one.high:.2f})")


if __name__ == "__main__":
    main()
