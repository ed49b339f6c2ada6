"""Continuous and smooth functions: as free as the black box."""

from functools import cache

from fvproof.verify.proofs.black_box import feasible, sound
from fvproof.verify.proofs.memorising import network_is_lipschitz
from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import APART, SPREAD, UNIT, M, a, b, m, twins_defeat_decoders, v, x, z
from fvproof.verify.proofs.spikes import beta, distance, extrema_are_unique, k, metric, no_go, sharpness, three_spikes
from fvproof.verify.proving.assumption import Assumed, Assumption
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import Number, Point, every, implies, reals, relation

SMOOTH = Assumption("smooth", "a quotient of polynomials is infinitely smooth wherever its denominator is not zero")
smooth_at = relation("Shepard's mean is smooth at · for ·,·,·", 4)


def lipschitz_functions_are_continuous() -> Verdict:
    """Return that δ = ε/L serves a function with Lipschitz constant L > 0."""
    near, far, L, eps = reals("‖p−q‖ |f(p)−f(q)| L ε")
    given: dict[str, Hypothesis] = {
        "|f(p)−f(q)| ≤ L·‖p−q‖": far <= L * near,
        "‖p−q‖ < ε/L": near < eps / L,
        "L > 0": L > 0,
    }
    return prove("|f(p)−f(q)| < ε for ‖p−q‖ < ε/L", far < eps, given=given)


@proof_of("continuous")
def continuous() -> Proof:
    """Prove the row: the three-spike network is continuous."""
    tight, meets = three_spikes(), lipschitz_functions_are_continuous()
    members = [tight, sharpness(), constants_have_phi(), network_is_lipschitz(), meets]
    steps = [sound(), feasible(), *members, extrema_are_unique(), no_go()]
    mutants = [
        mutant(tight, "k·‖x−b‖ ≥ 2 dropped", without=["k·‖x−b‖ ≥ 2"], small=every(UNIT, k == 1, beta * 2 == 1, v == 1)),
        mutant(meets, "L > 0 dropped", without=["L > 0"]),
    ]
    return Proof(steps, mutants)


def square(s: Point, t: Point) -> Number:
    """Return the squared Euclidean distance, a polynomial in the coordinates."""
    return distance(s, t) * distance(s, t)


def pairs_at(point: Point) -> list[tuple[Number, Number]]:
    """Return, for each of a, b and x, the distances to the other two."""
    near_a, near_b, near_x = (distance(point, c) for c in (a, b, x))
    return [(near_b, near_x), (near_a, near_x), (near_a, near_b)]


def weights_at(point: Point) -> list[Number]:
    """Return the weights of a, b and x: the products of the squared distances to the other two."""
    return [(s * s) * (t * t) for s, t in pairs_at(point)]


@cache
def positive_squares() -> Verdict:
    """Return that a product of two squares is not negative."""
    s, t = reals("s t")
    return prove("s²·t² ≥ 0", (s * s) * (t * t) >= 0)


def shepard(at_point: Point, value: Number = v) -> tuple[Number, Number]:
    """Return numerator and denominator of Σ v_j·w_j / Σ w_j with w_j the product of ‖z−c_i‖² over the other points."""
    weights = weights_at(at_point)
    return m * weights[0] + M * weights[1] + value * weights[2], weights[0] + weights[1] + weights[2]


def weighted_mean() -> list[Verdict]:
    """Return that a mean with non-negative weights stays in [m, M], and strictly inside while v and a weight do."""
    w_a, w_b, w_x = reals("w_a w_b w_x")
    total, mass = m * w_a + M * w_b + v * w_x, w_a + w_b + w_x
    weights: dict[str, Hypothesis] = {f"{w} ≥ 0": w >= 0 for w in (w_a, w_b, w_x)}
    inside = every(m * mass <= total, total <= M * mass)
    strict = every(
        implies(total == m * mass, every(w_b == 0, w_x == 0)), implies(total == M * mass, every(w_a == 0, w_x == 0))
    )
    return [
        prove("a weighted mean stays in [m, M]", inside, given={**SPREAD, **weights}),
        prove("for m < v < M it meets the ends only alone", strict, given={"m < v": m < v, "v < M": v < M, **weights}),
    ]


def value_at(point: Point, value: Number) -> Verdict:
    """Return that the mean is the value memorised at one of the three points."""
    top, bottom = shepard(point)
    given = {name: claim for name, claim in APART.items() if str(point) in name}
    return prove(
        f"the value at {point} is {value}", every(top == value * bottom, bottom > 0), given=given, by=[metric(a, b, x)]
    )


@proof_of("smooth")
def smooth() -> Proof:
    """Prove the row with Shepard's function."""
    mean, strict = weighted_mean()
    positive = prove("the denominator is positive everywhere", shepard(z)[1] > 0, given=APART, by=[metric(a, b, x, z)])
    quotient = Assumed(SMOOTH, implies(shepard(z)[1] > 0, smooth_at(z, a, b, x)))
    member = prove("Shepard's mean is smooth everywhere", smooth_at(z, a, b, x), given=APART, by=[positive, quotient])
    at_x = value_at(x, v)
    weights = dict(zip(reals("w_a w_b w_x"), weights_at(z), strict=True))
    top, bottom = shepard(z)
    squares = [at(positive_squares(), dict(zip(reals("s t"), pair, strict=True))) for pair in pairs_at(z)]
    stays = prove("Shepard's mean stays in [m, M]", every(m * bottom <= top, top <= M * bottom), given=SPREAD,
                  by=[at(mean, weights), *squares])  # fmt: skip
    low, high = reals("low(x) high(x)")
    means: dict[str, Hypothesis] = {
        f"{name} is the mean for v = {end}": name * shepard(x, end)[1] == shepard(x, end)[0]
        for name, end in ((low, m), (high, M))
    }
    apart = {name: APART[name] for name in ("x ≠ a", "x ≠ b")}
    no_go = twins_defeat_decoders(low, high, {**means, **apart}, [at(at_x, {v: m}), at(at_x, {v: M})])
    values = [value_at(a, m), value_at(b, M), at_x]
    steps = [
        sound(),
        feasible(),
        mean,
        strict,
        positive,
        member,
        positive_squares(),
        stays,
        *values,
        constants_have_phi(),
        no_go,
    ]
    mutants = [
        mutant(positive, "x ≠ a dropped", without=["x ≠ a"]),
        mutant(mean, "v ≤ M dropped", without=["v ≤ M"], small=UNIT),
    ]
    return Proof(steps, mutants)
