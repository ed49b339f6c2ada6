"""The embedded networks: small classifiers of handwritten digits.

Their weights are part of the package, so that they are the same on every machine: `train`, which made them, adds up in
another order on another processor or with more threads, and each such order ends in other weights.
"""

from collections import OrderedDict
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from fvproof.empirical.images import ImageSet
from fvproof.empirical.networks.readable import Cosine, Prototype

SHAPE = (1, 8, 8)

WEIGHTS = Path(__file__).with_name("digits.safetensors")
"""The weights of all of them, `NETWORK/PARAMETER`, as `train` gave them with torch 2.13 on an x86-64 processor."""

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


def trained(name: str) -> nn.Sequential:
    """Return an embedded network, one of `ARCHITECTURES`, in evaluation mode.

    Examples
    --------
    >>> trained("digits-small").logits.weight.shape
    torch.Size([10, 16])
    """
    with torch.device("meta"):  # no weights are drawn, so the caller's random state stays as it is
        network = ARCHITECTURES[name]().eval()
    with safe_open(WEIGHTS, framework="pt") as file:
        weights = {key: file.get_tensor(f"{name}/{key}") for key in network.state_dict()}
    # Cloned: what a file holds lies at any place in memory, and there sums are rounded otherwise than in a copy.
    network.load_state_dict({name: weight.clone() for name, weight in weights.items()}, assign=True)
    return network


def train(name: str) -> dict[str, Tensor]:
    """Return weights trained from a fixed seed, in a second or two, whatever the number of threads.

    The caller's random state, gradient mode and number of threads are left alone. Another kind of processor, or another
    release of torch, may give other weights.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _train(name)
    finally:
        torch.set_num_threads(threads)


def _train(name: str) -> dict[str, Tensor]:
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
