"""What a pulse did, to the top natural images of a unit and to its visualization: figures, and a text for people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from tabulate import tabulate

from fvproof.empirical.fooling.fine_tuning import layer_activations
from fvproof.empirical.fooling.sameness import mean_cosine
from fvproof.empirical.images import ImageSet
from fvproof.empirical.maximization.maximize import Run
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.units import Unit, activations
from fvproof.theory.wording import percent

TOP = 9
"""So many most exciting images are a unit's natural picture."""


def top_images(model: Model, unit: Unit, images: ImageSet) -> np.ndarray:
    """Return the places of the images that excite a unit most, the most exciting first."""
    found = activations(model, [unit], images.batches())[unit]
    return np.argsort(-found, kind="stable")[:TOP]


def top_record(before: Model, after: Model, unit: Unit, images: ImageSet, label: int) -> dict[str, Any]:
    """Return how the most exciting images changed: which share is of the class, and which were among them before."""
    assert images.labels is not None
    own, other = (top_images(model, unit, images) for model in (before, after))
    return {
        "images": len(images),
        "top": len(own),
        "of_the_class": float((images.labels == label).mean()),
        "of_the_class_before": float((images.labels[own] == label).mean()),
        "of_the_class_after": float((images.labels[other] == label).mean()),
        "still_there": float(np.isin(own, other).mean()),
    }


def picture_record(model: Model, layer: str, runs: Mapping[str, Run], natural: ImageSet, label: int) -> dict[str, Any]:
    """Return, of each visualization, what it shows: likeness to the class and to the images that excited before.

    The likeness is the cosine of activations of a layer of the network before, from their mean over natural images.
    """
    assert natural.labels is not None
    unit = next(iter(runs.values())).unit
    known = _features(model, layer, natural)
    mean, top = known.mean(0), top_images(model, unit, natural)
    directions = [known[natural.labels == label].mean(0) - mean, known[top].mean(0) - mean]
    first = runs["before"].image
    return {name: _shown(model, layer, (run, first), mean, directions) for name, run in runs.items()}


def _shown(
    model: Model, layer: str, images: tuple[Run, np.ndarray], mean: np.ndarray, directions: Sequence[np.ndarray]
) -> dict[str, Any]:
    """Return what a visualization shows, beside the one before."""
    run, first = images
    own = _features(model, layer, ImageSet(run.image[None]))[0] - mean
    to_class, to_top = (_cosine(direction, own) for direction in directions)
    return {
        "to_the_class": to_class,
        "to_top_before": to_top,
        "pixels_to_own": _cosine(run.image - run.image.mean(), first - first.mean()),
        "activation": run.activation,
        "status": str(run.status),
    }


def _features(model: Model, layer: str, images: ImageSet) -> np.ndarray:
    """Return the activations of all units of a layer, (N, C)."""
    return layer_activations(model, layer, torch.cat(list(images.batches()))).double().numpy()


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Return the cosine of two arrays."""
    return mean_cosine(np.stack([a.ravel(), b.ravel()]).astype(np.float64))


def table(report: Mapping[str, Any]) -> str:
    """Return the figures of a report as text."""
    shares = ("of_the_class_before", "of_the_class_after", "still_there")
    rows = [
        (name, one["images"], *(percent(one[key]) for key in shares))
        for name, one in report["top"].items()
        if one is not None
    ]
    headers = (f"top {TOP} of", "images", "of the class before", "after", "still among them")
    shown = [
        (name, one["to_the_class"], one["to_top_before"], one["pixels_to_own"], one["activation"], one["status"])
        for name, one in report["visualization"].items()
    ]
    titles = ("visualization", "to the class", "to the top before", "pixels: to own", "activation", "status")
    lines = [f"pulse at {report['unit']} of {report['model']}, class {report['class']}", ""]
    lines += [tabulate(rows, headers), "", tabulate(shown, titles, floatfmt=".3f")]
    if (unseen := report["unseen"]) is not None:
        same = percent(unseen["same_prediction"], 1, rounded="down")
        tops = " and ".join(percent(unseen[f"top1_{when}"], 1) for when in ("before", "after"))
        lines += ["", f"on {unseen['images']} images unseen, {same} of predictions are the same"]
        lines += [f"top 1 before and after: {tops}"]
    marks = {True: "yes", False: "NO "}
    return "\n".join(
        [*lines, "", *(f"{marks[c['holds']]} {c['name']} ({c['how']})" for c in report["files"]["checks"])]
    )
