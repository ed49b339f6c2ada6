"""What one can want to know of a unit from its visualization, from hard to easy, and when that is possible."""

from collections.abc import Iterable
from enum import StrEnum

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.errors import DomainError
from fvproof.theory.interval import Interval
from fvproof.theory.visualization import Visualization


class Task(StrEnum):
    """A task for a decoder, at one query x (at two queries x and y for `ORDER`)."""

    EXACT = "exact"
    """The value f(x)."""
    APPROXIMATE = "approximate"
    """The value f(x) up to an error ε < (M − m)/2: better than knowing nothing."""
    SIDE = "side"
    """Whether f(x) is closer to M than to m: f(x) ≥ (m + M)/2."""
    ORDER = "order"
    """Which of x and y excites the unit at least as much as the other."""


def solvable(
    task: Task,
    function_class: FunctionClass,
    phi: Visualization,
    *queries: Iterable[object],
    unique_extrema: bool = False,
) -> bool:
    """Return whether one answer is right for every member of the class with this visualization.

    ::

        exact        A(φ, x) is one point
        approximate  its radius is below (M − m)/2, or 0
        side         A(φ, x) ⊂ [m, (m + M)/2)  or  A(φ, x) ⊂ [(m + M)/2, M]
        order        f(x) ≤ f(y) for all such f, or f(y) ≤ f(x) for all such f

    Parameters
    ----------
    task
        The task.
    function_class
        The class C.
    phi
        A visualization that is feasible for the class.
    *queries
        One point of the cube; for `Task.ORDER` two.
    unique_extrema
        Whether the unit is known to have no other minimum or maximum point; the order ignores it.

    Raises
    ------
    DomainError
        If the number of queries is wrong, or a query is no point of the cube.
    InfeasibleVisualization
        If no member has this visualization.

    Source
    ------
    Geirhos et al., ICML 2024, section 4 (exact, approximate, side); fvproof (order; minimax lemma).

    Examples
    --------
    >>> from fvproof.theory.classes import Convex
    >>> phi = Visualization(["1/2"], [1], 0, 1)
    >>> [solvable(task, Convex(), phi, ["5/8"]) for task in (Task.EXACT, Task.APPROXIMATE, Task.SIDE)]
    [False, True, True]
    >>> solvable(Task.ORDER, Convex(), phi, ["5/8"], ["3/4"]), solvable(Task.ORDER, Convex(), phi, ["1/4"], ["3/4"])
    (True, False)
    """
    expected = 2 if task == Task.ORDER else 1
    if len(queries) != expected:
        raise DomainError(f"the task {task} needs {expected} quer{'ies' if expected > 1 else 'y'}, not {len(queries)}")
    if task == Task.ORDER:
        x, y = queries
        return function_class.at_most(phi, x, y) or function_class.at_most(phi, y, x)
    possible = function_class.ambiguity(phi, queries[0], unique_extrema=unique_extrema)
    match task:
        case Task.EXACT:
            return possible.low == possible.high
        case Task.APPROXIMATE:
            return possible.low == possible.high or bool(2 * possible.radius < phi.spread)
        case Task.SIDE:
            return on_one_side(possible, phi)


def on_one_side(possible: Interval, phi: Visualization) -> bool:
    """Return whether all possible values are below the middle of [m, M], or all are not."""
    below = possible.high < phi.middle or (possible.high == phi.middle and not possible.high_closed)
    return bool(below or possible.low >= phi.middle)
