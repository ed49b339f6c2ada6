"""All bounded functions: a visualization says nothing about any other point."""

from functools import cache

from verify.kernel import mutant, prove
from verify.proof import Proof, proof_of
from verify.proofs.notation import APART, HALF, SPREAD, UNIT, M, a, b, m, twins_defeat_decoders, v, visualized, x, z
from verify.terms import (
    Claim,
    Number,
    Point,
    absolute,
    between,
    choose,
    differ,
    every,
    function,
    iff,
    implies,
    no,
    relation,
)
from verify.verdict import Verdict

f = function("f", 1)


def witness(value: Number, at: Point) -> Number:
    """Return the witness at a point: m at a, M at b, the value everywhere else."""
    return choose(at == a, m, choose(at == b, M, value))


@cache
def sound() -> Verdict:
    """Return that f(x) ∈ [m, M], which needs nothing but that m and M are the extrema."""
    given = {"m is the minimum": m <= f(x), "M is the maximum": f(x) <= M}
    return prove("f(x) ∈ [m, M]", between(m, f(x), M), given=given)


@cache
def feasible() -> Verdict:
    """Return that a unit that varies has its minimum and maximum at different points."""
    given = {"f(a) = m": f(a) == m, "f(b) = M": f(b) == M, "m < M": m < M}
    return prove("a ≠ b is needed", differ(a, b), given=given)


@proof_of("black-box")
def black_box() -> Proof:
    """Prove the row: A = [m, M] for x ∉ {a, b}."""
    claim = every(visualized(lambda at: witness(v, at)), witness(v, x) == v)
    tight = prove("the witness has φ and takes the value v at x", claim, given={**APART, **SPREAD})
    only = every(implies(witness(v, z) == m, z == a), implies(witness(v, z) == M, z == b))
    strict = {"m < v": m < v, "v < M": v < M}
    unique = prove("for m < v < M its extrema are unique", only, given=strict)
    no_go = twins_defeat_decoders(witness(m, x), witness(M, x), {key: APART[key] for key in ("x ≠ a", "x ≠ b")})
    steps = [sound(), feasible(), tight, unique, no_go]
    mutants = [
        mutant(tight, "x ≠ a dropped", without=["x ≠ a"], small=UNIT),
        mutant(tight, "v ≤ M dropped", without=["v ≤ M"], small=UNIT),
        mutant(unique, "v < M replaced by v ≤ M", without=["v < M"], small=every(UNIT, v == 1)),
        mutant(sound(), "[m, M] replaced by [m, 0.99·M]", claim=between(m, f(x) * 100, M * 99), small=UNIT),
    ]
    return Proof(steps, mutants)


@proof_of("black-box-everywhere")
def defeated_everywhere() -> Proof:
    """Prove that for each decoder one function defeats it at every point but a and b."""
    says_high, answer = relation("D says high(·)", 1), function("D(·)", 1)

    def opposed(high: Claim, at: Point) -> Number:
        """Return the unit that is low where the decoder says high, and high elsewhere."""
        return witness(choose(high, m, M), at)

    given = {"a ≠ b": differ(a, b), "m < M": m < M}
    elsewhere = differ(z, a, b)
    wrong = implies(elsewhere, no(iff(says_high(z), opposed(says_high(z), z) >= HALF)))
    side = prove("D is wrong about the side at every z ∉ {a, b}", wrong, given={"m < M": m < M})
    member = visualized(lambda at: opposed(says_high(at), at))
    has_phi = prove("the function has φ", member, given={"a ≠ b": given["a ≠ b"], "m ≤ M": m <= M})
    high = answer(z) >= HALF
    far = implies(elsewhere, absolute(answer(z) - opposed(high, z)) >= (M - m) / 2)
    values = prove("D errs by (M−m)/2 at least at every z ∉ {a, b}", far)
    mutants = [
        mutant(side, "m < M dropped", without=["m < M"], small=every(m == 0, M == 0)),
        mutant(values, "z ∉ {a, b} dropped", claim=absolute(answer(z) - opposed(high, z)) >= (M - m) / 2, small=UNIT),
        mutant(has_phi, "a ≠ b dropped", without=["a ≠ b"], small=UNIT),
    ]
    return Proof([has_phi, side, values], mutants)
