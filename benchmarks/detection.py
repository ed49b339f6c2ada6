"""What `fvproof detect` finds in networks that were manipulated, and in networks that were not."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fvproof.empirical.detecting.census import census
from fvproof.empirical.detecting.detection import RELIANCE, RIFT, Detection, Signs, detect, units_to_look_at
from fvproof.empirical.fooling.circuit_build import Target, build_circuit
from fvproof.empirical.fooling.ingredients import rings
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.fooling.slingshot import Sling, sling
from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.keeping.workspace import workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.networks.digits import convolutional, digits_images
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, parse_units
from fvproof.empirical.networks.zoo import load_model

TITLE = f"Units suspected by fvproof detect (reliance at least {RELIANCE}, or rift at least {RIFT})"

DATA = Path(os.environ.get("FVPROOF_DATA", "../shared/data"))
"""Where the weights and images of the residual networks are; without them only digits are looked at."""

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "cifar_resnet.py"

SEEDS, EPOCHS = 6, 12
"""The threshold of the rift was chosen on the digits of seeds 3 to 5."""

SETTINGS = Settings(steps=128)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A network to look at: its name, what was done to it, and to which units; the target of a slingshot."""

    network: str
    manipulation: str
    model: Model
    images: ImageSet
    fooled: tuple[Unit, ...] = ()
    target: Tensor | None = None


def measure() -> Iterator[dict[str, object]]:
    """Yield one row for each network; units that were not fooled count as untouched in every network."""
    for case in chain(_digits(), _residual()):
        units = [*case.fooled, *units_to_look_at(case.model, census(case.model, case.images), layers=4, channels=4)]
        found = detect(case.model, case.images, list(dict.fromkeys(units)), SETTINGS)
        inside, others = (
            [one for one in found.signs if (one.unit in set(map(str, case.fooled))) == which] for which in (True, False)
        )
        yield {
            "network": case.network,
            "manipulation": case.manipulation,
            "likeness to target": _likeness(found, case),
            **_counts("fooled", inside, min),
            **_counts("others", others, max),
            "suspected others": ", ".join(one.unit for one in others if one.reasons) or None,
        }


def _counts(name: str, group: list[Signs], pick: Callable[..., float]) -> dict[str, object]:
    """Return how many units are suspected, and their least or greatest measurements; rifts that are not NaN."""
    measured = [one.rift for one in group if isfinite(one.rift)]
    return {
        name: f"{sum(bool(one.reasons) for one in group)} of {len(group)}" if group else None,
        f"{name}: reliance": pick((one.reliance for one in group), default=None),
        f"{name}: rift": pick(measured, default=None),
        f"{name}: rifts measured": len(measured) if group else None,
    }


def _likeness(found: Detection, case: Case) -> float | None:
    """Return the correlation of pixels of the first visualization and the target of a slingshot."""
    if case.target is None:
        return None
    return float(np.corrcoef(found.runs[0].image.ravel(), case.target.numpy().ravel())[0, 1])


def _digits() -> Iterator[Case]:
    """Yield networks trained from several seeds, untouched and manipulated."""
    seen, images = digits_images(held_out=False), digits_images()
    stripes = 0.1 + 0.8 * ((torch.arange(8)[:, None] // 2) % 2).float().expand(8, 8)[None]
    for seed in range(SEEDS):
        name = f"digits, seed {seed}"
        model = Model(name, _trained(seed, seen), (1, 8, 8))
        yield Case(name, "none", model, images)
        for layer in ("hidden", "logits"):
            units = parse_units(f"{layer}:0-9", model)
            yield Case(name, f"silent units in {layer}", silence(model, units, seen).model, images, tuple(units))
        units = parse_units("logits", model)
        yield Case(name, "fooling circuit", _circuit(model, units, seen), images, tuple(units))
        for unit in (Unit("logits", seed), Unit("hidden", 5 + seed)):
            for title, target in (("rings", rings(model.shape)), ("stripes", stripes)):
                slung = sling(model, unit, seen, target, Sling(steps=250, seed=seed)).model
                yield Case(name, f"slingshot at {unit} to {title}", slung, images, (unit,), target)


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
        yield Case(name, "none", model, images)
        if name == "resnet20":
            units = parse_units("layer3.1.conv2:0-9", model)
            fooled = silence(model, units, images).model
            yield Case(name, "silent units in layer3.1.conv2", fooled, images, tuple(units))
            seen = load_images(DATA / "cifar10_train5k.npz", model.shape, limit=1000)
            unit, target, steps = Unit("linear", 3), rings(model.shape), Sling(steps=200, learning_rate=1e-3, batch=32)
            slung = sling(model, unit, seen, target, steps).model
            yield Case(name, f"slingshot at {unit} to rings", slung, images, (unit,), target)
