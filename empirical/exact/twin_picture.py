"""Twins drawn: curves over the line, or maps of the square, with the visualization and the query marked."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from fvproof.empirical.exact.witness_modules import float_module
from fvproof.empirical.plots import BLUE, INK, ORANGE
from fvproof.theory.classes.base import Member
from fvproof.theory.exact.surds import Exact
from fvproof.verify.files.disk import writing
from fvproof.verify.files.floats import rounded_point
from fvproof.verify.refutation.checks import QUERIES
from fvproof.verify.refutation.twins import Twins

FINE, COARSE = 1201, 241
"""Grid points along the line, and along a side of the square."""

MARKERS = {"argmin": "v", "argmax": "^", "x": "o", "y": "s"}


def draw_twins(twins: Twins, path: Path) -> None:
    """Draw twins of one or two inputs as a PNG file.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    figure = _curves(twins) if twins.visualization.dimension == 1 else _maps(twins)
    title = twins.function_class.title + (": one visualization, two functions" if len(twins.members) == 2 else "")
    figure.suptitle(title, fontsize=10, color=INK)
    with writing(path):
        figure.savefig(path, dpi=150)


def _curves(twins: Twins) -> Figure:
    """Return the graphs of functions of one input."""
    figure, phi = Figure(figsize=(6.4, 3.8), layout="constrained"), twins.visualization
    axes = figure.add_subplot(xlabel="z", ylabel="f(z)")
    places = {name: place[0] for name, place in _places(twins).items()}
    grid = np.unique([*np.linspace(0, 1, FINE), *places.values()])
    for member, values, colour, dashes in zip(twins.members, twins.values, (BLUE, ORANGE), ("-", "--"), strict=False):
        axes.plot(grid, _outputs(member, grid[:, None]), dashes, color=colour, label=_label(values))
        for name, value in zip(QUERIES, values, strict=False):
            axes.plot(places[name], float(value), MARKERS[name], color=colour)
    for name, value in (("argmin", phi.minimum), ("argmax", phi.maximum)):
        axes.plot(places[name], float(value), MARKERS[name], color=INK, label=name)
    for name in QUERIES[: len(twins.queries)]:
        axes.axvline(places[name], color=INK, linewidth=0.6, linestyle=":")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure


def _maps(twins: Twins) -> Figure:
    """Return maps of functions of two inputs, side by side, in one scale of colours."""
    n, phi = len(twins.members), twins.visualization
    figure, side = Figure(figsize=(1.2 + 3.4 * n, 3.9), layout="constrained"), np.linspace(0, 1, COARSE)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    low, high = float(phi.minimum), float(phi.maximum)
    for i, (member, values) in enumerate(zip(twins.members, twins.values, strict=True)):
        axes = figure.add_subplot(1, n, i + 1, xlabel="z₁", ylabel="z₂", aspect="equal")
        heights = _outputs(member, grid).reshape(COARSE, COARSE)
        axes.imshow(heights, "cividis", vmin=low, vmax=high, extent=(0, 1, 0, 1), origin="lower")
        axes.set_title(_label(values), fontsize=9, color=INK)
        for name, place in _places(twins).items():
            style = {"color": "white", "markeredgecolor": "black", "markersize": 9, "clip_on": False, "linestyle": ""}
            axes.plot(*place[:, None], MARKERS[name], label=name, **style)
    first = figure.axes[0]
    figure.colorbar(first.images[0], ax=figure.axes, shrink=0.85)
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure


def _places(twins: Twins) -> dict[str, np.ndarray]:
    """Return argmin, argmax and queries in doubles."""
    phi = twins.visualization
    points = {"argmin": phi.argmin, "argmax": phi.argmax, **dict(zip(QUERIES, twins.queries, strict=False))}
    return {name: rounded_point(point) for name, point in points.items()}


def _outputs(member: Member, points: np.ndarray) -> np.ndarray:
    """Return a function's values at many points, in floats: a picture needs no more."""
    with torch.no_grad():
        return float_module(member)(torch.from_numpy(points)).numpy()[:, 0]


def _label(values: Sequence[Exact]) -> str:
    """Return the values at the queries."""
    return ", ".join(f"f({name}) = {_short(value)}" for name, value in zip(QUERIES, values, strict=False))


def _short(value: Exact) -> str:
    """Return an exact value if it is short, else rounded."""
    return text if len(text := str(value)) <= 12 else f"{float(value):.6g}"
