"""Networks of one hidden layer with two units, and with one: exactly what they leave open.

Two: on the line through a and b, a at the place 0 and b at 1, each unit is c·ReLU(t − k), c·ReLU(k − t) or constant.
One: max(m, ·) or min(M, ·) of an affine map, whose weights have known signs where b, or a, is 0 or 1.
"""

from functools import cache

from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    TRUE,
    Claim,
    Number,
    absolute,
    between,
    differ,
    either,
    every,
    implies,
    maximum,
    no,
    number,
    reals,
    relu,
)

c, c_1, c_2, k_1, k_2, s, q, p = reals("c c_1 c_2 k_1 k_2 s q p")
t, share, fall, start, end, g = reals("t share fall start end g")
BEFORE: dict[str, Hypothesis] = {"0 < s ≤ q: x before the line leaves the cube": every(s > 0, s <= q)}
ROOM: dict[str, Hypothesis] = {"p > 0: the line goes on at the other end": p > 0}
SIGNS = {"both open to the right": (1, 1), "both open to the left": (-1, -1)}


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


@cache
def beyond_b() -> list[Verdict]:
    """Return that beyond b the values are at least M − t_b(x)·(M − m), t_b(x) = s/q."""
    return [
        prove(f"beyond b, units {named}: f(x) ≥ M − (s/q)·(M−m)", (M - two(1 + s, signs)) * q <= s * (M - m),
              given={**(VARIES if signs == (1, 1) else ROOM), **with_phi(signs, -p, 1 + q)})
        for named, signs in SIGNS.items()
    ]  # fmt: skip


@cache
def beyond_a() -> list[Verdict]:
    """Return that beyond a the values are at most m + t_a(x)·(M − m), t_a(x) = s/q."""
    return [
        prove(f"beyond a, units {named}: f(x) ≤ m + (s/q)·(M−m)", (two(-s, signs) - m) * q <= s * (M - m),
              given={**(ROOM if signs == (1, 1) else VARIES), **with_phi(signs, 1 + p, -q)})
        for named, signs in SIGNS.items()
    ]  # fmt: skip


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
    return [
        prove("⟨w,b−a⟩ = 1 and ⟨w,x−a⟩ is any share", every(w_i * s_i + w_j * s_j == 1, w_i * o_i + w_j * o_j == share),
              given=given),
        prove("if every δ is 0, then x is on the line", o_j == rate * s_j, given=on_line),
    ]  # fmt: skip


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
    sound, mirrored = beyond_b(), beyond_a()
    steps = [*lines(), *sound, *mirrored, not_apart(), *off_the_line(), *places(), *members()]
    sharper = (M - two(1 + s, (1, 1))) * q * 10 <= s * (M - m) * 9
    mutants = [
        mutant(sound[0], "t_b(x) replaced by 0.9·t_b(x)", claim=sharper, small=every(m == 0, M == 1, s == 1, q == 2)),
        mutant(sound[1], "p > 0 dropped", without=[*ROOM], small=every(m == 0, M == 1)),
        mutant(mirrored[0], "f(b) = M dropped", without=["f(b) = M"], small=every(m == 0, M == 1)),
    ]
    return Proof(steps, mutants)


x_i, a_i, b_i, w, down, across, rho = reals("x_i a_i b_i w_i ℓ(a)−ℓ(b) ℓ(x)−ℓ(b) ρ")


def highest_at_b() -> Claim:
    """Return that no coordinate of the cube makes ℓ greater than at b, with all coordinates in [0, 1]."""
    inside = every(*(between(0, z, 1) for z in (x_i, a_i, b_i)))
    return every(inside, w * (0 - b_i) <= 0, w * (1 - b_i) <= 0)


@cache
def one_is_flat() -> Verdict:
    """Return that a network of one unit with c > 0 is m + (M − m)·max(0, ℓ) on the cube: for m = 0 and M = 1."""
    gamma, at_z, at_a, at_b = reals("γ ℓ(z) ℓ(a) ℓ(b)")
    given: dict[str, Hypothesis] = {
        "f(a) = 0": maximum(gamma, at_a) == 0,
        "f(b) = 1": maximum(gamma, at_b) == 1,
        "0 ≤ f(z) ≤ 1": between(0, maximum(gamma, at_z), 1),
    }
    claim = every(maximum(gamma, at_z) == maximum(0 * gamma, at_z), at_a <= 0, at_b == 1, at_z <= 1)
    return prove("one unit is max(0, ℓ), with ℓ(a) ≤ 0 and ℓ ≤ 1 = ℓ(b)", claim, given=given)


@cache
def one_is_below() -> list[Verdict]:
    """Return that ℓ(x) ≤ 1 − ρ, and that ℓ is 1 on the smallest face that holds b."""
    fixed = either(b_i == 0, b_i == 1)
    far = implies(every(fixed, no(a_i == b_i)), absolute(x_i - b_i) >= rho * absolute(a_i - b_i))
    state = (down + w * (a_i - b_i), across + w * (x_i - b_i))
    zero = (number(0), number(0))
    ratio = Fold("ℓ at a and x", (rho,), (w, x_i, a_i, b_i), (down, across), zero, state, every(highest_at_b(), far))
    face = every(highest_at_b(), implies(fixed, x_i == b_i))
    on_face = Fold("ℓ on b's face", (), (w, x_i, a_i, b_i), (down, across), zero, state, face)
    nothing = every(highest_at_b(), implies(fixed, a_i == b_i))
    unheld = Fold("ℓ if b is not held", (), (w, x_i, a_i, b_i), (down, across), zero, state, nothing)
    below = induct("ℓ(x) − ℓ(b) ≤ ρ·(ℓ(a) − ℓ(b))", ratio, across <= rho * down)
    given: dict[str, Hypothesis] = {
        "ℓ(x) − ℓ(b) ≤ ρ·(ℓ(a) − ℓ(b))": across <= rho * down,
        "ℓ(a) − ℓ(b) ≤ −1": down <= -1,
        "ρ ≥ 0": rho >= 0,
    }
    return [
        below,
        prove("ℓ(x) ≤ 1 − ρ", 1 + across <= 1 - rho, given=given),
        induct("ℓ is 1 on the smallest face that holds b", on_face, across == 0),
        induct("without a coordinate that holds b, ℓ(a) = ℓ(b)", unheld, down == 0),
    ]


@cache
def one_attains() -> Verdict:
    """Return that 1 − |z_i−b_i|/|a_i−b_i| − κ·|z_j−b_j| attains every share up to 1 − ρ, with b_i, b_j in {0, 1}."""
    gap, x_gap, z_gap, far, z_far, a_far, kappa = reals("|a_i−b_i| |x_i−b_i| |z_i−b_i| |x_j−b_j| |z_j−b_j| |a_j−b_j| κ")
    rate = reals("1/|a_i−b_i|")[0]
    given: dict[str, Hypothesis] = {
        "|a_i−b_i| > 0": every(gap > 0, rate * gap == 1),
        "ρ = |x_i−b_i|/|a_i−b_i|": rho == rate * x_gap,
        "0 ≤ share ≤ max(0, 1−ρ)": every(share >= 0, share <= maximum(0 * rho, 1 - rho)),
        "|x_j−b_j| > 0": far > 0,
        "κ makes it the share, where that is less": kappa * far == maximum(0 * rho, 1 - rho - share),
        "gaps ≥ 0": every(x_gap >= 0, z_gap >= 0, z_far >= 0, a_far >= 0),
    }
    claim = every(
        maximum(0 * rho, 1 - rate * x_gap - kappa * far) == share,
        1 - rate * gap - kappa * a_far <= 0,
        1 - rate * z_gap - kappa * z_far <= 1,
    )
    return prove("every share up to 1 − ρ is attained", claim, given=given)


@proof_of("one-unit")
def one_unit() -> Proof:
    """Prove what one hidden unit leaves open; min(M, ·) is the same upside down, a and b exchanged."""
    flat, (below, bound, face, unheld), tight = one_is_flat(), one_is_below(), one_attains()
    upside = reals("f")[0]
    mirror = prove("upside down: m + M − f runs from m to M too", between(m, m + M - upside, M),
                   given={"m ≤ f ≤ M": between(m, upside, M)})  # fmt: skip
    mutants = [
        mutant(bound, "1 − ρ replaced by 1 − 1.1·ρ", claim=(1 + across) * 10 <= 10 - 11 * rho, small=rho == 1),
        mutant(flat, "f(b) = 1 dropped", without=["f(b) = 1"]),
        mutant(tight, "share ≤ max(0, 1−ρ) dropped", without=["0 ≤ share ≤ max(0, 1−ρ)"], small=rho == 1),
    ]
    return Proof([flat, below, bound, face, unheld, tight, scaled(), mirror], mutants)
