"""How good predictions of activations are: error, side and order, with intervals over images."""

from dataclasses import dataclass

import numpy as np

from fvproof.empirical.measurement.bootstrap import Estimate, estimate, pairwise, resampled
from fvproof.empirical.measurement.prediction import Predicted
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.visualization import Visualization

TENTH = 10
"""The extreme images are the tenth with the largest and the tenth with the smallest activations."""

ROWS = 512
"""Images compared to all others at once."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where natural activations lie on the scale of a unit's visualization.

    Attributes
    ----------
    outside
        Share of natural images with an activation outside [m, M].
    below, above
        How far the farthest lies outside, as a share of M − m: by so much at least the visualizations miss the extrema.
    upper
        Share of natural images on the upper side, at or above (m + M)/2. Where it is 0 or 1, `side` is no test.
    """

    outside: float
    below: float
    above: float
    upper: float


@dataclass(frozen=True, slots=True)
class Score:
    """How well one decoder predicts a unit's activations of natural images.

    Attributes
    ----------
    decoder, layer
        As in `Predicted`.
    error
        Mean absolute error as a share of (M − m)/2, the error that the uninformed decoder never exceeds (if the
        visualizations are true extrema).
    relative_error
        Mean absolute error as a share of the uninformed decoder's on the same images; 1 is knowing nothing.
    worst
        Largest absolute error as a share of (M − m)/2: 1 in the worst case, for the best decoder of a ReLU network.
    side
        Share of images for which it is right whether the activation is nearer to M or to m.
    side_balanced
        Mean of that share over the images of either side; chance is 1/2. NaN where all images are on one side.
    order
        Share of pairs of images of which it knows the one with the larger activation; an undecided pair counts half,
        pairs of equal activations do not count. Chance is 1/2.
    order_extreme
        The same for pairs of one image of the tenth with the largest activations and one of the tenth with the
        smallest: the two-alternative forced choice that people are asked in experiments.
    """

    decoder: str
    layer: str | None
    error: Estimate
    relative_error: Estimate
    worst: float
    side: Estimate
    side_balanced: Estimate
    order: Estimate
    order_extreme: Estimate


def reach(activations: np.ndarray, phi: Visualization) -> Reach:
    """Return where natural activations lie on the scale of a unit's visualization.

    Examples
    --------
    >>> reach(np.array([0.0, 1.0, 3.0, 5.0]), Visualization([0], [1], 0, 4))
    Reach(outside=0.25, below=0.0, above=0.25, upper=0.5)
    """
    low, high, spread = float(phi.minimum), float(phi.maximum), float(phi.spread)
    return Reach(
        outside=float(((activations < low) | (activations > high)).mean()),
        below=max(0.0, low - float(activations.min())) / spread,
        above=max(0.0, float(activations.max()) - high) / spread,
        upper=float((activations >= float(phi.middle)).mean()),
    )


def score(predicted: Predicted, activations: np.ndarray, phi: Visualization, *, seed: int = 0) -> Score:
    """Return how well a decoder's predictions fit natural activations.

    Parameters
    ----------
    predicted
        Of N images.
    activations
        (N,), what the unit does on them; at least two images.
    phi
        What the decoder saw.
    seed
        Of the bootstrap.

    Raises
    ------
    DomainError, ShapeError
        If there are fewer than two images, not one prediction for each, activations are not finite, or m = M.

    Examples
    --------
    >>> phi = Visualization([0], [1], 0, 2)
    >>> found = score(Predicted("uninformed", None, np.ones(4)), np.array([0.0, 0.5, 1.5, 2.0]), phi)
    >>> found.error.value, found.relative_error.value, found.order.value, found.side.value
    (0.75, 1.0, 0.5, 0.5)
    """
    truth, guess = np.asarray(activations, np.float64), np.asarray(predicted.values, np.float64)
    if truth.ndim != 1 or len(truth) < 2 or guess.shape != truth.shape:
        raise ShapeError(f"there must be a prediction for each of at least 2 images, not {guess.shape}, {truth.shape}")
    if not np.isfinite(truth).all() or not phi.spread:
        raise DomainError("activations must be finite, and those of the two visualizations must differ")
    middle, half = float(phi.middle), float(phi.spread) / 2
    weights = resampled(np.zeros(len(truth)), seed)
    errors, baseline = np.abs(guess - truth) / half, np.abs(middle - truth) / half
    right, upper = (guess >= middle) == (truth >= middle), truth >= middle
    return Score(
        predicted.decoder,
        predicted.layer,
        error=estimate(errors.mean(), weights @ errors),
        relative_error=estimate(
            float(_ratio(errors.mean(), baseline.mean())), _ratio(weights @ errors, weights @ baseline)
        ),
        worst=float(errors.max()),
        side=estimate(right.mean(), weights @ right),
        side_balanced=_balanced(right, upper, weights),
        order=pairs_ordered(truth, guess, weights),
        order_extreme=_order_extreme(truth, guess, seed),
    )


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Return a quotient, NaN where the denominator is not positive."""
    return np.asarray(over) / np.where(np.asarray(under) > 0, under, np.nan)


def _balanced(right: np.ndarray, upper: np.ndarray, weights: np.ndarray) -> Estimate:
    """Return the mean over both sides of the share that is right."""
    sides = np.stack([upper, ~upper], axis=1).astype(float)
    hits = sides * right[:, None]
    value = _ratio(hits.mean(0), sides.mean(0)).mean()
    return estimate(float(value), _ratio(weights @ hits, weights @ sides).mean(1))


def concordance(truth: np.ndarray, guess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each image, in how many pairs its order is known (undecided ones half), and the number of pairs.

    Examples
    --------
    >>> concordance(np.array([1.0, 2.0, 2.0]), np.array([0.0, 5.0, 0.0]))
    (array([1.5, 1. , 0.5]), array([2., 1., 1.]))
    """
    known, pairs = np.zeros(len(truth)), np.zeros(len(truth))
    for start in range(0, len(truth), ROWS):
        rows = slice(start, start + ROWS)
        true = np.sign(truth[rows, None] - truth[None])
        said = np.sign(guess[rows, None] - guess[None])
        pairs[rows] = (true != 0).sum(1)
        known[rows] = (0.5 * (1 + true * said) * (true != 0)).sum(1)
    return known, pairs


def order_gain(truth: np.ndarray, guess: np.ndarray, other: np.ndarray, *, seed: int = 0) -> Estimate:
    """Return by how much more often one prediction tells the order of two images than another does.

    Both are measured on the same pairs, and the interval is that of the difference: what makes some pairs hard for both
    does not widen it.

    Parameters
    ----------
    truth
        (N,), what the unit does.
    guess, other
        (N,) each, the two predictions.
    seed
        Of the bootstrap over images.

    Examples
    --------
    >>> order_gain(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]), np.zeros(3)).value
    0.5
    """
    weights = resampled(np.zeros(len(truth)), seed)
    (value, replicates), (less, others) = _ordered(truth, guess, weights), _ordered(truth, other, weights)
    return estimate(value - less, replicates - others)


def pairs_ordered(truth: np.ndarray, guess: np.ndarray, weights: np.ndarray) -> Estimate:
    """Return the share of all pairs of different activations whose order is known.

    Parameters
    ----------
    truth, guess
        (N,), what is and what is said.
    weights
        (replicates, N), of `fvproof.empirical.measurement.bootstrap.resampled`.

    Examples
    --------
    >>> truth = np.array([1.0, 2.0, 3.0])
    >>> pairs_ordered(truth, -truth, resampled(np.zeros(3), 0)).value
    0.0
    """
    return estimate(*_ordered(truth, guess, weights))


def _ordered(truth: np.ndarray, guess: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return that share, and its replicates."""
    known, pairs = concordance(truth, guess)
    replicates = _ratio(pairwise(weights, known, known.mean()), pairwise(weights, pairs, pairs.mean()))
    return float(_ratio(known.mean(), pairs.mean())), replicates


def _order_extreme(truth: np.ndarray, guess: np.ndarray, seed: int) -> Estimate:
    """Return the share of pairs of one image of each extreme tenth whose order is known."""
    count, ranked = max(1, len(truth) // TENTH), np.argsort(truth, kind="stable")
    low, high = ranked[:count], ranked[-count:]
    if truth[low].max() >= truth[high].min():
        return Estimate(float("nan"), float("nan"), float("nan"))
    known = 0.5 * (1 + np.sign(guess[high, None] - guess[None, low]))
    means = np.concatenate([known.mean(1), known.mean(0)])
    weights = resampled(np.repeat([0, 1], count), seed)
    return estimate(float(known.mean()), pairwise(weights, means, float(known.mean())))
