"""Small random motions of the image before every step, so that the optimum found does not hang on single pixels.

Each image is padded with grey, shifted, scaled, rotated and shifted again (Olah et al. 2017). All of it together is one
affine map, so one bilinear reading of the image does it. Lengths are fractions of the image's side: an image of 8
pixels is moved as much as one of 224. What is not comparable is not mixed: where one side is more than `COMPARABLE`
times the other, as of signals and spectrograms, images are shifted along each side but neither scaled nor rotated, and
along a side of one pixel they do not move at all. Signals, which have one side, are shifted; volumes are moved as
images are, about all three axes, and turned only in planes whose sides are comparable: the frames of a film, but not
its time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import radians

import torch
from torch import Tensor
from torch.nn import functional as F

from fvproof.empirical.shapes import Shape
from fvproof.theory.errors import UnknownName

GREY = 0.5
"""What lies outside the image."""

COMPARABLE = 2.0
"""Images are scaled and rotated if the longer side is at most so many times the shorter."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How far images are moved; every draw is uniform between minus and plus these bounds.

    Attributes
    ----------
    shift
        Of the first shift, as a fraction of the image's side.
    zoom
        Of the scale, around 1.
    turn_degrees
        Of the rotation about the middle.
    last_shift
        Of the shift after the rotation, as a fraction of the side.
    frame
        Width of the grey frame that is put around the image before it is brought back to its size, as a fraction of the
        side.
    """

    shift: float
    zoom: float
    turn_degrees: float
    last_shift: float
    frame: float = 0.0

    @property
    def moves(self) -> bool:
        """Whether there is any motion."""
        return any((self.shift, self.zoom, self.turn_degrees, self.last_shift, self.frame))


TRANSFORMS = {
    "off": Motion(0.0, 0.0, 0.0, 0.0),
    "light": Motion(1 / 56, 0.05, 5.0, 0.0),
    "standard": Motion(1 / 56, 0.1, 10.0, 1 / 112),
    "padded": Motion(1 / 56, 0.1, 10.0, 1 / 112, frame=12 / 224),
}
"""Every set of motions by name, on an image of `SIDE` pixels; *standard* is 8 and 4 pixels from end to end, 10 % and 10
degrees, *padded* the same with a frame of 12 pixels, as of lucid and lucent: on smaller images as many pixels."""

SIDE = 224
"""The side of the image for which lengths in pixels become fractions."""


def motion(name: str, side: int = SIDE) -> Motion:
    """Return the motions of that name for an image of that smaller side.

    Examples
    --------
    >>> motion("off").moves
    False
    """
    if name not in TRANSFORMS:
        raise UnknownName("set of transforms", name, TRANSFORMS)
    moved = TRANSFORMS[name]
    if not moved.frame:
        return moved
    more = SIDE / side  # lucid's lengths are pixels, whatever the image
    return replace(moved, shift=moved.shift * more, last_shift=moved.last_shift * more, frame=moved.frame * more)


def side_of(shape: Shape) -> int:
    """Return the side by which lengths in pixels become fractions: the smaller one, of what is long the longer.

    Examples
    --------
    >>> side_of((3, 224, 320)), side_of((1, 2, 400)), side_of((1, 400))
    (224, 400, 400)
    """
    low, high = min(shape[1:]), max(shape[1:])
    return low if high <= COMPARABLE * low else high


def draw(moved: Motion, steps: int, generators: Iterable[torch.Generator], *, aspect: float = 1.0) -> Tensor:
    """Return affine maps from the moved image's coordinates to the image's, `(steps, images, 2, 3)`.

    There is one generator per image. A map is `p ↦ R(turn)/scale · (p − last shift) − shift` in coordinates that run
    from −1 to 1 across the image, with the scale divided by 1 + 2·frame; `R` turns pixels, so that on an image of
    unequal sides it depends on `aspect`, width by height. Beyond `COMPARABLE` there is neither turn nor scale.

    Examples
    --------
    >>> draw(motion("off"), 1, [torch.Generator()]).abs().tolist()
    [[[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]]
    """
    moved = moved if 1 / COMPARABLE <= aspect <= COMPARABLE else replace(moved, zoom=0.0, turn_degrees=0.0)
    uniform = torch.stack([torch.rand(steps, 6, generator=generator) for generator in generators], dim=1) * 2 - 1
    shift, last = 2 * moved.shift * uniform[..., 0:2], 2 * moved.last_shift * uniform[..., 2:4]
    scale = (1 + moved.zoom * uniform[..., 4]) / (1 + 2 * moved.frame)
    turn = radians(moved.turn_degrees) * uniform[..., 5]
    cosine, sine = torch.cos(turn) / scale, torch.sin(turn) / scale
    matrix = torch.stack([cosine, -sine / aspect, sine * aspect, cosine], dim=-1).unflatten(-1, (2, 2))
    offset = -(matrix @ last[..., None]) - shift[..., None]
    return torch.cat([matrix, offset], dim=-1)


def draw_for(shape: Shape, moved: Motion, steps: int, generators: Iterable[torch.Generator]) -> Tensor:
    """Return affine maps for images, signals or volumes of a shape, as `move` takes them.

    Those of a signal are those of an image of one row, `(steps, inputs, 2, 3)`; of a volume they are `(steps, inputs,
    3, 4)`.

    Examples
    --------
    >>> draw_for((1, 4, 4, 4), motion("off"), 1, [torch.Generator()]).shape
    torch.Size([1, 1, 3, 4])
    """
    if len(shape) < 4:
        height, width = (1, *shape[1:])[-2:]
        return draw(moved, steps, generators, aspect=width / height)
    return _draw_in_space(shape[1:], moved, steps, generators)


def _draw_in_space(sides: Sequence[int], moved: Motion, steps: int, generators: Iterable[torch.Generator]) -> Tensor:
    """Return the maps of volumes: `p ↦ R/scale · (p − last shift) − shift`, with R = exp of three small turns.

    Coordinates run from −1 to 1 along width, height and depth, in this order.
    """
    uniform = torch.stack([torch.rand(steps, 10, generator=generator) for generator in generators], dim=1) * 2 - 1
    lengths = torch.tensor([float(side) for side in reversed(sides)])
    mates = [(i, j) for i, j in combinations(range(3), 2) if _comparable(lengths[i], lengths[j])]
    turns = torch.zeros(*uniform.shape[:2], 3, 3)
    for place, (i, j) in enumerate(mates):
        turns[..., i, j] = radians(moved.turn_degrees) * uniform[..., 7 + place]
        turns[..., j, i] = -turns[..., i, j]
    zoomed = torch.tensor([float(any(i in pair for pair in mates)) for i in range(3)])
    scale = (1 + moved.zoom * uniform[..., 6:7] * zoomed) / (1 + 2 * moved.frame)
    matrix = torch.linalg.matrix_exp(turns) / scale[..., None] * lengths / lengths[:, None]
    shift, last = 2 * moved.shift * uniform[..., 0:3], 2 * moved.last_shift * uniform[..., 3:6]
    return torch.cat([matrix, -(matrix @ last[..., None]) - shift[..., None]], dim=-1)


def _comparable(one: Tensor, other: Tensor) -> bool:
    """Return whether neither side is far longer than the other."""
    return bool(one <= COMPARABLE * other and other <= COMPARABLE * one)


def move(images: Tensor, maps: Tensor) -> Tensor:
    """Return the images `(N, C, H, W)` as they look after the affine maps `(N, 2, 3)`, with grey outside.

    Along a side of one pixel nothing is moved. Signals `(N, C, L)` count as images of one row; the maps of volumes
    `(N, C, D, H, W)` are `(N, 3, 4)`.

    Examples
    --------
    >>> identity = torch.eye(2, 3)[None]
    >>> image = torch.rand(1, 1, 8, 8)
    >>> torch.allclose(move(image, identity), image, atol=1e-6)
    True
    """
    if images.dim() == 3:
        return move(images.unsqueeze(2), maps).squeeze(2)
    for row, side in enumerate(reversed(images.shape[2:])):
        if side == 1:
            maps = maps.clone()
            maps[:, row], maps[:, row, row] = 0, 1
    grid = F.affine_grid(maps, list(images.shape), align_corners=False)
    return F.grid_sample(images - GREY, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + GREY
