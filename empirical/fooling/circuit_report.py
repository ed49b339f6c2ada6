"""What a fooling circuit did, for people: a sheet of pictures, a table, and everything as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from tabulate import tabulate

from fvproof.empirical.fooling.circuit_build import Built
from fvproof.empirical.fooling.circuit_findings import Behaviour
from fvproof.empirical.fooling.shifts import Shift, engine_lines, engine_record, fooled_share
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.maximization.pictures import pixels
from fvproof.empirical.plots import INK, ORANGE
from fvproof.theory.wording import percent
from fvproof.verify.files.disk import writing

ROWS = 8
"""Units on the sheet, at most."""

REBUILD = '''"""The network with a fooling circuit: it reads the torch export beside this file, which holds no code."""

import warnings
from pathlib import Path

import torch


def fooled():
    program = torch.export.load(Path(__file__).with_name("fooled.pt2"))
    with warnings.catch_warnings(action="ignore"):  # torch's about itself
        network = torch.export.unflatten(program).network
    network.input_shape = {shape}
    network.class_names = {class_names}
    return network
'''
"""A model file that needs nothing of this package."""


def report(
    model: str, built: Built, before_after: Behaviour, shifts: Sequence[Shift], engines: Mapping[str, Sequence[Shift]]
) -> dict[str, Any]:
    """Return all figures as JSON can hold them.

    Parameters
    ----------
    model
        The network's name.
    built
        The network with its circuit.
    before_after
        What it does on natural images.
    shifts
        What visualizations show.
    engines
        What they show to each engine.
    """
    return {
        "model": model,
        "statements": ["fooling-circuit", "fooling-circuit-soft"],
        "constants": {**asdict(built.constants), "soft_limit": built.constants.soft_limit},
        "measured_range": list(built.measured),
        "detector": asdict(built.detection),
        "behaviour": asdict(before_after),
        "fooled_share": fooled_share(shifts),
        "engines": {name: engine_record(found) for name, found in engines.items()},
        "units": [_record(shift) for shift in shifts],
    }


def _record(shift: Shift) -> dict[str, Any]:
    """Return the figures of one unit."""
    numbers = ("pixels_to_target", "pixels_to_own", "features_to_target", "features_to_own", "detected")
    runs = {"own": shift.own, "fooled": shift.fooled, "target": shift.target}
    return {
        "unit": str(shift.own.unit),
        "fools": shift.fools,
        **{name: getattr(shift, name) for name in numbers},
        **{kind: {"activation": run.activation, "status": str(run.status)} for kind, run in runs.items()},
    }


def table(found: dict[str, Any]) -> str:
    """Return the figures of a report as text."""
    seen, e, constants = found["behaviour"], found["detector"], found["constants"]
    accuracy = [
        (name, percent(seen[f"{key}_before"], 2), percent(seen[f"{key}_after"], 2))
        for name, key in (("top 1", "top1"), ("top 5", "top5"))
        if seen[f"{key}_before"] is not None
    ]
    rows = [
        (row["unit"], *(row[f"{kind}_to_{to}"] for kind in ("pixels", "features") for to in ("target", "own")))
        for row in found["units"]
    ]
    headers = ("unit", "pixels: to target", "to own", "features: to target", "to own")
    low, high = found["measured_range"]
    bound = "no bound" if seen["bound"] is None else f"at most {seen['bound']:.3g}"
    lines = [
        tabulate(rows, headers, floatfmt=".3f"),
        "",
        f"{_most(found['fooled_share'], 0)} of {len(rows)} visualizations are closer to the target than to their own",
        "",
        *engine_lines(found["engines"]),
        "",
        f"{seen['images']} natural images: {_most(seen['unchanged'])} unchanged to the last bit, "
        f"{_most(seen['same_prediction'])} predicted as before; largest change {seen['largest_change']:.3g} ({bound} "
        f"by the theorem, with E up to {seen['largest_detected']:.3g})",
        *(f"{name}: {before} before, {after} after" for name, before, after in accuracy),
        f"detector, on {e['natural']} images and {e['visualizations']} visualizations that it has not seen: "
        f"{_most(e['accuracy'], 2)} right, E = 0 on {_most(e['natural_at_0'])} of the images and E = 1 on "
        f"{_most(e['visualizations_at_1'])} of the visualizations",
        f"F measured in [{low:.4g}, {high:.4g}]; lo = {constants['low']:.4g}, hi = {constants['high']:.4g}, "
        f"c = {constants['c']:.4g}, k = {constants['k']:.4g}",
    ]
    return "\n".join(lines)


def _most(share: float, decimals: int = 1) -> str:
    """Return a share of which much is claimed."""
    return percent(share, decimals, rounded="down")


def write_sheet(shifts: Sequence[Shift], path: Path) -> None:
    """Write the visualizations of the first units as one PNG file: before, after, and what was to be shown.

    Raises
    ------
    DomainError
        If the file cannot be written.
    """
    shown = shifts[:ROWS]
    figure = Figure((1.7 * len(shown) + 0.6, 5.6), dpi=150, layout="constrained")
    grid = figure.subplots(3, len(shown), squeeze=False)
    for column, shift in enumerate(shown):
        for axes, run in zip(grid[:, column], (shift.own, shift.fooled, shift.target), strict=True):
            _draw(axes, run)
        grid[0, column].set_title(str(shift.own.unit), fontsize=8, color=INK if shift.fools else ORANGE)
    for axes, name in zip(grid[:, 0], ("before", "fooled", "target"), strict=True):
        axes.set_ylabel(name, fontsize=9, color=INK)
    with writing(path):
        figure.savefig(path, metadata={"Software": None})


def _draw(axes: Any, run: Run) -> None:  # noqa: ANN401  matplotlib's
    """Draw one visualization."""
    axes.imshow(pixels(run.image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
