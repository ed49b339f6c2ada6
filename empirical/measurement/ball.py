"""The order of stimuli, read from the most exciting one on a ball: by theorem where weights allow it, else measured.

On the ball B(c, ρ) around grey let b be the stimulus that excites a unit most. Of two stimuli, the one with the larger
⟨b − c, x − c⟩ is said to excite it more. If the unit is a ridge function (`fvproof.empirical.networks.ridges`), this is
the theorem `ridge` (`fvproof.theory.classes.ridge`): it is so for every pair, and b = c + ρ·w/‖w‖. Of other units b is
found by gradient ascent, and how often it is so is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import AT_ONCE, ImageSet
from fvproof.empirical.measurement.ball_decoder import ascent_on_balls
from fvproof.empirical.measurement.bootstrap import Estimate, resampled
from fvproof.empirical.measurement.scores import pairs_ordered
from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.ridge_rules import gamma
from fvproof.empirical.networks.ridges import NoRidges, Ridges
from fvproof.empirical.networks.units import Unit, activations, responses
from fvproof.theory.errors import DomainError

GREY = 0.5
"""Every pixel of the centre of the ball."""

CONTRAST, NOISES = 0.15, 200
"""Standard deviation of pixels of noise, and how many stimuli of it are made."""


@dataclass(frozen=True, slots=True, eq=False)
class OnBall:
    """What the most exciting stimuli on a ball tell of some units of a layer.

    Attributes
    ----------
    units
        In the order asked for.
    radius
        Of the ball, Euclidean, in pixels of [0, 1].
    stimuli
        How many there are.
    most_exciting
        (units, C, H, W) float32, in the ball; it may leave [0, 1].
    responses
        (units,), to them.
    natural
        (units,), the largest to a stimulus.
    order
        In how many pairs of stimuli the network, as it runs, has the order that is read; of ridge functions without
        interval.
    undecided
        (units,), in how many pairs the order is within what rounding leaves open of the weights; None unless certified.
    turned
        (units,), at most so far, as a share of ρ, is each most exciting stimulus from the true one; None unless
        certified.
    link
        What ridge functions apply to their weighted sum.
    reason
        Why the units are not certified; empty if they are.
    """

    units: tuple[Unit, ...]
    radius: float
    stimuli: int
    most_exciting: np.ndarray
    responses: np.ndarray
    natural: np.ndarray
    order: tuple[Estimate, ...]
    undecided: np.ndarray | None
    turned: np.ndarray | None
    link: tuple[str, ...] = ()
    reason: str = ""

    @property
    def certified(self) -> bool:
        """Whether the order is known by theorem."""
        return not self.reason

    @property
    def pairs(self) -> int:
        """How many pairs of stimuli there are for each unit."""
        return self.stimuli * (self.stimuli - 1) // 2


def pink_noise(shape: tuple[int, ...], count: int = NOISES, seed: int = 0) -> ImageSet:
    """Return noise with amplitudes of 1/frequency, as natural images have on average, around grey.

    Examples
    --------
    >>> pink_noise((1, 8, 16), 3).images.shape
    (3, 1, 8, 16)
    """
    white = np.random.default_rng(seed).normal(size=(count, *shape))
    down, right = np.fft.fftfreq(shape[1])[:, None], np.fft.fftfreq(shape[2])[None]
    frequency = np.hypot(down, right)
    frequency[0, 0] = np.inf  # no mean
    pink = np.fft.ifft2(np.fft.fft2(white) / frequency).real
    pink *= CONTRAST / pink.std((1, 2, 3), keepdims=True)
    return ImageSet(np.clip(GREY + pink, 0, 1).astype(np.float32))


def usual_radius(stimuli: ImageSet) -> float:
    """Return the median distance of the stimuli from grey.

    Raises
    ------
    DomainError
        If it is 0.
    """
    radius = float((stimuli.batch() - GREY).flatten(1).norm(dim=1).median())
    if radius == 0:
        raise DomainError("the median stimulus is grey: give the radius of the ball")
    return radius


def on_ball(
    model: Model, units: Sequence[Unit], found: Ridges | NoRidges, stimuli: ImageSet, radius: float, *, seed: int = 0
) -> OnBall:
    """Return what the most exciting stimuli on a ball around grey tell of units of one layer.

    Parameters
    ----------
    model, units
        The network and units of one of its layers.
    found
        What `fvproof.empirical.networks.ridges.ridges` says of the layer.
    stimuli
        At least two, on which the order is measured; they need not lie in the ball.
    radius
        Above 0.
    seed
        Of the bootstrap.

    Raises
    ------
    DomainError
        If the radius is not above 0, or there are fewer than two stimuli.

    Source: fvproof; the theorem is `fvproof.theory.classes.ridge`.
    """
    if not radius > 0 or len(stimuli) < 2:
        raise DomainError(f"a ball has a radius above 0, and pairs need two stimuli: {radius}, {len(stimuli)}")
    channels = [unit.channel for unit in units]
    told = activations(model, units, stimuli.batches())
    true = np.stack([told[unit] for unit in units]).astype(np.float64)
    points = (stimuli.batch().double() - GREY).flatten(1).numpy()
    rest = true.max(1), len(stimuli)
    if isinstance(found, Ridges) and found.certified[channels].all():
        return _by_theorem(model, units, found, (true, points, radius))
    reason = found.reason if isinstance(found, NoRidges) else "rounding leaves open whether each depends on its input"
    way, high = _ascended(model, units, radius)
    weights = resampled(np.zeros(len(points)), seed)
    order = tuple(pairs_ordered(*pair, weights) for pair in zip(true, way.astype(np.float64) @ points.T, strict=True))
    shown = (GREY + way.reshape(-1, *model.shape)).astype(np.float32)
    return OnBall(tuple(units), radius, rest[1], shown, high, rest[0], order, None, None, reason=reason)


def _by_theorem(
    model: Model, units: Sequence[Unit], found: Ridges, measured: tuple[np.ndarray, np.ndarray, float]
) -> OnBall:
    """Return what is known of ridge functions."""
    true, points, radius = measured
    channels = [unit.channel for unit in units]
    weights, error = found.weights[channels], found.error[channels]
    lengths = np.linalg.norm(weights, axis=1)
    sums = weights @ points.T
    slack = error * np.abs(points).max() + _rounding(weights, points)
    shown = (GREY + radius * weights / lengths[:, None]).astype(np.float32).reshape(-1, *model.shape)
    alone = np.full((1, len(points)), 1 / len(points))
    values = [pairs_ordered(*pair, alone).value for pair in zip(true, sums, strict=True)]
    return OnBall(
        units=tuple(units),
        radius=radius,
        stimuli=len(points),
        most_exciting=shown,
        responses=_responses(model, units, shown),
        natural=true.max(1),
        order=tuple(Estimate(value, float("nan"), float("nan")) for value in values),
        undecided=np.array([near(row, 2 * most) for row, most in zip(sums, slack, strict=True)]),
        turned=2.0001 * (error + gamma(weights.shape[1] + 4) * lengths) / lengths,
        link=found.link,
    )


def _rounding(weights: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return by how much, at most, roundings change a unit's sum of any point."""
    size = np.linalg.norm(weights, axis=1) * np.linalg.norm(points, axis=1).max()
    return 1.001 * gamma(weights.shape[1] + 2) * size  # Σ|w||x| ≤ ‖w‖‖x‖


def near(values: np.ndarray, gap: float) -> int:
    """Return how many pairs of numbers are no farther apart than a gap.

    Examples
    --------
    >>> near(np.array([0.0, 1.0, 1.5, 4.0]), 1.0)
    2
    """
    ranked = np.sort(values)
    return int((np.searchsorted(ranked, ranked + gap, side="right") - np.arange(1, len(ranked) + 1)).sum())


def _responses(model: Model, units: Sequence[Unit], shown: np.ndarray) -> np.ndarray:
    """Return each unit's response to a stimulus of its own."""
    layer, channels = units[0].layer, torch.tensor([unit.channel for unit in units])
    parts: list[Tensor] = []
    with frozen(model.network), torch.no_grad(), capturing(model, [layer], responses) as run:
        for start in range(0, len(shown), AT_ONCE):
            batch = torch.from_numpy(shown[start : start + AT_ONCE]).to(device_of(model))
            own = channels[start : start + AT_ONCE, None].to(device_of(model))
            parts.append(run(batch)[layer].gather(1, own)[:, 0].double().cpu())
    return torch.cat(parts).numpy()


def _ascended(model: Model, units: Sequence[Unit], radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return b − c and the response there of each unit, as gradient ascent on the ball finds them."""
    layer, count = units[0].layer, int(np.prod(model.shape))
    ways, highs = [], []
    with frozen(model.network), capturing(model, [layer], responses) as run:
        for start in range(0, len(units), AT_ONCE):
            own = torch.tensor([[unit.channel] for unit in units[start : start + AT_ONCE]], device=device_of(model))

            def height(offsets: Tensor, own: Tensor = own) -> Tensor:
                images = (GREY + offsets).reshape(-1, *model.shape).to(device_of(model))
                return run(images)[layer].gather(1, own)[:, 0].double().cpu()

            high, way = ascent_on_balls(height, torch.zeros(len(own), count), torch.full((len(own),), radius))
            ways.append(way.numpy())
            highs.append(high.numpy())
    return np.concatenate(ways), np.concatenate(highs)
