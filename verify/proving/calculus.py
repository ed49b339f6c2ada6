"""Integrals, settled by SymPy and checked by differentiation. Only the kernel asks; it makes theorems of them.

The claim is an equation of rational functions of d, for every whole d ≥ 1. To the other solvers an integral is a
relation between d and a number, of which they learn that equation alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from time import process_time
from typing import Any, final

import sympy
import z3
from typing_extensions import override

from fvproof.verify.proving.fold import FoldRun
from fvproof.verify.proving.terms import Claim, Number, every, number

Expression = Any
"""A term of SymPy, whose classes say little of their attributes."""

D = sympy.Symbol("d", integer=True, positive=True)
"""The number of inputs."""
S = sympy.Symbol("s", positive=True)
"""The variable of integration."""
NUMBERS = (
    sympy.Integer,
    sympy.Rational,
    type(sympy.S.Zero),
    type(sympy.S.One),
    type(sympy.S.NegativeOne),
    type(sympy.S.Half),
)
"""The classes of exact numbers; a class of somebody else's may call itself anything."""
TRIED = range(1, 9)
"""The numbers of inputs at which a wrong value is looked for."""


@final
@dataclass(frozen=True, slots=True)
class Integral:
    """The claim ∫₀¹ integrand ds = value, for every d ≥ 1.

    It is settled only where both are known to be finite: beyond a pole, an antiderivative says nothing.

    Parameters
    ----------
    integrand
        Sums and products of numbers, d, and powers of s and 1 − s with exponents such as 3, d or d + 1, so that it is
        continuous on [0, 1] for every d ≥ 1.
    value
        A rational function of d without a pole at a d ≥ 1.

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

    def run(self, integral: Number, d: Number) -> FoldRun:
        """Return the hypothesis that a number is the integral for d inputs; its example is d = 2."""
        digest = sha256(f"{sympy.srepr(self.integrand)}".encode()).hexdigest()[:32]
        relation = z3.Function(f"∫: {self.name} #{digest}", z3.RealSort(), z3.RealSort(), z3.BoolSort())
        return FoldRun(relation(integral, d), every(d == 2, self.claim(integral, number(2))), self)

    def claim(self, integral: Number, d: Number) -> Claim:
        """Return the equation for terms of another solver, without a fraction."""
        numerator, denominator = sympy.fraction(sympy.together(self.value))
        return integral * _term(denominator, {D: d}) == _term(numerator, {D: d})


@dataclass(frozen=True, slots=True)
class Finding:
    """What SymPy found: that the claim holds, a d at which it does not, or neither, and why."""

    holds: bool
    model: Mapping[str, str] | None
    reason: str
    time_s: float


def settle(asked: Integral) -> Finding:
    """Return whether the claim holds: an antiderivative has the integrand as derivative, and the value as its rise.

    Integrand and antiderivative must be continuous on [0, 1] for every d ≥ 1, as they are without a pole.

    Examples
    --------
    >>> settle(Integral(S**D, 1 / (D + 1))).holds, settle(Integral(S**D, 1 / (D + 2))).model
    (True, {'d': '1', '∫ s^d ds': '1/2', '1/(d + 2)': '1/3'})
    >>> settle(Integral(1 / S**2, sympy.Integer(-1))).reason
    's^(-2) is not known to be continuous on [0, 1]'
    """
    started = process_time()
    for part, symbols in ((asked.integrand, (S, D)), (asked.value, (D,))):
        if not _is_continuous(part, symbols):
            reason = f"{str(part).replace('**', '^')} is not known to be continuous on [0, 1]"
            return Finding(holds=False, model=None, reason=reason, time_s=process_time() - started)
    found = sympy.integrate(asked.integrand, S)
    exact = _is_continuous(found, (S, D)) and sympy.simplify(sympy.diff(found, S) - asked.integrand) == 0
    rise = sympy.simplify(found.subs(S, 1) - found.subs(S, 0))
    if exact and sympy.simplify(rise - asked.value) == 0:
        return Finding(holds=True, model=None, reason="", time_s=process_time() - started)
    reason = "SymPy does not settle the integral"
    return Finding(holds=False, model=_counterexample(asked), reason=reason, time_s=process_time() - started)


def _is_continuous(term: Expression, symbols: tuple[sympy.Symbol, ...]) -> bool:
    """Return whether a term of the symbols s and d is seen to be continuous on [0, 1], for every d ≥ 1."""
    if type(term) in NUMBERS:
        return True
    if type(term) is sympy.Symbol:
        return term in symbols
    if type(term) in (sympy.Add, sympy.Mul):
        return all(_is_continuous(part, symbols) for part in term.args)
    return type(term) is sympy.Pow and _is_power(*term.args, symbols)


def _is_power(base: sympy.Expr, exponent: sympy.Expr, symbols: tuple[sympy.Symbol, ...]) -> bool:
    """Return whether a power is continuous: a whole one, one of s or 1 − s, or a quotient without a pole."""
    if not _is_continuous(exponent, (D,)) or not _is_continuous(base, symbols):
        return False
    if type(exponent) in NUMBERS and exponent.is_Integer:
        return bool(exponent > 0) or _is_positive(base)
    return S in symbols and base in (S, 1 - S) and _is_never_negative(exponent)


def _is_positive(term: sympy.Expr) -> bool:
    """Return whether a term is a polynomial in d alone that is seen to be positive for d ≥ 1."""
    if not _is_continuous(term, (D,)) or not term.is_polynomial(D):
        return False
    coefficients = sympy.Poly(term, D).all_coeffs()
    return all(c >= 0 for c in coefficients) and any(c > 0 for c in coefficients)


def _is_never_negative(exponent: Expression) -> bool:
    """Return whether an exponent is αd + β with α ≥ 0 and α + β ≥ 0."""
    if not exponent.is_polynomial(D) or (line := sympy.Poly(exponent, D)).degree() > 1:
        return False
    slope, first = line.coeff_monomial(D), line.as_expr().subs(D, 1)
    return bool(sympy.Ge(slope, 0)) and bool(sympy.Ge(first, 0))


def _counterexample(asked: Integral) -> Mapping[str, str] | None:
    """Return a number of inputs at which the integral has another value."""
    for d in TRIED:
        integral = sympy.integrate(sympy.expand(asked.integrand.subs(D, d)), (S, 0, 1))
        value = sympy.nsimplify(asked.value.subs(D, d))
        if integral.is_Rational and integral != value:
            return {"d": str(d), asked.name: str(integral), str(asked.value): str(value)}
    return None


def _term(expression: Expression, symbols: Mapping[sympy.Symbol, Number]) -> Number:
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
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return reduce(lambda product, part: product * part, [_term(expression.base, symbols)] * int(expression.exp))
    raise ValueError(f"{expression} is no polynomial that can be written as sums and products")
