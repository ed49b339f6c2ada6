"""Small Lipschitz constants, the exception: where exactly a visualization helps, and where it tells everything."""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.lipschitz import L, highest, lowest
from fvproof.verify.proofs.notation import UNIT, M, a, b, differ, m, x
from fvproof.verify.proofs.spikes import distance, metric
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import Claim, Point, between, either, every, iff, minimum, points, reals

(s,) = points("s")
reach, share = reals("R s")
VARIES: dict[str, Hypothesis] = {"m < M": m < M}
STEEP: dict[str, Hypothesis] = {"L > 0": L > 0}


def near(at: Point) -> Claim:
    """Return the claim that min(‖x−a‖, ‖x−b‖) < (M−m)/L."""
    return minimum(distance(at, a), distance(at, b)) < (M - m) / L


def beaten(at: Point) -> Claim:
    """Return the claim that the radius is below (M−m)/2: some decoder beats the uninformed one."""
    return highest(at) - lowest(at) < M - m


@cache
def where() -> Verdict:
    """Return where a decoder beats the uninformed one: in the two balls of radius (M−m)/L around a and b."""
    two_balls = either(distance(x, a) < (M - m) / L, distance(x, b) < (M - m) / L)
    claim = every(iff(beaten(x), near(x)), iff(near(x), two_balls))
    return prove("the uninformed decoder is beaten iff min(‖x−a‖, ‖x−b‖) < (M−m)/L", claim, given=STEEP)


def everywhere() -> list[Verdict]:
    """Return when this holds on all of I: iff L·R < M−m, R the largest value of min(‖x−a‖, ‖x−b‖), taken at s."""
    far = minimum(distance(s, a), distance(s, b))
    inside: dict[str, Hypothesis] = {"min(‖x−a‖, ‖x−b‖) ≤ R": minimum(distance(x, a), distance(x, b)) <= reach}
    enough = prove("L·R < M−m suffices everywhere", near(x), given={**inside, **STEEP, "L·R < M−m": L * reach < M - m})
    attained: dict[str, Hypothesis] = {"R = min(‖s−a‖, ‖s−b‖)": reach == far, "it is beaten at s": near(s), **STEEP}
    return [enough, prove("L·R < M−m is needed", L * reach < M - m, given=attained)]


@cache
def exactly() -> Verdict:
    """Return where f is known exactly, off a and b: where the way over x is as short as L allows."""
    known = lowest(x) == highest(x)
    as_short = L * (distance(x, a) + distance(x, b)) == M - m
    given = {**VARIES, "x ≠ a": differ(x, a), "x ≠ b": differ(x, b)}
    return prove("f(x) is known iff L·(‖x−a‖ + ‖x−b‖) = M−m", iff(known, as_short), given=given, by=[metric(a, b, x)])


@cache
def only_the_smallest() -> Verdict:
    """Return that this needs the smallest feasible L, (M−m)/‖a−b‖, and x between a and b."""
    length, way = distance(a, b), distance(x, a) + distance(x, b)
    between_them = every(L * length == M - m, way == length)
    given = {**STEEP, "M−m ≤ L·‖a−b‖": M - m <= L * length}
    shorter = at(factors_keep_order(), {less: length, more: way, factor: L})
    return prove("that is iff L = (M−m)/‖a−b‖ and x lies between a and b", iff(L * way == M - m, between_them),
                 given=given, by=[metric(a, b, x), shorter])  # fmt: skip


@cache
def on_the_segment() -> Verdict:
    """Return that for the smallest feasible L, (M−m)/‖a−b‖, f is affine on the segment ab."""
    length = distance(a, b)
    given: dict[str, Hypothesis] = {
        "L = (M−m)/‖a−b‖": L * length == M - m,
        "‖x−a‖ = s·‖a−b‖": distance(x, a) == share * length,
        "‖x−b‖ = (1−s)·‖a−b‖": distance(x, b) == (1 - share) * length,
        "0 ≤ s ≤ 1": between(0, share, 1),
        "m ≤ M": m <= M,
    }
    value = m + share * (M - m)
    return prove("f = m + s·(M−m) on the segment ab", every(lowest(x) == value, highest(x) == value), given=given)


@proof_of("small-lipschitz-constants")
def small_constants() -> Proof:
    """Prove the exact conditions."""
    place, known, line = where(), exactly(), on_the_segment()
    only = only_the_smallest()
    mutants = [
        mutant(place, "L > 0 dropped", without=["L > 0"], small=every(distance(x, a) == 1, distance(x, b) == 1)),
        mutant(known, "x ≠ a dropped", without=["x ≠ a"], small=UNIT),
        mutant(only, "L > 0 dropped", without=["L > 0"], small=every(m == 0, M == 0)),
        mutant(line, "L = (M−m)/‖a−b‖ dropped", without=["L = (M−m)/‖a−b‖"], small=UNIT),
    ]
    return Proof([place, *everywhere(), known, only, line], mutants)
