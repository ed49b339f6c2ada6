"""Networks of one hidden layer that take n values at n points with n ReLUs, and what three of them leave open.

Along a direction w in which the points lie at different places t_1 < … < t_n, a broken line through the values,
constant before t_1 and after t_n, is a network of one hidden layer: f(z) = v_1 + Σ_j (s_j − s_{j−1})·ReLU(⟨w,z⟩ − t_j),
where s_j is the slope between t_j and t_{j+1}, and s_0 = s_n = 0. It is built up here piece by piece.
"""

from functools import cache
from itertools import permutations

from fvproof.verify.proofs.notation import HALF, SPREAD, UNIT, M, m, p, twins_defeat_decoders, v
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Support, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    Number,
    absolute,
    between,
    choose,
    either,
    every,
    implies,
    maximum,
    minimum,
    number,
    reals,
    relu,
    truths,
)

t, lowest, highest, first, level = reals("t lowest highest t_1 v_1")
end, height, slope, run = reals("e h s r")
f, knot, last = reals("f(t) t_j v_j")
RAMP = slope * run
LINKS = every(end > knot, run == relu(t - knot) - relu(t - end), slope * (end - knot) == height - last)
width, rise = reals("width rise")


@cache
def ramps() -> Verdict:
    """Return that a share of a run gives as much of its rise: a ramp lies between its ends."""
    lies = between(minimum(0, rise), slope * run, maximum(0, rise))
    ends = every(implies(run == 0, slope * run == 0), implies(run == width, slope * run == rise))
    given: dict[str, Hypothesis] = {"0 ≤ r ≤ width": between(0, run, width), "s·width = rise": slope * width == rise}
    return prove("a ramp lies between its ends", every(lies, ends), given=given)


def on_a_ramp() -> Support:
    """Return what is known of the piece from t_j to the next place."""
    return at(ramps(), {width: end - knot, rise: height - last})


AT_ANY_PLACE = Fold(
    "the broken line at any place t",
    (t, first, level, lowest, highest),
    (end, height, slope, run),
    (f, knot, last),
    (level, first, level),
    (f + RAMP, end, height),
    every(LINKS, between(lowest, height, highest)),
)
"""The line through (t_1, v_1), …, (t_j, v_j), constant beyond, one more piece at a time."""

target = reals("target")[0]
here, begins, seen = truths("here begins seen")

AT_A_POINT = Fold(
    "the broken line at the place t of a point",
    (t, first, level, target, begins),
    (end, height, slope, run, here),
    (f, knot, last, seen),
    (level, first, level, begins),
    (f + RAMP, end, height, either(seen, here)),
    every(LINKS, implies(here, every(end == t, height == target))),
)
"""The same at the place of one of the points, and whether that one has been passed."""


@cache
def stays_between() -> Verdict:
    """Return that the broken line stays between the least and the greatest value, everywhere."""
    beyond = implies(t >= knot, f == last)
    invariant = every(between(lowest, f, highest), between(lowest, last, highest), beyond)
    given: dict[str, Hypothesis] = {"lowest ≤ v_1 ≤ highest": between(lowest, level, highest)}
    return induct("the line stays between the least and the greatest value", AT_ANY_PLACE, invariant, given=given,
                  by=[on_a_ramp()])  # fmt: skip


@cache
def takes_the_values() -> Verdict:
    """Return that the broken line takes every point's value at its place."""
    invariant = every(implies(t >= knot, f == last), implies(seen, every(f == target, t <= knot)))
    given: dict[str, Hypothesis] = {
        "if t = t_1, then v_1 is the value": implies(begins, every(t == first, level == target))
    }
    return induct("the line takes the value of every point", AT_A_POINT, invariant, given=given, by=[on_a_ramp()])


@cache
def one_unit_for_each_point() -> Verdict:
    """Return that the pieces are a sum of one ReLU for each point, as the slopes before and after it differ."""
    units, before = reals("units s_before")
    fold = Fold(
        "one ReLU for each point",
        (t, first, level),
        (end, slope, run),
        (f, units, before, knot),
        (level, level, number(0), first),
        (f + RAMP, units + (slope - before) * relu(t - knot), slope, end),
        run == relu(t - knot) - relu(t - end),
    )
    claim = f == units - before * relu(t - knot)
    return induct("n ReLUs of one layer compute it, with the change of slope at each point", fold, claim)


@cache
def weights_keep_apart() -> Verdict:
    """Return that large enough weights keep two different points apart: ⟨w, p − q⟩ ≠ 0."""
    gap, weight, inner = reals("δ w ⟨w,p−q⟩")
    differ = truths("differ")[0]
    fold = Fold(
        "⟨w, p − q⟩ with one more weight that is large enough",
        (),
        (gap, weight),
        (inner, differ),
        (number(0), FALSE),
        (inner + weight * gap, either(differ, gap != 0)),
        every(weight > 0, implies(gap != 0, weight * absolute(gap) > absolute(inner))),
    )
    return induct("points that differ in a coordinate lie at different places", fold, implies(differ, inner != 0))


@cache
def a_weight_for_all_pairs() -> Verdict:
    """Return that the largest of the weights that the pairs of points need is large enough for each of them."""
    gap, inner, needed, weight = reals("δ ⟨w,p−q⟩ needed w")
    fold = Fold(
        "the largest of the weights that the pairs need",
        (gap, inner),
        (needed, here),
        (weight, seen),
        (number(1), FALSE),
        (maximum(weight, needed), either(seen, here)),
        implies(here, needed * absolute(gap) > absolute(inner)),
    )
    enough = implies(seen, weight * absolute(gap) > absolute(inner))
    return induct("one weight is large enough for every pair", fold, every(weight >= 1, enough))


@proof_of("interpolation")
def interpolation() -> Proof:
    """Prove that n ReLUs in one layer interpolate n points."""
    bounds, values, units = stays_between(), takes_the_values(), one_unit_for_each_point()
    mutants = [
        mutant(
            bounds,
            "lowest ≤ v_1 ≤ highest dropped",
            without=["lowest ≤ v_1 ≤ highest"],
            small=every(lowest == 0, highest == 1, level == 2, first == 0, t == 0),
        ),
        mutant(
            values,
            "the value at t_1 dropped",
            without=["if t = t_1, then v_1 is the value"],
            small=every(begins, first == 1, level == 0, t == 0, target == 1),
        ),
    ]
    return Proof([weights_keep_apart(), a_weight_for_all_pairs(), ramps(), bounds, values, units], mutants)


t_1, t_2, t_3, v_1, v_2, v_3, s_1, s_2 = reals("t_1 t_2 t_3 v_1 v_2 v_3 s_1 s_2")
ORDER: dict[str, Hypothesis] = {"t_1 < t_2": t_1 < t_2, "t_2 < t_3": t_2 < t_3}
KNOTS = ((t_1, v_1), (t_2, v_2), (t_3, v_3))
SLOPES: dict[str, Hypothesis] = {
    "s_1·(t_2 − t_1) = v_2 − v_1": s_1 * (t_2 - t_1) == v_2 - v_1,
    "s_2·(t_3 − t_2) = v_3 − v_2": s_2 * (t_3 - t_2) == v_3 - v_2,
}
VALUES: dict[str, Hypothesis] = {f"m ≤ {u} ≤ M": between(m, u, M) for u in (v_1, v_2, v_3)}


def three(at: Number) -> Number:
    """Return the network of three ReLUs, at a place along w."""
    return v_1 + s_1 * relu(at - t_1) + (s_2 - s_1) * relu(at - t_2) - s_2 * relu(at - t_3)


@cache
def three_units() -> Verdict:
    """Return that three ReLUs take three values at three places, in whatever order, and stay within [m, M]."""
    claim = every(three(t_1) == v_1, three(t_2) == v_2, three(t_3) == v_3, between(m, three(t), M))
    name = "three ReLUs take any three values of [m, M] at three places, and no value outside"
    return prove(name, claim, given={**ORDER, **SLOPES, **VALUES})


@cache
def in_any_order() -> Verdict:
    """Return that a, b and x may lie along w in any order: the network has φ and the value v at x."""
    t_a, t_b, t_x = places = reals("t_a t_b t_x")
    known = [*zip(places, (m, M, v), strict=True)]
    orders = [
        every(*(every(place == at, value == height) for (place, value), (at, height) in zip(KNOTS, order, strict=True)))
        for order in permutations(known)
    ]
    claim = every(three(t_a) == m, three(t_b) == M, three(t_x) == v, between(m, three(t), M))
    given = {**ORDER, **SLOPES, **SPREAD, "a, b and x lie there, in some order": either(*orders)}
    return prove("three ReLUs have φ and the value v at x", claim, given=given, by=[three_units()])


@proof_of("three-units")
def three_hidden_units() -> Proof:
    """Prove that three hidden ReLUs leave [m, M]."""
    tight = three_units()
    known = [weights_keep_apart(), a_weight_for_all_pairs()]
    steps = [*known, tight, in_any_order(), twins_defeat_decoders(m, M, {})]
    mutants = [
        mutant(tight, "m ≤ v_2 ≤ M dropped", without=["m ≤ v_2 ≤ M"], small=UNIT),
        mutant(tight, "t_1 < t_2 dropped", without=["t_1 < t_2"], small=UNIT),
    ]
    return Proof(steps, mutants)


@cache
def the_farther_end() -> Verdict:
    """Return that one of m and M is at least half their distance away from any answer."""
    worse = choose(p >= HALF, m, M)
    claim = every(between(m, worse, M), absolute(p - worse) >= (M - m) / 2)
    return prove("m or M is off the answer by (M−m)/2", claim, given={"m ≤ M": m <= M})


@cache
def the_mean_is_as_bad() -> Verdict:
    """Return that the mean of n errors is (M−m)/2 at least, if each of them is."""
    error, total, count = reals("error Σ|D−f| n")
    fold = Fold(
        "the errors on n inputs",
        (m, M),
        (error,),
        (total, count),
        (number(0), number(0)),
        (total + error, count + 1),
        error >= (M - m) / 2,
    )
    return induct("the mean error is (M−m)/2 at least", fold, total >= count * (M - m) / 2)


@proof_of("average")
def average() -> Proof:
    """Prove that one network makes a decoder err on every one of n inputs."""
    end, mean = the_farther_end(), the_mean_is_as_bad()
    mutants = [mutant(end, "(M−m)/2 replaced by M−m", claim=absolute(p - choose(p >= HALF, m, M)) >= M - m, small=UNIT)]
    return Proof([end, *interpolation().steps, mean], mutants)
