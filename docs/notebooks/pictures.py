"""The pictures in the notebooks: what a unit of one or two inputs can still be, and members."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from math import sqrt

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.exact.points import Point
from fvproof.theory.interval import Interval
from fvproof.theory.visualization import Visualization

Unit = Callable[[Point], Fraction]
LOW, HIGH, QUERY, MEMBERS = "#2166ac", "#b2182b", "#000000", ("#1b7837", "#762a83", "#e08214", "#01665e")
STYLE = {"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "fvproof", "axes.spines.top": False}
STYLE |= {"axes.spines.right": False, "image.interpolation": "nearest"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, a fingerprint of what is drawn whatever the drawing library's version, and what it shows."""

    svg: str
    fingerprint: str
    words: str

    def _repr_svg_(self) -> str:
        return self.svg


def band(
    ambiguity: Callable[[Point], Interval],
    phi: Visualization,
    members: Mapping[str, Unit] | None = None,
    *,
    seen: Sequence[tuple[Fraction, Fraction]] = (),
) -> Picture:
    """Draw, for one input, the values still possible at every x, the two points shown, some members, some exemplars."""
    figure, (axes,) = canvas(1, width=6.2, height=2.9)
    grid = sorted({Fraction(i, 240) for i in range(241)} | {x for x, _ in seen})
    known = [ambiguity((x,)) for x in grid]
    xs, low, high = ([float(t) for t in ts] for ts in (grid, [k.low for k in known], [k.high for k in known]))
    axes.fill_between(xs, low, high, facecolor="#d9d9d9", edgecolor="#bdbdbd", label="values still possible")
    for (name, unit), color in zip((members or {}).items(), MEMBERS, strict=False):
        axes.plot(xs, [float(unit((x,))) for x in grid], color=color, linewidth=1.5, label=name)
    _mark_values(axes, phi)
    if seen:
        axes.plot(*zip(*((float(x), float(v)) for x, v in seen), strict=True), "k.", label="exemplars", zorder=6)
    axes.set(xlim=(-0.02, 1.02), xlabel="x", ylabel="f(x)")
    if not phi.spread:
        axes.set_ylim(float(phi.minimum) - 0.5, float(phi.maximum) + 0.5)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=1.4, frameon=False)
    return finished(figure, "; ".join(["the values still possible at every x", *(members or {})]))


def _mark_values(axes: Axes, phi: Visualization) -> None:
    """Mark the visualization (a, m) and (b, M) on the graph of a unit of one input."""
    (a,), (b,) = phi.argmin, phi.argmax
    axes.plot([float(a)], [float(phi.minimum)], "o", color=LOW, label="(a, m)", clip_on=False, zorder=5)
    axes.plot([float(b)], [float(phi.maximum)], "o", color=HIGH, label="(b, M)", clip_on=False, zorder=5)


def square(
    units: Mapping[str, Unit], phi: Visualization, *, query: Point | None = None, seen: Sequence[Point] = ()
) -> Picture:
    """Draw units of two inputs on the unit square, one beside the other, on one scale from m to M."""
    margin = 0 if phi.spread else 0.5  # a constant has no scale of its own
    scale = Scale(float(phi.minimum) - margin, float(phi.maximum) + margin, "cividis")
    return _squares(units, _marks(phi, x=query), scale, seen)


def radius(ambiguities: Mapping[str, Callable[[Point], Interval]], phi: Visualization) -> Picture:
    """Draw, for two inputs, the error that no decoder can avoid, as a share of (M − m)/2: 0 white, 1 dark."""
    shares = {name: lambda x, known=known: 2 * known(x).radius / phi.spread for name, known in ambiguities.items()}
    return _squares(shares, _marks(phi), Scale(0, 1, "Greys"))


def order(classes: Mapping[str, FunctionClass], phi: Visualization, y: Point) -> Picture:
    """Draw, for two inputs and one y, where it is settled that f(x) ≤ f(y), or that f(x) ≥ f(y)."""
    known = {
        name: lambda x, asked=asked: Fraction(asked.at_most(phi, y, x) - asked.at_most(phi, x, y))
        for name, asked in classes.items()
    }
    labels = {-1: "f(x) ≤ f(y)", 0: "open, or equal", 1: "f(x) ≥ f(y)"}
    return _squares(known, _marks(phi, y=y), Scale(-1, 1, ListedColormap(["#9ecae1", "#eeeeee", "#fcae91"]), labels))


def disc(
    functions: Mapping[str, Callable[[Point], object]],
    marks: Mapping[str, Point],
    limits: tuple[float, float] = (0, 1),
    colors: str = "cividis",
) -> Picture:
    """Draw functions of two inputs on the unit disc, one beside the other; marks are points by their letters."""
    drawn = {name: lambda x, f=f: f(_into_disc(x)) for name, f in functions.items()}
    return _squares(drawn, marks, Scale(*limits, colors, start=-1))


def _into_disc(x: Point) -> Point:
    """Return the point, or the one just inside the rim below it: cells that the rim cuts are coloured, then clipped."""
    size = sqrt(x[0] ** 2 + x[1] ** 2)
    return tuple(c * Fraction(int(1000 / size), 1000) for c in x) if size > 1 else x


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours of a picture mean, and where its square starts; it ends at 1."""

    low: float
    high: float
    colors: str | ListedColormap
    labels: Mapping[float, str] | None = None
    start: int = 0


def _squares(
    functions: Mapping[str, Unit], marks: Mapping[str, Point], scale: Scale, seen: Sequence[Point] = ()
) -> Picture:
    """Draw functions of two inputs as colours, at the middles of a grid of cells."""
    figure, panels = canvas(len(functions), width=2.9 if len(functions) < 4 else 2.2, height=2.6)
    if scale.labels:
        figure.set_figwidth(figure.get_figwidth() + 0.8)
    middles = [scale.start + (1 - scale.start) * Fraction(2 * i + 1, 96) for i in range(48)]
    look = {"vmin": scale.low, "vmax": scale.high, "cmap": scale.colors, "extent": (scale.start, 1, scale.start, 1)}
    for axes, (name, f) in zip(panels, functions.items(), strict=True):
        table = np.array([[float(f((x, y))) for x in middles] for y in middles])
        image = axes.imshow(table, origin="lower", **look)
        axes.spines[:].set_visible(not scale.start)
        if scale.start:
            image.set_clip_path(axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor="#888888", linewidth=0.8)))
        axes.plot([float(x) for x, _ in seen], [float(y) for _, y in seen], "w.")
        _mark_points(axes, marks, middle=Fraction(1 + scale.start, 2))
        axes.set(title=name, xticks=[scale.start, 1], yticks=[scale.start, 1])
    bar = figure.colorbar(image, ax=panels, fraction=0.05, shrink=0.8)
    if scale.labels:
        bar.set_ticks([2 * tick / 3 for tick in scale.labels], labels=list(scale.labels.values()))
    return finished(figure, "over all inputs, in colours: " + "; ".join(functions))


def _marks(phi: Visualization, **queries: Point | None) -> dict[str, Point]:
    """Return the points to be marked, by their letters."""
    return {"a": phi.argmin, "b": phi.argmax} | {name: point for name, point in queries.items() if point is not None}


def _mark_points(axes: Axes, marks: Mapping[str, Point], *, middle: Fraction) -> None:
    """Mark points: a blue, b red, queries black; their letters stand towards the middle."""
    for name, (x, y) in marks.items():
        color = {"a": LOW, "b": HIGH}.get(name, QUERY)
        axes.plot([float(x)], [float(y)], "o", color=color, markeredgecolor="white", clip_on=False, zorder=5)
        inward = tuple(-9 if c > middle else 9 for c in (x, y))
        axes.annotate(
            name, (float(x), float(y)), inward, textcoords="offset points", ha="center", va="center", color="white",
            fontweight="bold", bbox={"boxstyle": "circle,pad=0.15", "facecolor": color, "edgecolor": "none"},
        )  # fmt: skip


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, x: str, y: str, logx: bool = False
) -> Picture:
    """Draw named curves, each a pair of coordinates."""
    figure, (axes,) = canvas(1, width=6.2, height=2.9)
    for (name, (xs, ys)), color in zip(lines.items(), MEMBERS, strict=False):
        axes.plot(list(map(float, xs)), list(map(float, ys)), color=color, linewidth=1.5, label=name)
    axes.set(xlabel=x, ylabel=y, xscale="log" if logx else "linear")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=1.4, frameon=False)
    return finished(figure, f"{y} over {x}: " + "; ".join(lines))


def canvas(panels: int, *, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return an empty figure with panels side by side."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width * panels, height), layout="constrained")
        return figure, list(figure.subplots(1, panels, squeeze=False)[0])


def finished(figure: Figure, words: str) -> Picture:
    """Return the figure as SVG that is the same, byte for byte, on every run, with what it shows in words."""
    buffer = StringIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Title": words})
    return Picture(buffer.getvalue(), _fingerprint(figure), words)


def _fingerprint(figure: Figure) -> str:
    """Return a hash of all that is drawn: curves, tables and words, to five digits."""
    drawn: list[object] = []
    for axes in figure.axes:
        drawn += [np.round(np.asarray(line.get_xydata()), 5).tolist() for line in axes.lines]
        drawn += [np.round(path.vertices, 5).tolist() for area in axes.collections for path in area.get_paths()]
        drawn += [np.round(np.asarray(image.get_array()), 5).tolist() for image in axes.images]
        drawn += [text.get_text() for text in axes.texts] + [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    return hashlib.sha256(repr(drawn).replace("-0.0,", "0.0,").encode()).hexdigest()[:16]
