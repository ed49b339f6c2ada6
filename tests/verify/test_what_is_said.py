"""What statements say beside what their proofs say: the places where the two once differed."""

from fractions import Fraction
from itertools import product

import pytest
import z3

from fvproof.theory.interval import Interval
from fvproof.theory.statements import STATEMENTS
from fvproof.theory.tasks import on_one_side
from fvproof.theory.visualization import Visualization
from fvproof.verify.proofs import minimax
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.assumption import Assumed
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.obligation import Proved
from fvproof.verify.proving.proof import proof

ENDS = [Fraction(n, 4) for n in range(5)]
UNIT = Visualization([0], [1], 0, 1)


def intervals():
    """All intervals between quarters, each end open or closed."""
    for low, high in product(ENDS, repeat=2):
        if low < high:
            yield from (Interval(low, high, *closed) for closed in product((True, False), repeat=2))
    yield from (Interval(value, value) for value in ENDS)


def holds(claim, interval):
    """Whether a claim about an interval is true of this one, between m = 0 and M = 1."""
    numbers = {minimax.low: interval.low, minimax.high: interval.high, m: 0, M: 1}
    pairs = [(name, z3.RealVal(str(value))) for name, value in numbers.items()]
    pairs += [(minimax.low_in, z3.BoolVal(interval.low_closed)), (minimax.high_in, z3.BoolVal(interval.high_closed))]
    return z3.is_true(z3.simplify(z3.substitute(claim, *pairs)))


def test_the_side_is_solved_where_the_proof_says_so_whatever_ends_are_open():
    assert [str(i) for i in intervals() if holds(minimax.ONE_SIDE, i) != on_one_side(i, UNIT)] == []


def test_an_interval_of_the_proof_holds_what_the_interval_holds():
    eighths = [Fraction(n, 8) for n in range(-1, 10)]
    claims = [(i, v, minimax.possible(z3.RealVal(str(v)))) for i in intervals() for v in eighths]
    assert [(str(i), v) for i, v, claim in claims if holds(claim, i) != (v in i)] == []


def supports(theorem):
    """Everything that a theorem rests on, down to what is assumed."""
    waiting, seen = [theorem], set()
    while waiting:
        support = waiting.pop()
        if id(support) in seen:
            continue
        seen.add(id(support))
        yield support
        if isinstance(support, Instance):
            waiting.append(support.theorem)
        elif isinstance(support, Proved):
            waiting.extend(support.obligation.by)


@pytest.mark.parametrize("key", STATEMENTS)
def test_what_is_taken_for_granted_is_a_formula_and_no_mere_note(key):
    assumed = {id(s): s for step in proof(key).steps for s in supports(step) if isinstance(s, Assumed)}
    assert [s.name for s in assumed.values() if z3.is_true(z3.simplify(s.formula))] == []


@pytest.mark.parametrize("key", ["dimension-convex", "dimension-affine"])
def test_no_mean_and_no_probability_of_the_curse_of_dimension_is_a_hypothesis(key):
    for theorem in proof(key).obligations:
        said = " ".join(hypothesis.sexpr() for hypothesis in theorem.obligation.hypotheses.values())
        assert "E(" not in said, theorem.name
        assert "P(" not in said, theorem.name


def test_the_probability_of_a_box_is_proved_for_every_length_of_its_sides():
    theorem = next(step for step in proof("dimension-convex").steps if "probability s^d" in step.name)
    assert isinstance(theorem, Proved)
    assert list(theorem.obligation.given) == ["0 ≤ s ≤ 1", "d is a number of inputs"]
    assert "uniform" in {assumption.name for assumption in theorem.ledger}
