"""What answers are worth: whether functions of the class prove them wrong, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.errors import DomainError, UnknownName
from fvproof.theory.exact.points import Point
from fvproof.theory.exact.surds import Exact
from fvproof.theory.tasks import Task
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.asking import DecoderAnswer
from fvproof.verify.refutation.separation import separator
from fvproof.verify.refutation.twins import Twins, twins

OPTIMAL = "optimal"
"""The goal to err, in the worst case, by no more than the radius: as little as the class allows at each query."""

GOALS = (*Task, OPTIMAL)
"""What a decoder can be asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Refutation:
    """Functions that prove a decoder's answers wrong.

    Parameters
    ----------
    goal
        What the answers failed at.
    twins
        The visualization, the queries, and the functions: two if no answer is right for both, else one that shows that
        the right answer was not given.
    answers
        What the decoder answered; more than one if it guesses at random.
    errors
        For each function the mean distance of the answers to its value, or for decisions the share of wrong ones.
    """

    goal: str
    twins: Twins
    answers: tuple[DecoderAnswer, ...]
    errors: tuple[Exact, ...]

    @property
    def error(self) -> Exact:
        """The largest of the errors."""
        return max(self.errors)

    @property
    def unavoidable(self) -> Exact:
        """What every decoder, a random one too, errs by on one of the functions: half the distance between them."""
        if len(self.twins.members) == 1:
            return Fraction(0)
        if self.goal in (Task.SIDE, Task.ORDER):
            return Fraction(1, 2)
        (low,), (high,) = self.twins.values
        return _size(high - low) / 2


def judge_answers(
    goal: str, within: FunctionClass, case: tuple[Visualization, Sequence[Point]], answers: Sequence[DecoderAnswer]
) -> Refutation | None:
    """Return functions of the class that prove the answers wrong, or None if they fall short of nothing.

    ::

        exact        wrong if f(x) differs from an answer for some f
        approximate  wrong if |answer − f(x)| comes up to (M − m)/2: no better than knowing nothing
        side         wrong if (f(x) ≥ (m + M)/2) is not the answer for some f
        order        wrong if f(x) < f(y) and the answer is True, or f(x) > f(y) and it is False, for some f
        optimal      wrong if |answer − f(x)| is above the radius of the ambiguity set for some f

    where f runs through the members with the visualization, and random answers count by their mean error.

    Parameters
    ----------
    goal
        One of these words.
    within
        The class of functions.
    case
        The visualization and the queries: one, or two for the order.
    answers
        A decoder's answers, in exact form.

    Raises
    ------
    UnknownName
        If there is no such goal.

    Examples
    --------
    >>> from fvproof.theory.classes import Convex
    >>> phi = Visualization(["1/2"], [1], 0, 1)
    >>> case = (phi, [phi.query(["5/8"])])
    >>> judge_answers("optimal", Convex(), case, [Fraction(1, 8)])
    >>> judge_answers("exact", Convex(), case, [Fraction(1, 8)]).errors
    (Fraction(1, 8), Fraction(1, 8))
    """
    phi, queries = case
    found = _order(within, phi, *queries) if goal == Task.ORDER else twins(within, phi, *queries)  # type: ignore[arg-type]
    if found is None:
        return None
    refutation = Refutation(goal, found, tuple(answers), errors(goal, found, answers))
    return refutation if is_wrong(refutation) else None


def errors(goal: str, found: Twins, answers: Sequence[DecoderAnswer]) -> tuple[Exact, ...]:
    """Return for each function the mean distance of the answers to its value, or the share of wrong decisions.

    Raises
    ------
    UnknownName
        If there is no such goal.
    """
    if goal not in GOALS:
        raise UnknownName("task", goal, GOALS)
    if goal not in (Task.SIDE, Task.ORDER):
        return tuple(_mean_distance(answers, value) for (value,) in found.values)
    truths = [x > rest[0] if rest else x >= found.visualization.middle for x, *rest in found.values]
    return tuple(Fraction(sum(answer != truth for answer in answers), len(answers)) for truth in truths)


def is_wrong(refutation: Refutation) -> bool:
    """Return whether the errors are too large for the goal."""
    twins, answers = refutation.twins, refutation.answers
    phi, (x, *_) = twins.visualization, twins.queries
    if refutation.goal not in (Task.APPROXIMATE, OPTIMAL) or not phi.spread:
        return refutation.error > 0
    possible = twins.function_class.ambiguity(phi, x)  # type: ignore[arg-type]
    worst = max(_mean_distance(answers, possible.low), _mean_distance(answers, possible.high))
    return worst > possible.radius if refutation.goal == OPTIMAL else worst >= phi.spread / 2


def _order(within: FunctionClass, phi: Visualization, x: Point, y: Point) -> Twins | None:
    """Return members with f(x) > f(y) and with f(x) < f(y), as far as there are; None if there are none."""
    try:
        apart = [separator(within, phi, x, y), separator(within, phi, y, x)]
    except DomainError:  # the order is not decided for this class and visualization
        return None
    members = tuple(member for member in apart if member is not None)
    return Twins(within, phi, (x, y), members) if members else None


def _mean_distance(answers: Sequence[DecoderAnswer], value: Exact) -> Exact:
    """Return how far the answers are from a value, on average."""
    return sum((_size(answer - value) for answer in answers), Fraction(0)) / len(answers)


def _size(number: Exact) -> Exact:
    """Return the absolute value."""
    return number if number >= 0 else -number
