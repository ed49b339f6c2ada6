"""Constant functions: everything is known."""

from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import M, a, b, m, x
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import every, function

f = function("f", 1)


@proof_of("constant")
def constant() -> Proof:
    """Prove the row: m = M, and f(x) = m."""
    given = {"f(a) = f(b)": f(a) == f(b), "f(x) = f(a)": f(x) == f(a), "f(a) = m": f(a) == m, "f(b) = M": f(b) == M}
    exact = prove("m = M and f(x) = m", every(m == M, f(x) == m), given=given)
    mutants = [
        mutant(exact, "f(x) = f(a) dropped", without=["f(x) = f(a)"], small=m == 0),
        mutant(exact, "f(a) = f(b) dropped", without=["f(a) = f(b)"], small=m == 0),
    ]
    return Proof([exact, constants_have_phi()], mutants)
