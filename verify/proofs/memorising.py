"""Lemma 2 of the paper: networks of spikes that memorise any number of values at any number of points.

f(z) = β + Σ_j (v_j − β)·s_j(z), built up spike by spike. At most one spike is not zero at any z (Lemma 1).
"""

from functools import cache

from fvproof.verify.proofs.spikes import spike_shape, spikes_are_disjoint, spikes_are_lipschitz, spikes_vanish_elsewhere
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant
from fvproof.verify.proving.obligation import Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    absolute,
    between,
    choose,
    either,
    every,
    implies,
    no,
    number,
    reals,
    truths,
)

beta, lowest, highest, value, spike, total = reals("β lowest highest v s f(z)")
active, top, bottom = truths("active top bottom")

AT_ANY_POINT = Fold(
    "f at any point z",
    (beta, lowest, highest),
    (value, spike),
    (total, active, top, bottom),
    (beta, FALSE, FALSE, FALSE),
    (
        total + (value - beta) * spike,
        either(active, spike != 0),
        either(top, every(value == highest, spike == 1)),
        either(bottom, every(value == lowest, spike == 1)),
    ),
    every(between(0, spike, 1), between(lowest, value, highest), implies(active, spike == 0)),
)
"""The sum of disjoint spikes, and whether one of them has been active, at the highest value or at the lowest."""


@cache
def values_stay_in_range() -> Verdict:
    """Return that the network's values lie between the least and the greatest of β and the v_j."""
    invariant = every(between(lowest, total, highest), implies(no(active), total == beta))
    given = {"lowest ≤ β": lowest <= beta, "β ≤ highest": beta <= highest}
    return induct("the values stay between the lowest and the highest", AT_ANY_POINT, invariant, given=given)


@cache
def extrema_at_memorised_points() -> Verdict:
    """Return that the extreme values are taken at the centre of a spike with that value, and nowhere else."""
    reached = every(implies(total == highest, top), implies(total == lowest, bottom))
    invariant = every(between(lowest, total, highest), implies(no(active), total == beta), reached)
    given = {"lowest < β": lowest < beta, "β < highest": beta < highest}
    return induct("the extrema lie at memorised points", AT_ANY_POINT, invariant, given=given)


target, f_c = reals("target f(c)")
here, seen = truths("here seen")
AT_A_MEMORISED_POINT = Fold(
    "f at a memorised point c",
    (beta, target),
    (value, spike, here),
    (f_c, seen),
    (beta, FALSE),
    (f_c + (value - beta) * spike, either(seen, here)),
    every(implies(here, every(spike == 1, value == target, no(seen))), implies(no(here), spike == 0)),
)
"""The sum of spikes at the centre of one of them, and whether that one has been added."""


@cache
def values_are_memorised() -> Verdict:
    """Return that the network takes the value v at a point c_j, where the spike of c_j is 1 and all others are 0."""
    invariant = f_c == choose(seen, target, beta)
    return induct("the value at a memorised point is the one memorised", AT_A_MEMORISED_POINT, invariant)


@cache
def network_is_lipschitz() -> Verdict:
    """Return that the network is Lipschitz with the constant k·Σ|v_j − β|."""
    k, near, at_p, at_q, f_p, f_q, constant = reals("k ‖p−q‖ s(p) s(q) f(p) f(q) L")
    fold = Fold(
        "f at two points p and q",
        (beta, k, near),
        (value, at_p, at_q),
        (f_p, f_q, constant),
        (beta, beta, number(0)),
        (f_p + (value - beta) * at_p, f_q + (value - beta) * at_q, constant + absolute(value - beta) * k),
        between(-k * near, at_p - at_q, k * near),
    )
    bound = absolute(f_p - f_q) <= constant * near
    return induct("f is Lipschitz with L = k·Σ|v_j − β|", fold, bound)


@proof_of("memorising-network")
def lemma_2() -> Proof:
    """Prove Lemma 2."""
    ranges, extrema = values_stay_in_range(), extrema_at_memorised_points()
    spikes = [spike_shape(), spikes_are_disjoint(), spikes_vanish_elsewhere(), spikes_are_lipschitz()]
    steps = [*spikes, ranges, extrema, values_are_memorised(), network_is_lipschitz()]
    mutants = [
        mutant(ranges, "β ≤ highest dropped", without=["β ≤ highest"]),
        mutant(extrema, "β < highest dropped", without=["β < highest"]),
    ]
    return Proof(steps, mutants)
