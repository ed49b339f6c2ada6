"""The overview: what a visualization tells, class by class and task by task, computed from the classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product

from theory.classes import CLASSES, FunctionClass, function_class
from theory.faces import opposite
from theory.norms import Norm
from theory.numbers import exact
from theory.points import Point
from theory.tasks import Task, solvable
from theory.visualization import Visualization

GRIDS = {
    1: (Fraction(0), Fraction(1, 4), Fraction(1, 3), Fraction(1)),
    2: (Fraction(0), Fraction(1, 4), Fraction(1)),
}
"""The coordinates asked about in each dimension: both ends and values between them."""
OFF_GRID = Fraction(1, 2)
"""Coordinates and label of the training point of the empirical risk minimisers, which is not asked about."""
DOMAINS = {"two-piece-affine": "cube, opposite corners"}
"""The classes asked about for extrema at opposite corners only."""
LIPSCHITZ = Fraction(2)
"""The known constant, in ℓ1, of units that rise by 1."""


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
        The input domain: all cubes, or those of some dimension.
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

    For every class, every visualization with extrema on a small grid and values 0 and 1 (0 and 0 for constants) that is
    feasible, and every query on the grid off the extrema, each task is decided exactly. A single case that is not
    solvable shows that the task is *not solvable for the class*; "never" and "always" are statements about the grid
    here, and about all visualizations and queries by the statements that the rows name.

    Examples
    --------
    >>> {row.title: row.answers[Task.EXACT] for row in overview()}["constant function"]
    'always'
    """
    return [_row(name, dimension) for name in CLASSES for dimension in ((1, 2) if name == "affine" else (2,))]


def _row(name: str, dimension: int) -> Row:
    """Return the row of one class."""
    asked = _parametrized(name, dimension)
    answers: dict[Task, str] = {}
    examples: dict[Task, Example] = {}
    for task in Task:
        answers[task], example = _answer(task, asked, dimension)
        if example:
            examples[task] = example
    domain = f"cube, d {'=' if dimension == 1 else '>'} 1" if name == "affine" else DOMAINS.get(name, "cube")
    return Row(name, asked.title, asked.source, domain, answers, examples, _worst(asked, dimension))


def _parametrized(name: str, dimension: int) -> FunctionClass:
    """Return the class with the overview's parameters."""
    if name == "erm":
        return function_class(name, training=[((OFF_GRID,) * dimension, 0)])
    return function_class(name, **({"lipschitz": LIPSCHITZ, "norm": Norm.L1} if _knows_constant(name) else {}))


def _knows_constant(name: str) -> bool:
    """Return whether the class takes a Lipschitz constant."""
    return "lipschitz" in getattr(CLASSES[name], "__slots__", ())


def _answer(task: Task, asked: FunctionClass, dimension: int) -> tuple[str, Example | None]:
    """Return how often the task is solvable, and the first case in which it is not."""
    solved, example = False, None
    for phi, others in _visualizations(asked, dimension):
        for queries in combinations(others, 2 if task == Task.ORDER else 1):
            if solvable(task, asked, phi, *queries):
                solved = True
            else:
                example = example or Example(phi, queries)
            if solved and example:
                return "sometimes", example
    return ("always" if solved else "never"), example


def _worst(asked: FunctionClass, dimension: int) -> Fraction:
    """Return the largest radius as a share of (M − m)/2."""
    cases = ((phi, x) for phi, others in _visualizations(asked, dimension) for x in others)
    return max(exact(2 * asked.ambiguity(phi, x).radius / (phi.spread or 1)) for phi, x in cases)


def _visualizations(asked: FunctionClass, dimension: int) -> Iterator[tuple[Visualization, list[Point]]]:
    """Yield the feasible visualizations with extrema on the grid, each with the grid's other points."""
    points = list(product(GRIDS[dimension], repeat=dimension))
    for a, b in permutations(points, 2):
        rising, flat = Visualization(a, b, 0, 1), Visualization(a, b, 0, 0)
        phi = rising if asked.name != "constant" else flat
        corners = len(opposite(a, b)) == dimension
        if asked.feasible(phi) and (corners or asked.name not in DOMAINS):
            yield phi, [x for x in points if x not in (a, b)]
