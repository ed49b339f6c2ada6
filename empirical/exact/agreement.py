"""How closely a float file follows the exact function: at the visualization, at the query, and at random points."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fvproof.theory.classes.base import Member
from fvproof.theory.domains import Ball, Cube, Domain, Sphere
from fvproof.theory.exact.norms import Norm
from fvproof.theory.exact.surds import Exact
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.extension import Extension
from fvproof.verify.files.floats import rounded, rounded_point
from fvproof.verify.refutation.checks import Check, Values

TOLERANCE = 1e-9
"""The largest deviation from the exact function that counts as agreement, as a share of M − m."""

MOST_POINTS, LEAST_POINTS, MOST_NUMBERS = 200, 8, 1 << 20
"""How many random points there are: fewer for larger inputs, the fewest for Euclidean distances."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Points in doubles, and the exact values there.

    Parameters
    ----------
    points
        (N, d): first the named ones, argmin, argmax and queries, each rounded to doubles, then random ones.
    values
        The N exact values: at the named points what the function is built for, at the others what it is there.
    named
        How many are named.
    low, high
        The extrema m and M.
    """

    points: np.ndarray
    values: Sequence[Exact]
    named: int
    low: Fraction
    high: Fraction


def sample(member: Member, phi: Visualization, values: Values, *, seed: int = 0) -> Sample:
    """Return the points at which to compare, and the exact values there.

    Half of the random points are spread over the domain; the others lie between argmin, argmax and queries, many near
    one of them.

    Parameters
    ----------
    member
        The exact function.
    phi
        Its visualization.
    values
        The queries, and its values there.
    seed
        Of the random points.
    """
    pairs = [(phi.argmin, phi.minimum), (phi.argmax, phi.maximum), *values]
    named = np.stack([rounded_point(point) for point, _ in pairs])
    slow = isinstance(member, Extension) and member.norm == Norm.L2
    count = LEAST_POINTS if slow else min(max(MOST_NUMBERS // member.dimension, LEAST_POINTS), MOST_POINTS)
    points = _random_points(phi.domain, named, count, np.random.default_rng(seed))
    exact = [*(value for _, value in pairs), *(member(point) for point in points)]
    return Sample(np.concatenate([named, points]), exact, len(pairs), phi.minimum, phi.maximum)


def compare(runtime: str, outputs: np.ndarray, wanted: Sample) -> list[Check]:
    """Return the checks that a runtime's outputs are the exact values, and within the extrema, up to rounding.

    Parameters
    ----------
    runtime
        Who computed the outputs.
    outputs
        One for each point of the sample.
    """
    gaps = [
        abs(float(value - wanted_value)) for value, wanted_value in zip(_exact(outputs), wanted.values, strict=True)
    ]
    excess = max(0.0, *(float(max(v - wanted.high, wanted.low - v)) for v in _exact(outputs)))
    return [
        _agreement(f"{runtime}: values at argmin, argmax, queries", max(gaps[: wanted.named]), wanted),
        _agreement(f"{runtime}: values at {len(gaps) - wanted.named} random points", max(gaps[wanted.named :]), wanted),
        _agreement(f"{runtime}: no output beyond the extrema", excess, wanted),
    ]


def _exact(outputs: np.ndarray) -> list[Fraction]:
    """Return floats as the fractions that they are; what is no number counts as infinitely wrong."""
    return [Fraction(value) if np.isfinite(value) else Fraction(10) ** 30 for value in outputs.tolist()]


def _agreement(name: str, deviation: float, wanted: Sample) -> Check:
    """Return whether a deviation is small enough, and how large it is."""
    allowed = TOLERANCE * max(float(wanted.high - wanted.low), TOLERANCE)
    return Check(name, deviation <= allowed, f"largest deviation {deviation:.3g}")


def _random_points(domain: Domain, named: np.ndarray, count: int, stream: np.random.Generator) -> np.ndarray:
    """Return random points: half spread over the domain, half mixtures of the named ones."""
    d = named.shape[1]
    directions = stream.standard_normal((count // 2, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    mixtures = stream.dirichlet(np.full(len(named), 0.3), count - count // 2) @ named
    match domain:
        case Cube():
            return np.concatenate([stream.random((count // 2, d)), np.clip(mixtures, 0, 1)])
        case Ball():
            centre = rounded(domain.centre) if domain.centre else 0.0
            return np.concatenate([centre + float(domain.radius) * 0.999 * directions, mixtures])
        case Sphere():
            return directions
        case _:
            return mixtures
