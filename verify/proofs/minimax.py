"""The minimax lemma and Proposition 1: what the set of possible values says about every decoder.

Everything here is about one query: `low` and `high` are the ends of the ambiguity set, `p` is a decoder's answer.
"""

from functools import cache

from fvproof.verify.proofs.notation import HALF, UNIT, M, error_on_twins, m, p
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    Claim,
    Number,
    absolute,
    choose,
    either,
    every,
    function_of_numbers,
    iff,
    implies,
    maximum,
    minimum,
    no,
    reals,
    truths,
)

v, low, high, eps = reals("f(x) low high ε")
low_in, high_in = truths("low∈A high∈A")
RADIUS = (high - low) / 2
MIDDLE = (low + high) / 2
NOT_EMPTY: dict[str, Hypothesis] = {"A is not empty": either(low < high, every(low == high, low_in, high_in))}
"""An interval each of whose ends is open or closed; a single point has both ends."""

EXPECTATION = Assumption(
    "expectation", "the mean of a random answer keeps sums and inequalities that hold for each outcome"
)
expected_error = function_of_numbers("E‖P−·‖", 1)
# The expected distance of a random answer P from a number.


def possible(value: Number) -> Claim:
    """Return the claim that a number belongs to the interval A."""
    above = either(low < value, every(low_in, value == low))
    return every(above, either(value < high, every(high_in, value == high)))


def near_low(step: Number) -> Number:
    """Return the low end where it belongs to A, else a number so far above it."""
    return choose(low_in, low, low + step)


def near_high(step: Number) -> Number:
    """Return the high end where it belongs to A, else a number so far below it."""
    return choose(high_in, high, high - step)


@cache
def no_answer_beats_the_radius() -> Verdict:
    """Return the lower bound: on one of the two ends every answer errs by the radius at least."""
    return prove("every answer errs by the radius on one end", error_on_twins(p, low, high) >= RADIUS)


@cache
def middle_attains_the_radius() -> Verdict:
    """Return the upper bound: the midpoint never errs by more than the radius."""
    claim = absolute(MIDDLE - v) <= RADIUS
    return prove("the midpoint errs by the radius at most", claim, given={"f(x) ∈ A": possible(v)})


STEP = minimum(eps, RADIUS) / 2
"""How far from an open end the members stay that make every answer err by more than r − ε."""


@cache
def any_ends() -> Verdict:
    """Return the lower bound where ends may be open: on a member near one of them every answer errs by almost r."""
    first, last = near_low(STEP), near_high(STEP)
    claim = every(possible(first), possible(last), error_on_twins(p, first, last) > RADIUS - eps)
    given = {**NOT_EMPTY, "ε > 0": eps > 0}
    return prove("two members make every answer err by more than r − ε, open ends or not", claim, given=given)


@cache
def expected_errors_add_up() -> Verdict:
    """Return that the expected distances of a random answer from two numbers are together as long as their distance."""
    one = prove("two errors add up to the length", absolute(p - low) + absolute(p - high) >= high - low)
    mean = Assumed(EXPECTATION, expected_error(low) + expected_error(high) >= high - low)
    claim = expected_error(low) + expected_error(high) >= high - low
    return prove("two expected errors add up to the length", claim, by=[one, mean])


@cache
def randomized() -> list[Verdict]:
    """Return the lower bound for the expected error of a random answer P, for any ends."""
    first, last = near_low(STEP), near_high(STEP)
    mean = at(expected_errors_add_up(), {low: first, high: last})
    claim = every(possible(first), possible(last), maximum(expected_error(first), expected_error(last)) > RADIUS - eps)
    given = {**NOT_EMPTY, "ε > 0": eps > 0}
    return [
        expected_errors_add_up(),
        prove("so does every random answer, on average", claim, given=given, by=[mean]),
    ]


@cache
def exact() -> list[Verdict]:
    """Return when one answer is exactly right for every member: iff the radius is 0."""
    ends = {"v₁": near_low(RADIUS / 2), "v₂": near_high(RADIUS / 2)}
    right = {f"p is right at {name}, if {name} ∈ A": implies(possible(t), p == t) for name, t in ends.items()}
    single: dict[str, Hypothesis] = {"f(x) ∈ A": possible(v), "r = 0": RADIUS == 0}
    return [
        prove("an exact answer needs r = 0", RADIUS == 0, given={**NOT_EMPTY, **right}),
        prove("r = 0 gives an exact answer", v == MIDDLE, given=single),
    ]


@cache
def approximate() -> list[Verdict]:
    """Return when one answer is better than knowing nothing for every member: iff r < (M−m)/2, or it is exact."""
    step = minimum(RADIUS, RADIUS - eps) / 2
    ends = {"v₁": near_low(step), "v₂": near_high(step)}
    near = {
        f"p is within ε of {name}, if {name} ∈ A": implies(possible(t), absolute(p - t) <= eps)
        for name, t in ends.items()
    }
    good = {"ε < (M−m)/2": eps < (M - m) / 2}
    small = {"f(x) ∈ A": possible(v), "r < (M−m)/2": (M - m) / 2 > RADIUS}
    return [
        prove("a good answer needs r < (M−m)/2", (M - m) / 2 > RADIUS, given={**NOT_EMPTY, **near, **good}),
        prove("r < (M−m)/2 makes the midpoint a good answer", absolute(MIDDLE - v) < (M - m) / 2, given=small),
    ]


ONE_SIDE = either(low >= HALF, high < HALF, every(high == HALF, no(high_in)))
"""A lies within [(m+M)/2, M] or within [m, (m+M)/2)."""


@cache
def side() -> list[Verdict]:
    """Return when `f(x) ≥ (m+M)/2` has one right answer: iff the set lies on one side."""
    (answer,) = truths("answer")
    lower = choose(low_in, low, (low + minimum(HALF, high)) / 2)
    upper = choose(high_in, high, (high + maximum(HALF, low)) / 2)
    ends = {"v₁": lower, "v₂": upper}
    right = {
        f"right at {name}, if {name} ∈ A": implies(possible(t), iff(answer, t >= HALF)) for name, t in ends.items()
    }
    inside = {"f(x) ∈ A": possible(v), "A lies on one side": ONE_SIDE}
    return [
        prove("a right answer needs A on one side", ONE_SIDE, given=right),
        prove("A on one side gives a right answer", iff(v >= HALF, low >= HALF), given=inside),
    ]


@proof_of("minimax")
def minimax() -> Proof:
    """Prove the minimax lemma, for ends that are open or closed."""
    lower, upper, attained = no_answer_beats_the_radius(), middle_attains_the_radius(), any_ends()
    (needs, gives), (one_side, tells) = exact(), side()
    good, better = approximate()
    steps = [lower, upper, attained, *randomized(), needs, gives, good, better, one_side, tells]
    small = every(low == 0, high == 1)
    first, last = near_low(STEP), near_high(STEP)
    mutants = [
        mutant(lower, "r replaced by 1.01·r", claim=error_on_twins(p, low, high) * 100 >= RADIUS * 101, small=small),
        mutant(upper, "f(x) ∈ A dropped", without=["f(x) ∈ A"], small=small),
        mutant(
            attained,
            "r − ε replaced by r: the ends are open",
            claim=error_on_twins(p, first, last) >= RADIUS,
            small=small,
        ),
        mutant(needs, "p is right at v₂ dropped", without=["p is right at v₂, if v₂ ∈ A"], small=small),
        mutant(good, "p is within ε of v₁ dropped", without=["p is within ε of v₁, if v₁ ∈ A"], small=UNIT),
        mutant(one_side, "right at v₁ dropped", without=["right at v₁, if v₁ ∈ A"], small=UNIT),
        mutant(
            tells,
            "(m+M)/2 is among the lower values",
            without=["A lies on one side"],
            small=every(UNIT, low == 0, high == HALF),
        ),
    ]
    return Proof(steps, mutants)


@proof_of("proposition-1")
def uninformed() -> Proof:
    """Prove Proposition 1: the uninformed decoder errs by (M−m)/2 at most, and no constant does better."""
    given = {"m ≤ f(x)": m <= v, "f(x) ≤ M": v <= M}
    bound = prove("|(m+M)/2 − f(x)| ≤ (M−m)/2", absolute(HALF - v) <= (M - m) / 2, given=given)
    ends = at(no_answer_beats_the_radius(), {low: m, high: M})
    best = prove("knowing m and M alone, nothing does better", error_on_twins(p, m, M) >= (M - m) / 2, by=[ends])
    mutants = [
        mutant(bound, "(M−m)/2 replaced by 0.49·(M−m)", claim=absolute(HALF - v) * 100 <= (M - m) * 49, small=UNIT),
        mutant(bound, "f(x) ≤ M dropped", without=["f(x) ≤ M"], small=UNIT),
    ]
    return Proof([bound, best], mutants)
