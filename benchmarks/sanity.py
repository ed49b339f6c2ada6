"""The sanity check of all layers of GoogLeNet beside the forward passes that it needs, and pairwise SciPy."""

import resource
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np
import scipy.stats
import torch

from benchmarks.maximize import DATA, ROOT
from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.measurement.ranks import average_ranks, centred_ranks
from fvproof.empirical.measurement.similarity import sanity_curve
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import layer_sizes
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import frozen
from fvproof.empirical.networks.zoo import load_model

TITLE = "Sanity check of 1,000 images, 135 layers of GoogLeNet, three measures, two intervals each (CPU time)"
BATCH = 16
PAIRS = 2
"""Pairs of images of which SciPy's time is taken; it is scaled to all pairs, which would take days."""

CHECKED = 4
"""Images on which binned ranks are held against exact ones."""


def measure() -> list[dict[str, object]]:
    """Return one row per way; empty where the network or the images are missing."""
    weights, pictures = DATA / "googlenet_bvlc_imagenet_fp16.pt", DATA / "imagenette_1000.npz"
    if not (weights.exists() and pictures.exists()):
        print(f"the sanity check is timed on {weights.name} and {pictures.name}, which are not in {DATA}")
        return []
    model = load_model(f"{ROOT / 'docs' / 'examples' / 'googlenet_bvlc.py'}:googlenet", weights=Path(weights))
    natural = load_images(pictures, model.shape)
    assert natural.labels is not None
    kinds = np.unique(natural.labels)
    noise = np.random.default_rng(0).random((len(kinds), *model.shape), dtype=np.float32)
    forward = _seconds(lambda: _forward(model, natural))
    ours = _seconds(lambda: sanity_curve(model, natural, ImageSet(noise, kinds)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    pair = _pairwise(model, natural)
    pairs = len(natural) * (len(natural) - 1) / 2 + len(natural)
    return [
        {"by": "forward passes alone", "s": forward, "x forward": 1.0},
        {
            "by": "fvproof",
            "s": ours,
            "x forward": ours / forward,
            "peak GiB": peak,
            "largest error": _error(model, natural),
        },
        {"by": f"scipy.stats.spearmanr, from {PAIRS} pairs", "s": pair * pairs, "x forward": pair * pairs / forward},
    ]


def _seconds(work: Callable[[], object]) -> float:
    """Return how much of the processor's time some work takes."""
    start = process_time()
    work()
    return process_time() - start


def _forward(model: Model, images: ImageSet) -> None:
    """Run all images through the network."""
    with frozen(model.network), torch.no_grad():
        for start in range(0, len(images), BATCH):
            model(images.batch(start, start + BATCH))


def _layers(model: Model, images: ImageSet, count: int) -> dict[str, torch.Tensor]:
    """Return what all layers give for the first images."""
    names = list(layer_sizes(model))
    flat = lambda output: output.flatten(1).clone()  # noqa: E731
    with frozen(model.network), torch.no_grad(), capturing(model, names, flat) as run:
        return run(images.batch(0, count))


def _pairwise(model: Model, images: ImageSet) -> float:
    """Return how long SciPy takes for the rank correlation of one pair of images at all layers."""
    found = _layers(model, images, 2 * PAIRS)

    def work() -> None:
        for rows in found.values():
            for pair in range(PAIRS):
                scipy.stats.spearmanr(rows[2 * pair], rows[2 * pair + 1])

    return _seconds(work) / PAIRS


def _error(model: Model, images: ImageSet) -> float:
    """Return the largest difference, over layers and pairs, of a rank correlation from binned and from exact ranks."""
    worst = 0.0
    for rows in _layers(model, images, CHECKED).values():
        ways = (centred_ranks(rows, rows.norm(dim=1)), average_ranks(rows))
        quick, exact = (np.corrcoef(ranks.double().numpy()) for ranks in ways)
        worst = max(worst, float(np.abs(quick - exact).max()))
    return worst
