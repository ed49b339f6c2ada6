"""Sums that contradict what is known of some polynomials: a linear program proposes, exact fractions decide.

Handelman's way to Stengle's Positivstellensatz: products of the polynomials that are not negative, and some squares,
have non-negative multiples that add up to 0 modulo the zeros, though one of the products is positive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import comb, lcm
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, hstack

from fvproof.verify.certificates.cases import Polynomial, plus, times
from fvproof.verify.positivstellensatz.exact import solution
from fvproof.verify.positivstellensatz.reduction import (
    ONE,
    Reduced,
    Sign,
    combined,
    degree,
    quotient,
    replaced,
    term,
    whole,
)

MOST_COLUMNS = 6000
"""The size beyond which a program is not tried."""
MOST_ROOTS = 28
"""So many terms are paired to differences, whose squares may help."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of factors, by their names, or a square, by its root; reduced by the zeros."""

    factors: tuple[Any, ...]
    strict: bool
    value: Polynomial

    @property
    def degree(self) -> int:
        """The degree of the reduced polynomial."""
        return degree(self.value)


EMPTY = Product((), strict=True, value=ONE)
"""The product of no factors: 1."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Positive multiples of products, and multiples of zeros, that add up to 0."""

    products: list[tuple[Fraction, tuple[Any, ...]]]
    zeros: dict[int, Polynomial] = field(default_factory=dict)


def contradiction(signs: Sequence[Sign], most_factors: int) -> Sum | None:
    """Return a sum of products of so many factors that contradicts what is known, or None."""
    reduced = Reduced.by([Sign(sign.name, sign.relation, whole(sign.value)) for sign in signs])
    products = list(products_of(reduced, most_factors))
    multiples = list(multiples_of(reduced, max([1, *(product.degree for product in products)])))
    if len(products) + len(multiples) > MOST_COLUMNS:
        return None
    found = _solved(products, multiples)
    return None if found is None else _whole(signs, reduced, products, multiples, found)


def products_of(reduced: Reduced, most_factors: int) -> Iterator[Product]:
    """Yield products of at most so many factors, and squares."""
    yield EMPTY
    signs = [_product(sign) for sign in reduced.signs]
    level = [EMPTY]
    places = [-1]
    count = 1
    for _ in range(most_factors):
        pairs = [(p, i) for p, place in zip(level, places, strict=True) for i in range(max(place, 0), len(signs))]
        level = [_times(p, signs[i]) for p, i in pairs]
        places = [i for _, i in pairs]
        yield from level
        if (count := count + len(level)) > MOST_COLUMNS:
            return
    if most_factors > 1:
        pairs_of_signs = [_times(p, q) for p, q in combinations_with_replacement(signs, 2)]
        roots = list(_roots([product.value for product in [*signs, *pairs_of_signs]]))
        squares = [Product((root,), strict=False, value=times(root, root)) for root in roots]
        yield from squares
        if most_factors > 2:
            yield from (_times(square, sign) for square in squares for sign in signs)


def multiples_of(reduced: Reduced, most: int) -> Iterator[tuple[int, tuple[int, ...], Polynomial]]:
    """Yield products of the zeros that are left with powers of unknowns."""
    values = [sign.value for sign in reduced.signs] + [value for value, _ in reduced.zeros]
    unknowns = sorted({u for value in values for powers in value for u in powers})
    for place, (value, _) in enumerate(reduced.zeros):
        for d in range(most - degree(value) + 1):
            if comb(len(unknowns) + d, d) > MOST_COLUMNS:
                return
            for powers in combinations_with_replacement(unknowns, d):
                yield place, powers, times(value, {powers: 1})


def _roots(values: Sequence[Polynomial]) -> Iterator[Polynomial]:
    """Yield simple polynomials whose squares may help: unknowns, products and roots of terms, and pairs of them."""
    unknowns = dict.fromkeys((u,) for value in values for powers in value for u in powers)
    halves = dict.fromkeys(half for value in values for powers in value if (half := _half(powers)))
    products = dict.fromkeys(tuple(sorted(one + other)) for one, other in combinations_with_replacement(unknowns, 2))
    roots = sorted({**unknowns, **halves, **products}, key=lambda powers: (len(powers), powers))[:MOST_ROOTS]
    yield from map(term, roots)
    for one, other in combinations(roots, 2):
        yield from (plus(term(one), term(other), sign) for sign in (1, -1))


def _half(powers: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the root of a product of powers, if it is a square."""
    return powers[::2] if powers[::2] == powers[1::2] else None


def _product(sign: Sign) -> Product:
    """Return what is known as a factor: what is not zero is squared."""
    if sign.relation == "!=":
        return Product((sign.name,), strict=True, value=times(sign.value, sign.value))
    return Product((sign.name,), sign.relation == ">", sign.value)


def _times(one: Product, other: Product) -> Product:
    """Return the product of two."""
    return Product(one.factors + other.factors, one.strict and other.strict, times(one.value, other.value))


def _solved(products: Sequence[Product], multiples: Sequence[Any]) -> dict[int, Fraction] | None:
    """Return exact multiples by column, the products first, that add up to 0; None if there are none."""
    columns = [product.value for product in products] + [value for *_, value in multiples]
    rows = {powers: i for i, powers in enumerate(dict.fromkeys(p for column in columns for p in column))}
    last = len(rows)
    entries = [(rows[p], j, c) for j, column in enumerate(columns) for p, c in column.items()]
    entries += [(last, j, 1) for j, product in enumerate(products) if product.strict]
    support = _program(entries, (last + 1, len(columns)), products, len(multiples))
    if support is None:
        return None
    return solution(entries, support, last, free=len(products))


def _program(
    entries: Sequence[tuple[int, int, Fraction | int]], shape: tuple[int, int], products: Sequence[Product], free: int
) -> list[int] | None:
    """Return the columns of a basic solution in doubles."""
    i, j, c = zip(*entries, strict=True)
    matrix = csc_matrix((np.array([float(x) for x in c]), (i, j)), shape=shape)
    target = np.zeros(shape[0])
    target[-1] = 1
    costs = [1 + 0.5 * len(p.factors) + 0.1 * len(p.value) for p in products]
    if free:
        matrix = hstack([matrix, -matrix[:, len(products) :]])
    kept = _cancelling(matrix.tocsr())
    if kept is None:
        return None
    chances = np.array(costs + [0.3] * 2 * free)[kept]
    found = linprog(
        chances,
        A_eq=matrix.tocsc()[:, kept],
        b_eq=target,
        bounds=(0, None),
        method="highs-ds",
        options={"time_limit": 5},
    )
    if found.x is None or found.status != 0:
        return None
    chosen = kept[np.nonzero(np.abs(found.x) > 1e-9)[0]].tolist()
    return sorted({k if k < shape[1] else k - free for k in chosen})


def _cancelling(matrix: Any) -> Any:  # noqa: ANN401  sparse matrices and arrays
    """Return the columns that can have a part in a sum that is 0: a term with one sign only cancels nowhere."""
    kept = np.arange(matrix.shape[1])
    while kept.size:
        part = matrix[:-1, kept]
        lone = np.asarray(((part > 0).sum(axis=1) == 0) ^ ((part < 0).sum(axis=1) == 0)).ravel()
        stuck = np.asarray((part[lone] != 0).sum(axis=0)).ravel() > 0
        if not stuck.any():
            return kept if matrix[-1, kept].nnz else None
        kept = kept[~stuck]
    return None


def _whole(
    signs: Sequence[Sign],
    reduced: Reduced,
    products: Sequence[Product],
    multiples: Sequence[Any],
    found: dict[int, Fraction],
) -> Sum:
    """Return the sum in terms of what was given: the multiples of the zeros are those that the reduction left out."""
    scale = lcm(*(c.denominator for c in found.values()))
    given = {sign.name: _product(sign).value for sign in signs}
    taken, zeros = [], {}
    total: Polynomial = {}
    for j, c in found.items():
        if j < len(products):
            taken.append((c * scale, products[j].factors))
            total = plus(total, _value(products[j].factors, given), c * scale)
        else:
            place, powers, _ = multiples[j - len(products)]
            zeros = combined(zeros, reduced.zeros[place][1], {powers: c * scale})
    for name, by in zeros.items():
        total = plus(total, times(next(s.value for s in signs if s.name == name), by))
    for unknown, rest, size, source in reduced.solved:
        zeros = combined(zeros, source, times(quotient(total, unknown, rest), {(): Fraction(-1) / size}))
        total = replaced(total, unknown, rest)
    assert not total, "the sum must vanish"
    return Sum(taken, zeros)


def _value(factors: Sequence[Any], given: dict[int, Polynomial]) -> Polynomial:
    """Return a product in terms of what was given."""
    total = ONE
    for factor in factors:
        total = times(total, times(factor, factor) if isinstance(factor, dict) else given[factor])
    return total
