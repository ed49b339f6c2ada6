"""Visualizations as pictures: one file each, and all on one sheet, each under a title that says how it fared."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fvproof.empirical.maximization.baselines import Status
from fvproof.empirical.maximization.drawing import draw, is_picture, pixels
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


def write_picture(run: Run, path: Path) -> None:
    """Write the visualization as a PNG file, pixel by pixel; its title stands in the file's own text field *Title*.

    What is no picture of one or three channels is drawn, and its numbers are written beside, with the ending .npy.
    """
    about = PngInfo()
    about.add_text("Title", title(run))
    with writing(path):
        Image.fromarray(pixels(run.image)).save(path, "PNG", pnginfo=about)
        if not is_picture(run.image):
            np.save(path.with_suffix(".npy"), run.image)


def write_kept(run: Run, folder: Path) -> None:
    """Write each image that was kept on the way as a picture of its own, named after the count of steps."""
    stem = file_name(run).removesuffix(".png")
    for steps, image in zip(run.settings.at, run.way, strict=True):
        path = folder / f"{stem}-step{steps}.png"
        with writing(path):
            Image.fromarray(pixels(image)).save(path, "PNG")


def write_sheet(runs: Sequence[Run], path: Path) -> None:
    """Write all the visualizations as one PNG file, each under its title; titles of those that failed stand out."""
    columns = min(COLUMNS, len(runs))
    rows = -(-len(runs) // columns)
    figure = Figure((1.9 * columns, 2.5 * rows), dpi=150, layout="constrained")
    for axes in figure.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, run in zip(figure.axes, runs, strict=False):
        draw(axes, run.image)
        text = title(run).replace(", ", "\n").replace(f"{run.unit} ", f"{run.unit}\n")
        axes.set_title(text, fontsize=6.5, color=GOOD if run.status in (Status.OK, Status.AT_PLATEAU) else DOUBTFUL)
    with writing(path):
        figure.savefig(path, metadata={"Software": None})


def write_way(runs: Sequence[Run], path: Path) -> None:
    """Write the images that were kept on the way as one PNG file: a row for each run, from the first steps to the last.

    Under each stands its activation, and over each column after how many steps it was.
    """
    columns, rows = len(runs[0].settings.at), len(runs)
    figure = Figure((1.5 * columns + 1, 1.75 * rows + 0.2), dpi=150, layout="constrained")
    for row, run in zip(figure.subplots(rows, columns, squeeze=False), runs, strict=True):
        for axes, image, activation in zip(row, run.way, run.way_activations, strict=True):
            draw(axes, image)
            axes.text(0.5, -0.03, f"{activation:.3g}", transform=axes.transAxes, fontsize=7, ha="center", va="top")
        place = {"transform": row[0].transAxes, "ha": "right", "va": "center"}
        row[0].text(-0.06, 0.5, f"{run.unit}\n{run.end}", fontsize=7, color=GOOD, **place)
    for axes, steps in zip(figure.axes, runs[0].settings.at, strict=False):
        axes.set_title(f"{steps} step{'s' * (steps > 1)}", fontsize=8, color=GOOD)
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
