"""The curse of dimension: how much of the cube a visualization tells about, for x uniform on the cube.

What is known at x depends on whether x lies in a box with d sides of one length s. That its volume is s^d is proved,
coordinate by coordinate; what a volume is to a probability, and a probability to a mean, is assumed, as formulas.
"""

from functools import cache

from fvproof.verify.proofs import convex as rows
from fvproof.verify.proofs.convex import coordinates, gauge
from fvproof.verify.proofs.mixing import dividend, divisor, proportion, quotient, scale
from fvproof.verify.proofs.notation import HALF, UNIT, M, m
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.calculus import D, Integral, S
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import INPUTS, INTEGRAL, Mutant, induct, integrate, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    TRUE,
    Claim,
    Number,
    absolute,
    between,
    differ,
    either,
    every,
    function_of_numbers,
    iff,
    implies,
    maximum,
    minimum,
    number,
    reals,
    truths,
)

UNIFORM = Assumption(
    "uniform",
    "x falls into a box, with or without its faces, with the product of its sides as probability; s^d is a product too",
)
ADDITIVE = Assumption("additive", "one of two events that exclude each other has the sum of their probabilities")
MEAN = Assumption(
    "mean", "the mean of a number in [0, 1] is the integral of the probability to exceed s; equal functions have one"
)
LINEAR = Assumption("linear", "the mean of a multiple, or of a difference, is that of the means")
POWERS, RESTS = Integral(S**D, 1 / (D + 1)), Integral((1 - S) ** D, 1 / (D + 1))
"""∫ s^d ds and ∫ (1−s)^d ds."""
d = INPUTS
s, volume, powers, twos, length = reals("s volume s^d 2^d length")
box, power, two = (function_of_numbers(name, arity) for name, arity in (("P(box ·,·)", 2), ("·^·", 2), ("2^·", 1)))
# The probability of a box with d sides of length s, s^d and 2^d, as functions of s and d.
largest, least = (function_of_numbers(name, 1) for name in ("E(t)[·]", "E(min_u)[·]"))
convex_radius, affine_radius = (function_of_numbers(f"E(r)[{of}: ·,·,·]", 3)(d, m, M) for of in ("convex", "affine"))
"""Means for d inputs: of t_a or max u, of min u, and of the radii, which depend on m and M too."""
INTEGERS = Fold("a number of inputs", (), (), (d,), (number(1),), (d + 1,), TRUE, length=1)
NUMBER: dict[str, Hypothesis] = {"d is a number of inputs": INTEGERS.run()}
BOXES = Fold(
    "boxes with sides of length s",
    (s,),
    (length,),
    (volume, powers, twos, d),
    (*[number(1)] * 3, number(0)),
    (volume * length, powers * s, twos * 2, d + 1),
    length == s,
)
"""The volume of a box, and the powers of s and of 2, coordinate by coordinate."""


def assumed(assumption: Assumption, claim: Claim, *conditions: Claim) -> Assumed:
    """Return an assumption about every number d of inputs that meets the conditions."""
    return Assumed(assumption, implies(every(INTEGERS.run().atom, *conditions), claim))


def uniform(side: Number) -> Assumed:
    """Return that the probability of a box is its volume, and that powers are products."""
    run = BOXES.run(side, box(side, d), power(side, d), two(d), d)
    return assumed(UNIFORM, run.atom, between(0, side, 1))


@cache
def volumes() -> Verdict:
    """Return that a box with d sides of length s has the volume s^d, and 2^(−d) for s = 1/2."""
    invariant = every(volume == powers, implies(s * 2 == 1, volume * twos == 1))
    return induct("a box with d sides of length s has the volume s^d", BOXES, invariant)


@cache
def probability() -> Verdict:
    """Return P = s^d for the box, for every s ∈ [0, 1] and every d."""
    terms = {volume: box(s, d), powers: power(s, d), twos: two(d)}
    claim = every(box(s, d) == power(s, d), implies(s * 2 == 1, box(s, d) * two(d) == 1))
    given: dict[str, Hypothesis] = {"0 ≤ s ≤ 1": between(0, s, 1), **NUMBER}
    return prove("x falls into it with probability s^d", claim, given=given, by=[uniform(s), at(volumes(), terms)])


@cache
def level_set() -> list[Verdict]:
    """Return that t_a(x) ≤ s is a box a + s·(I − a), with sides of length s, and t_a(x) < s the same without faces."""
    a, x, t_x = rows.a, rows.x, reals("t_a(x)")[0]
    low, high = a - s * a, a + s * (1 - a)
    inside, within, off = truths("x∈box x∈interior x∉faces")
    fold = Fold(
        "t_a, and whether x is in the box",
        (s,),
        (a, x),
        (t_x, inside, within, off),
        (number(0), *[TRUE] * 3),
        (
            maximum(t_x, gauge(x)),
            every(inside, between(low, x, high)),
            every(within, low < x, x < high),
            every(off, differ(low, x), differ(high, x)),
        ),
        every(*coordinates(a, x).values()),
    )
    one = every(iff(gauge(x) <= s, between(low, x, high)), high - low == s)
    side = prove("t ≤ s iff x_i lies in an interval of length s", one, given=coordinates(a, x))
    whole = every(iff(t_x <= s, inside), implies(every(off, s > 0), iff(t_x < s, within)))
    given: dict[str, Hypothesis] = {"s ≥ 0": s >= 0}
    return [side, induct("t_a(x) ≤ s iff x is in a box with d sides of length s", fold, whole, given=given)]


@cache
def flat() -> Verdict:
    """Return that a box with a side of length 0, such as a face, has the volume 0."""
    (thin,) = truths("some_length=0")
    step = (volume * length, either(thin, length == 0))
    fold = Fold("a box, perhaps a flat one", (), (length,), (volume, thin), (number(1), FALSE), step, TRUE)
    return induct("a face of the cube has the volume 0", fold, implies(thin, volume == 0))


@cache
def mean_of(integral: Integral) -> Verdict:
    """Return the value of the integral, by SymPy."""
    return integrate(integral)


first_place, second_place, integral_below, integral_above = (
    function_of_numbers(name, 1)(d) for name in ("s*[·]", "s**[·]", "∫P(t≤s)ds[·]", "∫P(min_u>s)ds[·]")
)
"""Places s where a probability is not the power that it is said to be, if there are any; and two integrals."""


def means() -> Assumed:
    """Return what is assumed of means: where a probability is a power for every s, its integral is that of the power.

    For every s means: even for the s where it is not so, if there is one, s* or s**. The mean of the largest is
    1 − ∫ P(t ≤ s) ds, and that of the least is ∫ P(min u > s) ds.
    """

    def at_every_s(side: Number) -> Claim:
        return implies(between(0, side, 1), box(side, d) == power(side, d))

    below = every(POWERS.run(integral_below, d).atom, largest(d) == 1 - integral_below)
    above = every(RESTS.run(integral_above, d).atom, least(d) == integral_above)
    return assumed(MEAN, every(implies(at_every_s(first_place), below), implies(at_every_s(1 - second_place), above)))


@cache
def mean_of_largest() -> Verdict:
    """Return E = 1 − ∫ P(t ≤ s) ds = d/(d+1) for the t that is at most s in a box with d sides of length s."""
    by = [means(), at(probability(), {s: first_place}), at(mean_of(POWERS), {INTEGRAL: integral_below})]
    return prove("E(t) = 1 − ∫ P(t ≤ s) ds = d/(d+1)", largest(d) * (d + 1) == d, given=NUMBER, by=by)


@cache
def mean_of_least() -> Verdict:
    """Return E = ∫ P(t > s) ds = 1/(d+1) for the t that is above s in a box with d sides of length 1 − s."""
    by = [means(), at(probability(), {s: 1 - second_place}), at(mean_of(RESTS), {INTEGRAL: integral_above})]
    return prove("E(min u) = ∫ P(min u > s) ds = 1/(d+1)", least(d) * (d + 1) == 1, given=NUMBER, by=by)


def radii() -> Assumed:
    """Return what mean radii are: those of (M−m)/2·t_a for convex, and of (M−m)/2·(max u − min u) for affine units."""
    of_convex = convex_radius * 2 == largest(d) * (M - m)
    return assumed(LINEAR, every(of_convex, affine_radius * 2 == (largest(d) - least(d)) * (M - m)))


def expected(name: str, radius: Number, mean: Number, per: Number, parts: list[Verdict]) -> Verdict:
    """Return the expected radius, for a radius that is (M−m)/2 times a number with a mean of so much per d+1."""
    lemma = at(proportion(), {quotient: mean, divisor: d + 1, dividend: per, scale: M - m})
    return prove(name, radius * (d + 1) * 2 == per * (M - m), given=NUMBER, by=[lemma, *parts, radii()])


@cache
def halves() -> Verdict:
    """Return 2^(−d), the probability of a box with d sides of length 1/2."""
    half = number("1/2")
    by = [at(probability(), {s: half})]
    return prove("P(t < 1/2) = 2^(−d)", box(half, d) * two(d) == 1, given=NUMBER, by=by)


@proof_of("dimension-convex")
def convex() -> Proof:
    """Prove P(t_a ≤ s) = s^d, hence the expected radius and how often the side is known."""
    side, level = level_set()
    (t,) = reals("t_a(x)")
    average = expected("E(r) = d/(d+1)·(M−m)/2", convex_radius, largest(d), d, [mean_of_largest()])
    solved = prove("the side is known iff t < 1/2", iff(m + t * (M - m) < HALF, t * 2 < 1), given={"m < M": m < M})
    mutants = [
        mutant(side, "a ∈ [0, 1] dropped", without=["a ∈ [0, 1]"]),
        mutant(volumes(), "s^d replaced by s^(d+1)", claim=volume == powers * s, small=s * 2 == 1),
        mutant(probability(), "s ≤ 1 dropped", without=["0 ≤ s ≤ 1"], small=s == 2),
        Mutant("∫ s^d ds = 1/d", integrate(Integral(POWERS.integrand, 1 / D))),
        mutant(
            average,
            "d/(d+1) replaced by (d−1)/(d+1)",
            claim=convex_radius * (d + 1) * 2 == (d - 1) * (M - m),
            small=UNIT,
        ),
    ]
    steps = [side, level, flat(), volumes(), probability(), mean_of(POWERS), mean_of_largest(), proportion(), average]
    return Proof([*steps, solved, halves()], mutants)


@cache
def corners() -> list[Verdict]:
    """Return that max u ≤ s and min u > s are boxes with sides of length s and 1 − s, for u = |x − a|, a a corner."""
    a, x, most, least = reals("a x max_u min_u")
    below, above, within = truths("all_u≤s all_u>s all_u<s")
    u = absolute(x - a)
    corner: dict[str, Hypothesis] = {"a_i ∈ {0, 1}": either(a == 0, a == 1), "x_i ∈ [0, 1]": between(0, x, 1)}
    low, high = a - s * a, a + s * (1 - a)
    first, last = s * (1 - a), 1 - s * a
    lengths = every(iff(u <= s, between(low, x, high)), high - low == s, last - first == 1 - s)
    off = every(*(differ(x, face) for face in (low, high, first, last)))
    strict = every(iff(u < s, every(low < x, x < high)), iff(u > s, every(first < x, x < last)))
    fold = Fold(
        "the greatest and the least u",
        (s,),
        (a, x),
        (most, least, below, above, within),
        (number(0), number(1), TRUE, TRUE, TRUE),
        (maximum(most, u), minimum(least, u), every(below, u <= s), every(above, u > s), every(within, u < s)),
        every(*corner.values()),
    )
    every_u = every(iff(most <= s, below), iff(least > s, above), iff(most < s, within))
    given: dict[str, Hypothesis] = {"0 < s < 1": every(s > 0, s < 1)}
    return [
        prove(
            "u_i ≤ s on a side of length s, and u_i > s on the rest", every(lengths, implies(off, strict)), given=corner
        ),
        induct("max u ≤ s iff every u_i is, and min u > s", fold, every_u, given=given),
    ]


@proof_of("dimension-affine")
def affine() -> Proof:
    """Prove the same for affine units between opposite corners: u_i = |x_i − a_i| are independent and uniform."""
    side, extremes = corners()
    first, last = reals("min_u max_u")
    mean, both = largest(d) - least(d), [mean_of_largest(), mean_of_least()]
    average = expected("E(r) = (d−1)/(d+1)·(M−m)/2", affine_radius, mean, d - 1, both)
    solved = prove(
        "the side is known iff all u_i ≥ 1/2 or all u_i < 1/2",
        iff(either(m + (M - m) * first >= HALF, m + (M - m) * last < HALF), either(first * 2 >= 1, last * 2 < 1)),
        given={"m < M": m < M},
    )
    chance, half = function_of_numbers("P(side)[·]", 1)(d), number("1/2")
    disjoint = assumed(ADDITIVE, chance == box(half, d) + box(half, d))
    known = prove("P(all u_i < 1/2) + P(all u_i ≥ 1/2) = 2^(1−d)", chance * two(d) == 2, given=NUMBER,
                  by=[disjoint, at(probability(), {s: half})])  # fmt: skip
    mutants = [
        mutant(side, "a_i ∈ {0, 1} dropped", without=["a_i ∈ {0, 1}"]),
        Mutant("∫ (1−s)^d ds = 1/d", integrate(Integral(RESTS.integrand, 1 / D))),
        mutant(
            average,
            "(d−1)/(d+1) replaced by d/(d+1)",
            claim=affine_radius * (d + 1) * 2 == d * (M - m),
            small=UNIT,
        ),
        mutant(known, "2^(1−d) replaced by 2^(−d)", claim=chance * two(d) == 1),
    ]
    averages = [mean_of(POWERS), mean_of(RESTS), *both, proportion(), average]
    return Proof([side, extremes, volumes(), probability(), *averages, solved, known], mutants)
