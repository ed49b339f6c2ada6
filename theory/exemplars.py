"""What further observations tell: exemplars (inputs with their activations), and visualizations that are nearly exact.

An optimiser returns points a and b whose values m and M are within η of the extrema; natural images come with their
activations. Then f(a) = m, f(b) = M, f(z_i) = v_i and m − η ≤ f ≤ M + η are known, and the ambiguity set is as follows
(d for the distance, d⁺ for the ascent; all data, a and b among them, are called z_i with values v_i).

- Black box, continuous, smooth, (ERM) networks, piecewise affine, unknown constant: [m − η, M + η] off the data.
- Lipschitz: ``[max(m − η, max_i v_i − L·d(x, z_i)), min(M + η, min_i v_i + L·d(z_i, x))]``; monotone too: with d⁺.
- Monotone: ``[max { v_i : z_i ≤ x }, min { v_i : z_i ≥ x }]``, or m − η and M + η where there are none.
- Affine and convex: linear programs over the affine functions below M + η, solved in fractions. For an affine unit
  without exemplars, a and b opposite corners, they give, with u_i = |x_i − a_i|,
  ``m + [(M − m + η)·min u − η·max u, (M − m + η)·max u − η·min u]``.
"""

from collections.abc import Callable, Iterable
from itertools import permutations

from fvproof.theory.classes.affine import Affine
from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.classes.black_box import BlackBox
from fvproof.theory.classes.concave import Concave
from fvproof.theory.classes.constant import Constant
from fvproof.theory.classes.continuous import Continuous
from fvproof.theory.classes.convex import Convex
from fvproof.theory.classes.erm import EmpiricalRiskMinimisers
from fvproof.theory.classes.lipschitz import Lipschitz, LipschitzUnknown
from fvproof.theory.classes.monotone import Monotone
from fvproof.theory.classes.monotone_lipschitz import MonotoneLipschitz
from fvproof.theory.classes.piecewise_affine import PiecewiseAffine
from fvproof.theory.classes.relu_network import ReluNetworks
from fvproof.theory.classes.smooth import Smooth
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.norms import ascent, distance
from fvproof.theory.exact.points import Point, precedes
from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval, point
from fvproof.theory.observations import Observations, observe
from fvproof.theory.tangents import affine_interval, convex_interval
from fvproof.theory.visualization import Visualization


def ambiguity(
    within: FunctionClass,
    phi: Visualization,
    x: Iterable[object],
    exemplars: Iterable[tuple[Iterable[object], object]] = (),
    *,
    slack: object = 0,
) -> Interval:
    """Return the values at x of the members of a class with a visualization, up to η, and given values at exemplars.

    Without exemplars and slack it is the class's own ambiguity set, found in another way.

    Parameters
    ----------
    within
        The class; not `TwoPieceAffine`.
    phi
        The visualization.
    x
        The query.
    exemplars
        Pairs of a point and the value there.
    slack
        η ≥ 0, by how much the unit may go beyond m and M elsewhere.

    Raises
    ------
    InfeasibleVisualization
        If no member has all these values; the message names them.
    DomainError, ShapeError
        If the class is not covered, a point is not in the cube, or a number is bad.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(ambiguity(Monotone(), phi, ["1/2", "1/2"], [(["1/4", "1/2"], "1/3")], slack="1/10"))
    [1/3, 1]
    """
    rule = RULES.get(type(within))
    if rule is None:
        raise DomainError(f"exemplars and slack are not available for {within.name}")
    training = [(z.point, y) for z, y in within.labels.items()] if isinstance(within, EmpiricalRiskMinimisers) else []
    return rule(within, observe(phi, [*exemplars, *training], slack=slack), phi.query(x))


def _free_interval(_: FunctionClass, known: Observations, x: Point) -> Interval:
    """Return the values of functions that can take any value off the data."""
    value = known.value_at(x)
    return Interval(known.low, known.high) if value is None else point(value)


def _constant_interval(_: FunctionClass, known: Observations, _x: Point) -> Interval:
    """Return the one value of constant functions."""
    for name, value in zip(known.names, known.values, strict=True):
        if value != known.values[0]:
            raise InfeasibleVisualization(
                f"a constant has one value, but the {name} has {value}, not {known.values[0]}"
            )
    return point(known.values[0])


def _lipschitz_interval(within: FunctionClass, known: Observations, x: Point) -> Interval:
    """Return the values between the least and the greatest extension of the data."""
    assert isinstance(within, Lipschitz | MonotoneLipschitz)

    def rise(p: Point, q: Point) -> Exact:
        return within.lipschitz * (ascent if isinstance(within, MonotoneLipschitz) else distance)(p, q, within.norm)

    data = list(zip(known.names, known.points, known.values, strict=True))
    for (p_name, p, u), (q_name, q, v) in permutations(data, 2):
        if v - u > rise(p, q):
            apart = f"from {u} at the {p_name} to {v} at the {q_name}"
            raise InfeasibleVisualization(f"no {within.title} rises {apart}: at most by {rise(p, q)}")
    return Interval(
        max([known.low, *(v - rise(x, z) for _, z, v in data)]),
        min([known.high, *(v + rise(z, x) for _, z, v in data)]),
    )


def _monotone_interval(_: FunctionClass, known: Observations, x: Point) -> Interval:
    """Return the values between those of the data below and above the query."""
    data = list(zip(known.names, known.points, known.values, strict=True))
    for (p_name, p, u), (q_name, q, v) in permutations(data, 2):
        if v < u and precedes(p, q):
            apart = f"the {p_name} is at most the {q_name} in every coordinate, but has the value {u}, not at most {v}"
            raise InfeasibleVisualization(f"no monotone function has these values: {apart}")
    below = [v for _, z, v in data if precedes(z, x)]
    above = [v for _, z, v in data if precedes(x, z)]
    return Interval(max([known.low, *below]), min([known.high, *above]))


def _concave_interval(_: FunctionClass, known: Observations, x: Point) -> Interval:
    """Return the mirror image of the convex functions' values."""
    mirrored = convex_interval(known.mirrored(), x)
    return Interval(-mirrored.high, -mirrored.low)


RULES: dict[type[FunctionClass], Callable[[FunctionClass, Observations, Point], Interval]] = {
    **dict.fromkeys(
        (BlackBox, Continuous, Smooth, ReluNetworks, EmpiricalRiskMinimisers, LipschitzUnknown, PiecewiseAffine),
        _free_interval,
    ),
    Lipschitz: _lipschitz_interval,
    MonotoneLipschitz: _lipschitz_interval,
    Monotone: _monotone_interval,
    Convex: lambda _, known, x: convex_interval(known, x),
    Concave: _concave_interval,
    Affine: lambda _, known, x: affine_interval(known, x),
    Constant: _constant_interval,
}
"""What the classes say about observations."""
