"""Models of a solver, shown in the reader's terms."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import z3

from fvproof.verify.proving.writing import spoken


def holds(model: z3.ModelRef, formulas: Sequence[z3.ExprRef]) -> bool:
    """Return whether every formula is true in the model, by evaluation."""
    return all(z3.is_true(model.eval(formula, model_completion=True)) for formula in formulas)


def describe(model: z3.ModelRef, formulas: Sequence[z3.ExprRef]) -> Mapping[str, str]:
    """Return the value of every quantity in the formulas, by the name that it bears there.

    Numbers are exact (roots of polynomials are rounded and marked ``≈``). Points have no value of their own; they are
    listed where two of them are the same.

    Examples
    --------
    >>> solver, x = z3.Solver(), z3.Real("f(x)")
    >>> solver.add(x * 3 == 1)
    >>> solver.check()
    sat
    >>> describe(solver.model(), [x > 0])
    {'f(x)': '1/3'}
    """
    named = _quantities(formulas)
    quantities = sorted((name, term) for name, term in named.items() if not _is_repeated(term, named))
    numbers = {name: _number(model.eval(term, model_completion=True)) for name, term in quantities if _is_number(term)}
    points = [(name, model.eval(term, model_completion=True)) for name, term in quantities if not _is_number(term)]
    same = {p: q for (p, at_p), (q, at_q) in combinations(points, 2) if at_p.eq(at_q)}
    return {**numbers, **same}


def _is_repeated(term: z3.ExprRef, named: Mapping[str, z3.ExprRef]) -> bool:
    """Return whether the term is the distance of a point to itself, or one that is listed the other way round."""
    if "‖" not in term.decl().name() or term.num_args() != 2:
        return False
    first, second = term.children()
    return first.eq(second) or (str(first) > str(second) and spoken(term.decl()(second, first)) in named)


def _is_number(term: z3.ExprRef) -> bool:
    """Return whether the term is a number or a truth value."""
    return z3.is_arith(term) or z3.is_bool(term)


def _quantities(formulas: Iterable[z3.ExprRef]) -> dict[str, z3.ExprRef]:
    """Return the constants, and the functions at particular points, that occur in the formulas."""
    seen: dict[int, z3.ExprRef] = {}
    for formula in formulas:
        _collect(formula, seen)
    return {spoken(term): term for term in _named(seen.values())}


def _collect(term: z3.ExprRef, seen: dict[int, z3.ExprRef]) -> None:
    """Add the term and all its parts."""
    if term.get_id() in seen:
        return
    seen[term.get_id()] = term
    for child in term.children():
        _collect(child, seen)


def _named(terms: Iterable[z3.ExprRef]) -> Iterator[z3.ExprRef]:
    """Yield the terms that stand for a quantity with a name."""
    for term in terms:
        is_symbol = z3.is_app(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED
        if is_symbol and not term.decl().name().startswith(("reached:", "∫:")):
            yield term


def _number(value: z3.ExprRef) -> str:
    """Return a number or truth value as text."""
    if isinstance(value, z3.AlgebraicNumRef):
        return f"≈ {value.approx(10).as_decimal(6).rstrip('?')}"
    return str(value)
