"""What a manipulation did to visualizations: each before and after, beside what it was to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from tabulate import tabulate

from fvproof.empirical.maximization.maximize import Run
from fvproof.theory.wording import percent

LEAST_FOOLED = 0.8
"""An engine counts as fooled if at least this share of its visualizations is."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """One unit's visualization before and after, beside what it was to show.

    Attributes
    ----------
    own
        Of the network before.
    fooled
        Of the network after.
    target
        Of what is to be shown alone, from the same noise.
    pixels_to_target, pixels_to_own
        Pearson's correlation of the fooled visualization's pixels with those of the others.
    features_to_target, features_to_own
        Cosine of their features.
    detected
        E of the fooled visualization; None where there is no detector.
    """

    own: Run
    fooled: Run
    target: Run
    pixels_to_target: float
    pixels_to_own: float
    features_to_target: float
    features_to_own: float
    detected: float | None = None

    @property
    def fools(self) -> bool:
        """Whether the fooled visualization is closer to its target than to its own, in pixels and in features."""
        return self.pixels_to_target > self.pixels_to_own and self.features_to_target > self.features_to_own


def compare(
    runs: tuple[Sequence[Run], Sequence[Run], Sequence[Run]],
    features: tuple[np.ndarray, np.ndarray, np.ndarray],
    detected: np.ndarray | None = None,
) -> list[Shift]:
    """Return the shift of each unit.

    Parameters
    ----------
    runs
        Of the network before, of that after, and of what is to be shown alone; the same units in the same order.
    features
        Of these, each (units, n).
    detected
        E of the fooled ones, (units,).
    """
    return [
        Shift(
            *one,
            pixels_to_target=_pearson(one[1].image, one[2].image),
            pixels_to_own=_pearson(one[1].image, one[0].image),
            features_to_target=_cosine(features[1][i], features[2][i]),
            features_to_own=_cosine(features[1][i], features[0][i]),
            detected=None if detected is None else float(detected[i]),
        )
        for i, one in enumerate(zip(*runs, strict=True))
    ]


def stack(runs: Sequence[Run]) -> torch.Tensor:
    """Return the images that were found, (N, C, H, W)."""
    return torch.from_numpy(np.stack([run.image for run in runs]))


def fooled_share(shifts: Sequence[Shift]) -> float:
    """Return the share of units whose fooled visualization is closer to its target, in pixels and in features."""
    return sum(shift.fools for shift in shifts) / len(shifts)


def engine_record(shifts: Sequence[Shift]) -> dict[str, float]:
    """Return what one engine sees: how many are fooled, and medians of likeness to the target and of activations."""
    return {
        "fooled_share": fooled_share(shifts),
        "pixels_to_target": median(shift.pixels_to_target for shift in shifts),
        "features_to_target": median(shift.features_to_target for shift in shifts),
        "activation_before": median(shift.own.activation for shift in shifts),
        "activation_after": median(shift.fooled.activation for shift in shifts),
    }


def engine_lines(engines: dict[str, dict[str, Any]]) -> list[str]:
    """Return what all engines see as a table, and a sentence on those that are not fooled."""
    headers = ("engine", "fooled", "pixels: to target", "features: to target", "activation before", "after")
    rows = [
        (name, percent(row["fooled_share"], rounded="down"), *list(row.values())[1:]) for name, row in engines.items()
    ]
    spared = [name for name, row in engines.items() if row["fooled_share"] < LEAST_FOOLED]
    told = f"not fooled, with less than {LEAST_FOOLED:.0%} of the visualizations: {', '.join(spared)}"
    return [tabulate(rows, headers, floatfmt=("", "", ".3f", ".3f", ".4g", ".4g")), *([told] if spared else [])]


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of two images' pixels; 0 if one is of a single value."""
    return _cosine(a - a.mean(), b - b.mean())


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Return the cosine of the angle between two arrays; 0 if one of them is 0.

    Examples
    --------
    >>> _cosine(np.array([3.0, 0.0]), np.array([1.0, 1.0]))
    0.7071067811865475
    """
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0
