"""Networks drawn with all their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pictures import HIGH, LOW, STYLE, Picture, finished

from fvproof.theory.classes.base import Member
from fvproof.theory.classes.quadratic import QuadraticForm
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.theory.pieces import network_of

Place = tuple[float, float]
SHARES = (0.34, 0.66, 0.5, 0.26, 0.74, 0.42, 0.58)
"""Where on its line a weight may stand, from the input's end to the output's."""


def network(member: Member) -> Picture:
    """Draw a member as a network: inputs left, ReLUs in columns, output right.

    Red weights are positive, blue ones negative; the number in a unit is its bias.
    """
    return _drawn(network_of(member), "ReLU")


def squares(form: QuadraticForm) -> Picture:
    """Draw a quadratic form on the sphere as a network whose hidden units square what they get."""
    heard = [(e, value - form.other) for e, value in form.axes if value != form.other]
    axes = tuple({i: w for i, w in enumerate(e) if w} for e, _ in heard)
    output = Layer(({i: weight for i, (_, weight) in enumerate(heard)},), (form.other,))
    return _drawn(ReluNetwork(form.dimension, (Layer(axes, (Fraction(0),) * len(axes)), output)), "square")


def _drawn(net: ReluNetwork, hidden: str) -> Picture:
    """Draw a network whose hidden units are called that."""
    columns = [net.dimension, *net.widths, len(net.layers[-1].rows)]
    with rc_context(STYLE):
        figure = Figure(figsize=(1.55 * len(columns), 0.4 + min(0.34 * (max(columns) + 1), 5)))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(-0.5, len(columns) - 0.5), ylim=(-0.7, max(columns) + 0.9))
    axes.set_axis_off()
    places = [[(i, (max(columns) - n) / 2 + n - 1 - j) for j in range(n)] for i, n in enumerate(columns)]
    for i, layer in enumerate(net.layers):
        _draw_weights(axes, layer.rows, places[i], places[i + 1])
    _draw_units(axes, net, places)
    return finished(figure, "a network: " + ", ".join(_name_columns(axes, columns, hidden)))


def _draw_weights(axes: Axes, rows: Sequence[Mapping[int, Fraction]], left: list[Place], right: list[Place]) -> None:
    """Draw the weights between two columns, as wide as they are large, with their values where there is room."""
    largest = max((abs(w) for row in rows for w in row.values()), default=Fraction(1))
    few, taken = sum(map(len, rows)) <= 12, []
    for row, end in zip(rows, right, strict=True):
        for i, weight in row.items():
            xs, ys = zip(left[i], end, strict=True)
            width = 0.4 + 1.4 * float(abs(weight) / largest)
            axes.plot(xs, ys, color=HIGH if weight > 0 else LOW, linewidth=width, alpha=0.7, zorder=1)
            if few:
                taken.append(_free_place(left[i], end, taken, turned=len(row) == 1))
                box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
                axes.text(*taken[-1], str(weight), fontsize=7, ha="center", va="center", bbox=box, zorder=2)


def _free_place(start: Place, end: Place, taken: Sequence[Place], *, turned: bool) -> Place:
    """Return the place on the line that is farthest from the numbers there already, at the end where lines part."""
    shares = [1 - share for share in SHARES] if turned else SHARES
    places = [tuple(s + share * (t - s) for s, t in zip(start, end, strict=True)) for share in shares]
    return max(places, key=lambda place: min([_apart(place, other) for other in taken] + [1.0]))


def _apart(one: Place, other: Place) -> float:
    """Return how far two numbers are from overlapping: 1 and more where they do not."""
    return min(max(abs(one[0] - other[0]) / 0.24, abs(one[1] - other[1]) / 0.45), 1.0)


def _draw_units(axes: Axes, net: ReluNetwork, places: Sequence[Sequence[Place]]) -> None:
    """Draw the units, each with its bias in it where there is room."""
    few = max(map(len, places)) <= 16
    for i, column in enumerate(places):
        for j, (x, y) in enumerate(column):
            axes.plot([x], [y], "o", markersize=19 if few else 6, color="white", markeredgecolor="#444444", zorder=3)
            if few and i:
                bias = str(net.layers[i - 1].biases[j])
                size = 7 if len(bias) < 5 else 5.5 if len(bias) < 6 else 4.5
                axes.text(x, y, bias, fontsize=size, ha="center", va="center", color="#444444", zorder=4)


def _name_columns(axes: Axes, columns: Sequence[int], hidden: str) -> list[str]:
    """Write above each column what it holds, and return that."""
    inputs, *widths, _ = columns
    names = [
        f"{inputs} inputs" if inputs > 1 else "input",
        *(f"{width} {hidden}{'s' * (width > 1)}" for width in widths),
        "output",
    ]
    for i, name in enumerate(names):
        axes.text(i, max(columns) - 0.1, name, fontsize=8, ha="center", va="bottom", color="#444444")
    return names
