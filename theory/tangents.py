"""The convex and the affine functions through observed values, by linear programs over affine functions, exactly.

Every affine function ℓ ≤ high on the cube is ``ℓ(z) = high − ⟨φ(z), y⟩`` with weights y ≥ 0 on the features
``φ(z) = (1, 1 − z_1, …, 1 − z_d, z_1, …, z_d)``, which are non-negative on the cube.

- The greatest convex function with f(z_i) ≤ v_i is the greatest of these ℓ with ℓ(z_i) ≤ v_i, point by point.
- The observations belong to a convex function if and only if for every k some such ℓ passes through v_k at z_k, and
  the least value at x is the greatest over k of the least ℓ(x) among these.
- They belong to an affine function if and only if some ℓ ≥ low passes through all of them.
"""

from collections.abc import Sequence
from fractions import Fraction

from fvproof.theory.errors import InfeasibleVisualization
from fvproof.theory.exact.linear_program import Infeasible, Program, Unbounded, largest
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.interval import Interval
from fvproof.theory.observations import Observations

ONE, ZERO = Fraction(1), Fraction(0)


def convex_interval(known: Observations, x: Point) -> Interval:
    """Return the values at x of the convex functions with these observations.

    Raises
    ------
    InfeasibleVisualization
        If there are none.

    Examples
    --------
    >>> from fvproof.theory.observations import observe
    >>> from fvproof.theory.visualization import Visualization
    >>> known = observe(Visualization([0], [1], 0, 1), [(["1/2"], "1/4")])
    >>> print(convex_interval(known, (Fraction(3, 4),)))
    [3/8, 5/8]
    """
    lows = [_lowest_tangent(known, k, x) for k in range(len(known.points))]
    rows = [(features(z), known.high - v) for z, v in zip(known.points, known.values, strict=True)]
    surpluses = _units(range(len(rows)), len(rows), -ONE)
    highest = known.high + _best(rows, surpluses, [-weight for weight in features(x)])
    return Interval(max([known.low, *(low for low in lows if low is not None)]), highest)


def affine_interval(known: Observations, x: Point) -> Interval:
    """Return the values at x of the affine functions with these observations.

    Raises
    ------
    InfeasibleVisualization
        If there are none.

    Examples
    --------
    >>> from fvproof.theory.observations import observe
    >>> from fvproof.theory.visualization import Visualization
    >>> known = observe(Visualization([0, 0], [1, 1], 0, 1), slack="1/8")
    >>> print(affine_interval(known, (Fraction(1), Fraction(0))))
    [-1/8, 9/8]
    """
    rows = [(features(z), known.high - v) for z, v in zip(known.points, known.values, strict=True)]
    rows.append(([ONE] * len(rows[0][0]), known.high - known.low))
    spare = _units([len(rows) - 1], len(rows), ONE)
    at = features(x)
    try:
        ends = known.high - _best(rows, spare, at), known.high + _best(rows, spare, [-weight for weight in at])
    except Infeasible:
        within = f"between {known.low} and {known.high}"
        raise InfeasibleVisualization(f"no affine function {within} on the cube has all the given values") from None
    return Interval(*ends)


def features(z: Point) -> list[Fraction]:
    """Return φ(z) = (1, 1 − z_1, …, 1 − z_d, z_1, …, z_d)."""
    coordinates = fractions(z)
    return [ONE, *(1 - t for t in coordinates), *coordinates]


def _lowest_tangent(known: Observations, k: int, x: Point) -> Fraction | None:
    """Return the least value at x of an ℓ through observation k and below the others; None if there is no least one."""
    rows = [(features(z), known.high - v) for z, v in zip(known.points, known.values, strict=True)]
    surpluses = _units([i for i in range(len(rows)) if i != k], len(rows), -ONE)
    try:
        return known.high - _best(rows, surpluses, features(x))
    except Unbounded:
        return None
    except Infeasible:
        held = f"the value {known.values[k]} at the {known.names[k]}"
        raise InfeasibleVisualization(f"no convex function has {held} together with the other values") from None


def _units(rows: Sequence[int], height: int, entry: Fraction) -> list[list[Fraction]]:
    """Return the columns that have the entry in one of the given rows and 0 elsewhere."""
    return [[entry if i == row else ZERO for i in range(height)] for row in rows]


def _best(
    rows: Sequence[tuple[Sequence[Fraction], Fraction]], spare: list[list[Fraction]], objective: Sequence[Fraction]
) -> Fraction:
    """Return the largest ⟨objective, y⟩ over y ≥ 0 with ⟨features, y⟩ = bound for all rows, up to the spare columns."""
    columns = [*zip(*(weights for weights, _ in rows), strict=True), *spare]
    return largest(Program([*objective, *([ZERO] * len(spare))], columns, [bound for _, bound in rows]))
