"""The minimax lemma and Proposition 1: what the set of possible values says about every decoder.

Everything here is about one query: `low` and `high` are the ends of the ambiguity set, `p` is a decoder's answer.
"""

from functools import cache

from verify.kernel import mutant, prove
from verify.obligation import Assumed, at
from verify.proof import Proof, proof_of
from verify.proofs.notation import HALF, UNIT, M, error_on_twins, m, p
from verify.terms import absolute, between, either, every, iff, implies, maximum, minimum, reals, truths
from verify.verdict import Assumption, Verdict

v, low, high, eps = reals("f(x) low high ε")
RADIUS = (high - low) / 2
MIDDLE = (low + high) / 2

EXPECTATION = Assumption(
    "expectation", "the mean of a random answer keeps sums and inequalities that hold for each outcome"
)


@cache
def no_answer_beats_the_radius() -> Verdict:
    """Return the lower bound: on one of the two ends every answer errs by the radius at least."""
    return prove("every answer errs by the radius on one end", error_on_twins(p, low, high) >= RADIUS)


@cache
def middle_attains_the_radius() -> Verdict:
    """Return the upper bound: the midpoint never errs by more than the radius."""
    claim = absolute(MIDDLE - v) <= RADIUS
    return prove("the midpoint errs by the radius at most", claim, given={"f(x) ∈ A": between(low, v, high)})


def open_ends() -> Verdict:
    """Return the lower bound for an interval without its ends: every answer errs by almost the radius."""
    step = minimum(eps, RADIUS) / 2
    inside = every(low < low + step, low + step < high, low < high - step, high - step < high)
    claim = every(inside, error_on_twins(p, low + step, high - step) > RADIUS - eps)
    return prove("open ends change nothing", claim, given={"low < high": low < high, "ε > 0": eps > 0})


def randomized() -> list[Verdict]:
    """Return the lower bound for the expected error of a random answer P."""
    e_low, e_high = reals("E‖P−low‖ E‖P−high‖")
    outcome = prove("two errors add up to the length", absolute(p - low) + absolute(p - high) >= high - low)
    mean = Assumed(EXPECTATION, e_low + e_high >= high - low)
    return [
        outcome,
        prove("a random answer errs by the radius on one end", maximum(e_low, e_high) >= RADIUS, by=[mean]),
    ]


def exact() -> list[Verdict]:
    """Return when one answer is exactly right for every member: iff the radius is 0."""
    right = {"p is right at low": p == low, "p is right at high": p == high}
    single = {"f(x) ∈ A": between(low, v, high), "r = 0": RADIUS == 0}
    return [
        prove("an exact answer needs r = 0", RADIUS == 0, given=right),
        prove("r = 0 gives an exact answer", v == MIDDLE, given=single),
    ]


def approximate() -> list[Verdict]:
    """Return when one answer is better than knowing nothing for every member: iff r < (M−m)/2."""
    near = {"p is within ε at low": absolute(p - low) <= eps, "p is within ε at high": absolute(p - high) <= eps}
    step = (RADIUS - eps) / 2
    inside = every(step > 0, step < high - low)
    ends = every(absolute(p - (low + step)) <= eps, absolute(p - (high - step)) <= eps)
    always = {"0 ≤ ε": eps >= 0, "p is within ε inside A": implies(inside, ends)}
    return [
        prove(
            "a good answer needs r < (M−m)/2", (M - m) / 2 > RADIUS, given={**near, "ε < (M−m)/2": eps < (M - m) / 2}
        ),
        prove("a good answer on an open interval needs r ≤ ε", eps >= RADIUS, given=always),
    ]


def side() -> list[Verdict]:
    """Return when `f(x) ≥ (m+M)/2` has one right answer: iff the set lies on one side."""
    (answer,) = truths("answer")
    right = {"right at low": iff(answer, low >= HALF), "right at high": iff(answer, high >= HALF)}
    inside = {"f(x) ∈ A": between(low, v, high), "A lies on one side": either(low >= HALF, high < HALF)}
    straddles = {"A is open and meets both sides": every(low < HALF, high > HALF)}
    members = every(low < (low + HALF) / 2, (low + HALF) / 2 < HALF, (HALF + high) / 2 > HALF, (HALF + high) / 2 < high)
    return [
        prove("a right answer needs A on one side", either(low >= HALF, high < HALF), given=right),
        prove("A on one side gives a right answer", iff(v >= HALF, low >= HALF), given=inside),
        prove("an open A on both sides has members on both", members, given=straddles),
    ]


@proof_of("minimax")
def minimax() -> Proof:
    """Prove the minimax lemma."""
    lower, upper = no_answer_beats_the_radius(), middle_attains_the_radius()
    steps = [lower, upper, open_ends(), *randomized(), *exact(), *approximate(), *side()]
    small = every(low == 0, high == 1)
    mutants = [
        mutant(lower, "r replaced by 1.01·r", claim=error_on_twins(p, low, high) * 100 >= RADIUS * 101, small=small),
        mutant(upper, "f(x) ∈ A dropped", without=["f(x) ∈ A"], small=small),
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
