"""Integrals, settled by SymPy and checked by differentiation. Only `verify.kernel` asks; it makes theorems of them.

The claim is an equation of rational functions of d, for every whole d ≥ 1. To the other solvers an integral is a
relation between d and a number, of which they learn that equation alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from time import process_time

import sympy
import z3
from typing_extensions import override

from verify.fold import Run
from verify.terms import Claim, Number, every, number

D = sympy.Symbol("d", integer=True, positive=True)
"""The number of inputs."""
S = sympy.Symbol("s", positive=True)
"""The variable of integration."""
TRIED = range(1, 9)
"""The numbers of inputs at which a wrong value is looked for."""


@dataclass(frozen=True, slots=True)
class Integral:
    """The claim ∫₀¹ integrand ds = value, for every d ≥ 1.

    Parameters
    ----------
    integrand
        An expression in s and d.
    value
        A rational function of d.

    Examples
    --------
    >>> str(Integral(S**D, 1 / (D + 1)))
    '∫ s^d ds = 1/(d + 1)'
    """

    integrand: sympy.Expr
    value: sympy.Expr

    @override
    def __str__(self) -> str:
        return f"{self.name} = {str(self.value).replace('**', '^')}"

    @property
    def name(self) -> str:
        """The integral as text."""
        text = str(self.integrand).replace("**", "^")
        return f"∫ {f'({text})' if self.integrand.is_Add else text} ds"

    def run(self, integral: Number, d: Number) -> Run:
        """Return the hypothesis that a number is the integral for d inputs; its example is d = 2."""
        relation = z3.Function(f"∫: {self.name}", z3.RealSort(), z3.RealSort(), z3.BoolSort())
        return Run(relation(integral, d), every(d == 2, self.claim(integral, number(2))))

    def claim(self, integral: Number, d: Number) -> Claim:
        """Return the equation for terms of another solver, without a fraction."""
        numerator, denominator = sympy.fraction(sympy.together(self.value))
        return integral * _term(denominator, {D: d}) == _term(numerator, {D: d})


@dataclass(frozen=True, slots=True)
class Finding:
    """What SymPy found: that the claim holds, a d at which it does not, or neither."""

    holds: bool
    model: Mapping[str, str] | None
    time_s: float


def settle(asked: Integral) -> Finding:
    """Return whether the claim holds: an antiderivative has the integrand as derivative, and the value as its rise.

    Examples
    --------
    >>> settle(Integral(S**D, 1 / (D + 1))).holds, settle(Integral(S**D, 1 / (D + 2))).model
    (True, {'d': '1', '∫ s^d ds': '1/2', '1/(d + 2)': '1/3'})
    """
    started = process_time()
    found = sympy.integrate(asked.integrand, S)
    exact = sympy.simplify(sympy.diff(found, S) - asked.integrand) == 0
    rise = sympy.simplify(found.subs(S, 1) - found.subs(S, 0))
    if exact and sympy.simplify(rise - asked.value) == 0:
        return Finding(holds=True, model=None, time_s=process_time() - started)
    return Finding(holds=False, model=_counterexample(asked), time_s=process_time() - started)


def _counterexample(asked: Integral) -> Mapping[str, str] | None:
    """Return a number of inputs at which the integral has another value."""
    for d in TRIED:
        integral = sympy.integrate(sympy.expand(asked.integrand.subs(D, d)), (S, 0, 1))
        value = sympy.nsimplify(asked.value.subs(D, d))
        if integral.is_Rational and integral != value:
            return {"d": str(d), asked.name: str(integral), str(asked.value): str(value)}
    return None


def _term(expression: sympy.Basic, symbols: Mapping[sympy.Symbol, Number]) -> Number:
    """Return a polynomial as a term of another solver."""
    if isinstance(expression, sympy.Symbol):
        return symbols[expression]
    if expression.is_Rational:
        return number(str(expression))
    parts = [_term(part, symbols) for part in expression.args if not expression.is_Pow]
    if expression.is_Add:
        return reduce(lambda total, part: total + part, parts)
    if expression.is_Mul:
        return reduce(lambda product, part: product * part, parts)
    raise ValueError(f"{expression} is no polynomial that can be written as sums and products")
