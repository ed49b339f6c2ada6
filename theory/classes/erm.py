"""ReLU networks that minimise the empirical risk: known on the training set, open everywhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from typing_extensions import override

from fvproof.theory.classes.base import CubeClass, Member, anything, freely, observations
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.numbers import exact
from fvproof.theory.exact.points import Key, Point, as_point
from fvproof.theory.examples import COORDINATES, VALUES, Examples, Pick
from fvproof.theory.interval import Interval, point
from fvproof.theory.observations import Observations
from fvproof.theory.pieces import network_of
from fvproof.theory.statement import NOTHING, PAPER, VARIES, Statement
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard

ROW = Statement(
    "erm",
    "ReLU networks that minimise the empirical risk",
    "ReLU networks trained on S",
    (
        VARIES,
        "labels in [m, M] and consistent with φ",
        "x ∉ S ∪ {a, b}",
        "a loss ≥ 0 that is 0 for the right label",
    ),
    "Every value in [m, M] is possible at x, each for a network with visualization φ that takes every label of "
    "S, and so has the least risk. For m < M no decoder beats the uninformed one, though it knows S.",
    NOTHING,
    f"{PAPER}, section 4, Theorem 2",
)


def _training(pick: Pick, dimension: int) -> dict[str, object]:
    """Return up to three points, each with its label."""
    chosen = {tuple(pick(COORDINATES) for _ in range(dimension)): pick(VALUES) for _ in range(pick((1, 0, 2, 3)))}
    return {"training": list(chosen.items())}


def _consistent(within: "EmpiricalRiskMinimisers", phi: Visualization) -> Visualization:
    """Return φ with extreme values between which all labels lie."""
    labels = [phi.minimum, phi.maximum, *within.labels.values()]
    return Visualization(phi.argmin, phi.argmax, min(labels), max(labels), phi.domain)


@dataclass(frozen=True, slots=True, init=False, eq=False)
class EmpiricalRiskMinimisers(CubeClass):
    """All ReLU networks that minimise the empirical risk on a training set S, which the decoder knows.

    Networks can memorise (Lemma 2), so for every loss that is least at the label alone the minimisers are the networks
    with f(z_i) = y_i on all of S. Feasible are the φ with a ≠ b or m = M and m ≤ y_i ≤ M for all i, where the label is
    m at a and M at b if these are in S. For m < M::

        A(φ, x) = {y_i} if x = z_i;  [m, M] for all other x ∉ {a, b}

    With unique extrema only a can have the label m and only b the label M, and [m, M] is open. Witness: the network
    that memorises S, a, b and x.

    Parameters
    ----------
    training
        S: pairs of a point (see `fvproof.theory.exact.points.as_point`) and its label.

    Raises
    ------
    DomainError
        If one point has two labels.
    ShapeError
        If the points have different lengths.

    Source
    ------
    Geirhos et al., ICML 2024, section 4, Theorems 1 and 2.

    Examples
    --------
    >>> trained = EmpiricalRiskMinimisers([([0, 1], "1/4"), ([1, 0], "3/4")])
    >>> phi = Visualization([0, 0], [1, 1], 0, 1)
    >>> print(trained.ambiguity(phi, [0, 1]), trained.ambiguity(phi, ["1/1000", 1]))
    {1/4} [0, 1]
    """

    name: ClassVar[str] = "erm"
    title: ClassVar[str] = "ReLU network that minimises the empirical risk"
    source: ClassVar[str] = "paper, section 4"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples(parameters=_training, fitted=_consistent)

    labels: dict[Key, Fraction]
    dimension: int | None

    def __init__(self, training: Iterable[tuple[Iterable[object], object]]) -> None:
        object.__setattr__(self, "labels", {})
        object.__setattr__(self, "dimension", None)
        for i, (at, label) in enumerate(training):
            z, y = Key(as_point(at, name=f"training point {i}")), exact(label, name=f"label {i}")
            if len(z.point) != (self.dimension or len(z.point)):
                raise ShapeError(f"training point {i} must have {self.dimension} coordinates, not {len(z.point)}")
            if self.labels.setdefault(z, y) != y:
                raise DomainError(f"a training point must have one label, but point {i} has {self.labels[z]} and {y}")
            object.__setattr__(self, "dimension", len(z.point))

    @override
    def contains(self, member: Member) -> bool:
        """Decide by the values on S, for exact networks."""
        if isinstance(member, Shepard):
            return False
        network_of(member)
        return all(member(z.point) == y for z, y in self.labels.items())

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Return all that the bounds leave open, off the data and the training set."""
        if self.labels and self.dimension != len(x):
            raise ShapeError(f"the training points have {self.dimension} coordinates, the query {len(x)}")
        trained = [(f"training point {i}", z.point, y) for i, (z, y) in enumerate(self.labels.items())]
        return freely(known.joined(trained), x)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if self.labels and self.dimension != phi.dimension:
            return f"the training points have {self.dimension} coordinates, the extrema {phi.dimension}"
        for i, (z, y) in enumerate(self.labels.items()):
            known = None if phi.spread == 0 else phi.known_value(z.point)
            if not phi.minimum <= y <= phi.maximum:
                return f"training point {i} has the label {y}, outside [m, M] = [{phi.minimum}, {phi.maximum}]"
            if known not in (None, y):
                return f"training point {i} is an extremum with the value {known}, but has the label {y}"
            if unique_extrema and known is None and y in (phi.minimum, phi.maximum):
                return f"training point {i} is no extremum, but has the label {y}, as the extremum has"
        return None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        label = self.labels.get(Key(x))
        return anything(phi, unique_extrema=unique_extrema) if label is None else point(label)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        points, values = observations(phi, (x, value))
        data = self.labels | {Key(z): v for z, v in zip(points, values, strict=True)}
        return memorise([z.point for z in data], list(data.values()), base=phi.middle)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        return False
