"""The proofs of all statements: complete, without doubt, and each with a mutant that fails."""

import subprocess
import sys

import pytest

from fvproof.theory.classes import CLASSES
from fvproof.theory.errors import UnknownName
from fvproof.theory.statements import STATEMENTS
from fvproof.verify.proving.kernel import mutant, prove, recheck
from fvproof.verify.proving.obligation import Proved
from fvproof.verify.proving.proof import Proof, proof, proved_keys
from fvproof.verify.proving.terms import reals
from fvproof.verify.proving.verdict import Unknown


def test_every_statement_has_a_proof_and_every_proof_a_statement():
    assert proved_keys() == set(STATEMENTS)


@pytest.mark.parametrize("key", STATEMENTS)
def test_every_statement_is_proved(key):
    built = proof(key)
    assert isinstance(built.verdict, Proved), built.verdict
    assert all(isinstance(step, Proved) for step in built.steps)


@pytest.mark.parametrize("key", STATEMENTS)
def test_every_statement_has_mutants_and_a_model_refutes_each(key):
    mutants = proof(key).mutants
    assert mutants
    assert [m.change for m in mutants if not m.killed] == []
    assert all(m.verdict.model for m in mutants)


@pytest.mark.parametrize("key", STATEMENTS)
def test_no_step_has_a_hypothesis_that_it_does_not_need(key):
    assert proof(key).unneeded == {}


@pytest.mark.parametrize("key", STATEMENTS)
def test_cvc5_agrees_on_every_obligation(key):
    pytest.importorskip("cvc5")
    doubts = [theorem.name for theorem in proof(key).obligations if not isinstance(recheck(theorem, "cvc5"), Proved)]
    assert doubts == []


@pytest.mark.parametrize("key", STATEMENTS)
def test_every_statement_is_complete_data(key):
    one = STATEMENTS[key]
    assert one.key == key
    assert all((one.title, one.hypotheses, one.claim, one.latex, one.source, one.scope))


def test_an_unknown_statement_lists_the_near_names():
    with pytest.raises(UnknownName, match="did you mean minimax"):
        proof("minimaks")


def test_all_proofs_take_less_than_the_time_promised():
    verdicts = {id(v): v for key in STATEMENTS for v in (*proof(key).steps, *(m.verdict for m in proof(key).mutants))}
    assert sum(verdict.time_s for verdict in verdicts.values()) < 20


def test_every_class_of_functions_has_its_row():
    assert set(CLASSES) <= set(STATEMENTS)


def test_a_proof_without_a_mutant_is_not_believed():
    steps = proof("proposition-1").steps
    assert isinstance(Proof(steps, []).verdict, Unknown)


def test_a_surviving_mutant_is_a_doubt():
    theorem = prove("a square is not negative", reals("s")[0] ** 2 >= 0)
    survivor = mutant(theorem, "nothing changed")
    assert isinstance(Proof([theorem], [survivor]).verdict, Unknown)


def test_loading_the_proofs_asks_no_solver():
    no_solver = "import fvproof.verify.proving.solver as s; s.ask_z3 = s.ask_cvc5 = None"
    script = f"{no_solver}; from fvproof.verify.proving.proof import proved_keys; print(len(proved_keys()))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(loaded.stdout) == len(STATEMENTS)
