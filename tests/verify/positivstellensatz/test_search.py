"""The search for certificates: what it finds is checked, and what can hold is never closed."""

from fractions import Fraction

import pytest

from fvproof.verify.certificates.formulas import Terms, Words
from fvproof.verify.positivstellensatz.exact import solution
from fvproof.verify.positivstellensatz.reduction import Reduced, Sign, quotient, replaced
from fvproof.verify.positivstellensatz.sums import contradiction
from fvproof.verify.positivstellensatz.tree import NotFound, Patience, tree

WORDS = """(declare-sort Point 0) (declare-fun s () Real) (declare-fun t () Real) (declare-fun u () Real)
(declare-fun p () Bool) (declare-fun x () Point) (declare-fun y () Point) (declare-fun f (Point) Real)
(declare-fun g (Real) Real) (declare-fun r (Point) Bool)"""
X, Y = 0, 1
"""Two unknowns."""


def found(*said, time_s=20.0):
    """Return the steps that refute formulas; they were checked."""
    terms = Terms()
    words = Words(terms)
    words.read(WORDS)
    return tree(terms, [words.term(text, "Bool") for text in said], Patience(time_s=time_s))


@pytest.mark.parametrize(
    "said",
    [
        ["(< s t)", "(< t u)", "(< u s)"],
        ["(< (+ (* s s) (* t t)) (* 2 (* s t)))"],
        ["(<= 0 s)", "(<= 0 t)", "(< (* s t) 0)"],
        ["(< s 0)", "(< t 0)", "(<= (* s t) 0)"],
        ["(= s 2)", "(not (= (* s t) (* 2 t)))"],
        ["(< 1 s)", "(<= (* s s s) s)"],
        ["(< (ite (<= s t) t s) s)"],
        ["(or (< s 0) (< t 0))", "(<= 0 (* s t))", "(< 0 (+ s t))"],
        ["(= x y)", "(< (f x) (f y))"],
        ["(= x y)", "(r x)", "(not (r y))"],
        ["(= s t)", "(not (= (g s) (g t)))"],
        ["(< 0 s)", "(< (/ 1 s) 0)"],
        ["(= p (< s 0))", "p", "(= s 1)"],
        ["(= (* s s) 2)", "(= (* t t) 2)", "(not (= (* (- s t) (+ s t)) 0))"],
    ],
)
def test_what_contradicts_itself_is_refuted(said):
    assert isinstance(found(*said), list)


@pytest.mark.parametrize("said", [["(< s t)"], ["(= (* s s) 2)"], ["(or p (r x))"], ["(= (g s) (f x))"], ["true"]])
def test_what_can_hold_is_not(said):
    with pytest.raises(NotFound):
        found(*said, time_s=5)


def test_a_linear_zero_is_used_up_and_accounted_for():
    value = {(X, X): Fraction(1), (X, Y): Fraction(2), (): Fraction(3)}
    rest = {(Y,): Fraction(1), (): Fraction(1)}
    product = quotient(value, X, rest)
    points = [(Fraction(a), Fraction(b)) for a in range(3) for b in range(-2, 2)]
    for a, b in points:
        left = at(value, a, b) - at(replaced(value, X, rest), a, b)
        assert left == (a - at(rest, a, b)) * at(product, a, b)


def at(value, x, y):
    """Return a polynomial's value, computed term by term."""
    total = Fraction(0)
    for powers, c in value.items():
        total += c * x ** powers.count(X) * y ** powers.count(Y)
    return total


def test_a_sum_is_exact():
    """x ≥ 1/3, y > 0 and x·y ≤ y/4 contradict each other by y·(x − 1/3) + (y/4 − x·y) + y/12 = 0."""
    signs = [
        Sign(5, ">=", {(X,): Fraction(1), (): Fraction(-1, 3)}),
        Sign(6, ">", {(Y,): Fraction(1)}),
        Sign(7, ">=", {(Y,): Fraction(1, 4), (X, Y): Fraction(-1)}),
    ]
    total = contradiction(signs, 2)
    assert total is not None
    shares = {factors: c for c, factors in total.products}
    assert shares[(6,)] * 12 == shares[(7,)] == shares[(5, 6)]


def test_zeros_without_linear_terms_are_kept():
    signs = [Sign(1, "=", {(X, X): Fraction(1), (): Fraction(-2)}), Sign(2, ">", {(X,): Fraction(1)})]
    reduced = Reduced.by(signs)
    assert reduced.solved == []
    assert len(reduced.zeros) == 1


def test_equations_are_solved_in_fractions():
    """2a + b = 0 and 3b + c = 1, in the columns 0 to 2 of which the last two are free."""
    entries = [(0, 0, Fraction(2)), (0, 1, Fraction(1)), (1, 1, Fraction(3)), (1, 2, Fraction(1)), (2, 2, Fraction(1))]
    assert solution(entries[:3], [0, 1], 1, free=0) == {0: Fraction(-1, 6), 1: Fraction(1, 3)}
    assert solution(entries[:3], [0, 1], 1, free=1) is None
    assert solution(entries[:2], [0, 1], 1, free=2) is None
