"""ReLU networks that minimise the empirical risk: knowing the training set does not help off it."""

from functools import cache

from fvproof.verify.proofs import memorising
from fvproof.verify.proofs.black_box import feasible, sound
from fvproof.verify.proofs.memorising import (
    AT_A_MEMORISED_POINT,
    AT_ANY_POINT,
    beta,
    values_are_memorised,
    values_stay_in_range,
)
from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import M, m, twins_defeat_decoders, v
from fvproof.verify.proofs.spikes import spike_shape, spikes_are_disjoint, spikes_vanish_elsewhere
from fvproof.verify.proving.fold import Fold, FoldRun
from fvproof.verify.proving.instance import Instance
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import TRUE, Number, between, every, implies, number, reals

f_a, f_b, f_x, f_s, f_z, label = reals("f(a) f(b) f(x) f(s_j) f(z) y_j")


def memorised(value: Number, at_point: Number) -> FoldRun:
    """Return that the network has a spike of this value, at the point where its value has this name."""
    return AT_A_MEMORISED_POINT.run(beta, value, at_point, TRUE, label=f" for {at_point}")


def recalled(value: Number, at_point: Number) -> Instance:
    """Return that the network takes the value which it has memorised at a point."""
    terms = {memorising.target: value, memorising.f_c: at_point, memorising.seen: TRUE}
    return at(values_are_memorised(), terms)


@cache
def least_risk() -> Verdict:
    """Return that taking every label has the least risk, for any loss ≥ 0 that is 0 for the right label."""
    y_j, value, loss, other, risk, other_risk = reals("y_j f(s_j) loss(f) loss(g) risk(f) risk(g)")
    right = every(value == y_j, implies(value == y_j, loss == 0), other >= 0)
    step = (risk + loss, other_risk + other)
    fold = Fold("risks", (), (y_j, value, loss, other), (risk, other_risk), (number(0),) * 2, step, right)
    return induct("zero loss is the least risk", fold, every(risk == 0, risk <= other_risk))


@cache
def has_phi() -> Verdict:
    """Return that spikes at a, b, x and every training point give a network with φ, v at x, and every label."""
    values = ((f_a, m), (f_b, M), (f_x, v), (f_s, label))
    spikes: dict[str, Hypothesis] = {f"a spike for {name}": memorised(value, name) for name, value in values}
    anywhere = {"labels, m, v, M in [m, M]": AT_ANY_POINT.run(beta, m, M, f_z, *AT_ANY_POINT.state[1:])}
    range_of_f = at(values_stay_in_range(), {memorising.lowest: m, memorising.highest: M, memorising.total: f_z})
    claim = every(*(name == value for name, value in values), between(m, f_z, M))
    given = {**spikes, **anywhere, "m ≤ β": m <= beta, "β ≤ M": beta <= M}
    by = [range_of_f, *(recalled(value, name) for name, value in values)]
    return prove("the network has φ, v at x, and every label", claim, given=given, by=by)


@proof_of("erm")
def erm() -> Proof:
    """Prove the row."""
    low, high = reals("low(x) high(x)")
    twins: dict[str, Hypothesis] = {
        "a spike for low(x) = m": memorised(m, low),
        "a spike for high(x) = M": memorised(M, high),
    }
    no_go = twins_defeat_decoders(low, high, twins, [recalled(m, low), recalled(M, high)])
    tight, risk = has_phi(), least_risk()
    spikes = [spike_shape(), spikes_are_disjoint(), spikes_vanish_elsewhere()]
    steps = [sound(), feasible(), *spikes, tight, constants_have_phi(), risk, no_go]
    elsewhere = memorising.f_c == memorising.target
    small = every(beta == 0, memorising.target == 1)
    mutants = [
        mutant(values_are_memorised(), "the spike of c left out", claim=elsewhere, small=small),
        mutant(values_stay_in_range(), "a label above the highest", without=["β ≤ highest"]),
    ]
    return Proof(steps, mutants)
