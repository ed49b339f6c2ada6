"""What would it take? Exemplars (z_j, f(z_j)) shown beside the visualization, any number of them.

Convex functions have a file of their own.
"""

from functools import cache

from fvproof.verify.proofs import erm
from fvproof.verify.proofs.memorising import values_are_memorised, values_stay_in_range
from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import HALF, UNIT, M, m
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    Number,
    absolute,
    between,
    choose,
    either,
    every,
    function_of_numbers,
    implies,
    maximum,
    minimum,
    number,
    reals,
    truths,
)

L, v, near, far, target, g, g_p, g_q, d_p, d_q = reals("L v_j ‖p−q‖ ‖z−z_j‖ v g(z) g(p) g(q) ‖p−z_j‖ ‖q−z_j‖")
here, seen, at_p, at_q = truths("here seen z_j≤p z_j≤q")


GENERAL_POSITION = Assumption(
    "general position", "every x is an affine combination of d+1 points that lie on no hyperplane together"
)
told = function_of_numbers("Σλ(x)v[·,·]", 2)
# What d+1 exemplars tell of f(x): the sum of their values, with weights that depend on x alone. f is c + ℓ(x).


@proof_of("exemplars-free")
def free() -> Proof:
    """Prove that networks can take any value off the exemplars: spikes at the exemplars memorise what they show."""
    tight = erm.has_phi()
    elsewhere = [values_stay_in_range(), values_are_memorised()]
    mutants = [mutant(values_are_memorised(), "the spike of x left out", claim=reals("f(c)")[0] == reals("target")[0])]
    return Proof([*elsewhere, tight, constants_have_phi()], mutants)


def largest(term: Number) -> Number:
    """Return the extension so far, raised to a term where it is greater."""
    return maximum(g, term)


@cache
def lipschitz_extension() -> list[Verdict]:
    """Return that max_j (v_j − L·‖z−z_j‖), and m, is L-Lipschitz, in [m, M], and takes every value v_j at z_j.

    The extrema and x itself are among the z_j; at a point z_c the others are no obstacle, as |v_j − v_c| ≤ L·‖z_c−z_j‖.
    """
    step = (maximum(g_p, v - L * d_p), maximum(g_q, v - L * d_q))
    close = between(-near, d_p - d_q, near)
    two = Fold("the extension at p and q", (L, near, m), (v, d_p, d_q), (g_p, g_q), (m, m), step, close)
    known: dict[str, Hypothesis] = {"L ≥ 0": L >= 0, "‖p−q‖ ≥ 0": near >= 0}
    value = every(implies(here, every(v == target, far == 0)), v - L * far <= target)
    one = Fold(
        "the extension at z_c",
        (L, m, target),
        (v, far, here),
        (g, seen),
        (m, FALSE),
        (largest(v - L * far), either(seen, here)),
        value,
    )
    taken = every(g <= target, implies(seen, g == target))
    inside = every(far >= 0, v <= M)
    any_point = Fold("the extension at any z", (L, m, M), (v, far), (g,), (m,), (largest(v - L * far),), inside)
    range_given: dict[str, Hypothesis] = {"L ≥ 0": L >= 0, "m ≤ M": m <= M}
    return [
        induct("the extension is L-Lipschitz", two, absolute(g_p - g_q) <= L * near, given=known),
        induct("the extension takes the value v_c at z_c", one, taken, given={"m ≤ v_c": m <= target}),
        induct("the extension stays in [m, M]", any_point, between(m, g, M), given=range_given),
    ]


@proof_of("exemplars-lipschitz")
def lipschitz() -> Proof:
    """Prove the interval that exemplars leave to a Lipschitz unit, and how many it takes to know it everywhere."""
    f_x, f_z = reals("f(x) f(z_j)")
    each: dict[str, Hypothesis] = {"|f(x)−f(z_j)| ≤ L·‖x−z_j‖": absolute(f_x - f_z) <= L * far}
    sound = prove("v_j − L‖x−z_j‖ ≤ f(x) ≤ v_j + L‖x−z_j‖", between(f_z - L * far, f_x, f_z + L * far), given=each)
    steps = [sound, *lipschitz_extension(), covering()]
    mutants = [
        mutant(
            sound,
            "L‖x−z_j‖ replaced by 0.9·L‖x−z_j‖",
            claim=(f_x - f_z) * 10 <= L * far * 9,
            small=every(L == 1, far == 1, f_z == 0),
        ),
        mutant(steps[1], "L ≥ 0 dropped", without=["L ≥ 0"], small=near == 1),
        mutant(steps[-1], "an exemplar at x", without=["L·‖x−z_j‖ > ε for all j"], small=every(UNIT, L == 1)),
    ]
    return Proof(steps, mutants)


@cache
def covering() -> Verdict:
    """Return that an error ε at x needs a or b nearby, or an exemplar within ε/L, if all show (m+M)/2."""
    eps, d_a, d_b, d_z, p = reals("ε ‖x−a‖ ‖x−b‖ ‖x−z_j‖ p")
    low, high = maximum(m, M - L * d_b, HALF - L * d_z), minimum(M, m + L * d_a, HALF + L * d_z)
    given: dict[str, Hypothesis] = {
        "ε < (M−m)/2": eps * 2 < M - m,
        "L·‖x−a‖ > (M−m)/2 + ε": L * d_a > (M - m) / 2 + eps,
        "L·‖x−b‖ > (M−m)/2 + ε": L * d_b > (M - m) / 2 + eps,
        "L·‖x−z_j‖ > ε for all j": L * d_z > eps,
    }
    worst = maximum(absolute(p - low), absolute(p - high)) > eps
    return prove("far from a, b and all exemplars every answer errs by more than ε", worst, given=given)


@proof_of("exemplars-monotone")
def monotone() -> Proof:
    """Prove that max over the z_j ≤ z of v_j, and m, is monotone, in [m, M], and takes every value v_j at z_j."""
    f_x, f_z = reals("f(x) f(z_j)")
    (lower,) = truths("z_j≤x")
    order: dict[str, Hypothesis] = {"z_j ≤ x ⇒ f(z_j) ≤ f(x)": implies(lower, f_z <= f_x), "z_j ≤ x": lower}
    sound = prove("v_j ≤ f(x) for z_j ≤ x, and likewise above", f_z <= f_x, given=order)
    step = (choose(at_p, maximum(g_p, v), g_p), choose(at_q, maximum(g_q, v), g_q))
    two = Fold("the staircase at p ≤ q", (m,), (v, at_p, at_q), (g_p, g_q), (m, m), step, implies(at_p, at_q))
    value = every(implies(here, every(v == target, at_p)), implies(at_p, v <= target))
    raised = (choose(at_p, largest(v), g), either(seen, here))
    one = Fold("the staircase at z_c", (m, target), (v, at_p, here), (g, seen), (m, FALSE), raised, value)
    taken = every(g <= target, implies(seen, g == target))
    anywhere = Fold("the staircase at any z", (m, M), (v, at_p), (g,), (m,), (choose(at_p, largest(v), g),), v <= M)
    rises = induct("the staircase rises", two, g_p <= g_q)
    steps = [
        sound,
        rises,
        induct("the staircase takes the value v_c at z_c", one, taken, given={"m ≤ v_c": m <= target}),
        induct("the staircase stays in [m, M]", anywhere, between(m, g, M), given={"m ≤ M": m <= M}),
    ]
    mutants = [
        mutant(sound, "z_j ≤ x dropped", without=["z_j ≤ x"]),
        mutant(steps[2], "m ≤ v_c dropped", without=["m ≤ v_c"]),
        mutant(rises, "≤ replaced by <", claim=g_p < g_q),
    ]
    return Proof(steps, mutants)


@proof_of("exemplars-affine")
def affine() -> Proof:
    """Prove that an affine f is known at every affine combination of exemplars: d+1 in general position suffice."""
    c, weight, part, mass, whole, total, f_x = reals("c λ_j ℓ(z_j) Σλ ℓ(Σλz) Σλv f(x)")
    step = (mass + weight, whole + weight * part, total + weight * v)
    fold = Fold(
        "combinations of exemplars",
        (c,),
        (weight, part, v),
        (mass, whole, total),
        (number(0),) * 3,
        step,
        v == c + part,
    )
    summed = induct("Σ λ_j·v_j = c·Σλ_j + ℓ(Σ λ_j·z_j)", fold, total == c * mass + whole)
    given: dict[str, Hypothesis] = {
        "x = Σ λ_j·z_j": fold.run(c, mass, whole, total),
        "Σ λ_j = 1": mass == 1,
        "f(x) = c + ℓ(x)": f_x == c + whole,
    }
    exact = prove("f(x) = Σ λ_j·v_j", f_x == total, given=given, by=[summed])
    (general,) = truths("z_j_in_general_position")
    combined = implies(general, fold.run(c, number(1), whole, told(c, whole)).atom)
    at_x = at(exact, {mass: number(1), total: told(c, whole)})
    everywhere = prove("d+1 exemplars in general position tell f(x) at every x", f_x == told(c, whole),
                       given={"d+1 exemplars in general position": general, "f(x) = c + ℓ(x)": f_x == c + whole},
                       by=[Assumed(GENERAL_POSITION, combined), at_x])  # fmt: skip
    mutants = [
        mutant(exact, "Σ λ_j = 1 dropped", without=["Σ λ_j = 1"], small=every(c == 1, mass == 0)),
        mutant(everywhere, "general position dropped", without=["d+1 exemplars in general position"], small=c == 0),
    ]
    return Proof([summed, exact, everywhere], mutants)
