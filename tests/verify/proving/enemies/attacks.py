"""What the attacks on the kernel share: how one is entered, and how it is seen to fail."""

import pytest
import z3

from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import Obligation, Proved, is_theorem
from fvproof.verify.proving.terms import TRUE, number, points, reals

s, t, p, w, total = reals("s t p w total")
x, y = points("x y")
REAL, BOOL = z3.RealSort(), z3.BoolSort()


def attack(entered, sentence):
    """Enter a function that returns what it wants believed, a verdict on something false; or nothing."""

    def enter(function):
        entered.append(pytest.param(function, id=sentence))
        return function

    return enter


def assert_it_fails(attempt):
    """Whatever becomes of an attack, what it aims at must not be a theorem that the kernel stands by."""
    try:
        wanted = attempt()
    except (TypeError, ValueError, PermissionError):
        return
    assert not is_theorem(wanted), wanted


def square():
    """Return a theorem that is true."""
    return prove("a square is not negative", s * s >= 0)


def summed(name, step, *, admissible=TRUE, parameters=()):
    """Return a fold with the coordinate w and the state total, which starts at 0."""
    return Fold(name, parameters, (w,), (total,), (number(0),), (step,), admissible)


def point(term, at):
    """Make a term of z3 another one, as its attributes allow."""
    z3.Z3_inc_ref(at.ctx_ref(), at.as_ast())
    term.ast = at.as_ast()


def forged(claim, by=(), given=None):
    """Return an object that looks like a theorem, and that no kernel made."""
    theorem = object.__new__(Proved)
    parts = {"obligation": Obligation("a forgery", claim, given or {}, by), "rule": "solver", "solver": "z3 5.4.1.0"}
    for name, value in {**parts, "time_s": 0.1, "ledger": frozenset(), "unneeded": ()}.items():
        object.__setattr__(theorem, name, value)
    return theorem
