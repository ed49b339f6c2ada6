"""Exemplars whose values are known up to an error: measured activations, rounded ones.

Let |f(z_j) − v_j| ≤ s_j be known of some points, beside f(a) = m, f(b) = M and m − η ≤ f ≤ M + η. Call the rise of a
class what its functions gain at most from p to q: L·‖p − q‖ (Lipschitz), L·‖(q − p)⁺‖ (monotone too), 0 for q ≤ p and
else without bound (monotone), 0 for q = p and else without bound (black box, networks). With a and b among the points,
s = 0 there::

    A(φ, x) = [max(m − η, max_j v_j − s_j − rise(x, z_j)), min(M + η, min_j v_j + s_j + rise(z_j, x))]

Some member has all this if and only if each [v_j − s_j, v_j + s_j] meets [m − η, M + η], and v_i − s_i − (v_j + s_j) ≤
rise(z_j, z_i) for all i and j.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import permutations

from fvproof.theory.classes.base import FreeClass, FunctionClass, no_rule
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.classes.lipschitz import Lipschitz
from fvproof.theory.classes.monotone import Monotone
from fvproof.theory.classes.monotone_lipschitz import MonotoneLipschitz
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.norms import ascent, distance
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, precedes, same
from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval
from fvproof.theory.observations import observe
from fvproof.theory.visualization import Visualization

Rise = Callable[[Point, Point], Exact | None]
"""What the functions of a class gain at most from one point to another; None if there is no bound."""
Known = tuple[str, Point, Fraction, Fraction]
"""A point by name, and the least and the greatest value there."""


def noisy_ambiguity(
    within: FunctionClass,
    phi: Visualization,
    x: Iterable[object],
    exemplars: Iterable[tuple[Iterable[object], object, object]],
    *,
    slack: object = 0,
) -> Interval:
    """Return the values at x of the members with a visualization, up to η, and with f(z_j) = v_j up to s_j.

    Parameters
    ----------
    within
        A class with a rise: Lipschitz, monotone, both, or one of which nothing is known off the extrema.
    phi
        The visualization; m and M are known exactly.
    x
        The query.
    exemplars
        Triples (z_j, v_j, s_j) with s_j ≥ 0.
    slack
        η ≥ 0, by how much the unit may go beyond m and M.

    Raises
    ------
    InfeasibleVisualization
        If no member has these values; the message names the two that do not go together.
    DomainError, ShapeError
        If the class has no rise, a point is not in the cube, or a number is bad.

    Source
    ------
    fvproof, statement `noisy-exemplars`.

    Examples
    --------
    >>> phi = Visualization([0], [1], 0, 1)
    >>> print(noisy_ambiguity(Lipschitz(2), phi, ["1/2"], [(["1/2"], "1/2", "1/10")]))
    [2/5, 3/5]
    """
    query, rise = phi.query(x), _rise(within)
    bounds = observe(phi, slack=slack)
    read = [_read(f"exemplar {j}", phi, one) for j, one in enumerate(exemplars)]
    exactly = bounds.joined(_labels(within, query))
    known = [*((n, z, v, v) for n, z, v in zip(exactly.names, exactly.points, exactly.values, strict=True)), *read]
    known = [_within(one, bounds.low, bounds.high) for one in known]
    _require(within, known, rise)
    gains = [(low, high, rise(query, z), rise(z, query)) for _, z, low, high in known]
    return Interval(
        max([bounds.low, *(low - up for low, _, up, _ in gains if up is not None)]),
        min([bounds.high, *(high + up for _, high, _, up in gains if up is not None)]),
    )


def _read(name: str, phi: Visualization, exemplar: tuple[Iterable[object], object, object]) -> Known:
    """Return an exemplar with its least and greatest value."""
    z, v, s = exemplar
    value, error = exact(v, name=f"the value of {name}"), exact(s, name=f"the error of {name}")
    if error < 0:
        raise DomainError(f"the error of {name} must not be negative, but is {error}")
    return name, phi.query(z), value - error, value + error


def _labels(within: FunctionClass, query: Point) -> list[tuple[str, Point, Fraction]]:
    """Return the training set of a class that has one."""
    if not isinstance(within, EmpiricalRiskMinimisers) or not within.labels:
        return []
    if within.dimension != len(query):
        raise DomainError(f"the training points have {within.dimension} coordinates, the query {len(query)}")
    return [(f"training point {i}", z.point, y) for i, (z, y) in enumerate(within.labels.items())]


def _within(known: Known, low: Fraction, high: Fraction) -> Known:
    """Return what the bounds leave of a value, or refuse it."""
    name, z, least, greatest = known
    if least > high or greatest < low:
        raise InfeasibleVisualization(
            f"the value of {name} lies in [{least}, {greatest}], but all values in [{low}, {high}]"
        )
    return name, z, max(least, low), min(greatest, high)


def _require(within: FunctionClass, known: list[Known], rise: Rise) -> None:
    """Refuse values of which two do not go together."""
    for (p_name, p, _, high), (q_name, q, low, _) in permutations(known, 2):
        most = rise(p, q)
        if most is not None and low - high > most:
            apart = f"from at most {high} at the {p_name} to at least {low} at the {q_name}"
            raise InfeasibleVisualization(f"no {within.title} rises {apart}: at most by {most}")


def _rise(within: FunctionClass) -> Rise:
    """Return what the functions of the class gain at most from p to q."""
    match within:
        case Lipschitz():
            return lambda p, q: within.lipschitz * distance(p, q, within.norm)
        case MonotoneLipschitz():
            return lambda p, q: within.lipschitz * ascent(p, q, within.norm)
        case Monotone():
            return lambda p, q: Fraction(0) if precedes(q, p) else None
        case FreeClass() | EmpiricalRiskMinimisers():
            return lambda p, q: Fraction(0) if same(p, q) else None
        case _:
            raise no_rule(within)
