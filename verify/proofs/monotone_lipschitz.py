"""Functions that are monotone and L-Lipschitz: the Lipschitz row with the length of the climb for the distance.

climb(p, q) = ‖(q−p)⁺‖ is abstract: 0 where q ≤ p, with the triangle inequality, and never above ‖q−p‖.
"""

from functools import cache

from fvproof.verify.proofs.mixing import SHARE, mix, mixtures_attain, mixtures_have_phi, share
from fvproof.verify.proofs.notation import UNIT, M, a, b, m, visualized, x, z
from fvproof.verify.proofs.spikes import distance
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Number,
    Point,
    between,
    every,
    function,
    iff,
    maximum,
    minimum,
    points,
    reals,
    relation,
)

climb = function("‖(·↗·)⁺‖", 2)
below = relation("·≤·", 2)
f = function("f", 1)
p, q, r, s = points("p q r s")
(L,) = reals("L")
CLIMB = Assumption(
    "climb",
    "‖(q−p)⁺‖ ≥ 0 has the triangle inequality, is 0 iff q ≤ p, at most ‖q−p‖ (see `distances`)",
    every(
        climb(p, q) >= 0,
        climb(p, q) <= distance(p, q),
        iff(climb(p, q) == 0, below(q, p)),
        distance(p, q) == distance(q, p),
        below(p, p),
        distance(p, p) == 0,
        climb(p, q) <= climb(p, r) + climb(r, q),
    ),
)
STEEP: dict[str, Hypothesis] = {"L ≥ 0": L >= 0}
ORDERED: dict[str, Hypothesis] = {"m ≤ M": m <= M}
FEASIBLE: dict[str, Hypothesis] = {"M−m ≤ L·‖(b−a)⁺‖": M - m <= L * climb(a, b)}


def climbs(*among: Point) -> Assumed:
    """Return the axioms of climbs among the given points."""
    pairs = [(t, u) for t in among for u in among]
    shorter = [every(climb(t, u) >= 0, climb(t, u) <= distance(t, u)) for t, u in pairs]
    sizes = [*shorter, *(iff(climb(t, u) == 0, below(u, t)) for t, u in pairs)]
    symmetric = [distance(t, u) == distance(u, t) for t, u in pairs]
    reflexive = [every(below(t, t), distance(t, t) == 0) for t in among]
    triangle = [climb(t, u) <= climb(t, w) + climb(w, u) for t, u in pairs for w in among]
    return Assumed(CLIMB, every(*sizes, *symmetric, *reflexive, *triangle))


def lowest(at: Point) -> Number:
    """Return the lower extension max(m, M − L‖(b−z)⁺‖)."""
    return maximum(m, M - L * climb(at, b))


def highest(at: Point) -> Number:
    """Return the upper extension min(M, m + L‖(z−a)⁺‖)."""
    return minimum(M, m + L * climb(a, at))


@cache
def one_condition() -> list[Verdict]:
    """Return that monotone and L-Lipschitz mean one thing together: f(r) − f(q) ≤ L·‖(r−q)⁺‖ for all q and r.

    One way, climb from q to the join q∨r, which lies above r: ‖(q∨r)−q‖ = ‖(r−q)⁺‖, coordinate by coordinate.
    """
    gain = f(r) - f(q) <= L * climb(q, r)
    rises = {"f(r) ≤ f(q∨r)": f(r) <= f(s), "f(q∨r) − f(q) ≤ L·‖(q∨r)−q‖": f(s) - f(q) <= L * distance(q, s)}
    climbed: dict[str, Hypothesis] = {**rises, "‖(q∨r)−q‖ = ‖(r−q)⁺‖": distance(q, s) == climb(q, r)}
    back: dict[str, Hypothesis] = {"f(r) − f(q) ≤ L·‖(r−q)⁺‖": gain}
    q_i, r_i = reals("q_i r_i")
    higher = maximum(q_i, r_i)
    near, climbed_to = {**back, **STEEP}, {**back, "r ≤ q": below(r, q)}
    return [
        prove("(q∨r)−q = (r−q)⁺, coordinate by coordinate", higher - q_i == maximum(r_i - q_i, 0)),
        prove("monotone and L-Lipschitz gives the condition", gain, given=climbed),
        prove(
            "the condition gives L-Lipschitz",
            f(r) - f(q) <= L * distance(q, r),
            given=near,
            by=[climbs(q, r)],
        ),
        prove("the condition gives monotone", f(r) <= f(q), given=climbed_to, by=[climbs(q, r)]),
    ]


@cache
def sound() -> Verdict:
    """Return that every member's value lies between the two extensions."""
    given: dict[str, Hypothesis] = {
        "f(x)−f(a) ≤ L·‖(x−a)⁺‖": f(x) - f(a) <= L * climb(a, x),
        "f(b)−f(x) ≤ L·‖(b−x)⁺‖": f(b) - f(x) <= L * climb(x, b),
        "f(a) = m": f(a) == m,
        "f(b) = M": f(b) == M,
        "m ≤ f(x) ≤ M": between(m, f(x), M),
    }
    return prove("f(x) lies between the extensions", between(lowest(x), f(x), highest(x)), given=given)


@cache
def extension(name: str) -> tuple[Verdict, Verdict]:
    """Return that an extension meets the condition, and that it has φ."""
    extend, centre = (lowest, b) if name == "lower" else (highest, a)
    member = extend(r) - extend(q) <= L * climb(q, r)
    given = {**STEEP, **FEASIBLE, **ORDERED}
    return (
        prove(f"the {name} extension is monotone and L-Lipschitz", member, given=STEEP, by=[climbs(q, r, centre)]),
        prove(f"the {name} extension has φ", visualized(extend), given=given, by=[climbs(a, b, z)]),
    )


def mixture() -> Verdict:
    """Return that mixtures of members are members."""
    f_q, f_r, g_q, g_r, bound = reals("low(q) low(r) high(q) high(r) L·‖(r−q)⁺‖")
    given = {**SHARE, "low is a member": f_r - f_q <= bound, "high is a member": g_r - g_q <= bound}
    claim = mix(share, f_r, g_r) - mix(share, f_q, g_q) <= bound
    return prove("mixtures are members", claim, given=given)


@proof_of("monotone-lipschitz")
def monotone_lipschitz() -> Proof:
    """Prove the row."""
    bounds, (lower, low_phi), (upper, high_phi) = sound(), extension("lower"), extension("upper")
    given = {"f(b)−f(a) ≤ L·‖(b−a)⁺‖": f(b) - f(a) <= L * climb(a, b), "f(a) = m": f(a) == m, "f(b) = M": f(b) == M}
    feasible = prove("M−m ≤ L·‖(b−a)⁺‖ is needed", M - m <= L * climb(a, b), given=given)
    nonempty = {**STEEP, **FEASIBLE, **ORDERED}
    ordered = prove("the interval is not empty", lowest(x) <= highest(x), given=nonempty, by=[climbs(a, b, x)])
    fills = [ordered, mixture(), mixtures_attain(), mixtures_have_phi()]
    steps = [*one_condition(), bounds, lower, low_phi, upper, high_phi, *fills, feasible]
    tighter = f(x) <= minimum(M, m + L * climb(a, x) * 9 / 10)
    steep = every(UNIT, L == 1)
    mutants = [
        mutant(bounds, "m + L‖(x−a)⁺‖ replaced by m + 0.9·L‖(x−a)⁺‖", claim=tighter, small=steep),
        mutant(low_phi, "M−m ≤ L·‖(b−a)⁺‖ dropped", without=["M−m ≤ L·‖(b−a)⁺‖"], small=steep),
        mutant(upper, "L ≥ 0 dropped", without=["L ≥ 0"], small=UNIT),
    ]
    return Proof(steps, mutants)
