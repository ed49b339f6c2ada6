"""The overview: what a visualization tells, class by class and task by task, computed from the classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations

from fvproof.theory.classes import CLASSES, RELIABLE, FunctionClass, function_class
from fvproof.theory.exact.faces import opposite
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point
from fvproof.theory.examples import Setting, first
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization


@dataclass(frozen=True, slots=True)
class Example:
    """A visualization and queries for which no answer is right for all members."""

    visualization: Visualization
    queries: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one class on one domain.

    Parameters
    ----------
    name, title, source
        The class: what `function_class` calls it, what the table calls it, the statement behind it.
    domain
        The input domain: of all dimensions, or of some.
    answers
        For each task whether it is ``"always"``, ``"sometimes"`` or ``"never"`` solvable, over the visualizations and
        queries asked.
    examples
        For each task that is not always solvable, the first case where it is not.
    worst
        The largest radius found, as a share of the uninformed decoder's error (M − m)/2.
    """

    name: str
    title: str
    source: str
    domain: str
    answers: dict[Task, str]
    examples: dict[Task, Example]
    worst: Fraction


def overview() -> list[Row]:
    """Return the table classes × tasks, computed from the classes.

    For every class, every feasible visualization with extrema among a few points and values 0 and 1 (0 and 0 where 0
    and 1 never are, as for constants), and all other points as queries, each task is decided exactly. A single case
    that is not solvable shows that the task is *not solvable for the class*; "never" and "always" are statements about
    these points here, and about all visualizations and queries by the statements that `fvproof prove` checks.

    Examples
    --------
    >>> {row.title: row.answers[Task.EXACT] for row in overview()}["constant function"]
    'always'
    """
    return list(_rows())


@cache
def _rows() -> tuple[Row, ...]:
    """Return the rows, which are the same whenever they are asked for."""
    every = CLASSES | RELIABLE
    return tuple(_row(name, setting) for name, each in every.items() for setting in each.examples.settings)


def _row(name: str, setting: Setting) -> Row:
    """Return the row of one class on one domain."""
    asked = function_class(name, **(CLASSES | RELIABLE)[name].examples.parameters(first, 2))
    cases = list(_cases(asked, setting, 1)) or list(_cases(asked, setting, 0))
    answers: dict[Task, str] = {}
    examples: dict[Task, Example] = {}
    for task in Task:
        answers[task], example = _answer(task, asked, cases)
        if example:
            examples[task] = example
    radii = (2 * asked.ambiguity(phi, x).radius / (phi.spread or 1) for phi, others in cases for x in others)
    return Row(name, asked.title, asked.source, setting.domain, answers, examples, max(map(exact, radii)))


def _answer(
    task: Task, asked: FunctionClass, cases: Sequence[tuple[Visualization, list[Point]]]
) -> tuple[str, Example | None]:
    """Return how often the task is solvable, and the first case in which it is not."""
    solved, example = False, None
    for phi, others in cases:
        for queries in combinations(others, 2 if task == Task.ORDER else 1):
            if solvable(task, asked, phi, *queries):
                solved = True
            else:
                example = example or Example(phi, queries)
            if solved and example:
                return "sometimes", example
    return ("always" if solved else "never"), example


def _cases(asked: FunctionClass, setting: Setting, maximum: int) -> Iterator[tuple[Visualization, list[Point]]]:
    """Yield the feasible visualizations with extrema among the points, each with the other points."""
    for a, b in permutations(setting.points, 2):
        phi = Visualization(a, b, 0, maximum, asked.domain)
        if asked.feasible(phi) and not (setting.corners_only and len(opposite(a, b)) < phi.dimension):
            yield phi, [x for x in setting.points if x not in (a, b)]
