"""Quadratic forms on the sphere: known on the plane through both extrema, open as far as x leaves it."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from typing_extensions import override

from fvproof.theory.classes.base import FunctionClass, Member, no_rule
from fvproof.theory.domains import ROUNDING, UNIT_SPHERE, Domain, dot
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.points import Point, fractions
from fvproof.theory.exact.surds import square_root
from fvproof.theory.examples import CIRCLE, SPHERE, Examples, Setting
from fvproof.theory.interval import Interval
from fvproof.theory.network import ReluNetwork
from fvproof.theory.observations import Observations
from fvproof.theory.statement import FVPROOF, Statement
from fvproof.theory.visualization import Visualization

ROW = Statement(
    "quadratic",
    "Quadratic forms on the sphere",
    "xᵀAx on the unit sphere, A symmetric",
    ("m < M", "α = ⟨b, x⟩², β = ⟨a, x⟩²"),
    "f(x) takes the values M·α + m·β + (1−α−β)·[m, M], each for a form with visualization φ; a and b are "
    "orthogonal eigenvectors. f(x) ≤ f(y) for every such form iff α(x) − α(y) + λ ≤ 0, where λ ≥ 0 is the largest "
    "eigenvalue of x′x′ᵀ − y′y′ᵀ, and x′, y′ are the parts of x, y orthogonal to a and b.",
    r"A(\varphi, x) = M\alpha + m\beta + (1-\alpha-\beta)\,[m, M]",
    FVPROOF,
)


@dataclass(frozen=True, slots=True)
class Quadratic(FunctionClass):
    """All functions f(x) = ⟨x, Ax⟩ on the unit sphere, A symmetric.

    m and M are the extreme eigenvalues of A, a and b eigenvectors: feasible are the φ with m = M, or with ⟨a, b⟩ = 0.
    With α = ⟨b, x⟩², β = ⟨a, x⟩² and the parts x', y' of x and y that are orthogonal to a and b::

        A(φ, x) = M·α + m·β + (1 − α − β)·[m, M]
        f(x) ≤ f(y) for all such f if and only if α_x − α_y + λ ≤ 0

    where λ ≥ 0 is the largest eigenvalue of x'x'ᵀ − y'y'ᵀ. As f(−x) = f(x), extrema are never unique.

    Source
    ------
    fvproof.

    Examples
    --------
    >>> phi = Visualization([1, 0, 0], [0, 1, 0], 0, 1, UNIT_SPHERE)
    >>> print(Quadratic().ambiguity(phi, ["2/3", "1/3", "2/3"]))
    [1/9, 5/9]
    """

    name: ClassVar[str] = "quadratic"
    title: ClassVar[str] = "quadratic form"
    source: ClassVar[str] = "fvproof"
    statements: ClassVar[tuple[Statement, ...]] = (ROW,)
    examples: ClassVar[Examples] = Examples((Setting("sphere, d = 2", CIRCLE), Setting("sphere, d > 2", SPHERE)))

    @property
    @override
    def domain(self) -> Domain:
        """The unit sphere."""
        return UNIT_SPHERE

    @override
    def contains(self, member: Member) -> bool:
        """Return True for this package's quadratic forms and for constants: c = c·‖x‖²; affine functions are odd."""
        if isinstance(member, QuadraticForm):
            return True
        if isinstance(member, ReluNetwork) and (member.flat or len(member.layers) == 1):
            return member.flat
        raise DomainError(f"membership is decided for quadratic forms, not for {type(member).__name__}")

    @override
    def observed(self, known: Observations, x: Point) -> Interval:
        """Refuse: no rule is known."""
        raise no_rule(self)

    @override
    def _violation(self, phi: Visualization, *, unique_extrema: bool) -> str | None:
        if unique_extrema:
            return "f(−x) = f(x), so that no extremum is unique"
        rounded = isinstance(phi.argmin, np.ndarray) or isinstance(phi.argmax, np.ndarray)
        product = dot(phi.argmin, phi.argmax)
        if phi.spread and abs(product) > (ROUNDING if rounded else 0):
            shown = float(product) if rounded else product
            return f"eigenvectors of different eigenvalues are orthogonal, but ⟨a, b⟩ = {shown}"
        return None

    @override
    def _ambiguity(self, phi: Visualization, x: Point, *, unique_extrema: bool) -> Interval:
        alpha, beta, rest = _parts(phi, x)
        known = phi.maximum * alpha + phi.minimum * beta
        return Interval(known + rest * phi.minimum, known + rest * phi.maximum)

    @override
    def _witness(self, phi: Visualization, x: Point, value: Fraction) -> Member:
        alpha, beta, rest = _parts(phi, x)
        other = (value - phi.maximum * alpha - phi.minimum * beta) / rest if rest else phi.middle
        axes = ((fractions(phi.argmax), phi.maximum), (fractions(phi.argmin), phi.minimum))
        return QuadraticForm(axes, other)

    @override
    def _at_most(self, phi: Visualization, x: Point, y: Point) -> bool:
        if phi.spread == 0:
            return True
        (alpha_x, _, p), (alpha_y, _, q) = _parts(phi, x), _parts(phi, y)
        a, b = phi.argmin, phi.argmax
        mixed = dot(x, y) - dot(a, x) * dot(a, y) - dot(b, x) * dot(b, y)
        area = max(p * q - mixed**2, Fraction(0))  # below 0 by rounding alone
        largest = (square_root((p - q) ** 2 + 4 * area) + (p - q)) / 2
        return largest + (alpha_x - alpha_y) <= 0


def _parts(phi: Visualization, x: Point) -> tuple[Fraction, Fraction, Fraction]:
    """Return ⟨b, x⟩², ⟨a, x⟩² and what is left of 1."""
    alpha, beta = (dot(z, x) ** 2 for z in (phi.argmax, phi.argmin))
    return alpha, beta, max(1 - alpha - beta, Fraction(0))  # below 0 by rounding alone


@dataclass(frozen=True, slots=True, eq=False)
class QuadraticForm:
    """The form `f(z) = μ·‖z‖² + Σ_j (λ_j − μ)·⟨e_j, z⟩²`: eigenvalues λ_j at the axes e_j, and μ across them.

    Parameters
    ----------
    axes
        Pairs of an axis e_j and its eigenvalue λ_j; the axes have length 1 and are orthogonal.
    other
        μ.

    Examples
    --------
    >>> form = QuadraticForm((((Fraction(3, 5), Fraction(4, 5)), Fraction(2)),), Fraction(1))
    >>> form((Fraction(1), Fraction(0)))
    Fraction(34, 25)
    """

    axes: tuple[tuple[tuple[Fraction, ...], Fraction], ...]
    other: Fraction

    @property
    def dimension(self) -> int:
        """The number d of inputs."""
        return len(self.axes[0][0])

    def __call__(self, z: Point) -> Fraction:
        """Return the exact value at z."""
        p = fractions(z)
        return self.other * dot(p, p) + sum(
            ((value - self.other) * dot(e, p) ** 2 for e, value in self.axes), Fraction(0)
        )
