"""The pictures in the notebooks: what a unit can still be (one and two inputs), members, and their networks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from theory.classes.base import FunctionClass, Member
from theory.interval import Interval
from theory.network import ReluNetwork
from theory.pieces import network_of
from theory.points import Point
from theory.visualization import Visualization

Unit = Callable[[Point], Fraction]
LOW, HIGH, QUERY, MEMBERS = "#2166ac", "#b2182b", "#000000", ("#1b7837", "#762a83", "#e08214", "#01665e")
STYLE = {"font.size": 9, "svg.fonttype": "none", "svg.hashsalt": "fvproof", "axes.spines.top": False}
STYLE |= {"axes.spines.right": False, "legend.frameon": False, "image.interpolation": "nearest"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, and a fingerprint of what is drawn, which does not depend on the drawing library's version."""

    svg: str
    fingerprint: str

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
    figure, (axes,) = _canvas(1, width=6.2, height=2.9)
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
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=1.4)
    return _picture(figure)


def _mark_values(axes: Axes, phi: Visualization) -> None:
    """Mark the visualization (a, m) and (b, M) on the graph of a unit of one input."""
    (a,), (b,) = phi.argmin, phi.argmax
    axes.plot([float(a)], [float(phi.minimum)], "o", color=LOW, label="(a, m)", clip_on=False, zorder=5)
    axes.plot([float(b)], [float(phi.maximum)], "o", color=HIGH, label="(b, M)", clip_on=False, zorder=5)


def square(units: Mapping[str, Unit], phi: Visualization, *, query: Point | None = None) -> Picture:
    """Draw units of two inputs on the unit square, one beside the other, on one scale from m to M."""
    scale = Scale(float(phi.minimum), float(phi.maximum), "cividis")
    return _squares(units, _marks(phi, x=query), scale)


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
    labels = {-1: "f(x) ≤ f(y)", 0: "open", 1: "f(x) ≥ f(y)"}
    return _squares(known, _marks(phi, y=y), Scale(-1, 1, ListedColormap(["#9ecae1", "#eeeeee", "#fcae91"]), labels))


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours of a picture mean."""

    low: float
    high: float
    colors: str | ListedColormap
    labels: Mapping[float, str] | None = None


def _squares(functions: Mapping[str, Unit], marks: Mapping[str, Point], scale: Scale) -> Picture:
    """Draw functions of two inputs as colours, at the middles of a grid of cells."""
    figure, panels = _canvas(len(functions), width=2.9 if len(functions) < 4 else 2.2, height=2.6)
    middles = [Fraction(2 * i + 1, 96) for i in range(48)]
    look = {"vmin": scale.low, "vmax": scale.high, "cmap": scale.colors}
    for axes, (name, f) in zip(panels, functions.items(), strict=True):
        table = np.array([[float(f((x, y))) for x in middles] for y in middles])
        image = axes.imshow(table, origin="lower", extent=(0, 1, 0, 1), **look)
        _mark_points(axes, marks)
        axes.set(title=name, xticks=[0, 1], yticks=[0, 1])
    bar = figure.colorbar(image, ax=panels, fraction=0.05, shrink=0.8)
    if scale.labels:
        bar.set_ticks([2 * tick / 3 for tick in scale.labels], labels=list(scale.labels.values()))
    return _picture(figure)


def _marks(phi: Visualization, **queries: Point | None) -> dict[str, Point]:
    """Return the points to be marked, by their letters."""
    return {"a": phi.argmin, "b": phi.argmax} | {name: point for name, point in queries.items() if point is not None}


def _mark_points(axes: Axes, marks: Mapping[str, Point]) -> None:
    """Mark points on the unit square: a blue, b red, queries black."""
    for name, (x, y) in marks.items():
        color = {"a": LOW, "b": HIGH}.get(name, QUERY)
        axes.plot([float(x)], [float(y)], "o", color=color, markeredgecolor="white", clip_on=False, zorder=5)
        inward = tuple(-9 if c > Fraction(1, 2) else 9 for c in (x, y))
        axes.annotate(
            name, (float(x), float(y)), inward, textcoords="offset points", ha="center", va="center", color="white",
            fontweight="bold", bbox={"boxstyle": "circle,pad=0.15", "facecolor": color, "edgecolor": "none"},
        )  # fmt: skip


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], *, x: str, y: str, logx: bool = False
) -> Picture:
    """Draw named curves, each a pair of coordinates."""
    figure, (axes,) = _canvas(1, width=6.2, height=2.9)
    for (name, (xs, ys)), color in zip(lines.items(), MEMBERS, strict=False):
        axes.plot(list(map(float, xs)), list(map(float, ys)), color=color, linewidth=1.5, label=name)
    axes.set(xlabel=x, ylabel=y, xscale="log" if logx else "linear")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=1.4)
    return _picture(figure)


def network(member: Member) -> Picture:
    """Draw a member as a network: inputs left, ReLUs in columns, output right.

    Red weights are positive, blue ones negative; the number in a unit is its bias.
    """
    net = network_of(member)
    columns = [net.dimension, *net.widths, len(net.layers[-1].rows)]
    with rc_context(STYLE):
        figure = Figure(figsize=(1.55 * len(columns), 0.7 + min(0.34 * max(columns), 5)))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-0.5, len(columns) - 0.5), ylim=(-0.5, max(columns) + 0.7))
    axes.set_axis_off()
    places = [[(i, (max(columns) - n) / 2 + n - 1 - j) for j in range(n)] for i, n in enumerate(columns)]
    for i, layer in enumerate(net.layers):
        _draw_weights(axes, layer.rows, places[i], places[i + 1])
    _draw_units(axes, net, places)
    return _picture(figure)


def _draw_weights(axes: Axes, rows: Sequence[Mapping[int, Fraction]], left: list, right: list) -> None:
    """Draw the weights between two columns, as wide as they are large, with their values where there is room."""
    largest = max((abs(w) for row in rows for w in row.values()), default=Fraction(1))
    few = sum(map(len, rows)) <= 12
    for row, (x1, y1) in zip(rows, right, strict=True):
        for i, weight in row.items():
            x0, y0 = left[i]
            width = 0.4 + 1.4 * float(abs(weight) / largest)
            axes.plot([x0, x1], [y0, y1], color=HIGH if weight > 0 else LOW, linewidth=width, alpha=0.7, zorder=1)
            share = 0.66 if len(row) == 1 else 0.34  # near the end where lines do not meet
            place = (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
            if few:
                box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
                axes.text(*place, str(weight), fontsize=7, ha="center", va="center", bbox=box, zorder=2)


def _draw_units(axes: Axes, net: ReluNetwork, places: list) -> None:
    """Draw the units, each with its bias in it where there is room."""
    few = max(map(len, places)) <= 16
    for i, column in enumerate(places):
        for j, (x, y) in enumerate(column):
            axes.plot([x], [y], "o", markersize=19 if few else 6, color="white", markeredgecolor="#444444", zorder=3)
            if few and i:
                bias = str(net.layers[i - 1].biases[j])
                axes.text(x, y, bias, fontsize=7, ha="center", va="center", color="#444444", zorder=4)
    names = [
        f"{len(places[0])} inputs" if len(places[0]) > 1 else "input",
        *(f"{w} ReLU{'s' * (w > 1)}" for w in net.widths),
        "output",
    ]
    for column, name in zip(places, names, strict=True):
        x, top = column[0]
        axes.text(x, top + 0.55, name, fontsize=8, ha="center", va="bottom")


def _canvas(panels: int, *, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return an empty figure with panels side by side."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width * panels, height), layout="constrained")
        return figure, list(figure.subplots(1, panels, squeeze=False)[0])


def _picture(figure: Figure) -> Picture:
    """Return the figure as SVG that is the same, byte for byte, on every run."""
    buffer = StringIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return Picture(buffer.getvalue(), _fingerprint(figure))


def _fingerprint(figure: Figure) -> str:
    """Return a hash of all that is drawn: curves, tables and words, to five digits."""
    drawn: list[object] = []
    for axes in figure.axes:
        drawn += [np.round(np.asarray(line.get_xydata()), 5).tolist() for line in axes.lines]
        drawn += [np.round(path.vertices, 5).tolist() for area in axes.collections for path in area.get_paths()]
        drawn += [np.round(np.asarray(image.get_array()), 5).tolist() for image in axes.images]
        drawn += [text.get_text() for text in axes.texts] + [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    return hashlib.sha256(repr(drawn).replace("-0.0,", "0.0,").encode()).hexdigest()[:16]
