"""Networks of one hidden layer with two units, or with one: what so few leave open, exactly, and members that show it.

Three leave [m, M] (`fvproof.theory.witnesses.interpolating`). Write φ = (a, b, m, M), m < M, and let x be neither a nor
b. An extremum is *held* if a coordinate in which a and b differ is 0 or 1 at it: there the line through both leaves the
cube.

- Two units: [m, M], but for x on the line through a and b beyond one of them, where the other extremum is not held::

      [M − t_b(x)·(M − m), M]  beyond b,      [m, m + t_a(x)·(M − m)]  beyond a

- One unit: the graph is flat on one side of a crease. With ρ_b(x) the least |x_i − b_i|/|a_i − b_i| over the
  coordinates in which a and b differ and b is 0 or 1, and G_b the smallest face on which b lies::

      flat at m, if b is held:  {M} if x ∈ G_b;  else [m, m + max(0, 1 − ρ_b(x))·(M − m)]
      flat at M, if a is held:  {m} if x ∈ G_a;  else [M − max(0, 1 − ρ_a(x))·(M − m), M]

  Feasible are the φ with an extremum that is held.
"""

from collections.abc import Iterable
from fractions import Fraction

from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Point, fractions, gauge
from fvproof.theory.interval import Interval, point
from fvproof.theory.network import ReluNetwork, affine, combination, negated, positive_part
from fvproof.theory.visualization import Visualization

ZERO, ONE = Fraction(0), Fraction(1)
Vector = tuple[Fraction, ...]


def two_units_leave(phi: Visualization, x: Iterable[object]) -> Interval:
    """Return the values at x of the networks of one hidden layer with at most two units and the visualization φ.

    Parameters
    ----------
    phi
        The visualization, with m < M and a ≠ b; every such φ is feasible.
    x
        The query, a point of the cube.

    Raises
    ------
    DomainError, InfeasibleVisualization, ShapeError
        If x is no point of the cube, or m = M or a = b.

    Source
    ------
    fvproof, statement `two-units`.

    Examples
    --------
    >>> phi = Visualization(["1/4"], ["1/2"], 0, 1)
    >>> print(two_units_leave(phi, ["3/4"]), two_units_leave(phi, ["1/3"]))
    [1/2, 1] [0, 1]
    """
    query = _asked(phi, x)
    known = phi.known_value(query)
    if known is not None:
        return point(known)
    a, b, at = map(fractions, (phi.argmin, phi.argmax, query))
    where = _place(a, b, at)
    if where is not None and where > 1 and not _held(a, b):
        return Interval(phi.maximum - gauge(b, at) * phi.spread, phi.maximum)
    if where is not None and where < 0 and not _held(b, a):
        return Interval(phi.minimum, phi.minimum + gauge(a, at) * phi.spread)
    return Interval(phi.minimum, phi.maximum)


def one_unit_leaves(phi: Visualization, x: Iterable[object]) -> list[Interval]:
    """Return the values at x of the networks with one hidden unit and the visualization φ: flat at m, then flat at M.

    Raises
    ------
    InfeasibleVisualization
        If neither extremum is held, or m = M or a = b.
    DomainError, ShapeError
        If x is no point of the cube.

    Source
    ------
    fvproof, statement `one-unit`.

    Examples
    --------
    >>> phi = Visualization(["1/4"], [1], 0, 1)
    >>> print(*one_unit_leaves(phi, ["3/4"]))
    [0, 2/3]
    """
    query = _asked(phi, x)
    known = phi.known_value(query)
    _held_somewhere(phi)
    if known is not None:
        return [point(known)]
    low, high = _flat_at_minimum(phi, query), _flat_at_minimum(_mirrored(phi), query)
    return [*filter(None, [low, high and Interval(-high.high, -high.low)])]


def two_units(phi: Visualization, x: Iterable[object], value: object) -> ReluNetwork:
    """Return a network of one hidden layer with two units that has the visualization φ and the value at x.

    Raises
    ------
    DomainError, InfeasibleVisualization, ShapeError
        If no such network has it.

    Examples
    --------
    >>> phi = Visualization(["1/4", "1/4"], ["1/2", "1/2"], 0, 1)
    >>> f = two_units(phi, ["3/4", "1/4"], "9/10")
    >>> f.widths, str(f(phi.query(["3/4", "1/4"])))
    ((2,), '9/10')
    """
    query, v = _asked(phi, x), exact(value, name="the value")
    if v not in (possible := two_units_leave(phi, query)):
        raise DomainError(f"the value at the query must lie in {possible}, not {v}")
    a, b, at = map(fractions, (phi.argmin, phi.argmax, query))
    share = (v - phi.minimum) / phi.spread
    where = _place(a, b, at)
    if where is None:
        return _clamp(phi, _through(a, b, at, share), ZERO, ONE)
    if where > 1:
        return _beyond(phi, where, share)
    if where < 0:
        return negated(_beyond(_mirrored(phi), 1 - where, 1 - share))
    start, end = (ZERO, where / share) if share > where else ((where - share) / (1 - share) if share < 1 else ZERO, ONE)
    return _clamp(phi, _along(a, b), start, end)


def one_unit(phi: Visualization, x: Iterable[object], value: object) -> ReluNetwork:
    """Return a network with one hidden unit that has the visualization φ and the value at x.

    Raises
    ------
    DomainError, InfeasibleVisualization, ShapeError
        If no such network has it.

    Examples
    --------
    >>> phi = Visualization([0, "1/2"], [1, "1/2"], 0, 1)
    >>> f = one_unit(phi, ["1/2", 0], "1/8")
    >>> f.widths, str(f(phi.query(["1/2", 0])))
    ((1,), '1/8')
    """
    query, v = _asked(phi, x), exact(value, name="the value")
    parts = one_unit_leaves(phi, query)
    for shown, wanted in ((phi, v), (_mirrored(phi), -v)):
        part = _flat_at_minimum(shown, query) if _held(fractions(shown.argmax), fractions(shown.argmin)) else None
        if part is not None and (wanted in part or shown.known_value(query) == wanted):
            f = _flat(shown, query, wanted)
            return f if shown is phi else negated(f)
    raise DomainError(f"the value at the query must lie in {' or '.join(map(str, parts))}, not {v}")


def _asked(phi: Visualization, x: Iterable[object]) -> Point:
    """Return the query, once φ varies and has two extrema."""
    if phi.spread == 0 or fractions(phi.argmin) == fractions(phi.argmax):
        raise InfeasibleVisualization("few units are asked about visualizations with m < M and argmin ≠ argmax")
    return phi.query(x)


def _held_somewhere(phi: Visualization) -> None:
    """Refuse φ if no network with one unit has it."""
    a, b = map(fractions, (phi.argmin, phi.argmax))
    if not (_held(a, b) or _held(b, a)):
        raise InfeasibleVisualization(
            "no network with one hidden unit has this visualization: in no coordinate in which the extrema differ is "
            "one of them 0 or 1"
        )


def _mirrored(phi: Visualization) -> Visualization:
    """Return the visualization of −f."""
    return Visualization(phi.argmax, phi.argmin, -phi.maximum, -phi.minimum)


def _holding(p: Vector, q: Vector) -> list[int]:
    """Return the coordinates in which p and q differ and p is 0 or 1."""
    return [i for i, (s, t) in enumerate(zip(p, q, strict=True)) if s != t and s in (0, 1)]


def _held(p: Vector, q: Vector) -> bool:
    """Return whether the line through p and q leaves the cube at p."""
    return bool(_holding(p, q))


def _place(a: Vector, b: Vector, x: Vector) -> Fraction | None:
    """Return t with x = a + t·(b − a), None if x is not on the line."""
    i = next(i for i, (s, t) in enumerate(zip(a, b, strict=True)) if s != t)
    t = (x[i] - a[i]) / (b[i] - a[i])
    on = all(z == s + t * (r - s) for s, r, z in zip(a, b, x, strict=True))
    return t if on else None


def _flat_at_minimum(phi: Visualization, x: Point) -> Interval | None:
    """Return the values at x of m + (M − m)·ReLU(ℓ), ℓ affine; None if none has φ."""
    a, b, at = map(fractions, (phi.argmin, phi.argmax, x))
    if not (holding := _holding(b, a)):
        return None
    if _leaves(b, at) is None:
        return point(phi.maximum)
    ratio = min(abs(at[i] - b[i]) / abs(a[i] - b[i]) for i in holding)
    return Interval(phi.minimum, phi.minimum + max(ZERO, 1 - ratio) * phi.spread)


def _leaves(b: Vector, x: Vector) -> int | None:
    """Return a coordinate in which x is off the smallest face that holds b."""
    return next((i for i, (s, t) in enumerate(zip(b, x, strict=True)) if s in (0, 1) and s != t), None)


def _flat(phi: Visualization, x: Point, value: Fraction) -> ReluNetwork:
    """Return m + (M − m)·ReLU(1 − |z_i − b_i|/|a_i − b_i| − κ·|z_j − b_j|), where b_i and b_j are 0 or 1."""
    a, b, at = map(fractions, (phi.argmin, phi.argmax, x))
    i = min(_holding(b, a), key=lambda k: abs(at[k] - b[k]) / abs(a[k] - b[k]))
    rates = {i: 1 / abs(a[i] - b[i])}
    height, share = 1 - rates[i] * abs(at[i] - b[i]), (value - phi.minimum) / phi.spread
    j = _leaves(b, at)
    if j is not None and height > share and phi.known_value(x) is None:
        rates[j] = rates.get(j, ZERO) + (height - share) / abs(at[j] - b[j])
    weights = {k: (rate if b[k] == 1 else -rate) for k, rate in rates.items()}
    constant = 1 - sum((rate for k, rate in rates.items() if b[k] == 1), ZERO)
    return combination([phi.spread], [positive_part(affine(weights, constant, dimension=len(b)))], phi.minimum)


def _along(a: Vector, b: Vector, i: int | None = None) -> ReluNetwork:
    """Return the affine map that is 0 at a and 1 at b and reads one coordinate."""
    i = next(k for k, (s, t) in enumerate(zip(a, b, strict=True)) if s != t) if i is None else i
    rate = 1 / (b[i] - a[i])
    return affine({i: rate}, -rate * a[i], dimension=len(a))


def _through(a: Vector, b: Vector, x: Vector, share: Fraction) -> ReluNetwork:
    """Return an affine map that is 0 at a, 1 at b and `share` at x, which is not on their line."""
    step, off = ([t - s for s, t in zip(a, z, strict=True)] for z in (b, x))
    i = next(k for k, s in enumerate(step) if s)
    j = next(k for k, s in enumerate(step) if step[i] * off[k] != s * off[i])
    determinant = step[i] * off[j] - step[j] * off[i]
    weights = {i: (off[j] - share * step[j]) / determinant, j: (share * step[i] - off[i]) / determinant}
    return affine(weights, -sum((w * a[k] for k, w in weights.items()), ZERO), dimension=len(a))


def _clamp(phi: Visualization, inner: ReluNetwork, start: Fraction, end: Fraction) -> ReluNetwork:
    """Return m up to `start`, M from `end` on, straight between."""
    rate = phi.spread / (end - start)
    ramps = [positive_part(combination([ONE], [inner], -t)) for t in (start, end)]
    return combination([rate, -rate], ramps, phi.minimum)


def _beyond(phi: Visualization, where: Fraction, share: Fraction) -> ReluNetwork:
    """Return the network for x = a + where·(b − a) beyond b: up to b, and down to the share at x."""
    a, b = map(fractions, (phi.argmin, phi.argmax))
    fall = (1 - share) / (where - 1)
    if holding := _holding(a, b):
        inner = _along(a, b, holding[0])
        return _ramps(phi, inner, [(ONE, -(1 + fall)), (where, fall)], base=share, falling=True)
    inner = _along(a, b, _first_exit(a, b))
    return _ramps(phi, inner, [(ZERO, ONE), (ONE, -(1 + fall))], base=ZERO, falling=False)


def _ramps(
    phi: Visualization, inner: ReluNetwork, bends: list[tuple[Fraction, Fraction]], *, base: Fraction, falling: bool
) -> ReluNetwork:
    """Return m + (M − m)·(base + Σ c_j·ReLU(±(inner − t_j)))."""
    sign = -ONE if falling else ONE
    ramps = [positive_part(combination([sign], [inner], -sign * t)) for t, _ in bends]
    return combination([phi.spread * c for _, c in bends], ramps, phi.minimum + phi.spread * base)


def _first_exit(a: Vector, b: Vector) -> int:
    """Return the coordinate in which the line from a through b leaves the cube first."""
    moving = [i for i, (s, t) in enumerate(zip(a, b, strict=True)) if s != t]
    return min(moving, key=lambda i: ((1 - b[i]) if b[i] > a[i] else b[i]) / abs(b[i] - a[i]))
