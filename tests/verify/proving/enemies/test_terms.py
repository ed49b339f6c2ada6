"""Attacks through the terms of instances, and through assumptions: each is one case with a sentence as name."""

import pytest
import z3

from fvproof.verify.proving.assumption import Assumed, Assumption, merged
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import at, is_theorem
from fvproof.verify.proving.terms import FALSE, TRUE, differ, every, function, implies, number
from tests.verify.proving.enemies.attacks import REAL, assert_it_fails, attack, p, s, square, t, x, y

ATTACKS = []


# Instances: only constants stand for all values.


@attack(ATTACKS, "an instance replaces a compound term")
def _():
    return prove("every number is ≥ 0", t >= 0, by=[at(square(), {s * s: t})])


@attack(ATTACKS, "an instance replaces a number")
def _():
    return prove("a square is ≥ 1", s * s >= 1, by=[at(square(), {number(0): number(1)})])


@attack(ATTACKS, "an instance replaces a truth value")
def _():
    truth = prove("true is true", implies(TRUE, TRUE))
    return prove("false", FALSE, by=[at(truth, {TRUE: FALSE})])


@attack(ATTACKS, "an instance replaces a function at points")
def _():
    f = function("f", 1)
    same = prove("equal points, equal values", implies(x == y, f(x) == f(y)))
    return prove("no two points are equal", differ(x, y), by=[at(same, {f(x): number(0), f(y): number(1)})])


@attack(ATTACKS, "an instance replaces the whole claim")
def _():
    return prove("false", FALSE, by=[at(square(), {s * s >= 0: FALSE})])


@attack(ATTACKS, "an instance replaces an irrational number")
def _():
    root = z3.simplify(z3.Sqrt(2))
    return prove("0 > 0", number(0) > 0, by=[at(prove("√2 > 0", root > 0), {root: number(0)})])


@attack(ATTACKS, "an instance puts a truth value in place of a number")
def _():
    return prove("false", FALSE, by=[at(square(), {s: z3.Bool("s")})])


@attack(ATTACKS, "an instance puts a bound variable in place of a constant")
def _():
    return prove("every number is ≥ 0", t >= 0, by=[at(square(), {s: z3.Var(0, REAL)})])


@attack(ATTACKS, "an instance names a constant of the same name and another sort")
def _():
    return prove("every number is ≥ 0", t >= 0, by=[at(square(), {z3.Bool("s"): TRUE})])


@attack(ATTACKS, "an instance replaces one constant by two terms")
def _():
    positive = prove("s = s", s == s)
    return prove("0 = 1", number(0) == 1, by=[Instance(positive, ((s, number(0)), (s, number(1))))])


@attack(ATTACKS, "an instance of an instance changes what is no constant any more")
def _():
    once = at(square(), {s: number(1)})
    return prove("2 ≤ 0", number(2) <= 0, by=[at(once, {number(1): number(-2)})])


@attack(ATTACKS, "the terms of an instance change after it was made")
def _():
    terms = {s: t}
    instance = at(square(), terms)
    terms[s * s] = number(-1)
    return prove("−1 ≥ 0", number(-1) >= 0, by=[instance])


# Assumptions: they are formulas, and they travel.


@attack(ATTACKS, "an instance of an assumption leaves no trace in the ledger")
def _():
    nonsense = Assumed(Assumption("nonsense", "numbers are above 5"), s > 5)
    theorem = prove("above 5", s > 5, by=[Instance(nonsense, ())])
    return theorem if is_theorem(theorem) and not theorem.ledger else None


@attack(ATTACKS, "an assumption hides behind the label and the words of another one")
def _():
    first = prove("s > 5", s > 5, by=[Assumed(Assumption("order", "≤ is an order"), s > 5)])
    second = prove("s < 9", s < 9, by=[Assumed(Assumption("order", "≤ is an order"), s < 9)])
    return prove("5 < s < 9", every(s > 5, s < 9), by=[first, second])


@attack(ATTACKS, "an assumption with a formula is used for another formula")
def _():
    order = Assumption("order", "a square is not negative", s * s >= 0)
    return prove("t > 5", t > 5, by=[Assumed(order, t > 5)])


class Alike(str):
    """Text that is equal to any other text."""

    __slots__ = ()

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash("harmless")


@attack(ATTACKS, "an assumption with a name that is equal to any other is lost in the ledger")
def _():
    first = prove("s > 5", s > 5, by=[Assumed(Assumption(Alike("a"), Alike("b")), s > 5)])
    return prove("s > 4", s > 4, by=[first])


@attack(ATTACKS, "a remark without a formula is taken for support")
def _():
    remark = Assumed(Assumption("remark", "every number is positive"), TRUE)
    return prove("t > 0", t > 0, by=[remark])


def test_one_label_for_two_assumptions_is_an_error():
    first, second = Assumption("order", "≤ is an order", s >= s), Assumption("order", "≤ is an order", s >= t)
    with pytest.raises(ValueError, match="two assumptions are called 'order'"):
        merged([first], [second])
    renamed = Assumption("order", "≤ is an order", p >= p)
    assert len(merged([first], [renamed])) == 1


@pytest.mark.parametrize("attempt", ATTACKS)
def test_the_kernel_does_not_prove_what_is_false(attempt):
    assert_it_fails(attempt)
