"""Networks of one hidden layer with two units: exactly what they leave open.

On the line through a and b, a at the place 0 and b at 1, each unit is c·ReLU(t − k), c·ReLU(k − t) or constant.
"""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    TRUE,
    Number,
    between,
    differ,
    either,
    every,
    implies,
    no,
    number,
    reals,
    relu,
    substitute,
)

c, c_1, c_2, c_i, k, k_1, k_2, s, q, p = reals("c c_1 c_2 c_i k k_1 k_2 s q p")
t, share, fall, start, end, g = reals("t share fall start end g")
BEFORE: dict[str, Hypothesis] = {"0 < s ≤ q: x before the line leaves the cube": every(s > 0, s <= q)}
ROOM: dict[str, Hypothesis] = {"m < M, and p > 0: the line goes on at the other end": every(m < M, p > 0)}
OPEN = {1: "open to the right", -1: "open to the left"}


def two(at: Number, signs: tuple[int, int]) -> Number:
    """Return a network of two units on the line: c + Σ c_i·ReLU(±(t − k_i))."""
    one, other = (relu(at - k) if sign > 0 else relu(k - at) for sign, k in zip(signs, (k_1, k_2), strict=True))
    return c + c_1 * one + c_2 * other


@cache
def lines() -> list[Verdict]:
    """Return that a unit on the line through a and b is what `two` says."""
    w, a, b, at_a, at_b, at_t, beta, alpha, k = reals("w a b ⟨w,a⟩ ⟨w,b⟩ ⟨w,a+t(b−a)⟩ β α k")
    state = (at_a + w * a, at_b + w * b, at_t + w * (a + t * (b - a)))
    fold = Fold("⟨w,·⟩ on the line", (t,), (w, a, b), (at_a, at_b, at_t), (number(0),) * 3, state, TRUE)
    rises = implies(alpha > 0, relu(alpha * t + beta) == alpha * relu(t - k))
    falls = implies(alpha < 0, relu(alpha * t + beta) == -alpha * relu(k - t))
    level = implies(alpha == 0, relu(alpha * t + beta) == relu(beta))
    return [
        induct("⟨w,·⟩ is affine along the line", fold, at_t == at_a + t * (at_b - at_a)),
        prove("a unit on the line is c·ReLU(t−k), c·ReLU(k−t) or constant", every(rises, falls, level),
              given={"α·k = −β": alpha * k == -beta}),
    ]  # fmt: skip


def with_phi(signs: tuple[int, int], *places: Number) -> dict[str, Hypothesis]:
    """Return that the network is m at a, M at b, and stays in [m, M] at the places."""
    stays = every(*(between(m, two(place, signs), M) for place in places))
    return {**BEFORE, "f(a) = m": two(number(0), signs) == m, "f(b) = M": two(number(1), signs) == M,
            "f stays in [m, M]": stays}  # fmt: skip


VARIES: dict[str, Hypothesis] = {"m < M": m < M}


def one(at_place: Number, sign: int) -> Number:
    """Return a unit without its factor: ReLU(t − k), or ReLU(k − t)."""
    return relu(at_place - k) if sign > 0 else relu(k - at_place)


@cache
def chords(sign: int) -> list[Verdict]:
    """Return that c·unit lies above its chord from 1 to 1 + q, if it falls or bends before 1."""
    near, there, far = (one(place, sign) for place in (number(1), 1 + s, 1 + q))
    chord = (q - s) * near + s * far
    bends = every(q * there <= chord, implies(k <= 1, q * there == chord))
    under = prove(f"a unit {OPEN[sign]} lies under its chord, on it if it bends before 1", bends, given=BEFORE)
    turned = at(factors_keep_order(), {less: q * there, more: chord, factor: -c_i})
    given: dict[str, Hypothesis] = {**BEFORE, "c_i ≤ 0 or k ≤ 1": either(c_i <= 0, k <= 1)}
    name = f"c·unit {OPEN[sign]} lies above its chord, if it falls or bends before 1"
    return [under, prove(name, c_i * (q * there) >= c_i * chord, given=given, by=[under, turned])]


def rises_late(sign: int) -> dict[str, Hypothesis]:
    """Return that the first unit lies below its chord: it rises, and bends beyond b."""
    signs = (sign, sign)
    ends: dict[str, Hypothesis] = {"f(a) = m": two(number(0), signs) == m, "f(b) = M": two(number(1), signs) == M}
    return {**VARIES, **ends, "c_1 > 0 and k_1 > 1": every(c_1 > 0, k_1 > 1)}


@cache
def late_to_the_right() -> Verdict:
    """Return that with a unit that opens beyond b to the right the other one rises too: f(x) ≥ M."""
    other = [one(place, 1) for place in (number(0), number(1), 1 + s)]
    a, b, x = (substitute(value, [(k, k_2)]) for value in other)
    rises = at(factors_keep_order(), {less: a, more: b, factor: -c_2})
    goes_on = at(factors_keep_order(), {less: b, more: x, factor: c_2})
    opens = at(factors_keep_order(), {less: number(0), more: relu(1 + s - k_1), factor: c_1})
    given = {**rises_late(1), "s > 0": s > 0}
    return prove("a unit that opens beyond b to the right keeps f ≥ M", two(1 + s, (1, 1)) >= M, given=given,
                 by=[rises, goes_on, opens])  # fmt: skip


@cache
def late_to_the_left() -> Verdict:
    """Return that with a unit that is shut from beyond b on f falls from beyond a to a: it is below m there."""
    falls = at(factors_keep_order(), {less: relu(k_2 - 1), more: relu(k_2), factor: c_2})
    given = {**rises_late(-1), "p > 0": p > 0}
    return prove("a unit that shuts beyond b goes below m beyond a", two(-p, (-1, -1)) < m, given=given, by=[falls])


@cache
def beyond_b(sign: int) -> Verdict:
    """Return that beyond b the values are at least M − t_b(x)·(M − m), t_b(x) = s/q."""
    signs, late = (sign, sign), late_to_the_right() if sign > 0 else late_to_the_left()
    above = [at(chords(sign)[1], {c_i: factor_i, k: k_i}) for factor_i, k_i in ((c_1, k_1), (c_2, k_2))]
    either_one = [late, at(late, {c_1: c_2, c_2: c_1, k_1: k_2, k_2: k_1})]
    end = at(factors_keep_order(), {less: m, more: two(1 + q, signs), factor: s})
    high = at(factors_keep_order(), {less: M, more: two(1 + s, signs), factor: q})
    given = {**(VARIES if sign > 0 else ROOM), **with_phi(signs, -p, 1 + q)}
    return prove(f"beyond b, units {OPEN[sign]}: f(x) ≥ M − (s/q)·(M−m)", (M - two(1 + s, signs)) * q <= s * (M - m),
                 given=given, by=[*above, *either_one, end, high])  # fmt: skip


@cache
def beyond_a(sign: int) -> Verdict:
    """Return that beyond a the values are at most m + t_a(x)·(M − m), t_a(x) = s/q: the same, turned over."""
    signs = (sign, sign)
    turned = {c: m + M - c, c_1: -c_1, c_2: -c_2, k_1: 1 - k_1, k_2: 1 - k_2}
    given = {**(ROOM if sign > 0 else VARIES), **with_phi(signs, 1 + p, -q)}
    return prove(f"beyond a, units {OPEN[sign]}: f(x) ≤ m + (s/q)·(M−m)", (two(-s, signs) - m) * q <= s * (M - m),
                 given=given, by=[at(beyond_b(-sign), turned)])  # fmt: skip


@cache
def not_apart() -> Verdict:
    """Return that two units that are open to different sides do not have φ where the line goes on at both ends."""
    signs = (1, -1)
    given: dict[str, Hypothesis] = {
        "m < M": m < M, "f(a) = m": two(number(0), signs) == m, "f(b) = M": two(number(1), signs) == M,
        "p > 0 and q > 0": every(p > 0, q > 0),
    }  # fmt: skip
    inside = every(between(m, two(-p, signs), M), between(m, two(1 + q, signs), M))
    return prove("units open to different sides leave [m, M]", no(inside), given=given)


def clamp(at: Number) -> Number:
    """Return 0 up to `start`, 1 from `end` on, by two units; multiplied by end − start."""
    return relu(at - start) - relu(at - end)


@cache
def off_the_line() -> list[Verdict]:
    """Return that off the line some w has any share at x, 0 at a and 1 at b."""
    s_i, s_j, o_i, o_j, w_i, w_j, rate = reals("(b−a)_i (b−a)_j (x−a)_i (x−a)_j w_i w_j t")
    det = s_i * o_j - s_j * o_i
    given: dict[str, Hypothesis] = {
        "δ = (b−a)_i·(x−a)_j − (b−a)_j·(x−a)_i ≠ 0": no(det == 0),
        "w_i·δ": w_i * det == o_j - share * s_j,
        "w_j·δ": w_j * det == share * s_i - o_i,
    }
    on_line: dict[str, Hypothesis] = {"δ = 0 for this j": det == 0, "(b−a)_i ≠ 0": no(s_i == 0),
                                      "t·(b−a)_i = (x−a)_i": rate * s_i == o_i}  # fmt: skip
    at_b, at_x = w_i * s_i + w_j * s_j, w_i * o_i + w_j * o_j
    products = [
        at(equal_products(), {first: value * det, second: other, times: by})
        for value, other in ((w_i, o_j - share * s_j), (w_j, share * s_i - o_i))
        for by in (s_i, s_j, o_i, o_j)
    ]
    cancelled = [at(cancels(), {first: at_b, second: number(1), times: det}),
                 at(cancels(), {first: at_x, second: share, times: det})]  # fmt: skip
    return [
        equal_products(),
        cancels(),
        prove("⟨w,b−a⟩ = 1 and ⟨w,x−a⟩ is any share", every(at_b == 1, at_x == share), given=given,
              by=[*products, *cancelled]),
        prove("if every δ is 0, then x is on the line", o_j == rate * s_j, given=on_line),
    ]  # fmt: skip


first, second, times = reals("first second times")


@cache
def equal_products() -> Verdict:
    """Return that equal numbers have equal multiples."""
    return prove("equal numbers, equal multiples", first * times == second * times, given={"equal": first == second})


@cache
def cancels() -> Verdict:
    """Return that a factor other than 0 can be cancelled."""
    given: dict[str, Hypothesis] = {"factor ≠ 0": no(times == 0), "equal multiples": first * times == second * times}
    return prove("a factor other than 0 can be cancelled", first == second, given=given)


@cache
def members() -> list[Verdict]:
    """Return that two units attain every value of the set, φ taken to run from 0 to 1."""
    t_x = reals("t_x")[0]
    spans: dict[str, Hypothesis] = {"0 ≤ start < end ≤ 1": every(start >= 0, start < end, end <= 1)}
    width = end - start
    ends = every(clamp(number(0)) == 0, clamp(number(1)) == width, between(0, clamp(t), width))
    inner: dict[str, Hypothesis] = {
        "0 < t_x < 1": every(t_x > 0, t_x < 1),
        "0 ≤ share ≤ 1": between(0, share, 1),
        "start and end": either(
            every(share <= t_x, start * (1 - share) == t_x - share, end == 1),
            every(share > t_x, start == 0, end * share == t_x),
        ),
    }
    hits = every(clamp(t_x) == share * width, start >= 0, start < end, end <= 1)
    tent = relu(t) - (1 + fall) * relu(t - 1)
    slope: dict[str, Hypothesis] = {"fall·s = 1 − share": fall * s == 1 - share, "0 ≤ share ≤ 1": between(0, share, 1)}
    reach: dict[str, Hypothesis] = {"0 < s ≤ q": every(s > 0, s <= q), "1 − share ≤ s/q": (1 - share) * q <= s}
    at_x = relu(1 + s) - (1 + fall) * relu(s) == share
    held = share - (1 + fall) * relu(1 - t) + fall * relu(1 + s - t)
    held_at = every(share - (1 + fall) + fall * (1 + s) == 0, share + fall * s == 1)
    return [
        prove("a ramp from start to end has φ", ends, given=spans),
        prove("between a and b, every share is attained", hits, given=inner),
        prove("beyond b, every share ≥ 1 − s/q is attained", every(between(0, tent, 1), at_x),
              given={**slope, **reach, "t ≤ 1 + q on the cube": t <= 1 + q}),
        prove("beyond b, a at the line's end, every share is attained", every(between(0, held, 1), held_at),
              given={**slope, "s > 0": s > 0, "t ≥ 0 on the cube": t >= 0}),
    ]  # fmt: skip


@cache
def places() -> list[Verdict]:
    """Return that one coordinate bounds t on the cube: where it is 0 or 1 at a, or first to reach the border."""
    a, b, z = reals("a_i b_i z_i")
    known: dict[str, Hypothesis] = {"z_i ∈ [0, 1]": between(0, z, 1), "t·(b_i−a_i) = z_i − a_i": t * (b - a) == z - a}
    ends: dict[str, Hypothesis] = {"a_i ≠ b_i": differ(a, b), "b_i ∈ [0, 1]": between(0, b, 1),
                                   "a_i is 0 or 1": either(a == 0, a == 1)}  # fmt: skip
    border = b + q * (b - a)
    at_exit = either(every(b > a, border == 1), every(b < a, border == 0))
    return [
        prove("t ≥ 0 on the cube if a_i is 0 or 1", t >= 0, given={**known, **ends}),
        prove("t ≤ 1 + q on the cube if the line leaves it there", t <= 1 + q,
              given={**known, "b_i + q·(b_i−a_i) is on the border": at_exit}),
        scaled(),
    ]  # fmt: skip


@cache
def scaled() -> Verdict:
    """Return that m + (M − m)·g has its values in [m, M], m where g is 0 and M where g is 1."""
    value = m + (M - m) * g
    claim = every(between(m, value, M), implies(g == 0, value == m), implies(g == 1, value == M))
    return prove("from 0 and 1 to m and M", claim, given={"0 ≤ g ≤ 1": between(0, g, 1), "m < M": m < M})


@proof_of("two-units")
def two_units() -> Proof:
    """Prove what two hidden units leave open."""
    sound, mirrored = [beyond_b(1), beyond_b(-1)], [beyond_a(1), beyond_a(-1)]
    known = [*chords(1), *chords(-1), late_to_the_right(), late_to_the_left()]
    steps = [*lines(), *known, *sound, *mirrored, not_apart(), *off_the_line(), *places(), *members()]
    sharper = (M - two(1 + s, (1, 1))) * q * 10 <= s * (M - m) * 9
    mutants = [
        mutant(sound[0], "t_b(x) replaced by 0.9·t_b(x)", claim=sharper, small=every(m == 0, M == 1, s == 1, q == 2)),
        mutant(sound[1], "p > 0 dropped", without=[*ROOM], small=every(m == 0, M == 1)),
        mutant(mirrored[0], "f(b) = M dropped", without=["f(b) = M"], small=every(m == 0, M == 1)),
    ]
    return Proof(steps, mutants)
