"""Monotone functions: forced below a and above b, free everywhere else.

The order is abstract in the first witnesses, and the coordinatewise order of the cube in the continuous ones.
"""

from functools import cache

from fvproof.verify.proofs.continuous import lipschitz_functions_are_continuous
from fvproof.verify.proofs.lipschitz import mixture as lipschitz_mixture
from fvproof.verify.proofs.mixing import (
    SHARE,
    constants_have_phi,
    mix,
    mixtures_attain,
    mixtures_have_phi,
    rescaled,
    share,
)
from fvproof.verify.proofs.notation import UNIT, M, a, b, m, twins_defeat_decoders, visualized, x
from fvproof.verify.proofs.ramps import ramps_are_continuous_members, ramps_have_phi, ramps_rise
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Number,
    Point,
    choose,
    either,
    every,
    function,
    implies,
    no,
    points,
    reals,
    relation,
)

below = relation("·≤·", 2)
f = function("f", 1)
p, q, r = points("p q r")
ORDER = Assumption(
    "order",
    "≤ is reflexive, transitive and antisymmetric, as the coordinatewise order is",
    every(
        below(p, p),
        implies(every(below(p, q), below(q, r)), below(p, r)),
        implies(every(below(p, q), below(q, p)), p == q),
    ),
)
FREE: dict[str, Hypothesis] = {"not a ≥ b": no(below(b, a)), "not x ≤ a": no(below(x, a)), "not x ≥ b": no(below(b, x))}


def order(*among: Point) -> Assumed:
    """Return the axioms of the order among the given points."""
    transitive = [implies(every(below(s, t), below(t, u)), below(s, u)) for s in among for t in among for u in among]
    return Assumed(ORDER, every(*(below(s, s) for s in among), *transitive))


def antisymmetric(*pairs: tuple[Point, Point]) -> Assumed:
    """Return the axiom that makes the order one of points, for the given pairs."""
    return Assumed(ORDER, every(*(implies(every(below(s, t), below(t, s)), s == t) for s, t in pairs)))


def highest(at: Point) -> Number:
    """Return the witness that is M above x and above b, and m elsewhere."""
    return choose(either(below(x, at), below(b, at)), M, m)


def lowest(at: Point) -> Number:
    """Return the witness that is m below x and below a, and M elsewhere."""
    return choose(either(below(at, x), below(at, a)), m, M)


@cache
def sound() -> list[Verdict]:
    """Return what is forced: m below a, M above b."""
    values = {"f(a) = m": f(a) == m, "f(b) = M": f(b) == M}
    low = {"m ≤ f(x)": m <= f(x), "x ≤ a ⇒ f(x) ≤ f(a)": implies(below(x, a), f(x) <= f(a)), "x ≤ a": below(x, a)}
    high = {"f(x) ≤ M": f(x) <= M, "b ≤ x ⇒ f(b) ≤ f(x)": implies(below(b, x), f(b) <= f(x)), "x ≥ b": below(b, x)}
    needed = {"b ≤ a ⇒ f(b) ≤ f(a)": implies(below(b, a), f(b) <= f(a)), "m < M": m < M}
    return [
        prove("x ≤ a forces f(x) = m", f(x) == m, given={"f(a) = m": values["f(a) = m"], **low}),
        prove("x ≥ b forces f(x) = M", f(x) == M, given={"f(b) = M": values["f(b) = M"], **high}),
        prove("not a ≥ b is needed", no(below(b, a)), given={**values, **needed}),
    ]


def witnesses() -> list[Verdict]:
    """Return that both witnesses are monotone and have φ, with the values M and m at x."""
    ordered = {"m ≤ M": m <= M}
    proofs = []
    for name, g, end, among in (("highest", highest, M, (x, b)), ("lowest", lowest, m, (x, a))):
        rises = implies(below(q, r), g(q) <= g(r))
        needed = ("not a ≥ b", "not x ≤ a") if name == "highest" else ("not a ≥ b", "not x ≥ b")
        given = {**ordered, **{key: FREE[key] for key in needed}}
        has_phi = every(visualized(g), g(x) == end)
        proofs.append(prove(f"the {name} witness is monotone", rises, given=ordered, by=[order(q, r, *among)]))
        proofs.append(
            prove(f"the {name} witness has φ and the value {end} at x", has_phi, given=given, by=[order(a, b, x)])
        )
    return proofs


def mixture() -> Verdict:
    """Return that mixtures of monotone functions are monotone."""
    f_q, f_r, g_q, g_r = reals("low(q) low(r) high(q) high(r)")
    given = {**SHARE, "low rises": f_q <= f_r, "high rises": g_q <= g_r}
    return prove("mixtures are monotone", mix(share, f_q, g_q) <= mix(share, f_r, g_r), given=given)


@proof_of("monotone")
def monotone() -> Proof:
    """Prove the row."""
    forced, built = sound(), witnesses()
    defeat = twins_defeat_decoders(lowest(x), highest(x), {}, [order(a, b, x)])
    without_jumps = [*ramps_rise(), *ramps_have_phi(), *ramps_are_continuous_members()]
    fills = [mixture(), mixtures_attain(), mixtures_have_phi(), constants_have_phi()]
    bridge = [rescaled(), lipschitz_mixture(), lipschitz_functions_are_continuous()]
    steps = [*forced, *built, *fills, *without_jumps, *bridge, defeat]
    high, low = ramps_have_phi()
    mutants = [
        mutant(forced[0], "x ≤ a dropped", without=["x ≤ a"], small=UNIT),
        mutant(built[1], "not x ≤ a dropped", without=["not x ≤ a"], small=UNIT),
        mutant(built[3], "not a ≥ b dropped", without=["not a ≥ b"], small=UNIT),
        mutant(high, "not x ≤ a dropped, for the ramps", without=["not x ≤ a"]),
        mutant(low, "not b ≤ a dropped, for the ramps", without=["not b ≤ a"]),
    ]
    return Proof(steps, mutants)
