"""L-Lipschitz functions, L known: the McShane–Whitney extensions are the ends of what is possible.

The distance is abstract: only the axioms of a distance are used, so every norm and every d is covered.
"""

from functools import cache

from fvproof.verify.proofs.black_box import feasible as differing_extrema
from fvproof.verify.proofs.black_box import sound as anything_in_range
from fvproof.verify.proofs.memorising import network_is_lipschitz
from fvproof.verify.proofs.mixing import SHARE, constants_have_phi, mix, mixtures_attain, mixtures_have_phi, share
from fvproof.verify.proofs.notation import UNIT, M, a, b, m, visualized, x, z
from fvproof.verify.proofs.spikes import (
    distance,
    extrema_are_unique,
    metric,
    no_go,
    sharpness,
    spikes_are_lipschitz,
    three_spikes,
)
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Number,
    Point,
    absolute,
    between,
    every,
    function,
    maximum,
    minimum,
    points,
    reals,
)

(L,) = reals("L")
f = function("f", 1)
q, r = points("q r")
FEASIBLE: dict[str, Hypothesis] = {"M−m ≤ L·‖a−b‖": M - m <= L * distance(a, b)}
STEEP: dict[str, Hypothesis] = {"L ≥ 0": L >= 0}
ORDERED: dict[str, Hypothesis] = {"m ≤ M": m <= M}


def lowest(at: Point) -> Number:
    """Return the lower extension max(m, M − L‖z−b‖)."""
    return maximum(m, M - L * distance(at, b))


def highest(at: Point) -> Number:
    """Return the upper extension min(M, m + L‖z−a‖)."""
    return minimum(M, m + L * distance(at, a))


def lipschitz(first: Number, second: Number, near: Number) -> Number:
    """Return the claim |first − second| ≤ L·near."""
    return absolute(first - second) <= L * near


@cache
def sound() -> Verdict:
    """Return that every member's value lies between the two extensions."""
    given: dict[str, Hypothesis] = {
        "|f(x)−f(a)| ≤ L·‖x−a‖": lipschitz(f(x), f(a), distance(x, a)),
        "|f(x)−f(b)| ≤ L·‖x−b‖": lipschitz(f(x), f(b), distance(x, b)),
        "f(a) = m": f(a) == m,
        "f(b) = M": f(b) == M,
        "m ≤ f(x) ≤ M": between(m, f(x), M),
    }
    return prove("f(x) lies between the extensions", between(lowest(x), f(x), highest(x)), given=given)


@cache
def extension(name: str) -> tuple[Verdict, Verdict]:
    """Return that an extension is L-Lipschitz, and that it has φ."""
    extend, centre = (lowest, b) if name == "lower" else (highest, a)
    member = prove(
        f"the {name} extension is L-Lipschitz",
        lipschitz(extend(q), extend(r), distance(q, r)),
        given=STEEP,
        by=[metric(q, r, centre)],
    )
    given = {**STEEP, **FEASIBLE, **ORDERED}
    return member, prove(f"the {name} extension has φ", visualized(extend), given=given, by=[metric(a, b, z)])


@cache
def mixture() -> Verdict:
    """Return that mixtures of L-Lipschitz functions are L-Lipschitz."""
    f_q, f_r, g_q, g_r, bound = reals("low(q) low(r) high(q) high(r) L·‖q−r‖")
    given = {
        **SHARE,
        "low is L-Lipschitz": absolute(f_q - f_r) <= bound,
        "high is L-Lipschitz": absolute(g_q - g_r) <= bound,
    }
    claim = absolute(mix(share, f_q, g_q) - mix(share, f_r, g_r)) <= bound
    return prove("mixtures are L-Lipschitz", claim, given=given)


@proof_of("lipschitz")
def lipschitz_known() -> Proof:
    """Prove the row."""
    bounds = sound()
    (lower, low_phi), (upper, high_phi) = extension("lower"), extension("upper")
    given = {
        "|f(b)−f(a)| ≤ L·‖a−b‖": lipschitz(f(b), f(a), distance(a, b)),
        "f(a) = m": f(a) == m,
        "f(b) = M": f(b) == M,
    }
    feasible = prove("M−m ≤ L·‖a−b‖ is needed", M - m <= L * distance(a, b), given=given)
    ordered = prove(
        "the interval is not empty",
        lowest(x) <= highest(x),
        given={**STEEP, **FEASIBLE, **ORDERED},
        by=[metric(a, b, x)],
    )
    steps = [
        bounds,
        lower,
        low_phi,
        upper,
        high_phi,
        ordered,
        mixture(),
        mixtures_attain(),
        mixtures_have_phi(),
        feasible,
    ]
    steep = every(UNIT, L == 1)
    tighter = between(lowest(x), f(x), minimum(M, m + L * distance(x, a) * 9 / 10))
    mutants = [
        mutant(bounds, "m + L‖x−a‖ replaced by m + 0.9·L‖x−a‖", claim=tighter, small=steep),
        mutant(low_phi, "M−m ≤ L·‖a−b‖ dropped", without=["M−m ≤ L·‖a−b‖"], small=steep),
        mutant(bounds, "f(b) = M dropped", without=["f(b) = M"], small=steep),
        mutant(upper, "L ≥ 0 dropped", without=["L ≥ 0"], small=UNIT),
    ]
    return Proof(steps, mutants)


@proof_of("lipschitz-unknown")
def lipschitz_unknown() -> Proof:
    """Prove the row: the three-spike network is Lipschitz for some constant."""
    tight, constant = three_spikes(), network_is_lipschitz()
    steps = [
        anything_in_range(),
        differing_extrema(),
        tight,
        sharpness(),
        constants_have_phi(),
        extrema_are_unique(),
        spikes_are_lipschitz(),
        constant,
        no_go(),
    ]
    total, k, near = reals("L k ‖p−q‖")
    f_p, f_q = reals("f(p) f(q)")
    mutants = [
        mutant(tight, "k·‖a−b‖ ≥ 2 dropped", without=["k·‖a−b‖ ≥ 2"], small=UNIT),
        mutant(
            constant,
            "L replaced by 0.9·L",
            claim=absolute(f_p - f_q) * 10 <= total * near * 9,
            small=every(k == 1, near == 1),
        ),
    ]
    return Proof(steps, mutants)
