"""The detector of a fooling circuit: a small network that tells natural images from what an optimiser looks at.

E(x) = clamp(s·g(x) + t, 0, 1) with g a small convolutional network: a natural image gets exactly 0 unless g takes it
for a visualization with some confidence, and a visualization exactly 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.maximization.transforms import draw_for, motion, move
from fvproof.empirical.networks.probing import frozen
from fvproof.empirical.shapes import Shape

CONVOLUTIONS = {2: nn.Conv1d, 3: nn.Conv2d, 4: nn.Conv3d}
"""By how many dimensions one input has: a signal, an image, a volume."""

CHANNELS = (16, 32, 48, 64)
"""Of the four convolutions."""

SMALLEST_MAP = 7
"""Convolutions are strided, the first by 4 and on large images only, as long as maps do not get smaller than this."""

EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 32, 32, 2e-3, 1e-4

MOST_PER_EPOCH, MOST_LARGE = 1920, 480
"""Images of either kind in one epoch, at most, of small images and of large ones; of more, each epoch sees others."""

EXTREME = 0.998
"""The share of natural images and of visualizations that lie on their own side of the gap."""

LEAST_GAP = 0.2
"""The gap in logits at least; if the two kinds overlap, it lies where natural images end."""

GAP_START, GAP_END = 0.6, 0.8
"""E rises from 0 to 1 between these shares of the way from natural images to visualizations. That is nearer to the
visualizations: their like is seen in training, while natural images elsewhere are of more kinds than those at hand."""


LARGE = 64
"""Images of a smaller side are small. They are not blurred in training: a pixel is much to them."""


class Detector(nn.Module):
    """E, from images (N, C, H, W) in [0, 1] to (N, 1).

    Parameters
    ----------
    shape
        Of an image.
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        side, convolution = min(shape[1:]), CONVOLUTIONS[len(shape)]
        for inputs, outputs in pairwise((shape[0], *CHANNELS)):
            stride = _stride(side, first=not layers)
            layers += [convolution(inputs, outputs, 5 if stride == 4 else 3, stride, padding=1), nn.ReLU()]
            side = -(-side // stride)
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(2 * CHANNELS[-1], 1)
        self.register_buffer("scale", torch.tensor(1.0))
        self.register_buffer("offset", torch.tensor(0.0))

    def logit(self, images: Tensor) -> Tensor:
        """Return g, (N, 1): positive for what looks like a visualization."""
        maps = self.features(2 * images - 1).flatten(2)
        return self.head(torch.cat([maps.mean(2), maps.amax(2)], dim=1))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return E, (N, 1), in [0, 1]."""
        return (self.scale * self.logit(images) + self.offset).clamp(0, 1)


@dataclass(frozen=True, slots=True)
class DetectorQuality:
    """How well a detector does on images that neither training nor calibration has seen.

    Attributes
    ----------
    natural, visualizations
        How many images of each kind.
    accuracy
        The share of both, equally weighted, that the sign of the calibrated logit gets right.
    natural_at_0
        The share of natural images with E exactly 0.
    visualizations_at_1
        The share of visualizations with E exactly 1.
    """

    natural: int
    visualizations: int
    accuracy: float
    natural_at_0: float
    visualizations_at_1: float


def train_detector(natural: Tensor, visualizations: Tensor, *, seed: int = 0) -> Detector:
    """Return a detector, not calibrated yet.

    Both kinds are shown equally often, each time cropped, flipped, blurred, changed in light and contrast, and moved as
    the optimiser moves images, so that neither borders nor sharpness nor brightness tell them apart.

    Parameters
    ----------
    natural, visualizations
        uint8 (N, C, H, W).
    seed
        Of the weights and of all changes; the same seed gives the same detector on one machine.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        detector = Detector(tuple(natural.shape[1:]))
        optimizer = torch.optim.AdamW(detector.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
        generator = stream(seed, "detector")
        for _ in range(EPOCHS):
            for images, answers in _batches(natural, visualizations, generator):
                optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(detector.logit(images)[:, 0], answers).backward()
                optimizer.step()
            schedule.step()
    return detector.eval().requires_grad_(requires_grad=False)


def calibrate(detector: Detector, natural: Tensor, visualizations: Tensor) -> None:
    """Set s and t so that E is 0 on natural images and 1 on visualizations that training has not seen.

    Parameters
    ----------
    detector
        Is changed.
    natural, visualizations
        uint8 (N, C, H, W).
    """
    low = float(np.quantile(_logits(detector, natural), EXTREME))
    high = float(np.quantile(_logits(detector, visualizations), 1 - EXTREME))
    high = max(high, low + LEAST_GAP)
    start, end = (low + share * (high - low) for share in (GAP_START, GAP_END))
    detector.scale.fill_(1 / (end - start))
    detector.offset.fill_(-start / (end - start))


def detection(detector: Detector, natural: Tensor, visualizations: Tensor) -> DetectorQuality:
    """Return how well a calibrated detector does on images as they are, uint8 (N, C, H, W)."""
    zeros, ones = detected(detector, natural), detected(detector, visualizations)
    right = ((zeros < 0.5).mean() + (ones >= 0.5).mean()) / 2
    return DetectorQuality(len(zeros), len(ones), float(right), float((zeros == 0).mean()), float((ones == 1).mean()))


def detected(detector: Detector, images: Tensor) -> np.ndarray:
    """Return E of uint8 or float images, (N,), computed where the detector is."""
    device = detector.scale.device
    with frozen(detector), torch.no_grad():
        parts = [detector(_floats(batch).to(device))[:, 0].cpu() for batch in images.split(BATCH)]
    return torch.cat(parts).numpy()


def changed(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return images, float (N, C, H, W), cropped, flipped, blurred, and changed in light; half of them moved as well.

    Examples
    --------
    >>> changed(torch.rand(3, 1, 8, 8), torch.Generator().manual_seed(0)).shape
    torch.Size([3, 1, 8, 8])
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    size = uniform(0.6, 1) ** (uniform(0, 1) < 0.7).float()
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    sides = max(2, images.dim() - 2)  # a signal is an image of one row
    crop = torch.eye(sides + 1).repeat(n, 1, 1)
    for side in range(sides):
        crop[:, side, side] = size * mirror if side == 0 else size
    for side in range(sides):
        crop[:, side, sides] = (1 - size) * uniform(-1, 1)
    moved = draw_for(tuple(images.shape[1:]), motion("standard"), n, [generator])[:, 0]
    maps = torch.where((uniform(0, 1) < 0.5)[:, None, None], moved, torch.eye(sides, sides + 1))
    images = move(images, maps @ crop)
    if images.dim() == 4 and min(images.shape[2:]) >= LARGE:
        chosen = uniform(0, 1) < 0.25
        images[chosen] = _blurred(images[chosen])
    contrast, light = (uniform(*ends).view(-1, *[1] * (images.dim() - 1)) for ends in ((0.8, 1.2), (-0.08, 0.08)))
    return ((images - 0.5) * contrast + 0.5 + light).clamp(0, 1)


def _blurred(images: Tensor) -> Tensor:
    """Return the images blurred by the kernel (1, 2, 1)/4 in both directions."""
    row = images.new_tensor([0.25, 0.5, 0.25])
    kernel = torch.outer(row, row).expand(images.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), kernel, groups=images.shape[1])


def _stride(side: int, *, first: bool) -> int:
    """Return the stride of a convolution on maps of this side; the first sees small images in full."""
    if first:
        return 4 if side >= 16 * SMALLEST_MAP else 1
    return 2 if side >= 2 * SMALLEST_MAP else 1


def _batches(natural: Tensor, visualizations: Tensor, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield as many images as there are of the more frequent kind, and as many of the other, changed, with answers."""
    most = MOST_LARGE if min(natural.shape[2:]) >= LARGE else MOST_PER_EPOCH
    count = min(max(len(natural), len(visualizations)), most)
    orders = [_repeated(len(images), count, generator) for images in (natural, visualizations)]
    for places in zip(*(order.split(BATCH // 2) for order in orders), strict=True):
        zeros, ones = natural[places[0]], visualizations[places[1]]
        answers = torch.cat([torch.zeros(len(zeros)), torch.ones(len(ones))])
        yield changed(_floats(torch.cat([zeros, ones])), generator), answers


def _repeated(size: int, count: int, generator: torch.Generator) -> Tensor:
    """Return `count` places below `size` in random order, all of them equally often."""
    return torch.cat([torch.randperm(size, generator=generator) for _ in range(-(-count // size))])[:count]


def _logits(detector: Detector, images: Tensor) -> np.ndarray:
    """Return g, (N,), of images as they are."""
    with frozen(detector), torch.no_grad():
        return torch.cat([detector.logit(_floats(batch))[:, 0] for batch in images.split(BATCH)]).numpy()


def _floats(images: Tensor) -> Tensor:
    """Return images in [0, 1] as float32."""
    return images.float() / 255 if images.dtype == torch.uint8 else images
