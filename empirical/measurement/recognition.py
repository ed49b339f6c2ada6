"""Which images a network recognises: those whose label is its largest output."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import ImageSet, spread
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.preprocessing import IMAGENET_MEAN, IMAGENET_STD, UNIT, Preprocessing, unchanged
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.theory.errors import DomainError
from fvproof.theory.wording import percent

HARDLY = 0.1
"""A network that recognises fewer of the images was probably not made for these labels, or not for such images."""

TRIED = 64
"""Images on which other ways of reading them are tried."""

BYTES, SIGNED = (0.0, 255.0), (-1.0, 1.0)

WAYS = (
    Preprocessing(IMAGENET_MEAN, IMAGENET_STD),
    Preprocessing(value_range=BYTES),
    Preprocessing(value_range=SIGNED),
    Preprocessing(bgr=True),
    Preprocessing(IMAGENET_MEAN[::-1], IMAGENET_STD[::-1], bgr=True),
    Preprocessing(value_range=BYTES, bgr=True),
    Preprocessing((104.0, 117.0, 123.0), (1.0, 1.0, 1.0), BYTES, bgr=True),
    Preprocessing(value_range=SIGNED, bgr=True),
)
"""How networks read images: torchvision's, TensorFlow's, Caffe's, OpenCV's."""

Read = Callable[[Tensor], Tensor]


def class_scores(output: Tensor) -> Tensor | None:
    """Return one score per class for each image, (N, K), of an output (N, K) or (N, K, 1, ..); None of all others.

    One number alone, such as a logit of yes or no, is no score per class.

    Examples
    --------
    >>> class_scores(torch.zeros(5, 3, 1, 1)).shape, class_scores(torch.zeros(5, 3, 7, 7)) is None
    (torch.Size([5, 3]), True)
    """
    flat = output.ndim >= 2 and all(size == 1 for size in output.shape[2:])
    return output.flatten(1) if flat and output.shape[1] > 1 else None


def output_count(model: Model) -> int | None:
    """Return how many classes a network has; None if it does not give one score per class.

    Examples
    --------
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> output_count(load_model("digits"))
    10
    """
    with frozen(model.network), torch.no_grad():
        scores = class_scores(model(torch.full((1, *model.shape), 0.5, device=device_of(model))))
    return None if scores is None else scores.shape[1]


def recognised(scores: np.ndarray, labels: np.ndarray, most: int = 1) -> float:
    """Return the share of images whose label is among the so many largest scores; none is in a row with NaN.

    Parameters
    ----------
    scores
        (N, K), one per class.
    labels
        (N,), each a class or not: what is no class is not recognised.

    Examples
    --------
    >>> scores = np.array([[0.1, 0.9], [0.8, 0.2], [np.nan, 0.0]])
    >>> recognised(scores, np.array([1, 1, 0])), recognised(scores, np.array([1, 1, 0]), most=2)
    (0.3333333333333333, 0.6666666666666666)
    """
    largest = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    finite = ~np.isnan(scores).any(axis=1)
    return float(((largest == labels[:, None]).any(axis=1) & finite).mean())


def accuracy(model: Model, images: ImageSet) -> float:
    """Return the share of images whose label is the network's largest output.

    Raises
    ------
    DomainError
        If the images have no labels, or the network does not give one score per class.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> accuracy(load_model("digits"), digits_images()) > 0.97
    True
    """
    if images.labels is None:
        raise DomainError("the images must have labels")
    return recognised(_scores(model, images), images.labels)


def _scores(model: Model, images: ImageSet) -> np.ndarray:
    """Return the network's scores, (N, K)."""
    device, found = device_of(model), []
    with frozen(model.network), torch.no_grad():
        for batch in images.batches():
            output = model(batch.to(device))
            scores = class_scores(output)
            if scores is None:
                one = tuple(output.shape[1:])
                raise DomainError(f"accuracy needs one output per class for each image, {model.name} gives {one}")
            found.append(scores.float().cpu().numpy())
    return np.concatenate(found)


def recognition(model: Model, images: ImageSet) -> tuple[float | None, str | None]:
    """Return the accuracy, and what it says against labels or images (`doubt`); or None, and why it cannot be told."""
    try:
        share = accuracy(model, images)
    except DomainError as error:
        return None, str(error)
    return share, doubt(model, images, share)


def doubt(model: Model, images: ImageSet, share: float) -> str | None:
    """Return in a sentence what may be wrong if a network hardly recognises the images; None if nothing need be.

    Hardly is no more than by chance, up to two standard errors, or less than a tenth. Then other ways of reading images
    are tried on some of them, and the best is named if it is better.

    Parameters
    ----------
    model, images, share
        The network, the images with labels, and its accuracy on them.
    """
    assert images.labels is not None
    chance = float(np.unique(images.labels, return_counts=True)[1].max() / len(images))
    if share > HARDLY and share > chance + 2 * sqrt(chance * (1 - chance) / len(images)):
        return None
    few = images.subset(spread(len(images), TRIED))
    found = [(accuracy(replace(model, normalize=read), few), words) for words, read in _other_ways(model)]
    better, words = max(found, key=lambda way: way[0])
    hint = f"; with {words} it would recognise {percent(better, rounded='down')} of {len(few)} of them"
    return (
        f"only {percent(share, 1)} of {len(images)} images are recognised, hardly more than by chance: "
        "labels must be numbers of outputs, and images what the network reads (see --mean, --std, --range and --bgr)"
        + (hint if better > max(2 * chance, 2 * share, HARDLY) else "")
    )


def _other_ways(model: Model) -> Iterator[tuple[str, Read]]:
    """Yield other ways of reading images, with the options that state them."""
    ways = WAYS if model.shape[0] == 3 else (way for way in WAYS if way.mean is None and not way.bgr)
    yield from ((_options(way), way) for way in ways if way != model.normalize)
    if model.normalize is not unchanged:
        yield "none of these options", unchanged


def _options(way: Preprocessing) -> str:
    """Return the options that state how images are read."""
    low, high = way.value_range
    numbers = {"mean": way.mean, "std": way.std}
    stated = [f"--{name} {','.join(f'{value:g}' for value in values)}" for name, values in numbers.items() if values]
    span = [] if way.value_range == UNIT else [f"--range={low:g},{high:g}"]
    return " ".join([*span, *(["--bgr"] if way.bgr else []), *stated])
