"""The decoder on a ball: both visualizations constrained to it, and where the decoder errs most, by gradient ascent."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

STEPS = 24
"""Of projected gradient ascent."""

STARTS = 4
"""Ascents to the decoder's largest error on each ball, half of them above the activation and half below."""

Read = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class BallEnds:
    """The visualizations constrained to balls around one image.

    Attributes
    ----------
    radii
        (K,).
    low, high
        (K,) activations m and M.
    way
        (K, d), b − c.
    """

    radii: Tensor
    low: Tensor
    high: Tensor
    way: Tensor

    @property
    def spread(self) -> Tensor:
        """The range M − m on each ball, (K,)."""
        return self.high - self.low


def constrained(read: Read, centre: Tensor, radii: Tensor) -> BallEnds:
    """Return both visualizations on each ball."""
    signs = torch.tensor([-1.0, 1.0]).repeat_interleave(len(radii))
    starts = torch.zeros(len(signs), len(centre))
    value, offsets = ascent_on_balls(lambda x: signs * read(centre + x), starts, radii.repeat(2))
    low, high = value.chunk(2)
    return BallEnds(radii, -low, high, offsets[len(radii) :])


def ascent_on_balls(height: Read, offsets: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
    """Return the greatest heights that projected gradient ascent sees on balls around 0, (n,), and where, (n, d)."""
    best, value = offsets, torch.full((len(offsets),), -torch.inf, dtype=torch.double)
    for step in range(STEPS + 1):
        offsets = offsets.detach().requires_grad_()
        with torch.enable_grad():
            now = height(offsets)
            (gradient,) = torch.autograd.grad(now.sum(), offsets)
        better = now.detach() > value
        value, best = torch.where(better, now.detach(), value), torch.where(better[:, None], offsets.detach(), best)
        size = 1.0 if step < STEPS // 4 else 4.0 * (1 - step / STEPS) / 3  # the border first, then shorter steps
        way = gradient / gradient.norm(dim=1, keepdim=True).clamp(min=1e-30)
        offsets = offsets.detach() + size * reach[:, None] * way
        offsets = offsets * (reach / offsets.norm(dim=1).clamp(min=1e-30)).clamp(max=1)[:, None]
    return value, best


def largest_errors(read: Read, centre: Tensor, ends: BallEnds, starts: Tensor) -> Tensor:
    """Return the decoder's largest error that is found on each ball, (K,), from normal starts (STARTS, K, d)."""
    count = len(ends.radii)
    starts = starts.flatten(0, 1)
    reach, ball = ends.radii.repeat(STARTS), torch.arange(count).repeat(STARTS)
    starts = starts * (reach / starts.norm(dim=1))[:, None]
    signs = torch.tensor([-1.0, 1.0]).repeat_interleave(STARTS * count // 2)

    def error(offsets: Tensor) -> Tensor:
        return signs * (decoded(ends, ball, offsets) - read(centre + offsets))

    return ascent_on_balls(error, starts, reach)[0].reshape(STARTS, count).amax(0)


def decoded(ends: BallEnds, ball: Tensor | int, offsets: Tensor) -> Tensor:
    """Return what the ball decoder says at points, given by their offsets from the centre, each in its ball or one."""
    along = (offsets * ends.way[ball]).sum(1).double() / ends.radii[ball] ** 2
    return (ends.high[ball] + ends.low[ball]) / 2 + ends.spread[ball] / 2 * along
