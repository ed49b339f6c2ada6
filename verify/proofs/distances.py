"""The norms ℓ1, ℓ2 and ℓ∞ give distances, and ‖(q−p)⁺‖ the length of a climb: the axioms used elsewhere, proved."""

from functools import cache

from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    TRUE,
    Number,
    absolute,
    between,
    either,
    every,
    iff,
    maximum,
    no,
    number,
    reals,
    relu,
    truths,
)

p, q, r = reals("p q r")
pq, qr, pr, qp = reals("‖q−p‖ ‖r−q‖ ‖r−p‖ ‖p−q‖")
up_pq, up_qr, up_pr = reals("‖(q−p)⁺‖ ‖(r−q)⁺‖ ‖(r−p)⁺‖")
apart, up = truths("p≠q q≰p")


def add(total: Number, term: Number) -> Number:
    """Return the next sum: ℓ1."""
    return total + term


def largest(total: Number, term: Number) -> Number:
    """Return the next maximum: ℓ∞."""
    return maximum(total, term)


@cache
def norm_is_distance(norm: str) -> Verdict:
    """Return the axioms of a distance and of a climb for ℓ1 or ℓ∞, in one run over the coordinates of p, q and r.

    Both are ≥ 0 and have the triangle inequality. ‖q−p‖ is zero for equal points only, and the same from q to p; the
    climb ‖(q−p)⁺‖ is zero iff q ≤ p, and at most ‖q−p‖.
    """
    join = {"l1": add, "linf": largest}[norm]
    sizes = (absolute(q - p), absolute(r - q), absolute(r - p), absolute(p - q), relu(q - p), relu(r - q), relu(r - p))
    state = (pq, qr, pr, qp, up_pq, up_qr, up_pr)
    step = (*(join(t, size) for t, size in zip(state, sizes, strict=True)), either(apart, q != p), either(up, q > p))
    fold = Fold(
        f"{norm} of p, q and r", (), (p, q, r), (*state, apart, up), (*[number(0)] * 7, FALSE, FALSE), step, TRUE
    )
    signs = every(pq >= 0, qr >= 0, up_pq >= 0, up_qr >= 0)
    far = every(pr <= pq + qr, qp == pq, iff(pq == 0, no(apart)))
    high = every(up_pr <= up_pq + up_qr, up_pq <= pq, iff(up_pq == 0, no(up)))
    return induct(f"{norm} gives distances and climbs", fold, every(signs, far, high))


u, w, c, less, more, factor = reals("u w c less more factor")
s, t, A, B, C, x, y, z = reals("s t A B C ‖s‖ ‖t‖ ‖s+t‖")


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
def one_more_product() -> list[Verdict]:
    """Return the step of the inequality of Cauchy and Schwarz: 2·C·s·t ≤ A·t² + B·s² where C² ≤ A·B."""
    given: dict[str, Hypothesis] = {"A ≥ 0": A >= 0, "B ≥ 0": B >= 0, "C² ≤ A·B": C * C <= A * B}
    means, scaled = mean_of_squares(), factors_keep_order()
    products = at(means, {u: A * (t * t), w: B * (s * s), c: C * (s * t)})
    square = at(scaled, {less: C * C, more: A * B, factor: (s * t) * (s * t)})
    step = prove("2·C·s·t ≤ A·t² + B·s²", 2 * C * s * t <= A * t * t + B * s * s, given=given, by=[products, square])
    return [means, scaled, step]


@cache
def lengths() -> list[Verdict]:
    """Return that lengths add up at most, and grow with their squares: ‖s+t‖ ≤ ‖s‖ + ‖t‖ from (Σst)² ≤ ‖s‖²·‖t‖²."""
    signs: dict[str, Hypothesis] = {"‖s‖ ≥ 0": x >= 0, "‖t‖ ≥ 0": y >= 0}
    product = prove("Σst ≤ ‖s‖·‖t‖", x * y >= C, given={**signs, "(Σst)² ≤ ‖s‖²·‖t‖²": x * x * (y * y) >= C * C})
    sums: dict[str, Hypothesis] = {
        "‖s+t‖² = ‖s‖² + ‖t‖² + 2·Σst": z * z == x * x + y * y + 2 * C,
        "Σst ≤ ‖s‖·‖t‖": x * y >= C,
    }
    grows = prove("x² ≤ y² gives x ≤ y", x <= y, given={"x² ≤ y²": x * x <= y * y, "‖t‖ ≥ 0": y >= 0})
    return [product, prove("‖s+t‖ ≤ ‖s‖ + ‖t‖", z <= x + y, given={**sums, **signs}), grows]


ss, tt, st, rest, back = reals("Σ(q−p)² Σ(r−q)² Σ(q−p)(r−q) Σ(r−p)² Σ(p−q)²")
cc, dd, cd, climb = reals("Σ((q−p)⁺)² Σ((r−q)⁺)² Σ(q−p)⁺(r−q)⁺ Σ((r−p)⁺)²")
whole = reals("(r−p)⁺")[0]
SQUARES = Fold(
    "sums of squares of s = q−p, t = r−q and s+t",
    (),
    (s, t),
    (ss, tt, st, rest, back, apart),
    (*[number(0)] * 5, FALSE),
    (ss + s * s, tt + t * t, st + s * t, rest + (s + t) * (s + t), back + (-s) * (-s), either(apart, s != 0)),
    TRUE,
    length=1,
)
CLIMBS = Fold(
    "sums of squares of s = (q−p)⁺, t = (r−q)⁺ and (r−p)⁺",
    (),
    (s, t, whole),
    (cc, dd, cd, climb, up),
    (*[number(0)] * 4, FALSE),
    (cc + s * s, dd + t * t, cd + s * t, climb + whole * whole, either(up, s > 0)),
    every(s >= 0, t >= 0, between(0, whole, s + t)),
    length=1,
)
SHORTER = Fold(
    "sums of squares of s = (q−p)⁺ and of the gap t",
    (),
    (s, t),
    (cc, ss),
    (number(0),) * 2,
    (cc + s * s, ss + t * t),
    between(0, s, t),
    length=1,
)


@cache
def sums_of_squares() -> list[Verdict]:
    """Return what ℓ2 needs of the sums of squares, for distances and for climbs: above all Cauchy and Schwarz."""
    step = one_more_product()[-1]
    square = prove("t² ≥ 0, and t² = 0 for t = 0 only", every(t * t >= 0, iff(t * t == 0, t == 0)))
    grows = prove("0 ≤ s ≤ t gives s² ≤ t²", s * s <= t * t, given={"0 ≤ s": s >= 0, "s ≤ t": s <= t})
    up_pq, up_qr, up_pr = relu(q - p), relu(r - q), relu(r - p)
    shape = every(up_pq >= 0, up_qr >= 0, between(0, up_pr, up_pq + up_qr), up_pq <= absolute(q - p))
    longer = prove("(r−p)⁺ ≤ (q−p)⁺ + (r−q)⁺ and (q−p)⁺ ≤ |q−p|", every(shape, iff(up_pq > 0, q > p)))
    plain = every(ss >= 0, tt >= 0, rest == ss + tt + 2 * st, back == ss, iff(ss == 0, no(apart)), st * st <= ss * tt)
    squares = [at(square, {t: gap}) for gap in (s, t)]
    schwarz = [at(step, {A: ss, B: tt, C: st}), *squares]
    climbing = every(cc >= 0, dd >= 0, iff(cc == 0, no(up)), cd * cd <= cc * dd, climb <= cc + dd + 2 * cd)
    climbs = [at(step, {A: cc, B: dd, C: cd}), *squares, at(grows, {s: whole, t: s + t})]
    return [
        square,
        grows,
        longer,
        induct("(Σst)² ≤ Σs²·Σt² for s = q−p, t = r−q", SQUARES, plain, by=schwarz),
        induct("(Σst)² ≤ Σs²·Σt² for s = (q−p)⁺, t = (r−q)⁺", CLIMBS, climbing, by=climbs),
        induct("Σ((q−p)⁺)² ≤ Σ(q−p)²", SHORTER, cc <= ss, by=[grows]),
    ]


@cache
def euclid() -> list[Verdict]:
    """Return the axioms of a distance and of a climb for ℓ2, the roots of the sums of squares."""
    product, triangle, grows = lengths()
    plain, climbing, shorter = sums_of_squares()[-3:]
    roots: dict[str, Hypothesis] = {f"{length} ≥ 0": length >= 0 for length in (pq, qr, qp, up_pq, up_qr)}
    squares: dict[str, Hypothesis] = {
        f"{length}² = {total}": length * length == total
        for length, total in ((pq, ss), (qr, tt), (pr, rest), (qp, back), (up_pq, cc), (up_qr, dd), (up_pr, climb))
    }

    def of(*kept: Number) -> dict[str, Hypothesis]:
        """Return what is known of some of the lengths."""
        known = {str(length) for length in kept}
        return {name: said for name, said in {**roots, **squares}.items() if name.split(" ")[0].rstrip("²") in known}

    far = every(pr <= pq + qr, qp == pq, iff(pq == 0, no(apart)))
    added = [at(product, {C: st, x: pq, y: qr}), at(triangle, {C: st, x: pq, y: qr, z: pr})]
    high = every(up_pr <= up_pq + up_qr, iff(up_pq == 0, no(up)))
    squared = {name: said for name, said in of(up_pq).items() if "²" in name}
    climbed = [at(product, {C: cd, x: up_pq, y: up_qr}), at(grows, {x: up_pr, y: up_pq + up_qr})]
    return [
        *one_more_product(),
        *lengths(),
        *sums_of_squares(),
        prove("l2 gives distances", far, given={"the sums": SQUARES.run(), **of(pq, qr, pr, qp)}, by=[plain, *added]),
        prove("l2 gives climbs", high, given={"the sums": CLIMBS.run(), **of(up_pq, up_qr, up_pr)},
              by=[climbing, *climbed]),
        prove("‖(q−p)⁺‖ ≤ ‖q−p‖ for l2", up_pq <= pq, given={"the sums": SHORTER.run(), **squared, **of(pq)},
              by=[shorter, at(grows, {x: up_pq, y: pq})]),
    ]  # fmt: skip


@proof_of("distances")
def distances() -> Proof:
    """Prove the axioms of a distance, and of a climb, for the three norms."""
    l1, linf = norm_is_distance("l1"), norm_is_distance("linf")
    *parts, shorter = euclid()
    half = pr * 2 <= pq * 2 + qr
    mutants = [
        mutant(l1, "‖r−q‖ replaced by ‖r−q‖/2", claim=half, small=every(pq == 1, qr == 1, pr == 2)),
        mutant(linf, "‖r−q‖ replaced by ‖r−q‖/2", claim=half, small=every(pq == 1, qr == 1, pr == 2)),
        mutant(l1, "the climb back is as long", claim=up_pq == pq, small=every(pq == 1, up_pq == 0)),
        mutant(lengths()[1], "Σst ≤ ‖s‖·‖t‖ dropped", without=["Σst ≤ ‖s‖·‖t‖"]),
        mutant(shorter, "‖(q−p)⁺‖ ≤ ‖q−p‖ replaced by =", claim=up_pq == pq, small=every(pq == 1, up_pq == 0)),
    ]
    return Proof([l1, linf, *parts, shorter], mutants)
