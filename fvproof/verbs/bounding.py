"""`fv.interval`: the values that a unit can still take at a point."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from typing_extensions import Unpack, override

from fvproof.theory.exact.surds import Exact
from fvproof.theory.interval import Interval
from fvproof.theory.queries import Answer, possible_values
from fvproof.theory.visualization import Visualization
from fvproof.theory.wording import percent
from fvproof.verbs.given import ClassParameters, Extrema, WithClass, class_given, read, visualization_given
from fvproof.verbs.kinds import checked
from fvproof.verbs.results import Result


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IntervalResult(Result):
    """The values that a unit can still take at a query.

    Attributes
    ----------
    answer
        The smallest interval that holds them, its parts where there is a gap, and the visualization.
    """

    answer: Answer

    @property
    def visualization(self) -> Visualization:
        """The visualization that was asked about."""
        return self.answer.visualization

    @property
    def possible(self) -> Interval:
        """The smallest interval that holds all possible values; its ends are exact, each open or closed."""
        return self.answer.possible

    @property
    def parts(self) -> tuple[Interval, ...]:
        """The possible values themselves: one interval, or two with a gap between them."""
        return self.answer.parts

    @property
    def low(self) -> Exact:
        """The least possible value, or the end that it can come close to."""
        return self.possible.low

    @property
    def high(self) -> Exact:
        """The greatest possible value, or the end that it can come close to."""
        return self.possible.high

    @property
    def best(self) -> Exact:
        """The prediction whose greatest error is least: the middle."""
        return self.possible.midpoint

    @property
    def radius(self) -> Exact:
        """That error, which no decoder can avoid."""
        return self.possible.radius

    @property
    def _values(self) -> str:
        gap = ", and none between" if len(self.parts) > 1 else ""
        return f"{' or '.join(map(str, self.parts))}{gap}"

    @property
    def _error(self) -> str:
        spread = self.visualization.spread
        share = f" ({_share(float(2 * self.radius / spread))} of what knowing nothing costs)" if spread else ""
        return f"{self.radius}{share}"

    @property
    @override
    def headline(self) -> str:
        return f"possible values {self._values}; best prediction {self.best}"

    @property
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [_ends(part) for part in self.parts]

    @property
    @override
    def text(self) -> str:
        return "\n".join(
            [
                f"possible values    {self._values}",
                f"best prediction    {self.best}",
                f"its error, at most {self._error}",
            ]
        )

    @override
    def record(self) -> dict[str, Any]:
        """Return the answer's fields, numbers as exact text; with a gap among the possible values, their parts too."""
        fields = {**_ends(self.possible), "radius": str(self.radius), "best": str(self.best)}
        return fields | ({"parts": self.rows} if len(self.parts) > 1 else {})

    @override
    def to_json(self) -> str:
        """Return the record as JSON in one line."""
        return json.dumps(self.record())

    @override
    def _repr_html_(self) -> str:
        told = f"The unit takes a value in <b>{escape(self._values)}</b> there. The best prediction is {self.best}; "
        return f"<p>{told}its error is at most {escape(self._error)}.</p>{_drawn(self.visualization, self.parts)}"


def _ends(interval: Interval) -> dict[str, Any]:
    """Return an interval's ends, and whether they belong to it."""
    return {
        "low": str(interval.low),
        "high": str(interval.high),
        "low_closed": interval.low_closed,
        "high_closed": interval.high_closed,
    }


def _share(cost: float) -> str:
    """Return a share in percent, with a decimal where it has one.

    Examples
    --------
    >>> _share(1.0), _share(0.25), _share(1 / 3), _share(0.999987), _share(1.5)
    ('100%', '25%', '33.3%', '99.9%', '150%')
    """
    return percent(cost, 1, rounded="down").replace(".0%", "%")


WIDTH, MARGIN = 320, 20
"""Of the drawing, in pixels: all of the visualization's range, and what is left beside it."""


def _drawn(phi: Visualization, parts: Iterable[Interval]) -> str:
    """Return the possible values on the visualization's range as SVG; an end that does not belong to them is hollow."""
    if not phi.spread:
        return ""
    start, end = MARGIN, MARGIN + WIDTH

    def place(value: Exact) -> float:
        return round(MARGIN + WIDTH * float((value - phi.minimum) / phi.spread), 2)

    marks = [f'<line x1="{start}" y1="20" x2="{end}" y2="20" stroke="#bbb" stroke-width="2"/>']
    for part in parts:
        low, high = place(part.low), place(part.high)
        marks.append(f'<line x1="{low}" y1="20" x2="{high}" y2="20" stroke="#06c" stroke-width="6"/>')
        for x, closed in ((low, part.low_closed), (high, part.high_closed)):
            fill = "#06c" if closed else "#fff"
            marks.append(f'<circle cx="{x}" cy="20" r="5" stroke="#06c" stroke-width="2" fill="{fill}"/>')
    ends = ((start, phi.minimum), (end, phi.maximum))
    marks += [f'<text x="{x}" y="44" font-size="12" text-anchor="middle">{value}</text>' for x, value in ends]
    size = f'width="{WIDTH + 2 * MARGIN}" height="50"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{"".join(marks)}</svg>'


class IntervalParameters(ClassParameters, total=False):
    """What completes a class that is named; and ``noise``, up to which the values of exemplars are known."""

    noise: object


@checked
def interval(
    within: WithClass,
    phi: Extrema,
    at: object,
    *,
    unique_extrema: bool = False,
    exemplars: object = None,
    slack: object = None,
    **parameters: Unpack[IntervalParameters],
) -> IntervalResult:
    """Return the values that a unit of a class can still take at a point, once its visualization is known.

    It is the ambiguity set A_C(φ, x) = { f(x) : f ∈ C, φ is a visualization of f }, exactly. With low and high its
    ends, the prediction with the least worst error is (low + high)/2, and that error, the radius, is (high − low)/2.

    Parameters
    ----------
    within
        A class of functions: its name, one of those in ``fv.table().to_json()``, or an object such as ``Convex()``.
        Most live on the cube [0,1]^d; quadratic on the unit sphere; ridge on a ball, and affine-ball on a ball, an
        ellipsoid or a polytope, the unit ball unless another is given.
    phi
        A `Visualization`, or argmin, argmax, minimum and maximum. Numbers are exact: fractions, text ("1/4", "0.9"),
        integers; a float stands for the binary fraction that it holds. A point is a list of d numbers, an array or a
        tensor of any shape, the text "0,1/2", an .npy file or a picture.
    at
        The query x, a point of the domain, of as many coordinates as argmin and argmax.
    unique_extrema
        The unit has no other minimum or maximum point; False, since no visualization shows that.
    exemplars
        Points with known values: pairs of a point and a value in [m, M], or a file (.jsonl or .npz).
    slack
        η ≥ 0: the unit may go beyond m and M by so much, as where an optimiser did not find the extrema; None is 0.
    **parameters
        Of the class, if it is named: ``lipschitz`` (a constant L ≥ 0) and ``norm`` ("l1", "l2" or "linf"; "l2", the
        Euclidean one), ``training`` (pairs of a point and a label, or a file), ``centre`` (d numbers), ``radius``
        (positive; 1, since other balls are this one, scaled), ``matrix`` (d × d, positive definite),
        ``corners`` (points) of the domain, ``link`` (pairs (t, value), from t = -1 to 1). And ``noise``, s ≥ 0: the
        values of exemplars are known up to s (statement ``noisy-exemplars``); None is exactly.

    Returns
    -------
    IntervalResult
        ``.possible``, ``.low``, ``.high``, ``.best`` (the prediction with the least worst error), ``.radius`` (that
        error), ``.parts``.

    Raises
    ------
    InfeasibleVisualization
        If no unit of the class has this visualization.
    DomainError, ShapeError, UnknownName
        If there is no such class, a point is outside the domain or of another length, or something is out of range.

    Source: the statement of the class in `fvproof.theory.statements`, which ``fv.prove(within)`` checks.

    Examples
    --------
    >>> import fvproof as fv
    >>> found = fv.interval("convex", fv.Visualization([0, 0], [1, 1], 0, 1), ["1/4", "1/2"])
    >>> print(found.possible, found.best)
    [0, 1/2] 1/4
    >>> fv.interval("lipschitz", ("0,0", "1,1", 0, 1), "1/4,0.9", lipschitz="1/2", norm="l1").low
    Fraction(23, 40)
    """
    noise = parameters.pop("noise", None)
    c = class_given(within, parameters)
    phi, query, _ = visualization_given(phi, at, c.domain)
    known = None if exemplars is None else read("exemplars", exemplars)
    told = {"exemplars": known, "slack": slack, "noise": noise}
    return IntervalResult(possible_values(c, phi, query, unique_extrema=unique_extrema, **told))  # type: ignore[arg-type]
