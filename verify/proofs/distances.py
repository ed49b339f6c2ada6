"""The norms ℓ1, ℓ2 and ℓ∞ give distances, and ‖(q−p)⁺‖ the length of a climb: the axioms used elsewhere, proved."""

from functools import cache

from verify.fold import Fold
from verify.kernel import induct, mutant, prove
from verify.obligation import Hypothesis, at
from verify.proof import Proof, proof_of
from verify.terms import FALSE, TRUE, Number, absolute, either, every, iff, maximum, no, number, reals, relu, truths
from verify.verdict import Verdict

p, q, r = reals("p q r")
pq, qr, pr = reals("‖q−p‖ ‖r−q‖ ‖r−p‖")
(apart,) = truths("p≠q")


def add(total: Number, term: Number) -> Number:
    """Return the next sum: ℓ1."""
    return total + term


def largest(total: Number, term: Number) -> Number:
    """Return the next maximum: ℓ∞."""
    return maximum(total, term)


@cache
def triangle(norm: str, *, climb: bool) -> Verdict:
    """Return the axioms for ℓ1 or ℓ∞: zero for equal points only (for points p ≥ q), and the triangle inequality."""
    size, join = (relu if climb else absolute), {"l1": add, "linf": largest}[norm]
    step = tuple(join(total, size(gap)) for total, gap in ((pq, q - p), (qr, r - q), (pr, r - p)))
    moved = q > p if climb else q != p
    name = f"{norm} of {'(q−p)⁺' if climb else 'q−p'}"
    fold = Fold(
        name, (), (p, q, r), (pq, qr, pr, apart), (*(number(0),) * 3, FALSE), (*step, either(apart, moved)), TRUE
    )
    invariant = every(pr <= pq + qr, pq >= 0, qr >= 0, iff(pq == 0, no(apart)))
    return induct(f"{name} is a distance{' of climbs' if climb else ''}", fold, invariant)


u, w, c, less, more, factor = reals("u w c less more factor")


@cache
def mean_of_squares() -> Verdict:
    """Return that a geometric mean is at most the arithmetic one: c² ≤ u·w gives 2c ≤ u + w."""
    ordered = {"0 ≤ less": less >= 0, "less < more": less < more}
    larger = prove("0 ≤ less < more gives less² < more²", less * less < more * more, given=ordered)
    square = prove("less² ≥ 0", less * less >= 0)
    given = {"u ≥ 0": u >= 0, "w ≥ 0": w >= 0, "c² ≤ u·w": c * c <= u * w}
    by = [at(larger, {less: u + w, more: 2 * c}), at(square, {less: u - w})]
    return prove("c² ≤ u·w gives 2·c ≤ u + w", 2 * c <= u + w, given=given, by=by)


@cache
def factors_keep_order() -> Verdict:
    """Return that multiplying with a number ≥ 0 keeps ≤."""
    given = {"less ≤ more": less <= more, "factor ≥ 0": factor >= 0}
    return prove("a factor ≥ 0 keeps ≤", less * factor <= more * factor, given=given)


@cache
def euclid() -> list[Verdict]:
    """Return the axioms for ℓ2, from the inequality of Cauchy and Schwarz: (Σ s_i·t_i)² ≤ Σ s_i²·Σ t_i²."""
    s, t, ss, tt, st, rest = reals("s t Σs² Σt² Σst Σ(s+t)²")
    (nonzero,) = truths("s≠0")
    step = (ss + s * s, tt + t * t, st + s * t, rest + (s + t) * (s + t), either(nonzero, s != 0))
    fold = Fold("sums of squares", (), (s, t), (ss, tt, st, rest, nonzero), (*(number(0),) * 4, FALSE), step, TRUE)
    signs = every(ss >= 0, tt >= 0, rest == ss + tt + 2 * st, iff(ss == 0, no(nonzero)))
    means, scaled = mean_of_squares(), factors_keep_order()
    products = at(means, {u: ss * (t * t), w: tt * (s * s), c: st * (s * t)})
    square = at(scaled, {less: st * st, more: ss * tt, factor: (s * t) * (s * t)})
    one_more = prove(
        "2·Σst·s·t ≤ Σs²·t² + Σt²·s²",
        2 * st * s * t <= ss * t * t + tt * s * s,
        given={"Σs² ≥ 0": ss >= 0, "Σt² ≥ 0": tt >= 0, "(Σst)² ≤ Σs²·Σt²": st * st <= ss * tt},
        by=[products, square],
    )
    schwarz = induct("(Σst)² ≤ Σs²·Σt²", fold, every(signs, st * st <= ss * tt), by=[one_more])
    x, y, z = reals("‖s‖ ‖t‖ ‖s+t‖")
    norms: dict[str, Hypothesis] = {
        "‖s‖ ≥ 0": x >= 0,
        "‖t‖ ≥ 0": y >= 0,
        "(Σst)² ≤ ‖s‖²·‖t‖²": st * st <= x * x * (y * y),
    }
    product = prove("Σst ≤ ‖s‖·‖t‖", st <= x * y, given=norms)
    square_of_sum = "‖s+t‖² = ‖s‖² + ‖t‖² + 2·Σst"
    sums: dict[str, Hypothesis] = {square_of_sum: z * z == x * x + y * y + 2 * st, "Σst ≤ ‖s‖·‖t‖": st <= x * y}
    signs_of = {key: norms[key] for key in ("‖s‖ ≥ 0", "‖t‖ ≥ 0")}
    return [
        means,
        scaled,
        one_more,
        schwarz,
        product,
        prove("‖s+t‖ ≤ ‖s‖ + ‖t‖", z <= x + y, given={**sums, **signs_of}),
    ]


@cache
def climbs_below_distances() -> Verdict:
    """Return that a climb is shorter than the distance and grows with it, so that ℓ2 needs no proof of its own.

    (r−p)⁺ ≤ (q−p)⁺ + (r−q)⁺ coordinate by coordinate, and norms of vectors ≥ 0 grow with their coordinates.
    """
    claim = every(
        relu(r - p) <= relu(q - p) + relu(r - q), relu(q - p) <= absolute(q - p), iff(relu(q - p) == 0, q <= p)
    )
    return prove("(r−p)⁺ ≤ (q−p)⁺ + (r−q)⁺ and (q−p)⁺ ≤ |q−p|", claim)


@cache
def squares_grow() -> Verdict:
    """Return that ℓ2 of vectors ≥ 0 grows with their coordinates."""
    s, t, ss, tt = reals("s t Σs² Σt²")
    fold = Fold(
        "squares of 0 ≤ s ≤ t", (), (s, t), (ss, tt), (number(0),) * 2, (ss + s * s, tt + t * t), every(s >= 0, s <= t)
    )
    return induct("0 ≤ s ≤ t gives Σs² ≤ Σt²", fold, every(ss >= 0, ss <= tt))


@proof_of("distances")
def distances() -> Proof:
    """Prove the axioms of a distance, and of a climb, for the three norms."""
    l1, linf = triangle("l1", climb=False), triangle("linf", climb=False)
    climbs = [triangle("l1", climb=True), triangle("linf", climb=True), climbs_below_distances(), squares_grow()]
    half = pr * 2 <= pq * 2 + qr
    mutants = [
        mutant(l1, "‖r−q‖ replaced by ‖r−q‖/2", claim=half, small=every(pq == 1, qr == 1, pr == 2)),
        mutant(linf, "‖r−q‖ replaced by ‖r−q‖/2", claim=half, small=every(pq == 1, qr == 1, pr == 2)),
        mutant(euclid()[-1], "Σst ≤ ‖s‖·‖t‖ dropped", without=["Σst ≤ ‖s‖·‖t‖"]),
    ]
    return Proof([l1, linf, *euclid(), *climbs], mutants)
