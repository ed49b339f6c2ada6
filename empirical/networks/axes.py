"""What the axes of a tensor count: images, channels, or something else, followed through every change of shape.

An axis is a product of *factors*, the slowest first: windows that are cut out of images and put one after the other
make an axis of images times windows, a flattened map one of channels, rows and columns. So whatever is merged can be
told apart when it is split again.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, prod
from typing import Literal

Kind = Literal["image", "channel", "other"]


@dataclass(frozen=True, slots=True)
class Factor:
    """What an axis, or a part of it, counts, and how many there are."""

    kind: Kind
    size: int


Axis = tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of a tensor that depends on the images.

    Attributes
    ----------
    axes
        One per dimension.
    age
        When its channels came into being, in calls since the start of the forward pass; infinite without channels.
        Where two tensors are joined, the elder's channels count: those of the way around a block, not those within.
    """

    axes: tuple[Axis, ...]
    age: float = inf

    def with_kind(self, kind: Kind) -> list[int]:
        """Return the dimensions that count such things, also among others."""
        return [i for i, axis in enumerate(self.axes) if any(factor.kind == kind for factor in axis)]


def axis(kind: Kind, size: int) -> Axis:
    """Return an axis that counts one thing."""
    return (Factor(kind, size),)


def images_axes(shape: Sequence[int]) -> Axes:
    """Return the axes of images, `(N, C, H, W)`, or of other inputs, with more sides or fewer."""
    kinds: tuple[Kind, ...] = ("image", "channel", *["other"] * (len(shape) - 2))  # type: ignore[assignment]
    return Axes(tuple(axis(kind, size) for kind, size in zip(kinds, shape, strict=True)), 0)


def unknown(shape: Iterable[int]) -> Axes:
    """Return the axes of a tensor of which nothing else is known."""
    return Axes(tuple(axis("other", size) for size in shape))


def size_of(one: Axis) -> int:
    """Return how long an axis is."""
    return prod(factor.size for factor in one)


def regrouped(known: Axes, shape: Sequence[int]) -> Axes:
    """Return the axes after the same numbers, in the same order, were given another shape.

    Examples
    --------
    >>> flat = regrouped(images_axes((2, 3, 4, 4)), (2, 48))
    >>> flat.with_kind("channel"), regrouped(flat, (2, 3, 16)).with_kind("channel")
    ([1], [1])
    """
    pending = _pending(known)
    found: list[Axis] = []
    for size in shape:
        taken = _taken(pending, size)
        if taken is None:
            return unknown(shape)
        found.append(taken)
    return _with_age(found, known.age)


def _pending(known: Axes) -> deque[Factor]:
    """Return the factors of all axes, the slowest first; neighbours that count the same are one."""
    found: deque[Factor] = deque()
    for factor in (factor for one in known.axes for factor in one):
        if found and found[-1].kind == factor.kind:
            found[-1] = Factor(factor.kind, found[-1].size * factor.size)
        elif factor.size > 1 or factor.kind != "other":
            found.append(factor)
    return found


def _taken(pending: deque[Factor], size: int) -> Axis | None:
    """Take the next factors whose product is the size, the last of them split if need be; None if that cannot be."""
    taken, left = [], size
    if size == 1 and pending and pending[0].size == 1:
        return (pending.popleft(),)
    while left > 1:
        if not pending:
            return None
        factor = pending.popleft()
        if factor.size == 1 and factor.kind == "channel":
            continue  # the one channel of a grey image is not what the rows that follow count
        if left % factor.size == 0:
            taken.append(factor)
            left //= factor.size
        elif factor.size % left == 0:
            taken.append(Factor(factor.kind, left))
            pending.appendleft(Factor(factor.kind, factor.size // left))
            left = 1
        else:
            return None
    return tuple(taken) or axis("other", 1)


def fitted(known: Axes, shape: Sequence[int]) -> Axes:
    """Return the axes of as many dimensions, some of which became longer or shorter: pooled, padded, repeated, cut.

    Examples
    --------
    >>> fitted(images_axes((2, 3, 4, 4)), (2, 6, 2, 2)).axes[1]
    (Factor(kind='channel', size=6),)
    """
    kept = [one if size_of(one) == size else _resized(one, size) for one, size in zip(known.axes, shape, strict=True)]
    return _with_age(kept, known.age)


def _resized(one: Axis, size: int) -> Axis:
    """Return an axis of another length; which of its images are still there is not known."""
    return axis("channel" if any(factor.kind == "channel" for factor in one) else "other", size)


def born(known: Axes | None, shape: Sequence[int], place: int, age: float) -> Axes:
    """Return the axes of a layer's output, whose units lie along one dimension; those before it become anything.

    Parameters
    ----------
    known
        The axes that what comes in would have in the output; None if nothing is known.
    shape
        Of the output.
    place
        Dimension of the new channels; negative ones count from the last.
    age
        Of the new channels.

    Examples
    --------
    >>> born(images_axes((2, 3, 4, 4)), (2, 4, 4, 7), -1, 1).with_kind("channel")
    [3]
    """
    rest = unknown(shape) if known is None else fitted(known, shape)
    found = [_anything(one) for one in rest.axes]
    found[place] = axis("channel", shape[place])
    return Axes(tuple(found), age)


def _anything(one: Axis) -> Axis:
    """Return an axis whose channels are no longer what its layer's units are."""
    return tuple(Factor("other", factor.size) if factor.kind == "channel" else factor for factor in one)


def without(known: Axes, places: Iterable[int]) -> Axes:
    """Return the axes less some dimensions; negative ones count from the last."""
    gone = {place % len(known.axes) for place in places}
    return _with_age([one for i, one in enumerate(known.axes) if i not in gone], known.age)


def inserted(known: Axes, place: int, size: int) -> Axes:
    """Return the axes with one more dimension at a place; negative ones count from the last of the new ones."""
    place %= len(known.axes) + 1
    return Axes((*known.axes[:place], axis("other", size), *known.axes[place:]), known.age)


def broadcast(known: Axes, shape: Sequence[int]) -> Axes:
    """Return the axes after broadcasting to a shape: missing dimensions are put first."""
    missing = len(shape) - len(known.axes)
    return fitted(Axes((*(axis("other", 1) for _ in range(missing)), *known.axes), known.age), shape)


def ordered(known: Axes, places: Sequence[int]) -> Axes:
    """Return the axes in another order; negative dimensions count from the last."""
    return Axes(tuple(known.axes[place] for place in places), known.age)


def _with_age(axes: Sequence[Axis], age: float) -> Axes:
    """Return axes; an age only if there are channels."""
    found = Axes(tuple(axes), age)
    return found if found.with_kind("channel") else Axes(found.axes)
