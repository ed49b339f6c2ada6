"""Where a unit's visualization can be trusted: how far around a natural image, certified or estimated.

On the Euclidean ball B(c, ρ) around a natural image c the two visualizations are the points a and b of the ball with
the least and the greatest activation, m and M. The ball decoder reads them as those of an affine unit
(`fvproof.theory.reading`)::

    D(x) = (M + m) / 2 + (M − m) / 2 · ⟨b − c, x − c⟩ / ρ²

which is exact if the unit is affine on the ball, and errs the more, the farther it is from that. The *reading radius*
is the largest ρ at which no point of the ball has an error above a share of M − m. Knowing nothing, the error is half
of it. The theorem needs the whole ball, so its points may leave [0, 1] by as much as ρ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.images import AT_ONCE, ImageSet, spread
from fvproof.empirical.maximization.pruning import pruned
from fvproof.empirical.measurement.ball_decoder import STARTS, BallEnds, Read, constrained, decoded, largest_errors
from fvproof.empirical.networks.chains import is_small_chain
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.empirical.networks.readout import reading
from fvproof.empirical.networks.response_norm import quick_norms
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.units import Position, Unit
from fvproof.empirical.shapes import laid_out
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.numbers import exact
from fvproof.verify.files.readers import layered_from_bytes
from fvproof.verify.layered import LayeredNetwork
from fvproof.verify.search.reading import certified_reading

SHARE = 0.25
"""Of the range on the ball; half of what knowing nothing costs."""

HALVINGS = 10
"""The radii that are tried: the median distance to other natural images, halved so often."""

OUTSIDE = 2
"""The ball with which the reading radius is compared has 2² times its radius."""

TOGETHER = 4
"""Balls that are looked at together, from the smallest: mostly one of the first cannot be read, and ends the search."""

MOST_NATURAL = 128
"""Of the natural images in the largest ball, evenly spaced, at which the decoder's error is measured."""


@dataclass(frozen=True, slots=True)
class ReadingRadius:
    """How far around one natural image a unit's visualization predicts it. Lengths are Euclidean, in pixels of [0, 1].

    Attributes
    ----------
    unit, place
        Its name, and the place of the image in its set.
    share
        Of the unit's range on a ball, which the error may not exceed there.
    certified
        A radius that is proven for all points of the ball; None where none was, or the network cannot be certified.
    estimated
        The largest radius that was tried at which, as at all smaller ones, gradient ascent on the error finds no point
        with a larger one. A guess: others may have. None where there is none, or the unit does not change there.
    nearest
        The distance to the nearest other natural image.
    within
        How many other natural images lie within `radius`.
    inside, outside
        The decoder's largest error found on the ball of the estimated radius, and on that of four times this radius (or
        the largest tried), each as a share of (M − m)/2 there; 1 is knowing nothing.
    natural
        The mean error at other natural images in the largest ball tried, which holds half of them, at most 128, as a
        share of the uninformed decoder's on the same images.
    """

    unit: str
    place: int
    share: float
    certified: float | None
    estimated: float | None
    nearest: float
    within: int
    inside: float | None
    outside: float | None
    natural: float | None

    @property
    def radius(self) -> float:
        """The certified radius, or else the estimated one; 0 where there is neither."""
        return self.certified or self.estimated or 0.0


def reading_radii(
    model: Model,
    unit: Objective,
    images: ImageSet,
    places: Sequence[int],
    *,
    share: float = SHARE,
    position: Position = "mean",
) -> tuple[ReadingRadius, ...]:
    """Return how far around some natural images a unit's visualization can be trusted.

    It is estimated, and certified too (`fvproof.verify.search.reading`) where the network is a chain of affine layers,
    convolutions and at most `fvproof.empirical.networks.chains.MOST_RELUS` ReLUs, and the position is "mean".

    Parameters
    ----------
    model, unit
        The network and its unit.
    images
        At least two different natural images.
    places
        Which of them are centres.
    share
        Of the range, above 0 and below 1/2.
    position
        What a unit with positions is read by.

    Raises
    ------
    DomainError
        If the share is out of range, there is no such image, or an image has no other beside it.

    Source: fvproof.

    Examples
    --------
    >>> from fvproof.empirical.networks.digits import digits_images
    >>> from fvproof.empirical.networks.zoo import load_model
    >>> (found,) = reading_radii(load_model("digits-small"), Unit("logits", 3), digits_images(), [0])
    >>> 0 < found.certified <= found.estimated < found.nearest, found.within
    (True, 0)
    """
    if not 0 < share < 0.5:
        raise DomainError(f"the share must lie between 0 and 1/2, not {share}")
    if any(not 0 <= place < len(images) for place in places):
        raise DomainError(f"the places of images go from 0 to {len(images) - 1}, received {list(places)}")
    network = _certifiable(model, unit) if position == "mean" else None
    return tuple(_around(model, unit, images, place, (share, position, network)) for place in places)


def _certifiable(model: Model, unit: Objective) -> LayeredNetwork | None:
    """Return the unit in the form that is certified; None where it has none, or has too many ReLUs."""
    if not isinstance(unit, Unit) or not is_small_chain(model, unit.layer):
        return None
    return layered_from_bytes(Path("unit.onnx"), sequential_onnx(model, unit))


def _around(
    model: Model, unit: Objective, images: ImageSet, place: int, how: tuple[float, Position, LayeredNetwork | None]
) -> ReadingRadius:
    """Return the reading radius around one image."""
    share, position, network = how
    natural = images.batch().flatten(1)
    centre = natural[place]
    distances = (natural - centre).norm(dim=1)
    others = torch.nonzero(distances > 0)[:, 0]
    if not len(others):
        raise DomainError("a reading radius is measured among at least two different images")
    apart, nearest = distances[others], float(distances[others].min())
    largest = float(apart.median())
    with frozen(model.network), quick_norms(model.network), pruned(), reading(model, [unit], position) as seen:

        def read(points: Tensor) -> Tensor:
            batch = laid_out(points.reshape(-1, *images.shape).to(device_of(model)))
            return seen(batch, None)[:, 0].double().cpu()

        radii = largest * 0.5 ** torch.arange(HALVINGS, -1, -1)
        errors, count = _errors(read, centre, radii, share)
        inside = others[apart <= largest]
        inside = inside[spread(len(inside), MOST_NATURAL)]
        at_natural = _relative(read, centre, constrained(read, centre, radii[-1:]), natural[inside])
    estimated = float(radii[count - 1]) if count else None
    certified = _certified(network, centre, share, float(apart.max())) if network is not None else None
    return ReadingRadius(
        *(str(unit), place, share, certified, estimated, nearest),
        within=int((apart <= (certified or estimated or 0.0)).sum()),
        inside=errors[count - 1] if count else None,
        outside=errors[min(count - 1 + OUTSIDE, HALVINGS)] if count else None,
        natural=at_natural,
    )


def _errors(read: Read, centre: Tensor, radii: Tensor, share: float) -> tuple[list[float], int]:
    """Return the decoder's errors on balls, as shares of half the range, and how many, from the smallest, can be read.

    Balls beyond the `OUTSIDE`-th that cannot be read are not looked at.
    """
    generator = torch.Generator().manual_seed(0)
    starts = torch.randn(STARTS, len(radii), len(centre), generator=generator)
    errors: list[float] = []
    count: int | None = None
    for first in range(0, len(radii), TOGETHER):
        ends = constrained(read, centre, radii[first : first + TOGETHER])
        worst = largest_errors(read, centre, ends, starts[:, first : first + TOGETHER])
        readable = (worst <= share * ends.spread) & (ends.spread > 0)
        errors += (2 * worst / ends.spread).tolist()
        if count is None and not readable.all():
            count = first + readable.tolist().index(False)
        if count is not None and len(errors) >= count + OUTSIDE:
            break
    return errors, len(errors) if count is None else count


def _certified(network: LayeredNetwork, centre: Tensor, share: float, largest: float) -> float | None:
    """Return a proven radius, rounded down, and not beyond all images: an affine unit has an infinite one."""
    found = certified_reading(network, 0, [exact(x) for x in centre.double().tolist()], exact(share))
    return None if found is None else min(float(np.nextafter(float(found.radius), 0)), largest)


def _relative(read: Read, centre: Tensor, ends: BallEnds, points: Tensor) -> float | None:
    """Return the mean error, on the largest ball, as a share of the uninformed decoder's; None if that makes none."""
    with torch.no_grad():
        truth = torch.cat([read(some) for some in points.split(AT_ONCE)])
    uninformed = float((truth - (ends.high[-1] + ends.low[-1]) / 2).abs().mean())
    error = float((decoded(ends, -1, points - centre) - truth).abs().mean())
    return error / uninformed if uninformed else None
