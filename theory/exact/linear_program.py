"""Linear programs with few rows and many columns, solved exactly: floating point finds the basis, fractions decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

Column = Sequence[Fraction]
ONE, ZERO = Fraction(1), Fraction(0)


class Infeasible(Exception):
    """No point satisfies the constraints."""


class Unbounded(Exception):
    """The objective grows without limit."""


@dataclass(frozen=True, slots=True)
class Program:
    """The linear program: maximize ⟨objective, y⟩ subject to Σ_j y_j·columns_j = bounds and y ≥ 0.

    Parameters
    ----------
    objective
        One coefficient per column.
    columns
        The columns, each with one entry per row.
    bounds
        One right-hand side per row.
    """

    objective: Sequence[Fraction]
    columns: Sequence[Column]
    bounds: Sequence[Fraction]


def largest(program: Program) -> Fraction:
    """Return the exact optimum.

    A floating-point solver (HiGHS) proposes a basis; the simplex method in fractions starts from it, or from scratch if
    rounding misled, and stops when the basis is feasible and no reduced cost is positive, which proves optimality.

    Raises
    ------
    Infeasible, Unbounded
        If there is no optimum.

    Examples
    --------
    >>> largest(Program([Fraction(2), Fraction(3)], [[ONE], [ONE]], [Fraction(1, 2)]))
    Fraction(3, 2)
    """
    return sum((c * y for c, y in zip(program.objective, maximizer(program), strict=True)), ZERO)


def maximizer(program: Program) -> list[Fraction]:
    """Return a point y ≥ 0 at which the optimum is attained.

    Raises
    ------
    Infeasible, Unbounded
        If there is no optimum.

    Examples
    --------
    >>> [str(y) for y in maximizer(Program([Fraction(2), Fraction(3)], [[ONE], [ONE]], [Fraction(1, 2)]))]
    ['0', '1/2']
    """
    basis = _Basis.of_proposal(program) or _Basis.of_artificials(program)
    basis.climb(program.objective)
    found = dict(zip(basis.numbers, basis.values, strict=True))
    return [found.get(j, ZERO) for j in range(len(program.columns))]


class _Basis:
    """A basis of a program with non-negative bounds: its columns, the inverse of their matrix, and their values.

    The artificial column of row i has the number -1 - i.
    """

    def __init__(self, program: Program) -> None:
        flips = [-ONE if bound < 0 else ONE for bound in program.bounds]
        rows = range(len(flips))
        self.columns = [[s * entry for s, entry in zip(flips, column, strict=True)] for column in program.columns]
        self.numbers = [-1 - i for i in rows]
        self.inverse = [[ONE if i == j else ZERO for j in rows] for i in rows]
        self.values = [abs(bound) for bound in program.bounds]

    @staticmethod
    def of_proposal(program: Program) -> "_Basis | None":
        """Return a feasible basis that holds the columns a floating-point solver uses; None if there is none."""
        basis = _Basis(program)
        for j in _proposed(program):
            basis.take(j)
        basis.complete()
        feasible = all(v >= 0 and (v == 0 or n >= 0) for v, n in zip(basis.values, basis.numbers, strict=True))
        return basis if feasible else None

    @staticmethod
    def of_artificials(program: Program) -> "_Basis":
        """Return a feasible basis, found by driving the artificial columns to 0; raise Infeasible if that fails."""
        basis = _Basis(program)
        basis.climb([ZERO] * len(basis.columns), artificial=-ONE)
        if any(v and n < 0 for v, n in zip(basis.values, basis.numbers, strict=True)):
            raise Infeasible
        basis.complete()
        return basis

    def complete(self) -> None:
        """Replace artificial columns by any others; one that stays belongs to a row that the others imply."""
        for j in range(len(self.columns)):
            if min(self.numbers) >= 0:
                return
            if j not in self.numbers:
                self.take(j)

    def take(self, j: int) -> None:
        """Let a column replace an artificial one, if it is independent of the others."""
        step = self.step(j)
        row = next((i for i, n in enumerate(self.numbers) if n < 0 and step[i]), None)
        if row is not None:
            self.pivot(j, row, step)

    def climb(self, objective: Sequence[Fraction], *, artificial: Fraction = ZERO) -> None:
        """Move to an optimal basis by Bland's rule, which cannot cycle."""
        while (j := self.improving(objective, artificial)) is not None:
            step = self.step(j)
            ratios = [
                (v / s, n, i) for i, (v, s, n) in enumerate(zip(self.values, step, self.numbers, strict=True)) if s > 0
            ]
            if not ratios:
                raise Unbounded
            self.pivot(j, min(ratios)[2], step)

    def costs(self, objective: Sequence[Fraction], artificial: Fraction) -> list[Fraction]:
        """Return the objective's coefficients of the basic columns."""
        return [objective[n] if n >= 0 else artificial for n in self.numbers]

    def improving(self, objective: Sequence[Fraction], artificial: Fraction) -> int | None:
        """Return the first column with a positive reduced cost."""
        costs = self.costs(objective, artificial)
        prices = [
            sum((c * row[k] for c, row in zip(costs, self.inverse, strict=True) if c), ZERO) for k in range(len(costs))
        ]
        basic = set(self.numbers)
        for j, column in enumerate(self.columns):
            if j not in basic and objective[j] > sum((p * t for p, t in zip(prices, column, strict=True) if t), ZERO):
                return j
        return None

    def step(self, j: int) -> list[Fraction]:
        """Return how the basic values fall as column j rises."""
        column = self.columns[j]
        return [sum((r * t for r, t in zip(row, column, strict=True) if t), ZERO) for row in self.inverse]

    def pivot(self, j: int, row: int, step: Sequence[Fraction]) -> None:
        """Exchange the basic column of a row for column j."""
        scale = 1 / step[row]
        self.inverse[row] = [entry * scale for entry in self.inverse[row]]
        self.values[row] *= scale
        self.numbers[row] = j
        for i, factor in enumerate(step):
            if i != row and factor:
                self.inverse[i] = [e - factor * p for e, p in zip(self.inverse[i], self.inverse[row], strict=True)]
                self.values[i] -= factor * self.values[row]


def _proposed(program: Program) -> list[int]:
    """Return the columns that are positive in a floating-point optimum, the largest first; none if it finds none."""
    from scipy.optimize import linprog  # costs a quarter of a second, and only these programs need it

    matrix = np.array([[float(entry) for entry in column] for column in program.columns]).T
    bounds = [float(bound) for bound in program.bounds]
    found = linprog([-float(c) for c in program.objective], A_eq=matrix, b_eq=bounds, method="highs")
    return [int(j) for j in np.argsort(-found.x) if found.x[j] > 1e-12] if found.status == 0 else []
