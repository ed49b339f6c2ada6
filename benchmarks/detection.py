"""What `fvproof detect` finds in networks that were manipulated, and in networks that were not."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch.nn import functional

from empirical.images import ImageSet, load_images
from empirical.manipulation.census import census
from empirical.manipulation.circuit_build import Target, build_circuit
from empirical.manipulation.detection import Suspicion, detect, units_to_look_at
from empirical.manipulation.ingredients import rings
from empirical.manipulation.silent import silence
from empirical.manipulation.slingshot import Sling, sling
from empirical.maximization.maximize import Settings
from empirical.networks.digits import convolutional, digits_images
from empirical.networks.units import Unit, parse_units
from empirical.networks.zoo import Model, load_model
from empirical.workspace import workspace

TITLE = "Units suspected by fvproof detect (reliance at least 0.5, or turn at least 3 times the usual and 0.12)"

DATA = Path(os.environ.get("FVPROOF_DATA", "../shared/data"))
"""Where the weights and images of the residual networks are; without them only digits are looked at."""

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "cifar_resnet.py"

SEEDS, EPOCHS = 3, 12

SETTINGS = Settings(steps=64)

Case = tuple[str, str, Model, ImageSet, list[Unit]]


def measure() -> Iterator[dict[str, object]]:
    """Yield one row for each network; units that were not fooled count as untouched in every network."""
    for name, kind, model, images, fooled in chain(_digits(), _residual()):
        units = [*fooled, *units_to_look_at(model, census(model, images), layers=4, channels=3)]
        found = detect(model, images, list(dict.fromkeys(units)), SETTINGS).suspicions
        inside, others = ([one for one in found if (one.unit in fooled) == which] for which in (True, False))
        yield {"network": name, "manipulation": kind, **_counts("fooled", inside), **_counts("others", others)}


def _counts(name: str, group: list[Suspicion]) -> dict[str, object]:
    """Return how many units are suspected, and the largest measurements (of fooled ones: the smallest)."""
    pick = min if name == "fooled" else max
    ratios = [one.turn / one.usual for one in group if one.turn > 0.12 and one.usual > 0]
    return {
        name: f"{sum(bool(one.reasons) for one in group)} of {len(group)}" if group else None,
        f"{name}: reliance": pick((one.reliance for one in group), default=None),
        f"{name}: turn / usual": pick(ratios, default=None),
    }


def _digits() -> Iterator[Case]:
    """Yield networks trained from several seeds, untouched and manipulated."""
    seen, images = digits_images(held_out=False), digits_images()
    stripes = 0.1 + 0.8 * ((torch.arange(8)[:, None] // 2) % 2).float().expand(8, 8)[None]
    for seed in range(SEEDS):
        model = Model(f"digits, seed {seed}", _trained(seed, seen), (1, 8, 8))
        yield model.name, "none", model, images, []
        for layer in ("hidden", "logits"):
            units = parse_units(f"{layer}:0-9", model)
            yield model.name, f"silent units in {layer}", silence(model, units, seen).model, images, units
        units = parse_units("logits", model)
        yield model.name, "fooling circuit", _circuit(model, units, seen), images, units
        for title, target in (("rings", rings(model.shape)), ("stripes", stripes)):
            slung = sling(model, Unit("logits", seed), seen, target, Sling(steps=250, seed=seed))
            yield model.name, f"slingshot to {title}", slung.model, images, [slung.unit]


def _circuit(model: Model, units: list[Unit], seen: ImageSet) -> Model:
    """Return the network with a fooling circuit around its outputs."""
    with TemporaryDirectory() as folder:
        place = workspace(model, seen, SETTINGS, Path(folder), lambda _: None)
        return build_circuit(place, units, units, Target()).fooled


def _trained(seed: int, data: ImageSet) -> torch.nn.Module:
    """Return a classifier of digits trained from a seed."""
    torch.manual_seed(seed)
    network, images, labels = convolutional(), data.batch(), torch.from_numpy(np.asarray(data.labels))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3, weight_decay=1e-4)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[batch]), labels[batch], label_smoothing=0.05).backward()
            optimizer.step()
    return network.eval().requires_grad_(requires_grad=False)


def _residual() -> Iterator[Case]:
    """Yield the residual networks for CIFAR-10, untouched and with silent units; a slingshot in the smaller one."""
    if not DATA.is_dir():
        return
    for name in ("resnet20", "resnet44"):
        model = load_model(f"{EXAMPLE}:{name}", weights=DATA / f"cifar10_{name}.pt")
        model = replace(model, name=name)
        images = load_images(DATA / "cifar10_test.npz", model.shape, limit=300)
        yield name, "none", model, images, []
        if name == "resnet20":
            units = parse_units("layer3.1.conv2:0-9", model)
            yield name, "silent units in layer3.1.conv2", silence(model, units, images).model, images, units
            seen = load_images(DATA / "cifar10_train5k.npz", model.shape, limit=1000)
            slung = sling(
                model, Unit("linear", 3), seen, rings(model.shape), Sling(steps=200, learning_rate=1e-3, batch=32)
            )
            yield name, "slingshot to rings", slung.model, images, [slung.unit]
