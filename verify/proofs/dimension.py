"""The curse of dimension: how much of the cube a visualization tells about, for x uniform on the cube."""

from collections.abc import Sequence
from functools import cache

from verify.calculus import D, Integral, S
from verify.fold import Fold
from verify.kernel import INPUTS, INTEGRAL, Mutant, induct, integrate, mutant, prove
from verify.obligation import Assumed, Hypothesis, Support, at
from verify.proof import Proof, proof_of
from verify.proofs import convex as rows
from verify.proofs.convex import coordinates, gauge
from verify.proofs.notation import HALF, UNIT, M, m
from verify.terms import TRUE, Number, absolute, between, either, every, iff, number, reals
from verify.verdict import Assumption, Verdict

VOLUME = Assumption("volume", "the volume of a box is the product of its sides, and of disjoint sets the sum")
MEAN = Assumption("mean", "a mean on [0, 1] is the integral of P(· > s) over s")
ABOVE, BELOW = Integral(1 - S**D, D / (D + 1)), Integral((1 - S) ** D, 1 / (D + 1))
"""The means of the largest and of the least of d numbers that are uniform on [0, 1]."""
d = INPUTS
s, side, volume, power, radius = reals("s side volume 2^d E(r)")
a, x = rows.a, rows.x


@cache
def level_set() -> Verdict:
    """Return that t_a(x) ≤ s is a box a + s·(I − a), with sides of length s."""
    low, high = a - s * a, a + s * (1 - a)
    claim = every(iff(gauge(x) <= s, between(low, x, high)), high - low == s)
    given = coordinates(a, x)
    return prove("t_a(x) ≤ s iff each x_i lies in an interval of length s", claim, given=given)


BOXES = Fold(
    "boxes of side 1/2",
    (),
    (side,),
    (volume, power),
    (number(1), number(1)),
    (volume * side, power * 2),
    side * 2 == 1,
)


@cache
def halves() -> Verdict:
    """Return that a box with d sides of length 1/2 has the volume 2^(−d)."""
    return induct("d sides of length 1/2 make the volume 2^(−d)", BOXES, volume * power == 1)


@cache
def proportion() -> Verdict:
    """Return that what is y per n is y·s per n·s."""
    per, n, y, factor = reals("q n y s")
    return prove("q·n = y gives q·n·s = y·s", per * n * factor == y * factor, given={"q·n = y": per * n == y})


@cache
def mean_of(integral: Integral) -> Verdict:
    """Return the value of the integral, by SymPy."""
    return integrate(integral)


def expected(name: str, mean: Number, per: Number, given: dict[str, Hypothesis], by: Sequence[Support]) -> Verdict:
    """Return the expected radius, per (M−m)/2, of a mean that is so much per d+1."""
    per_n, n, y, factor = reals("q n y s")
    lemma = at(proportion(), {per_n: mean, n: d + 1, y: per, factor: M - m})
    known = {**given, "E(r) = mean·(M−m)/2": radius * 2 == mean * (M - m)}
    supports = [lemma, *by, Assumed(MEAN, TRUE), Assumed(VOLUME, TRUE)]
    return prove(name, radius * (d + 1) * 2 == per * (M - m), given=known, by=supports)


@proof_of("dimension-convex")
def convex() -> Proof:
    """Prove P(t_a ≤ s) = s^d, hence the expected radius and how often the side is known."""
    level, (mean,) = level_set(), reals("E(t)")
    given: dict[str, Hypothesis] = {"E(t) = ∫ P(t > s) ds = ∫ (1−s^d) ds": ABOVE.run(mean, d)}
    integral = mean_of(ABOVE)
    average = expected("E(r) = d/(d+1)·(M−m)/2", mean, d, given, [at(integral, {INTEGRAL: mean})])
    solved = prove("the side is known iff t < 1/2", iff(m + s * (M - m) < HALF, s * 2 < 1), given={"m < M": m < M})
    mutants = [
        mutant(level, "a ∈ [0, 1] dropped", without=["a ∈ [0, 1]"]),
        Mutant("∫ (1−s^d) ds = (d−1)/(d+1)", integrate(Integral(ABOVE.integrand, (D - 1) / (D + 1)))),
        mutant(
            average,
            "d/(d+1) replaced by (d−1)/(d+1)",
            claim=radius * (d + 1) * 2 == (d - 1) * (M - m),
            small=UNIT,
        ),
    ]
    return Proof([level, halves(), proportion(), integral, average, solved], mutants)


@proof_of("dimension-affine")
def affine() -> Proof:
    """Prove the same for affine units between opposite corners: u_i = |x_i − a_i| are independent and uniform."""
    corner: dict[str, Hypothesis] = {"a_i ∈ {0, 1}": either(a == 0, a == 1), "x_i ∈ [0, 1]": between(0, x, 1)}
    low, high = reals("from to")
    ends: dict[str, Hypothesis] = {
        "from": low == a - s * a,
        "to": high == a + s * (1 - a),
    }
    claim = every(iff(absolute(x - a) <= s, between(low, x, high)), high - low == s)
    uniform = prove("u_i ≤ s iff x_i lies in an interval of length s", claim, given={**corner, **ends})
    most, least = reals("E(max_u) E(min_u)")
    means: dict[str, Hypothesis] = {
        "E(max u) = ∫ (1−s^d) ds": ABOVE.run(most, d),
        "E(min u) = ∫ (1−s)^d ds": BELOW.run(least, d),
    }
    integrals = [mean_of(ABOVE), mean_of(BELOW)]
    values = [at(theorem, {INTEGRAL: t}) for theorem, t in zip(integrals, (most, least), strict=True)]
    average = expected("E(r) = (d−1)/(d+1)·(M−m)/2", most - least, d - 1, means, values)
    first, second = reals("min_u max_u")
    wide = {"m < M": m < M}
    sides = either(m + (M - m) * first >= HALF, m + (M - m) * second < HALF)
    solved = prove(
        "the side is known iff all u_i ≥ 1/2 or all u_i < 1/2",
        iff(sides, either(first * 2 >= 1, second * 2 < 1)),
        given=wide,
    )
    total = reals("P")[0]
    both: dict[str, Hypothesis] = {"P = volume + volume": total == volume + volume, "boxes of side 1/2": BOXES.run()}
    chance = prove("P = 2^(1−d)", total * power == 2, given=both, by=[halves(), Assumed(VOLUME, TRUE)])
    mutants = [
        mutant(uniform, "a_i ∈ {0, 1} dropped", without=["a_i ∈ {0, 1}"]),
        Mutant("∫ (1−s)^d ds = 1/d", integrate(Integral(BELOW.integrand, 1 / D))),
        mutant(
            average,
            "(d−1)/(d+1) replaced by d/(d+1)",
            claim=radius * (d + 1) * 2 == d * (M - m),
            small=UNIT,
        ),
    ]
    return Proof([uniform, proportion(), *integrals, average, solved, halves(), chance], mutants)
