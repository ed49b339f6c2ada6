"""Pictures and plots as data URIs, the same bytes for the same numbers, to stand in a page that needs nothing else."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from fvproof.empirical.maximization.drawing import WIDEST, figure_of, is_picture, pixels

BLUE, ORANGE, GREY, INK = "#0b5fa5", "#c8500a", "#8a8f98", "#22252a"
WIDE, NARROW = 7.2, 3.6
"""Width of a plot in inches, on a desk or paper, and on a phone."""

EDGES = (-1.5, 2.0)
"""Similarities beyond are drawn at the edge: they come from layers that hardly tell classes apart."""

CURVES = ("visualizations beside natural images of their class", "beside natural images of other classes")
"""What the two curves of a plot of layers show."""

MANY = 50
"""Of more layers, not all are named along the bottom."""

STYLE: dict[str, Any] = {
    "svg.hashsalt": "fvproof",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.7,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
}


LINES = ((BLUE, "-"), (GREY, ":"), (INK, "--"), (ORANGE, "--"))
"""Colour and dashes of each of several lines."""


TINY = 96
"""Images with no longer side are stored as they are, pixel by pixel."""

SCREEN_DPI = 80
"""Pixels of a screen in an inch of a figure."""


class Drawing(Figure):
    """A figure that a notebook shows, whether or not `matplotlib.pyplot` is loaded; no window is opened."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return what a notebook shows: a picture of twice as many pixels as it is wide on the page."""
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=2 * SCREEN_DPI)
        return buffer.getvalue(), {"width": round(self.get_figwidth() * SCREEN_DPI)}


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot in two widths, each a data URI."""

    wide: str
    narrow: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One layer of a curve: its name, and a value with its interval."""

    name: str
    value: float
    low: float
    high: float


def picture(image: np.ndarray, *, least_pixels: int = 160) -> str:
    """Return an image as a PNG data URI, each pixel enlarged to a square of pixels if the image is small.

    Parameters
    ----------
    image
        (C, H, W) in [0, 1], shown as by `fvproof.empirical.maximization.drawing.pixels`; what is no picture, as SVG.
    least_pixels
        The short side of an image is enlarged to at least this by a whole factor; of one that is very wide, each side
        by its own.

    Examples
    --------
    >>> picture(np.zeros((1, 8, 8)))[:22]
    'data:image/png;base64,'
    """
    if not is_picture(image):
        with style.context(STYLE, after_reset=True):
            return svg_uri(figure_of(image), transparent=False)
    drawn, buffer = pixels(image), BytesIO()
    down, across = _factors(drawn.shape[:2], least_pixels)
    Image.fromarray(drawn.repeat(down, axis=0).repeat(across, axis=1)).save(buffer, "PNG", optimize=True)
    return _uri("image/png", buffer.getvalue())


def _factors(sides: Sequence[int], least: int) -> tuple[int, int]:
    """Return by what the sides are enlarged: one factor, unless one side is far longer than the other.

    Examples
    --------
    >>> _factors((8, 8), 160), _factors((2, 400), 160)
    ((20, 20), (100, 2))
    """
    if max(sides) <= WIDEST * min(sides):
        factor = -(-least // min(sides))
        return factor, factor
    long = max(1, -(-WIDEST * least // max(sides)))
    short = max(long, -(-long * max(sides) // (WIDEST * min(sides))))
    return (short, long) if sides[0] < sides[1] else (long, short)


def thumbnail(image: np.ndarray, *, most_pixels: int = 96) -> str:
    """Return an image as a small data URI: as it is if it is tiny (the page enlarges it), else as a JPEG, reduced.

    Parameters
    ----------
    image
        (C, H, W) in [0, 1].
    most_pixels
        The long side of a larger image is reduced to this.

    Examples
    --------
    >>> thumbnail(np.zeros((1, 8, 8)))[:22], thumbnail(np.zeros((3, 224, 224)))[:23]
    ('data:image/png;base64,', 'data:image/jpeg;base64,')
    """
    drawn, buffer = pixels(image), BytesIO()
    if not is_picture(image):
        most_pixels *= 2  # lines and small maps need more
    elif max(drawn.shape[:2]) > WIDEST * min(drawn.shape[:2]):
        down, across = _factors(drawn.shape[:2], min(drawn.shape[:2]))
        drawn = drawn.repeat(down, axis=0).repeat(across, axis=1)
    shown = Image.fromarray(drawn)
    if max(shown.size) <= TINY:
        shown.save(buffer, "PNG", optimize=True)
        return _uri("image/png", buffer.getvalue())
    shown.thumbnail((most_pixels, most_pixels), Image.Resampling.LANCZOS)
    shown.convert("RGB").save(buffer, "JPEG", quality=88)
    return _uri("image/jpeg", buffer.getvalue())


def activation_line(natural: np.ndarray, ends: tuple[float, float], noise: tuple[float, float]) -> str:
    """Return a plot of where natural images lie between the two visualizations of a unit.

    Parameters
    ----------
    natural
        Activations of natural images.
    ends
        Activations of the visualizations, least and greatest.
    noise
        The least and greatest activation of noise images.
    """
    with _figure(NARROW, 0.85) as (figure, axes):
        natural = natural[np.isfinite(natural)]
        known = np.array([value for value in (*ends, *natural) if np.isfinite(value)] or [0.0])
        low, high = float(known.min()), float(known.max())
        edges = np.linspace(low, high, 61) if low < high else np.array([low - 0.5, low + 0.5])
        counts, _ = np.histogram(natural, edges)
        axes.bar(edges[:-1], counts / max(counts.max(), 1), np.diff(edges), align="edge", color=GREY, linewidth=0)
        axes.plot(noise, (-0.12, -0.12), "|", color=INK, markersize=6, clip_on=False)
        axes.plot(ends[:1], (-0.12,), "o", color=BLUE, markersize=5, clip_on=False)
        axes.plot(ends[1:], (-0.12,), "o", color=ORANGE, markersize=5, clip_on=False)
        axes.set(ylim=(-0.12, 1.05), yticks=())
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.03)
        return svg_uri(figure)


def layer_curve(rows: Sequence[Bar], control: Sequence[Bar], *, marked: Sequence[str], label: str) -> Plot:
    """Return a plot of a measurement at each layer, with its confidence band, beside its control.

    Parameters
    ----------
    rows, control
        One bar per layer, from the input to the output, of visualizations beside natural images of the same class, and
        of other classes.
    marked
        The layers that are audited.
    label
        What is measured.
    """
    return Plot(*(_layer_curve((rows, control), frozenset(marked), label, width) for width in (WIDE, NARROW)))


def layer_figure(rows: Sequence[Bar], control: Sequence[Bar], *, label: str, upright: bool) -> Figure:
    """Return the plot of `layer_curve` as a figure, with the layers down the side or along the bottom."""
    with _layers_drawn((rows, control), frozenset(), label, NARROW if upright else WIDE) as figure:
        return figure


def layer_lines(layers: Sequence[str], lines: Mapping[str, Sequence[float]], *, label: str) -> Figure:
    """Return a plot of several measurements at each layer, each with its name.

    Parameters
    ----------
    layers
        From the input to the output.
    lines
        By name, one value per layer.
    label
        What is measured.
    """
    with _figure(WIDE, 3.0) as (figure, axes):
        for (name, values), (color, dashes) in zip(lines.items(), LINES, strict=False):
            axes.plot(range(len(layers)), list(values), dashes, color=color, linewidth=1.4, marker=".", label=name)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=8)
        named = range(0, len(layers), 1 + len(layers) // MANY)
        names = [layers[place] for place in named]
        axes.set_xticks(named, names, family="DejaVu Sans Mono", fontsize=7, rotation=90)
        axes.set_ylabel(label)
        return figure


def _layer_curve(curves: tuple[Sequence[Bar], ...], marked: frozenset[str], label: str, width: float) -> str:
    """Return the curves in one width."""
    with _layers_drawn(curves, marked, label, width) as figure:
        return svg_uri(figure)


@contextmanager
def _layers_drawn(
    curves: tuple[Sequence[Bar], ...], marked: frozenset[str], label: str, width: float
) -> Iterator[Figure]:
    """Draw the curves: layers along the bottom on a desk, down the side on a phone."""
    (rows, _), upright = curves, width == NARROW
    places = range(len(rows))
    value = _within([row.value for row in rows])
    chosen = [place for place, row in enumerate(rows) if row.name in marked]
    with _figure(width, 0.8 + 0.17 * max(2, len(rows)) if upright else 3.0) as (figure, axes):
        for level in (0, 1):
            (axes.axvline if upright else axes.axhline)(level, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        for curve, color, dashes, name in zip(curves, (BLUE, GREY), ("-", ":"), CURVES, strict=True):
            _band(axes, curve, color, upright=upright)
            across = _turned(places, _within([row.value for row in curve]), upright=upright)
            axes.plot(*across, dashes, color=color, linewidth=1.4, marker=".", markersize=4, label=name)
        axes.plot(*_turned(chosen, value[chosen], upright=upright), "o", color=ORANGE, markersize=6, zorder=3)
        figure.legend(loc="outside upper left", ncols=1 if upright else 2, frameon=False, fontsize=8)
        across, along = (axes.xaxis, axes.yaxis) if upright else (axes.yaxis, axes.xaxis)
        across.set_label_text(label)
        named = [place for place in places if place in chosen or upright or place % (1 + len(rows) // MANY) == 0]
        names = [rows[place].name for place in named]
        along.set_ticks(named, names, family="DejaVu Sans Mono", fontsize=7, rotation=0 if upright else 90)
        if upright:
            axes.invert_yaxis()
        yield figure


def _band(axes: Axes, rows: Sequence[Bar], color: str, *, upright: bool) -> None:
    """Draw the confidence band of a curve."""
    low, high = (_within([getattr(row, end) for row in rows]) for end in ("low", "high"))
    fill = axes.fill_betweenx if upright else axes.fill_between
    fill(list(range(len(rows))), low, high, color=color, alpha=0.18, linewidth=0)


def _within(values: Sequence[float]) -> np.ndarray:
    """Return the values, those beyond the edges of the plot at the edge."""
    return np.clip(np.asarray(values, np.float64), *EDGES)


def _turned(places: Sequence[int], values: np.ndarray, *, upright: bool) -> tuple:
    """Return what goes along and what goes up."""
    return (values, places) if upright else (places, values)


@contextmanager
def _figure(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure of this size in inches, with one pair of axes, in this page's style."""
    with style.context(STYLE, after_reset=True):
        figure = Drawing((width, height), layout="constrained")
        yield figure, figure.subplots()


def svg_uri(figure: Figure, *, transparent: bool = True) -> str:
    """Return the figure as an SVG data URI without date or version."""
    buffer = BytesIO()
    with style.context(STYLE, after_reset=True):
        figure.savefig(buffer, format="svg", transparent=transparent, metadata={"Date": None, "Creator": None})
    return _uri("image/svg+xml", buffer.getvalue())


def _uri(kind: str, content: bytes) -> str:
    """Return the content as a data URI."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
