"""All bounded functions: a visualization says nothing about any other point."""

from functools import cache

from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import (
    APART,
    HALF,
    SPREAD,
    UNIT,
    M,
    a,
    b,
    m,
    twins_defeat_decoders,
    v,
    visualized,
    x,
    z,
)
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
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


@cache
def has_three_values() -> tuple[Verdict, Verdict]:
    """Return that the witness has φ and takes any value v ∈ [m, M] at x, and when its extrema are unique."""
    claim = every(visualized(lambda at: witness(v, at)), witness(v, x) == v)
    only = every(implies(witness(v, z) == m, z == a), implies(witness(v, z) == M, z == b))
    strict = {"m < v": m < v, "v < M": v < M}
    return (
        prove("the witness has φ and takes the value v at x", claim, given={**APART, **SPREAD}),
        prove("for m < v < M its extrema are unique", only, given=strict),
    )


@proof_of("black-box")
def black_box() -> Proof:
    """Prove the row: A = [m, M] for x ∉ {a, b}."""
    tight, unique = has_three_values()
    no_go = twins_defeat_decoders(witness(m, x), witness(M, x), {key: APART[key] for key in ("x ≠ a", "x ≠ b")})
    steps = [sound(), feasible(), tight, unique, constants_have_phi(), no_go]
    mutants = [
        mutant(tight, "x ≠ a dropped", without=["x ≠ a"], small=UNIT),
        mutant(tight, "v ≤ M dropped", without=["v ≤ M"], small=UNIT),
        mutant(unique, "v < M replaced by v ≤ M", without=["v < M"], small=every(UNIT, v == 1)),
        mutant(sound(), "[m, M] replaced by [m, 0.99·M]", claim=between(m, f(x) * 100, M * 99), small=UNIT),
    ]
    return Proof(steps, mutants)


def opposed(high: Claim, at: Point) -> Number:
    """Return the unit that is low where the decoder says high, and high elsewhere."""
    return witness(choose(high, m, M), at)


@proof_of("black-box-everywhere")
def defeated_everywhere() -> Proof:
    """Prove that for each decoder one function defeats it at every point but a and b, in its values and about the side.

    A value at or above the middle says high. A decoder that answers about the side alone has a function of its own.
    """
    answer, says_high = function("D(·)", 1), relation("D says high(·)", 1)
    given = {"a ≠ b": differ(a, b), "m ≤ M": m <= M}
    elsewhere, wide = {"z ∉ {a, b}": differ(z, a, b)}, {"m < M": m < M}

    def against_values(at: Point) -> Number:
        return opposed(answer(at) >= HALF, at)

    def against_sides(at: Point) -> Number:
        return opposed(says_high(at), at)

    wrong = no(iff(answer(z) >= HALF, against_values(z) >= HALF))
    far = absolute(answer(z) - against_values(z)) >= (M - m) / 2
    has_phi = prove("the function against the values of D has φ", visualized(against_values), given=given)
    values = prove("D errs by (M−m)/2 at least, and takes the wrong side, on this one function", every(far, wrong),
                   given={**elsewhere, **wide})  # fmt: skip
    side_has_phi = prove("the function against the sides of D has φ", visualized(against_sides), given=given)
    side = prove("D is wrong about the side at every z ∉ {a, b}", no(iff(says_high(z), against_sides(z) >= HALF)),
                 given={**elsewhere, **wide})  # fmt: skip
    mutants = [
        mutant(side, "m < M dropped", without=["m < M"], small=every(m == 0, M == 0)),
        mutant(values, "z ∉ {a, b} dropped", without=["z ∉ {a, b}"], small=UNIT),
        mutant(values, "(M−m)/2 replaced by 0.51·(M−m)", claim=absolute(answer(z) - against_values(z)) * 100
               >= (M - m) * 51, small=UNIT),
        mutant(has_phi, "a ≠ b dropped", without=["a ≠ b"], small=UNIT),
    ]  # fmt: skip
    return Proof([has_phi, values, side_has_phi, side], mutants)
