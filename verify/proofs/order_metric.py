"""The order task for Lipschitz functions, from the set of values that f can take at x and y together."""

from fvproof.verify.proofs import lipschitz as rows
from fvproof.verify.proofs import monotone_lipschitz as climbing
from fvproof.verify.proofs.lipschitz import FEASIBLE, STEEP, L
from fvproof.verify.proofs.monotone_lipschitz import climb, climbs
from fvproof.verify.proofs.notation import UNIT, a, b, visualized, x, y, z
from fvproof.verify.proofs.spikes import distance, metric
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import Number, Point, absolute, between, differ, every, maximum, minimum, no, reals

s, t = reals("s t")


def extension(point: Point) -> Number:
    """Return the lower extension from four values: m at a, M at b, s at x, t at y."""
    return maximum(rows.lowest(point), s - L * distance(point, x), t - L * distance(point, y))


def joint() -> list[Verdict]:
    """Return that (f(x), f(y)) takes all values s ∈ A(x), t ∈ A(y) with |s−t| ≤ L·‖x−y‖."""
    given: dict[str, Hypothesis] = {
        **STEEP,
        **FEASIBLE,
        "s ∈ A(x)": between(rows.lowest(x), s, rows.highest(x)),
        "t ∈ A(y)": between(rows.lowest(y), t, rows.highest(y)),
        "|s−t| ≤ L·‖x−y‖": absolute(s - t) <= L * distance(x, y),
    }
    values = every(visualized(extension), extension(x) == s, extension(y) == t)
    q, r = rows.q, rows.r
    member = rows.lipschitz(extension(q), extension(r), distance(q, r))
    return [
        prove("the extension has φ, s at x and t at y", values, given=given, by=[metric(a, b, x, y, z)]),
        prove("the extension is L-Lipschitz", member, given=STEEP, by=[metric(q, r, b, x, y)]),
    ]


@proof_of("order-lipschitz")
def lipschitz() -> Proof:
    """Prove that f(x) ≤ f(y) for every member iff the largest value at x is at most the least at y."""
    f_x, f_y = reals("f(x) f(y)")
    known: dict[str, Hypothesis] = {
        "f(x) ≤ high(x)": f_x <= rows.highest(x),
        "low(y) ≤ f(y)": rows.lowest(y) <= f_y,
        "high(x) ≤ low(y)": rows.highest(x) <= rows.lowest(y),
    }
    solved = prove("f(x) ≤ f(y)", f_x <= f_y, given=known)
    low, high = rows.lowest(y), minimum(rows.highest(x), rows.lowest(y) + L * distance(x, y))
    given: dict[str, Hypothesis] = {
        **FEASIBLE,
        "x ≠ y": differ(x, y),
        "high(x) > low(y)": rows.highest(x) > rows.lowest(y),
    }
    possible = every(
        high > low,
        between(rows.lowest(x), high, rows.highest(x)),
        between(rows.lowest(y), low, rows.highest(y)),
        absolute(high - low) <= L * distance(x, y),
    )
    unsolved = prove("else s > t is among the joint values", possible, given=given, by=[metric(a, b, x, y)])
    values, member = joint()
    mutants = [
        mutant(solved, "high(x) ≤ low(y) dropped", without=["high(x) ≤ low(y)"], small=every(UNIT, L == 1)),
        mutant(unsolved, "x ≠ y dropped", without=["x ≠ y"], small=every(UNIT, L == 1)),
        mutant(values, "|s−t| ≤ L·‖x−y‖ dropped", without=["|s−t| ≤ L·‖x−y‖"], small=every(UNIT, L == 1)),
    ]
    return Proof([values, member, solved, unsolved], mutants)


def climbing_extension(point: Point) -> Number:
    """Return the lower extension from four values, with climbs for distances."""
    return maximum(climbing.lowest(point), s - L * climb(point, x), t - L * climb(point, y))


@proof_of("order-monotone-lipschitz")
def monotone_lipschitz() -> Proof:
    """Prove that f(x) ≤ f(y) for every member iff x ≤ y or the largest value at x is at most the least at y."""
    f_x, f_y = reals("f(x) f(y)")
    rises: dict[str, Hypothesis] = {
        "x ≤ y": climbing.below(x, y),
        "f(x) − f(y) ≤ L·‖(x−y)⁺‖": f_x - f_y <= L * climb(y, x),
    }
    solved = prove("x ≤ y gives f(x) ≤ f(y)", f_x <= f_y, given=rises, by=[climbs(x, y)])
    apart: dict[str, Hypothesis] = {
        "f(x) ≤ high(x)": f_x <= climbing.highest(x),
        "low(y) ≤ f(y)": climbing.lowest(y) <= f_y,
        "high(x) ≤ low(y)": climbing.highest(x) <= climbing.lowest(y),
    }
    below_it = prove("high(x) ≤ low(y) gives f(x) ≤ f(y)", f_x <= f_y, given=apart)
    low, high = climbing.lowest(y), minimum(climbing.highest(x), climbing.lowest(y) + L * climb(y, x))
    feasible = climbing.FEASIBLE
    unordered: dict[str, Hypothesis] = {
        **feasible,
        "not x ≤ y": no(climbing.below(x, y)),
        "high(x) > low(y)": climbing.highest(x) > climbing.lowest(y),
    }
    possible = every(
        high > low,
        between(climbing.lowest(x), high, climbing.highest(x)),
        between(climbing.lowest(y), low, climbing.highest(y)),
        every(high - low <= L * climb(y, x), low - high <= L * climb(x, y)),
    )
    unsolved = prove("else s > t is among the joint values", possible, given=unordered, by=[climbs(a, b, x, y)])
    given: dict[str, Hypothesis] = {
        **STEEP,
        **feasible,
        "s ∈ A(x)": between(climbing.lowest(x), s, climbing.highest(x)),
        "t ∈ A(y)": between(climbing.lowest(y), t, climbing.highest(y)),
        "s − t ≤ L·‖(x−y)⁺‖": s - t <= L * climb(y, x),
        "t − s ≤ L·‖(y−x)⁺‖": t - s <= L * climb(x, y),
    }
    values = every(visualized(climbing_extension), climbing_extension(x) == s, climbing_extension(y) == t)
    q, r = climbing.q, climbing.r
    member = climbing_extension(r) - climbing_extension(q) <= L * climb(q, r)
    joint_values = prove("the extension has φ, s at x and t at y", values, given=given, by=[climbs(a, b, x, y, z)])
    belongs = prove("the extension is a member", member, given=STEEP, by=[climbs(q, r, b, x, y)])
    mutants = [
        mutant(unsolved, "not x ≤ y dropped", without=["not x ≤ y"], small=every(UNIT, L == 1)),
        mutant(joint_values, "s − t ≤ L·‖(x−y)⁺‖ dropped", without=["s − t ≤ L·‖(x−y)⁺‖"], small=every(UNIT, L == 1)),
    ]
    return Proof([solved, below_it, joint_values, belongs, unsolved], mutants)
