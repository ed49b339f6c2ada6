"""Networks drawn with all their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictures import HIGH, LOW, STYLE, Picture, finished

from theory.classes.base import Member
from theory.network import ReluNetwork
from theory.pieces import network_of


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
    return finished(figure)


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
