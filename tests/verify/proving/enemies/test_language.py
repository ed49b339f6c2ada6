"""Attacks through what else z3 can say, and through what z3 says otherwise than one would think."""

from functools import cache

import pytest
import z3

from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import at
from fvproof.verify.proving.terms import TRUE, every, no, number
from fvproof.verify.proving.verdict import Refuted
from tests.verify.proving.enemies.attacks import REAL, assert_it_fails, attack, s, t

ATTACKS = []


# Formulas outside the language.


@cache
def outside():
    """Return formulas that z3 understands and the kernel must not."""
    counting = z3.RecFunction("counting", REAL, REAL)
    z3.RecAddDefinition(counting, [s], number(1))
    fixed = z3.RecFunction("fixed", REAL)
    z3.RecAddDefinition(fixed, [], number(1))
    array = z3.Array("array", REAL, REAL)
    whole, bits = z3.Int("n"), z3.BitVec("bits", 8)
    return {
        "a recursive function": counting(t) == 1,
        "a constant with a definition": fixed() == 1,
        "a quantifier": z3.ForAll([s], s * s >= 0),
        "a lambda": z3.Lambda([s], s)[t] == t,
        "an array": z3.Store(array, s, t)[s] == t,
        "whole numbers": no(every(whole > 0, whole < 1)),
        "a whole number as a real one": z3.ToReal(whole) >= z3.ToReal(whole),
        "rounding": z3.ToReal(z3.ToInt(s)) <= s,
        "bit-vectors": z3.ULE(z3.UDiv(bits, z3.BitVecVal(0, 8)), z3.BitVecVal(255, 8)),
        "text": z3.Length(z3.String("word")) >= 0,
        "floating-point numbers": z3.fpLEQ(z3.FPVal(0.1, z3.Float32()), z3.FPVal(0.2, z3.Float32())),
        "a set": z3.IsMember(s, z3.SetAdd(z3.EmptySet(REAL), s)),
        "a bound variable": z3.Var(0, REAL) == z3.Var(0, REAL),
        "a root": z3.Sqrt(s) == z3.Sqrt(s),
        "a power of unknown degree": s**t == s**t,
        "another context": z3.Real("s", ctx=z3.Context()) >= 0,
        "Python's truth": True,
    }


@pytest.mark.parametrize("kind", outside())
def test_what_is_outside_the_language_is_refused(kind):
    claim = outside()[kind]
    with pytest.raises(TypeError):
        prove(kind, claim)
    with pytest.raises(TypeError):
        prove(kind, TRUE, given={kind: claim})
    with pytest.raises(TypeError):
        prove(kind, TRUE, by=[Assumed(Assumption(kind, kind), claim)])


@attack(ATTACKS, "a constant has a definition of which the theorem says nothing")
def _():
    one = z3.RecFunction("one", REAL)
    z3.RecAddDefinition(one, [], number(1))
    return prove("0 = 1", number(0) == 1, by=[at(prove("one is 1", one() == 1), {one(): number(0)})])


@pytest.mark.parametrize(
    "claim",
    [number(1) / 0 == 0, number(1) / 0 == number(2) / 0, s / s == 1, (s / t) * t == s, number(0) / 0 == 0],
    ids=str,
)
def test_division_by_zero_proves_nothing(claim):
    assert isinstance(prove("division", claim), Refuted)


@pytest.mark.parametrize("value", [0.1, float("nan"), True])
def test_a_float_is_no_exact_number(value):
    with pytest.raises(TypeError):
        number(value)


@pytest.mark.parametrize("attempt", ATTACKS)
def test_the_kernel_does_not_prove_what_is_false(attempt):
    assert_it_fails(attempt)
