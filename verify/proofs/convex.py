"""Convex functions: bounded above by the gauge around a, forced to M on the face of b, free between.

Every sum and maximum over the coordinates is built up by induction, so that every d is covered.
"""

from functools import cache

from fvproof.verify.proofs.mixing import (
    SHARE,
    constants_have_phi,
    first,
    greater,
    less,
    lesser,
    mix,
    mixing_of_maxima,
    mixtures_attain,
    mixtures_have_phi,
    mixtures_keep_order,
    more,
    rescaled,
    second,
    share,
)
from fvproof.verify.proofs.notation import HALF, UNIT, M, m, twins_defeat_decoders
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    FALSE,
    Number,
    absolute,
    between,
    choose,
    either,
    every,
    iff,
    implies,
    maximum,
    minimum,
    number,
    reals,
    relu,
    truths,
)

a, b, x, p, q, t, k, delta = reals("a b x p q t k δ")
f_x, f_y = reals("f(x) f(y)")


def gauge(at: Number) -> Number:
    """Return one coordinate's share of the gauge: how far it lies on the way from a to the border."""
    return choose(at > a, (at - a) / (1 - a), choose(at < a, (a - at) / a, number(0)))


def coordinates(*names: Number) -> dict[str, Hypothesis]:
    """Return the hypotheses that the coordinates lie in [0, 1]."""
    return {f"{name} ∈ [0, 1]": between(0, name, 1) for name in names}


@cache
def upper_end() -> list[Verdict]:
    """Return f(x) ≤ m + t·(M−m): x lies between a and the point y = a + (x−a)/t of the cube."""
    y = a + (x - a) / t
    given = {**coordinates(a, x), "t ≥ gauge": t >= gauge(x), "t > 0": t > 0}
    jensen: dict[str, Hypothesis] = {
        "f is convex between a and y": f_x <= (1 - t) * m + t * f_y,
        "f(y) ≤ M": f_y <= M,
        "t ≥ 0": t >= 0,
    }
    return [
        prove(
            "y = a + (x−a)/t lies in the cube, and x between",
            every(between(0, y, 1), (1 - t) * a + t * y == x),
            given=given,
        ),
        prove("t = 0 at a only", iff(gauge(x) == 0, x == a), given=coordinates(x)),
        prove("f(x) ≤ m + t·(M−m)", f_x <= m + t * (M - m), given=jensen),
    ]


@cache
def face() -> list[Verdict]:
    """Return f = M on the face G of b: b lies between x ∈ G and the point z = b + δ(b−x) of the cube."""
    own = choose(either(b == 0, b == 1), 1, minimum(b, 1 - b))
    fold = Fold("δ", (), (b,), (delta,), (number(1),), (minimum(delta, own),), between(0, b, 1))
    z = b + delta * (b - x)
    on_face = implies(either(b == 0, b == 1), x == b)
    given = {**coordinates(x), "x ∈ G": on_face, "0 ≤ δ": delta >= 0, "δ small": delta <= own}
    between_x_and_z = (1 + delta) * M <= f_y + delta * f_x
    values: dict[str, Hypothesis] = {
        "f is convex between x and z": between_x_and_z,
        "f(z) ≤ M": f_y <= M,
        "f(x) ≤ M": f_x <= M,
        "δ > 0": delta > 0,
    }
    return [
        induct("δ > 0 can be had", fold, delta > 0),
        prove(
            "z = b + δ(b−x) lies in the cube, and b between",
            every(between(0, z, 1), (1 + delta) * b == z + delta * x),
            given=given,
        ),
        prove("f(x) = M on G", f_x == M, given=values),
    ]


@cache
def gauge_is_convex() -> Verdict:
    """Return that one coordinate's share of the gauge is convex and lies in [0, 1]."""
    given = {**coordinates(a, p, q), **SHARE}
    claim = every(gauge(mix(share, p, q)) <= mix(share, gauge(p), gauge(q)), between(0, gauge(p), 1))
    return prove("one coordinate's gauge is convex and in [0, 1]", claim, given=given)


@cache
def upper_witness() -> list[Verdict]:
    """Return that m + (M−m)·t_a is convex, between m and M, m at a, and M at b."""
    t_p, t_q, t_mix, t_a, t_b = reals("t(p) t(q) t((1−λ)p+λq) t(a) t(b)")
    (outside,) = truths("a∉G")
    state, at_points = (t_p, t_q, t_mix), (p, q, mix(share, p, q))
    step = tuple(maximum(s, gauge(z)) for s, z in zip(state, at_points, strict=True))
    cube = every(*(between(0, c, 1) for c in (a, p, q)))
    bent = Fold("t_a at three points", (share,), (a, p, q), state, (number(0),) * 3, step, cube)
    ends = (maximum(t_a, gauge(a)), maximum(t_b, gauge(b)), either(outside, off_face(a)))
    both = every(between(0, a, 1), between(0, b, 1))
    fold = Fold("t_a at a and b", (), (a, b), (t_a, t_b, outside), (number(0), number(0), FALSE), ends, both)
    convex = every(t_mix <= mix(share, t_p, t_q), between(0, t_p, 1), t_q >= 0)
    unit = {"0 ≤ λ ≤ 1": between(0, share, 1)}
    raised = [
        at(mixtures_keep_order(), {less: s, more: step[0], lesser: t, greater: step[1]})
        for s, t in ((t_p, t_q), (gauge(p), gauge(q)))
    ]
    return [
        induct("t_a is convex and in [0, 1]", bent, convex, given=unit, by=[gauge_is_convex(), *raised]),
        induct("t_a is 0 at a, and 1 at b where a ∉ G", fold, every(t_a == 0, t_b <= 1, implies(outside, t_b == 1))),
        rescaled(),
    ]


def off_face(at: Number) -> Number:
    """Return the claim that a coordinate leaves the face G of b."""
    return every(either(b == 0, b == 1), at != b)


@cache
def lower_witness() -> list[Verdict]:
    """Return that m + (M−m)·max(0, 1 − k·Σ|z_i−b_i|), the sum over the i fixed on G, is convex and M at b, m off G."""
    d_p, d_q, d_mix, d_b, d_x = reals("Σ(p) Σ(q) Σ((1−λ)p+λq) Σ(b) Σ(x)")
    (outside,) = truths("x∉G")

    def far(at: Number) -> Number:
        """Return one coordinate's share of the sum."""
        return choose(either(b == 0, b == 1), absolute(at - b), number(0))

    state, points = (d_p, d_q, d_mix, d_b, d_x), (p, q, mix(share, p, q), b, x)
    step = (*(s + far(z) for s, z in zip(state, points, strict=True)), either(outside, off_face(x)))
    cube = every(*(between(0, c, 1) for c in (b, p, q, x)))
    fold = Fold("Σ|z−b| over G", (share,), (b, p, q, x), (*state, outside), (*[number(0)] * 5, FALSE), step, cube)
    invariant = every(d_mix == mix(share, d_p, d_q), d_p >= 0, d_b == 0, d_x >= 0, implies(outside, d_x > 0))
    top = [relu(1 - k * d) for d in (d_p, d_q, mix(share, d_p, d_q))]
    hinge = at(mixing_of_maxima(), {first: 1 - k * d_p, second: 1 - k * d_q})
    off: dict[str, Hypothesis] = {"k ≥ 1/Σ(x)": k * d_x >= 1, "Σ(z) ≥ 0": d_p >= 0, "k ≥ 0": k >= 0}
    return [
        induct("Σ|z_i−b_i| is affine, 0 at b, > 0 off G", fold, invariant, given={"0 ≤ λ ≤ 1": between(0, share, 1)}),
        prove("max(0, 1 − k·Σ) is convex", top[2] <= mix(share, top[0], top[1]), given=SHARE, by=[hinge]),
        prove(
            "max(0, 1 − k·Σ) is 0 at x ∉ G, 1 at b, in [0, 1]",
            every(relu(1 - k * d_x) == 0, relu(1 - k * number(0)) == 1, between(0, top[0], 1)),
            given=off,
        ),
    ]


@cache
def mixture() -> Verdict:
    """Return that mixtures of convex functions are convex."""
    s, f_p, f_q, f_mid, g_p, g_q, g_mid = reals("s low(p) low(q) low(r) high(p) high(q) high(r)")
    given = {**SHARE, "low is convex": f_mid <= mix(s, f_p, f_q), "high is convex": g_mid <= mix(s, g_p, g_q)}
    claim = mix(share, f_mid, g_mid) <= mix(s, mix(share, f_p, g_p), mix(share, f_q, g_q))
    terms = {less: f_mid, more: mix(s, f_p, f_q), lesser: g_mid, greater: mix(s, g_p, g_q)}
    return prove("mixtures are convex", claim, given=given, by=[at(mixtures_keep_order(), terms)])


@cache
def feasible() -> Verdict:
    """Return that a lies off G unless m = M."""
    return prove("a ∈ G makes m = M", m == M, given={"f(a) = M for a ∈ G": f_x == M, "f(a) = m": f_x == m})


@proof_of("convex")
def convex() -> Proof:
    """Prove the row."""
    above, forced = upper_end(), face()
    no_go = twins_defeat_decoders(m, m + t * (M - m), {"t_a(x) = 1": t == 1})
    side = prove("the side is known iff t < 1/2", iff(m + t * (M - m) < HALF, t * 2 < 1), given={"m < M": m < M})
    fills = [mixture(), mixtures_attain(), mixtures_have_phi(), constants_have_phi()]
    steps = [*above, *forced, *upper_witness(), *lower_witness(), *fills, feasible(), no_go, side]
    small = every(UNIT, t * 2 == 1)
    mutants = [
        mutant(above[2], "t replaced by 0.9·t", claim=f_x * 10 <= m * 10 + t * 9 * (M - m), small=small),
        mutant(forced[1], "x ∈ G dropped", without=["x ∈ G"]),
        mutant(forced[2], "δ > 0 replaced by δ ≥ 0", without=["δ > 0"], small=every(UNIT, delta == 0)),
    ]
    return Proof(steps, mutants)
