"""Exemplars whose values are known up to an error: the greatest and the least function through intervals.

What a class allows is a rise: a number r(p, q) ≥ 0, or no bound at all, with r(p, p) = 0 and r(p, r) ≤ r(p, q) +
r(q, r). Its members are the functions with f(q) − f(p) ≤ r(p, q). No bound is as good as M − m, which no rise exceeds.
"""

from functools import cache

from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import FALSE, between, either, every, implies, maximum, reals, truths

v, s, low, high, rise, from_p, from_q, to_q = reals("v_j s_j low high r(z,z_j) r(p,z_j) r(q,z_j) r(p,q)")
g, g_p, g_q = reals("g(z) g(p) g(q)")
here, seen = truths("here seen")


@cache
def sound() -> Verdict:
    """Return that no member lies beyond the ends."""
    f_x, f_z, there, back = reals("f(x) f(z_j) r(z_j,x) r(x,z_j)")
    given: dict[str, Hypothesis] = {
        "f(x) − f(z_j) ≤ r(z_j,x)": f_x - f_z <= there,
        "f(z_j) − f(x) ≤ r(x,z_j)": f_z - f_x <= back,
        "|f(z_j) − v_j| ≤ s_j": between(v - s, f_z, v + s),
    }
    return prove("v_j − s_j − r(x,z_j) ≤ f(x) ≤ v_j + s_j + r(z_j,x)", between(v - s - back, f_x, v + s + there),
                 given=given)  # fmt: skip


@cache
def needed() -> Verdict:
    """Return that values without the condition belong to no member."""
    f_i, f_j, v_i, s_i, most = reals("f(z_i) f(z_j) v_i s_i r(z_j,z_i)")
    given: dict[str, Hypothesis] = {
        "f(z_i) − f(z_j) ≤ r(z_j,z_i)": f_i - f_j <= most,
        "|f(z_i) − v_i| ≤ s_i": between(v_i - s_i, f_i, v_i + s_i),
        "|f(z_j) − v_j| ≤ s_j": between(v - s, f_j, v + s),
    }
    return prove("v_i − s_i − (v_j + s_j) ≤ r(z_j,z_i) is needed", v_i - s_i - (v + s) <= most, given=given)


@cache
def extension() -> list[Verdict]:
    """Return that max(m, max_j v_j − s_j − r(z,z_j)) is a member with all that is known, x among the z_j with s = 0."""
    step = (maximum(g_p, v - s - from_p), maximum(g_q, v - s - from_q))
    two = Fold("the least member at p and q", (m, to_q), (v, s, from_p, from_q), (g_p, g_q), (m, m), step,
               from_p <= to_q + from_q)  # fmt: skip
    fits = every(v - s - rise <= high, implies(here, every(v - s == low, rise == 0)))
    one = Fold("the least member at z_c", (m, low, high), (v, s, rise, here), (g, seen), (m, FALSE),
               (maximum(g, v - s - rise), either(seen, here)), fits)  # fmt: skip
    inside = Fold("the least member at any z", (m, M), (v, s, rise), (g,), (m,), (maximum(g, v - s - rise),),
                  every(v - s <= M, rise >= 0))  # fmt: skip
    return [
        induct("the least member rises by r(p,q) at most from p to q", two, g_q - g_p <= to_q,
               given={"r(p,q) ≥ 0": to_q >= 0}),
        induct("it takes a value of [v_c − s_c, v_c + s_c] at z_c", one, every(g <= high, implies(seen, g >= low)),
               given={"m ≤ v_c + s_c": m <= high}),
        induct("it stays in [m, M]", inside, between(m, g, M), given={"m ≤ M": m <= M}),
    ]  # fmt: skip


@cache
def every_value() -> Verdict:
    """Return that x with a value of the interval joins the exemplars: it contradicts none of them."""
    value, there, back = reals("v r(z_j,x) r(x,z_j)")
    given: dict[str, Hypothesis] = {"v is in the interval": between(v - s - back, value, v + s + there)}
    claim = every(value - (v + s) <= there, v - s - value <= back)
    return prove("x with any value of the interval is no contradiction", claim, given=given)


@proof_of("noisy-exemplars")
def noisy() -> Proof:
    """Prove the interval that exemplars with errors leave."""
    (rises, taken, stays) = extension()
    first = sound()
    mutants = [
        mutant(first, "|f(z_j) − v_j| ≤ s_j dropped", without=["|f(z_j) − v_j| ≤ s_j"], small=every(s == 0, v == 0)),
        mutant(taken, "m ≤ v_c + s_c dropped", without=["m ≤ v_c + s_c"]),
        mutant(rises, "r(p,q) ≥ 0 dropped", without=["r(p,q) ≥ 0"]),
    ]
    return Proof([first, needed(), rises, taken, stays, every_value()], mutants)
