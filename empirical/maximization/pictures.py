"""Visualizations as pictures: one file each, and all on one sheet, each under a title that says how it fared."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fvproof.empirical.maximization.baselines import Status
from fvproof.empirical.maximization.maximize import Run
from fvproof.verify.files.disk import writing

COLUMNS = 8
"""Pictures in one row of a sheet, at most."""

GOOD, DOUBTFUL = "#22252a", "#c8500a"
"""Colours of a title: all went well, or not."""


def title(run: Run) -> str:
    """Return the unit, its end, the activation of its picture and, unless all went well, what failed.

    Examples
    --------
    >>> from fvproof.empirical.maximization.maximize import Settings
    >>> from fvproof.empirical.networks.units import Unit
    >>> image, trace = np.zeros((1, 8, 8), np.float32), np.zeros(4, np.float32)
    >>> run = Run(Unit("fc", 3), "max", image, 0.5, 0.4, None, 1.0, 0.6, Status.WEAKER_THAN_NOISE, trace, 0, Settings())
    >>> title(run)
    'fc:3 max 0.5, weaker than noise'
    """
    told = "" if run.status is Status.OK else f", {run.status}"
    return f"{run.unit} {run.end} {run.activation:.4g}{told}"


def file_name(run: Run) -> str:
    """Return the name of the picture's file, from that of the unit and, of several visualizations, the number."""
    name = re.sub(r"[^\w.]+", "-", str(run.unit))
    return f"{name}-{run.end}{f'-{run.variant}' if run.settings.diversity > 1 else ''}.png"


def pixels(image: np.ndarray) -> np.ndarray:
    """Return an image `(C, H, W)` in [0, 1] as uint8, `(H, W, 3)` of three channels and `(H, W)` of one.

    Of any other number of channels, each is shown in grey, from left to right.

    Examples
    --------
    >>> pixels(np.zeros((4, 8, 8))).shape
    (8, 32)
    """
    bytes_ = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return bytes_.transpose(1, 2, 0) if len(bytes_) == 3 else np.concatenate(list(bytes_), axis=1)


def write_picture(run: Run, path: Path) -> None:
    """Write the visualization as a PNG file, pixel by pixel; its title stands in the file's own text field *Title*."""
    about = PngInfo()
    about.add_text("Title", title(run))
    with writing(path):
        Image.fromarray(pixels(run.image)).save(path, "PNG", pnginfo=about)


def write_sheet(runs: Sequence[Run], path: Path) -> None:
    """Write all the visualizations as one PNG file, each under its title; titles of those that failed stand out."""
    columns = min(COLUMNS, len(runs))
    rows = -(-len(runs) // columns)
    figure = Figure((1.9 * columns, 2.5 * rows), dpi=150, layout="constrained")
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, run in zip(figure.axes, runs, strict=False):
        axes.imshow(pixels(run.image), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        text = title(run).replace(", ", "\n").replace(f"{run.unit} ", f"{run.unit}\n")
        axes.set_title(text, fontsize=6.5, color=GOOD if run.status in (Status.OK, Status.AT_PLATEAU) else DOUBTFUL)
    with writing(path):
        figure.savefig(path, metadata={"Software": None})


def write_stimuli(stimuli: Sequence[np.ndarray], titles: Sequence[str], path: Path) -> None:
    """Write stimuli (C, H, W) as one PNG file, each under its title, as far from grey as black or white allow."""
    columns = min(COLUMNS, len(stimuli))
    rows = -(-len(stimuli) // columns)
    figure = Figure((1.4 * columns, 1.1 * rows), dpi=100, layout="constrained")
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, stimulus, title_ in zip(figure.axes, stimuli, titles, strict=False):
        offset = stimulus - 0.5
        axes.imshow(pixels(0.5 + 0.5 * offset / np.abs(offset).max()), cmap="gray", vmin=0, vmax=255)
        axes.set_title(title_, fontsize=6.5, color=GOOD)
    with writing(path):
        figure.savefig(path, metadata={"Software": None})
