"""Attacks through objects that pass for others, or change after they were checked."""

import copy
import pickle
from dataclasses import replace

import pytest
import z3

from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.fold import FoldRun
from fvproof.verify.proving.kernel import prove, recheck
from fvproof.verify.proving.obligation import Obligation, Proved, at, formula
from fvproof.verify.proving.terms import FALSE, TRUE
from tests.verify.proving.enemies.attacks import (
    assert_it_fails,
    attack,
    forged,
    point,
    s,
    square,
    t,
)

ATTACKS = []


# Objects that pass for others, or change.


@attack(ATTACKS, "a support calls itself a theorem")
def _():
    class Alike:
        __class__ = Proved
        name, obligation, ledger = "false", Obligation("false", FALSE, {}, ()), frozenset()

    return prove("false", FALSE, by=[Alike()])


def test_nobody_makes_a_class_of_theorems_of_their_own():
    obligation = Obligation("false", FALSE, {}, ())
    own = type("Own", (Proved,), {"__post_init__": lambda self, token: None})
    fake = own(obligation, "solver", "z3", 0.0, frozenset(), (), None)
    with pytest.raises((TypeError, PermissionError)):
        prove("false", s > 0, by=[fake])
    with pytest.raises(PermissionError):
        formula(fake)


@attack(ATTACKS, "a theorem is made without the constructor")
def _():
    return prove("false", s > 0, by=[forged(s > 0)])


@attack(ATTACKS, "a theorem made without the constructor is made good by a second solver")
def _():
    return recheck(forged(FALSE, by=[forged(FALSE)]), "z3")


@attack(ATTACKS, "a theorem takes the state of another one")
def _():
    theorem = square()
    theorem.__setstate__([Obligation("false", s > 5, {}, ()), "solver", "z3", 0.0, frozenset(), ()])
    return prove("false", s > 5, by=[theorem])


@attack(ATTACKS, "the obligation of a theorem is exchanged")
def _():
    theorem = square()
    object.__setattr__(theorem, "obligation", Obligation("false", s > 5, {}, ()))
    return prove("false", s > 5, by=[theorem])


@attack(ATTACKS, "the claim of a theorem points at another formula")
def _():
    theorem = square()
    point(theorem.obligation.claim, at=s > 5)
    return prove("false", s > 5, by=[theorem])


class Grasping:
    """Something that empties the dictionary that it is compared with."""

    def __eq__(self, other):
        if isinstance(other, dict):
            other.clear()
        return True

    __hash__ = None


@attack(ATTACKS, "the hypotheses of a theorem are emptied")
def _():
    theorem = prove("positive", s > 0, given={"s > 1": s > 1})
    theorem.obligation.given == Grasping()  # noqa: B015  a read-only view hands over what it views
    return prove("every number is positive", s > 0, by=[theorem])


@attack(ATTACKS, "the ledger of a theorem is emptied")
def _():
    theorem = prove("s > 5", s > 5, by=[Assumed(Assumption("nonsense", "above 5"), s > 5)])
    object.__setattr__(theorem, "ledger", frozenset())
    return prove("s > 4", s > 4, by=[theorem])


@attack(ATTACKS, "the formula given to the kernel changes after the proof")
def _():
    claim = s * s >= 0
    theorem = prove("a square", claim)
    point(claim, at=s > 5)
    return prove("false", s > 5, by=[theorem])


@attack(ATTACKS, "a hypothesis of another class is false in one question and true in the next")
def _():
    readings = iter([FALSE, *[TRUE] * 99])

    class Fickle(FoldRun):
        def __getattribute__(self, name):
            return next(readings) if name == "atom" else object.__getattribute__(self, name)

    return prove("false", FALSE, given={"fickle": Fickle(TRUE, TRUE)})


@attack(ATTACKS, "a term of another class is another one whenever it is read")
def _():
    class Fickle(z3.BoolRef):
        readings = 0

        def as_ast(self):
            Fickle.readings += 1
            return (TRUE if Fickle.readings % 2 else FALSE).ast

    for truth in [TRUE, FALSE] * 99:  # z3 counts who holds a term, and is misled by this one
        z3.Z3_inc_ref(truth.ctx_ref(), truth.as_ast())
    theorem = prove("fickle", Fickle(TRUE.ast, z3.main_ctx()))
    return prove("false", FALSE, by=[theorem])


@attack(ATTACKS, "hypotheses that contradict each other prove anything")
def _():
    return prove("false", FALSE, given={"s > 0": s > 0, "s < 0": s < 0})


@attack(ATTACKS, "what is refuted supports a claim through an instance of an instance")
def _():
    return prove("t > 0", t > 0, by=[at(at(prove("false", s > 0), {s: t}), {t: s})])


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps, lambda theorem: replace(theorem, token=None)])
def test_a_theorem_is_not_copied(way):
    with pytest.raises(PermissionError):
        way(square())


@pytest.mark.parametrize("attempt", ATTACKS)
def test_the_kernel_does_not_prove_what_is_false(attempt):
    assert_it_fails(attempt)
