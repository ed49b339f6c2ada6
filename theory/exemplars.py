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

from collections.abc import Iterable

from fvproof.theory.classes.base import FunctionClass
from fvproof.theory.interval import Interval
from fvproof.theory.observations import observe
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
        The class, whose file gives the rule (`FunctionClass.observed`).
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
    >>> from fvproof.theory.classes import Monotone
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(ambiguity(Monotone(), phi, ["1/2", "1/2"], [(["1/4", "1/2"], "1/3")], slack="1/10"))
    [1/3, 1]
    """
    return within.observed(observe(phi, exemplars, slack=slack), phi.query(x))
