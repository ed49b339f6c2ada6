"""Methods to compare with: the package's engine at several settings, a plain loop, examples, noise, and lucent."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.bench.asking import Method, UnitToShow
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.ascent import ascend
from fvproof.empirical.maximization.baselines import noise_batches
from fvproof.empirical.maximization.engines import ENGINES
from fvproof.empirical.maximization.parametrization import parametrization
from fvproof.empirical.maximization.settings import Settings
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.probing import device_of


def engine(name: str, model: Model, unit: UnitToShow, budget: int) -> Tensor:
    """Return what an engine of the package finds within a budget: one pass a step, one before."""
    settings = ENGINES[name](Settings(steps=max(1, budget - 1)))
    code = parametrization(settings.parametrization, model.shape, device_of(model))
    return ascend(model, [Unit(unit.layer, unit.channel)], settings, code, sign=unit.sign).images[0]


def plain_loop(_model: Model, unit: UnitToShow, budget: int) -> Tensor:
    """Return what the shortest loop finds: Adam on the logits of pixels."""
    values = torch.zeros(unit.shape).requires_grad_()
    optimizer = torch.optim.Adam([values], lr=0.05)
    for _ in range(budget):
        optimizer.zero_grad()
        (-unit(torch.sigmoid(values)[None])).sum().backward()
        optimizer.step()
    return torch.sigmoid(values)


def noise(_model: Model, unit: UnitToShow, budget: int) -> Tensor:
    """Return the best of as many noise images as the budget allows."""
    with torch.no_grad():
        images = torch.cat(list(noise_batches(unit.shape, budget, 0, batch=budget)))
        return images[unit(images).argmax()]


def random_image(_model: Model, unit: UnitToShow, _budget: int) -> Tensor:
    """Return one noise image of the unit, without looking at the network."""
    seed = 1000 * unit.channel + 2 + unit.sign
    return next(noise_batches(unit.shape, 1, seed, batch=1))[0]


def exemplar(images: ImageSet, model: Model, unit: UnitToShow, budget: int) -> np.ndarray:
    """Return the natural image, of the first half as far as the budget goes, that excites the unit most."""
    some = images.subset(range(min(budget, len(images)))).batch()
    if tuple(some.shape[1:]) != tuple(model.shape):
        return random_image(model, unit, budget).numpy()
    with torch.no_grad():
        return some[unit(some).argmax()].numpy()


def entries(images: ImageSet) -> Mapping[str, Method]:
    """Return the methods by name; `images` are those that methods may see."""
    return {
        **{f"fvproof, {name}": partial(engine, name) for name in ("ours", "pixels", "still", "lucent")},
        "plain Adam on pixels": plain_loop,
        "best of noise": noise,
        "best natural image": partial(exemplar, images),
        "random image": random_image,
    }
