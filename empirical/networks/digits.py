"""The embedded networks: small classifiers of handwritten digits, trained in seconds on first use, offline."""

import hashlib
import inspect
import os
import sys
from collections import OrderedDict
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs
import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional

from empirical.images import ImageSet
from empirical.networks import readable
from empirical.networks.readable import Cosine, Prototype

SHAPE = (1, 8, 8)
HELD_OUT = 0.25
"""The share of the 1797 images that training never sees."""


def convolutional() -> nn.Sequential:
    """Return the untrained network `digits`: two convolutions (one strided) and two affine layers."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 16, 3, padding=1),
            relu1=nn.ReLU(),
            conv2=nn.Conv2d(16, 32, 3, stride=2, padding=1),
            relu2=nn.ReLU(),
            flatten=nn.Flatten(),
            hidden=nn.Linear(512, 32),
            relu3=nn.ReLU(),
            logits=nn.Linear(32, 10),
        )
    )


def fully_connected() -> nn.Sequential:
    """Return the untrained network `digits-small`, 64-16-16-10: small enough for its extrema to be certified."""
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            hidden1=nn.Linear(64, 16),
            relu1=nn.ReLU(),
            hidden2=nn.Linear(16, 16),
            relu2=nn.ReLU(),
            logits=nn.Linear(16, 10),
        )
    )


def one_layer(units: nn.Module, after: nn.Module) -> nn.Sequential:
    """Return an untrained network with one hidden layer of 32 units that see the image itself."""
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), hidden=units, after=after, logits=nn.Linear(32, 10)))


ARCHITECTURES = {
    "digits": convolutional,
    "digits-small": fully_connected,
    "digits-plain": lambda: one_layer(nn.Linear(64, 32), nn.ReLU()),
    "digits-cosine": lambda: one_layer(Cosine(64, 32), nn.BatchNorm1d(32)),
    "digits-prototype": lambda: one_layer(Prototype(64, 32), nn.BatchNorm1d(32)),
}
"""The last three are one network with three kinds of hidden units: ordinary ones, and two whose visualizations can be
read. BatchNorm brings their values, which have a fixed scale, to where training works as it does with ordinary ones."""

EPOCHS = {"digits": 25, "digits-small": 80, "digits-plain": 80, "digits-cosine": 80, "digits-prototype": 80}


def digits_images(*, held_out: bool = True) -> ImageSet:
    """Return scikit-learn's handwritten digits, 8×8 grey: the quarter held out, or what the networks were trained on.

    Examples
    --------
    >>> len(digits_images()), len(digits_images(held_out=False))
    (450, 1347)
    """
    images, labels = _digits()
    order = np.random.default_rng(0).permutation(len(images))
    border = len(images) - round(len(images) * HELD_OUT + 0.5)
    places = np.sort(order[border:] if held_out else order[:border])
    names = tuple(f"digit {i}" for i in places)
    return ImageSet(images[places], labels[places], {i: str(i) for i in range(10)}, names)


@cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """Return all images, (1797, 1, 8, 8) in [0, 1] by sixteenths, and their labels."""
    from sklearn.datasets import load_digits  # slow to import, and only the embedded networks need it

    pixels, labels = load_digits(return_X_y=True)
    return (np.asarray(pixels).reshape(-1, *SHAPE) / 16).astype(np.float32), np.asarray(labels).astype(np.int64)


def trained(name: str, cache_folder: Path | None = None) -> nn.Sequential:
    """Return an embedded network in evaluation mode: from the cache, or trained now where that is missing or damaged.

    Parameters
    ----------
    name
        One of `ARCHITECTURES`.
    cache_folder
        Where the weights are kept; by default the user's cache folder.

    Examples
    --------
    >>> trained("digits-small").logits.weight.shape
    torch.Size([10, 16])
    """
    with torch.device("meta"):  # no weights are drawn, so the caller's random state stays as it is
        network = ARCHITECTURES[name]().eval()
    folder = platformdirs.user_cache_path("fvproof") if cache_folder is None else cache_folder
    path = folder / f"{name}-{_recipe()[:12]}.safetensors"
    weights = _cached(path)
    if weights is None:
        weights = _train(name)
        _keep(weights, path)
    network.load_state_dict(weights, assign=True)
    return network


def _train(name: str) -> dict[str, Tensor]:
    """Return weights trained from a fixed seed; the caller's random state and gradient mode are left alone."""
    data = digits_images(held_out=False)
    images, labels = data.batch(), torch.from_numpy(data.labels)
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        network = ARCHITECTURES[name]()
        optimizer = torch.optim.Adam(network.parameters(), lr=3e-3, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS[name])
        for _ in range(EPOCHS[name]):
            for batch in torch.randperm(len(images)).split(64):
                optimizer.zero_grad()
                functional.cross_entropy(network(images[batch]), labels[batch], label_smoothing=0.05).backward()
                optimizer.step()
            schedule.step()
    return {key: tensor.detach().clone() for key, tensor in network.state_dict().items()}


def _recipe() -> str:
    """Return a digest of this file, the units' and torch's version: other weights are never taken for these."""
    source = inspect.getsource(sys.modules[__name__]) + inspect.getsource(readable)
    return hashlib.sha256(f"{source}{torch.__version__}".encode()).hexdigest()


def _digest(weights: dict[str, Tensor]) -> str:
    """Return a digest of names and values."""
    digest = hashlib.sha256()
    for key in sorted(weights):
        digest.update(key.encode())
        digest.update(weights[key].contiguous().numpy().tobytes())
    return digest.hexdigest()


def _cached(path: Path) -> dict[str, Tensor] | None:
    """Return the weights that were kept, or None where they are missing or not what was written."""
    try:
        with safe_open(path, framework="pt") as file:
            stated = (file.metadata() or {}).get("sha256")
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  no mapping
    except (SafetensorError, OSError):
        return None
    return weights if _digest(weights) == stated else None


def _keep(weights: dict[str, Tensor], path: Path) -> None:
    """Write the weights in one stroke; where the folder cannot be written they are trained anew next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(safetensors.torch.save(weights, metadata={"sha256": _digest(weights)}))
        part.replace(path)
    except OSError:
        return
