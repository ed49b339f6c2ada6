"""How inputs are drawn: images as they are, signals as lines, volumes slice by slice, many channels one by one."""

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

TRACES = 12
"""Signals of more channels are shown as a map, a row for each channel."""

SLICES = 16
"""Of a volume, at most so many slices are shown, evenly spread."""

WIDEST = 4
"""A map that is longer than so many times the other side is stretched to that."""

TITLE = 0.065
"""Room for the titles of a row of maps, as a part of its width."""

INK, FAINT = "#0b5fa5", "#8a8f98"

DPI = 100


def is_picture(image: np.ndarray) -> bool:
    """Return whether an input can be shown pixel by pixel: an image of one or three channels."""
    return image.ndim == 3 and len(image) in (1, 3)


def pixels(image: np.ndarray) -> np.ndarray:
    """Return an input in [0, 1] as a picture of uint8: `(H, W, 3)` of an image of three channels, `(H, W)` of one.

    Others are drawn as by `draw`, `(h, w, 3)`.

    Examples
    --------
    >>> pixels(np.zeros((1, 8, 8))).shape, pixels(np.zeros((1, 400))).shape
    ((8, 8), (160, 320, 3))
    """
    if not is_picture(image):
        return _rendered(image)
    bytes_ = _bytes(image)
    return bytes_[0] if len(bytes_) == 1 else bytes_.transpose(1, 2, 0)


def draw(axes: Axes, image: np.ndarray) -> None:
    """Draw an input `(C, *sides)` in [0, 1] on empty axes.

    Parameters
    ----------
    axes
        Where to; its frame is taken off.
    image
        An image of one or three channels is shown as it is, of others each channel in grey under its number. A signal
        is a line for each channel, the first on top, from 0 at its foot to 1 at the foot of the one above; one of many
        channels a map. A volume is shown by slices across its first side, under their numbers.
    """
    axes.set_axis_off()
    if image.ndim == 2 and len(image) <= TRACES:
        _draw_traces(axes, image)
    elif image.ndim == 2:
        _show(axes, _bytes(image[None])[0])
    elif is_picture(image):
        _show(axes, pixels(image))
    else:
        _draw_tiles(axes, *_tiles(image))


def _bytes(image: np.ndarray) -> np.ndarray:
    """Return numbers in [0, 1] as bytes."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _show(axes: Axes, picture: np.ndarray) -> None:
    """Show a picture; one that is all too long is stretched."""
    height, width = picture.shape[:2]
    aspect = "equal" if max(height, width) <= WIDEST * min(height, width) else max(width / height, 1.0) / WIDEST
    if height > WIDEST * width:
        aspect = WIDEST * width / height
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect=aspect)


def _draw_traces(axes: Axes, signal: np.ndarray) -> None:
    """Draw a line for each channel, the first on top."""
    count = len(signal)
    axes.set(xlim=(0, max(signal.shape[1] - 1, 1)), ylim=(-0.05 * count, 1.05 * count))
    for i, trace in enumerate(signal):
        foot = count - 1 - i
        for level in (foot, foot + 1):
            axes.axhline(level, color=FAINT, linewidth=0.4, linestyle=":")
        axes.plot(trace + foot, color=INK, linewidth=0.8, marker="." if len(trace) == 1 else None)
        if count > 1:
            place = axes.get_yaxis_transform()
            axes.text(-0.01, foot + 0.5, str(i), fontsize=5, ha="right", va="center", transform=place)


def _tiles(image: np.ndarray) -> tuple[list[np.ndarray], list[str]]:
    """Return the maps that an input is shown by, and their titles: its channels, or the slices of a volume."""
    bytes_ = _bytes(image)
    if image.ndim == 3:
        return list(bytes_), [str(i) for i in range(len(bytes_))]
    places = np.unique(np.linspace(0, image.shape[1] - 1, min(image.shape[1], SLICES)).round().astype(int))
    if len(bytes_) in (1, 3):
        shown = bytes_[0] if len(bytes_) == 1 else np.moveaxis(bytes_, 0, -1)
        return [shown[place] for place in places], [str(place) for place in places]
    each = max(1, SLICES // len(bytes_))
    places = places[np.linspace(0, len(places) - 1, min(each, len(places))).round().astype(int)]
    return [one[place] for one in bytes_ for place in places], [f"{i}:{p}" for i in range(len(bytes_)) for p in places]


def _columns(count: int, sides: Sequence[int]) -> int:
    """Return how many maps stand beside one another, so that all of them together are about square."""
    return min(count, max(1, ceil(sqrt(count * sides[0] / sides[1]))))


def _draw_tiles(axes: Axes, tiles: Sequence[np.ndarray], titles: Sequence[str]) -> None:
    """Draw maps in rows, each under its title."""
    height, width = tiles[0].shape[:2]
    columns = _columns(len(tiles), (height, width))
    rows = -(-len(tiles) // columns)
    gap = TITLE * columns * width  # titles are as large on the sheet as the sheet lets all of it be
    across, down = 1.06 * width, height + gap
    for place, (tile, title) in enumerate(zip(tiles, titles, strict=True)):
        row, column = divmod(place, columns)
        left, top = column * across, row * down
        extent = (left, left + width, top + height, top)
        axes.imshow(tile, cmap="gray", vmin=0, vmax=255, interpolation="nearest", extent=extent)
        axes.text(left + width / 2, top - 0.15 * gap, title, fontsize=5, ha="center", va="bottom")
    axes.set(xlim=(0, columns * across), ylim=(rows * down - gap, -1.5 * gap))


def figure_of(image: np.ndarray) -> Figure:
    """Return a drawing of an input, as by `draw`, in a figure of its own."""
    lines = image.ndim == 2 and len(image) <= TRACES
    height = max(1.6, 0.55 * len(image)) if lines else 1.6 if image.ndim == 2 else 3.2
    figure = Figure((3.2, height), dpi=DPI)
    draw(figure.add_axes((0.05, 0.03, 0.92, 0.94)), image)
    return figure


def _rendered(image: np.ndarray) -> np.ndarray:
    """Return an input as a drawing, (h, w, 3) bytes."""
    canvas = FigureCanvasAgg(figure_of(image))
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
