"""Decoder in, twin pair out: a search for a visualization and a query at which a decoder is wrong."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from hypothesis.strategies import DrawFn, SearchStrategy

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.errors import DomainError, ShapeError, UnknownName
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.tasks import Task
from fvproof.theory.visualization import Visualization
from fvproof.verify.refutation.asking import Failure, ask
from fvproof.verify.refutation.judging import GOALS, Refutation, judge_answers
from fvproof.verify.refutation.strategies import queries, visualizations

AskedCase = tuple[Visualization, tuple[Point, ...]]
"""A visualization, and one query, or two for the order."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for a refutation.

    Parameters
    ----------
    cases
        How many cases to try at most before a failure is found.
    answer_s
        Seconds for one answer (`fvproof.verify.refutation.asking.time_limit`).
    search_s
        Seconds for the whole search.
    """

    cases: int = 200
    answer_s: float = 10.0
    search_s: float = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A case in which a decoder gives no answer.

    Parameters
    ----------
    failure
        What it does instead.
    case
        The visualization and the queries.
    """

    failure: Failure
    case: AskedCase


@dataclass(frozen=True, slots=True)
class Survived:
    """No case was found in which the decoder is wrong.

    Parameters
    ----------
    goal
        What it was asked for.
    tried
        The number of different cases.
    complete
        False if the time was up before all cases had been tried.
    """

    goal: str
    tried: int
    complete: bool


Outcome = Refutation | Broken | Survived


def refute(
    within: FunctionClass,
    decoder: Callable[..., object],
    *,
    dimension: int,
    goal: str = Task.EXACT,
    effort: Effort | None = None,
    watch: Callable[[AskedCase], object] | None = None,
) -> Outcome:
    """Return a visualization, a query and functions of the class that prove a decoder wrong, if they are found.

    The search goes through feasible visualizations and queries (`fvproof.verify.refutation.strategies`), first for
    failures where no answer is right, and makes what it finds smaller. It is the same search every time. Where no
    answer is right for all members, the refutation is a twin pair: two functions with one visualization, on one of
    which the decoder errs by at least half the distance of their values. All classes have such cases but the constant
    functions, the affine functions of one input, and those on balls.

    Not to be called from within a test of hypothesis: it is a search by hypothesis itself.

    Parameters
    ----------
    within
        The class of functions that the decoder is meant for.
    decoder
        Any callable; see `fvproof.verify.refutation.asking.ask` for how it is called and what it may return.
    dimension
        The number d of inputs.
    goal
        ``"exact"``, ``"approximate"``, ``"side"``, ``"order"`` or ``"optimal"``; see
        `fvproof.verify.refutation.judging.judge_answers`.
    effort
        How long to look.
    watch
        Called with each case before the decoder is.

    Returns
    -------
    Refutation, Broken or Survived
        `Broken` if the decoder raises, returns something else than an answer, is too slow, or changes what it is shown.

    Raises
    ------
    UnknownName
        If there is no such goal.
    DomainError, ShapeError
        If there are no visualizations of this dimension.

    Examples
    --------
    >>> from fvproof.theory.classes import ReluNetworks
    >>> from fvproof.verify.refutation.guesses import nearest
    >>> found = refute(ReluNetworks(), nearest, dimension=2)
    >>> print(*found.twins.queries[0], found.answers[0], found.twins.values, found.error)
    1/2 1/2 0 ((Fraction(0, 1),), (Fraction(1, 1),)) 1
    """
    _check(within, goal, dimension)
    effort = effort or Effort()
    ends, known = monotonic() + effort.search_s, dict[Hashable, Refutation | Broken | None]()

    def outcome(case: AskedCase) -> Refutation | Broken | None:
        key = _key(case)
        if key not in known and monotonic() <= ends:
            if watch is not None:
                watch(case)
            known[key] = _outcome(within, decoder, goal, case, effort.answer_s)
        return known.get(key)

    for shows in (_without_any_right_answer, lambda found: found is not None):
        case = _smallest(_cases(within, dimension, goal), lambda case, shows=shows: shows(outcome(case)), effort.cases)
        if case is not None and (found := known[_key(case)]) is not None:
            return found
        if not any(known.values()):
            break
    if not known:
        raise DomainError(f"no visualization of a {within.title} with {dimension} inputs was found")
    return Survived(goal, len(known), complete=monotonic() <= ends)


def _without_any_right_answer(found: Refutation | Broken | None) -> bool:
    """Return whether the decoder gave no answer, or no answer would have been right: the failures looked for first."""
    return isinstance(found, Broken) or (found is not None and len(found.twins.members) == 2)


def _smallest(cases: SearchStrategy[AskedCase], shows: Callable[[AskedCase], bool], most: int) -> AskedCase | None:
    """Return a case that shows something, made as small as possible; None if there is none among so many."""
    try:
        return find(cases, shows, settings=_settings(most))
    except (NoSuchExample, Unsatisfiable):
        return None


def _check(within: FunctionClass, goal: str, dimension: int) -> None:
    """Raise if there is nothing to search."""
    if goal not in GOALS:
        raise UnknownName("task", goal, GOALS)
    if dimension < 1:
        raise DomainError(f"the dimension must be at least 1, not {dimension}")
    if isinstance(within, EmpiricalRiskMinimisers) and within.dimension not in (None, dimension):
        raise ShapeError(f"the training points have {within.dimension} coordinates, not {dimension}")


def _key(case: AskedCase) -> Hashable:
    """Return a case as a key of a dictionary."""
    phi, queries = case
    return fractions(phi.argmin), fractions(phi.argmax), phi.minimum, phi.maximum, tuple(map(fractions, queries))


def _outcome(
    within: FunctionClass,
    decoder: Callable[..., object],
    goal: str,
    case: AskedCase,
    answer_s: float,
) -> Refutation | Broken | None:
    """Return how the decoder fails in a case, or None."""
    answers = ask(decoder, goal, within, case, limit_s=answer_s)
    return Broken(answers, case) if isinstance(answers, Failure) else judge_answers(goal, within, case, answers)


@st.composite
def _cases(draw: DrawFn, within: FunctionClass, dimension: int, goal: str) -> AskedCase:
    """Return a strategy for a visualization and queries."""
    phi = draw(visualizations(within, dimension))
    count = 2 if goal == Task.ORDER else 1
    return phi, tuple(draw(queries(phi)) for _ in range(count))


def _settings(cases: int) -> settings:
    """Return settings for a search that is the same every time, leaves no files, and does not complain."""
    return settings(
        max_examples=cases,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
    )
