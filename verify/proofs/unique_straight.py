"""Unique extrema of affine and convex functions: which ends open, and that nothing else does.

Affine functions are measured in units of M − m from m, so that their weights, turned to be ≥ 0, add up to 1.
"""

from functools import cache

from fvproof.verify.proofs import affine as lines
from fvproof.verify.proofs import convex as bowls
from fvproof.verify.proofs.convex import gauge
from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.mixing import dividend, divisor, mix, proportion, quotient, scale, share
from fvproof.verify.proofs.notation import M, m
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.terms import (
    FALSE,
    absolute,
    between,
    choose,
    either,
    every,
    iff,
    implies,
    maximum,
    minimum,
    no,
    number,
    reals,
    relu,
    truths,
)

w, u, total, most, fewest, t = reals("ω u f(x) max_u min_u t")
first, second = reals("first second")


@cache
def positive_product() -> Verdict:
    """Return that positive times positive is positive."""
    given: dict[str, Hypothesis] = {"first > 0": first > 0, "second > 0": second > 0}
    return prove("positive times positive is positive", first * second > 0, given=given)


@cache
def affine() -> dict[str, Verdict]:
    """Return that all weights are positive, that f(x) then lies strictly inside, and that every such value is taken."""
    moved, start, f_moved = reals("a′_i a_i f(a′)")
    alone: dict[str, Hypothesis] = {
        "a′ is a but for a′_i": f_moved == m + w * absolute(moved - start),
        "a′_i ≠ a_i": moved != start,
        "f is m at a only": implies(f_moved == m, moved == start),
        "m ≤ f(a′)": m <= f_moved,
    }
    return {
        "positive": prove("affine: unique extrema need every weight to be positive", w > 0, given=alone),
        "signs at a": lines.signs()[0],
        "signs at b": lines.signs()[1],
        "inside": _inside(),
        "value": _value(),
        "only": _only(),
    }


def _inside() -> Verdict:
    """Return that positive weights keep f(x) off min u and max u, if some u is greater and some is less."""
    mass, below_most, above_least = reals("Σω Σω·(max_u−u) Σω·(u−min_u)")
    low_some, high_some = truths("some_u<max_u some_u>min_u")
    sums = (mass + w, total + w * u, below_most + w * (most - u), above_least + w * (u - fewest))
    step = (*sums, either(low_some, u < most), either(high_some, u > fewest))
    state = (mass, total, below_most, above_least, low_some, high_some)
    start = (*(number(0),) * 4, FALSE, FALSE)
    fold = Fold("positive weights", (fewest, most), (w, u), state, start, step, every(w > 0, between(fewest, u, most)))
    equal = every(below_most == most * mass - total, above_least == total - fewest * mass)
    signs = every(below_most >= 0, above_least >= 0)
    strict = every(implies(low_some, below_most > 0), implies(high_some, above_least > 0))
    products = [at(factors_keep_order(), {less: number(0), more: gap, factor: w}) for gap in (most - u, u - fewest)]
    return induct("affine: positive weights leave the ends open", fold, every(equal, signs, strict), by=products)


def _value() -> Verdict:
    """Return that every value strictly between is taken with a little weight ε/d on every coordinate."""
    eps, mean, value = reals("ε mean_u v")
    (tau,) = reals("τ")
    given: dict[str, Hypothesis] = {
        "min u < v": fewest < value,
        "v < max u": value < most,
        "min u ≤ mean u ≤ max u": between(fewest, mean, most),
        "ε = min(v − min u, max u − v)/(2(max u − min u))": eps * 2 * (most - fewest)
        == minimum(value - fewest, most - value),
        "τ·(1−ε) = v − ε·mean u": tau * (1 - eps) == value - eps * mean,
    }
    gaps = (mean - fewest, most - mean)
    products = [at(factors_keep_order(), {less: gap, more: most - fewest, factor: eps}) for gap in gaps]
    claim = every(eps > 0, eps < 1, between(fewest, tau, most), mix(eps, tau, mean) == value)
    return prove("affine: a little weight on every coordinate can be had", claim, given=given, by=products)


def _only() -> Verdict:
    """Return that with positive weights f is m at a only and M at b only; distances are |z_i − a_i|, 1 at b."""
    mass, rise, fall = reals("Σω Σω|z−a| Σω(1−|z−a|)")
    off_a, off_b = truths("z≠a z≠b")
    step = (mass + w, rise + w * u, fall + w * (1 - u), either(off_a, u != 0), either(off_b, u != 1))
    start = (*(number(0),) * 3, FALSE, FALSE)
    fold = Fold("positive weights on the gaps from a to z", (), (w, u), (mass, rise, fall, off_a, off_b), start, step,
                every(w > 0, between(0, u, 1)))  # fmt: skip
    sums = every(rise + fall == mass, rise >= 0, fall >= 0)
    alone = every(implies(off_a, rise > 0), implies(off_b, fall > 0))
    products = [at(positive_product(), {first: w, second: part}) for part in (u, 1 - u)]
    return induct(
        "affine: with positive weights f is m at a only and M at b only", fold, every(sums, alone), by=products
    )


@cache
def convex() -> dict[str, Verdict]:
    """Return which ends open for convex functions, b then being a corner of the cube."""
    f_x, f_y = reals("f(x) f(y)")
    corner: dict[str, Hypothesis] = {
        "f = M on G": implies(implies(either(bowls.b == 0, bowls.b == 1), bowls.x == bowls.b), f_x == M),
        "f is M at b only": implies(f_x == M, bowls.x == bowls.b),
        "x is b but for x_i": bowls.x != bowls.b,
    }
    upper: dict[str, Hypothesis] = {
        "f is convex between a and y": f_x <= (1 - t) * m + t * f_y,
        "f(y) < M: y ≠ b": f_y < M,
        "t > 0": t > 0,
    }
    return {
        "product": positive_product(),
        "corner": prove("convex: b is a corner", either(bowls.b == 0, bowls.b == 1), given=corner),
        "only": _mixtures(),
        "parts": _parts(),
        "open above": prove("convex: the upper end is open where y = a + (x−a)/t is not b", f_x < m + t * (M - m),
                            given=upper),
        "inside": _shares(),
        "segment": _segment(),
        "attained": _attained(),
    }  # fmt: skip


def _mixtures() -> Verdict:
    """Return that mixtures with 0 < λ < 1 are m only where t_a is 0, and M only where h_b is 1."""
    t_a, h_b = reals("t_a(z) h_b(z)")
    strict: dict[str, Hypothesis] = {
        "0 < λ < 1": every(share > 0, share < 1),
        "h_b(z) ∈ [0, 1]": between(0, h_b, 1),
        "t_a(z) ∈ [0, 1]": between(0, t_a, 1),
    }
    value = mix(share, h_b, t_a)
    shares = ((share, t_a), (1 - share, h_b), (share, 1 - t_a), (1 - share, 1 - h_b))
    products = [at(positive_product(), {first: part, second: height}) for part, height in shares]
    ends = every(implies(value == 0, t_a == 0), implies(value == 1, h_b == 1))
    return prove("convex: a proper mixture is m at a only and M at b only", ends, given=strict, by=products)


def _parts() -> Verdict:
    """Return that t_a is 0 at a only, and Σ|z−b|, so that h_b = max(0, 1 − k·Σ) is 1, at the corner b only."""
    a, b, x = bowls.a, bowls.b, bowls.x
    t_x, gap = reals("t_a(x) Σ|x−b|")
    off_a, off_b = truths("x≠a x≠b")
    step = (maximum(t_x, gauge(x)), gap + absolute(x - b), either(off_a, x != a), either(off_b, x != b))
    cube = every(*(between(0, c, 1) for c in (a, x)), either(b == 0, b == 1))
    fold = Fold(
        "t_a and the gaps from b to x",
        (),
        (a, b, x),
        (t_x, gap, off_a, off_b),
        (*[number(0)] * 2, FALSE, FALSE),
        step,
        cube,
    )
    invariant = every(t_x >= 0, gap >= 0, iff(t_x == 0, no(off_a)), iff(gap == 0, no(off_b)))
    return induct("convex: t_a is 0 at a only, and Σ|x−b| at the corner b only", fold, invariant)


def _shares() -> Verdict:
    """Return that below the upper end a proper mixture takes the value: h_b is 0 at x for k ≥ 1/Σ|x−b|."""
    value = reals("v")[0]
    given: dict[str, Hypothesis] = {"0 < v": value > 0, "v < t_a(x)": value < t}
    part = value / t
    claim = every(part > 0, part < 1, mix(part, number(0), t) == value)
    return prove("convex: every value strictly between is taken by a proper mixture", claim, given=given)


def _segment() -> Verdict:
    """Return t_a(x) = t and Σ|x−b| = (1−t)·Σ|a−b| at x = a + t(b−a), for a corner b."""
    a, b = bowls.a, bowls.b
    t_x, at_x, at_a = reals("t_a(x) Σ|x−b| Σ|a−b|")
    (moves,) = truths("a≠b")
    x = a + t * (b - a)
    step = (maximum(t_x, gauge(x)), at_x + absolute(x - b), at_a + absolute(a - b), either(moves, a != b))
    start = (*(number(0),) * 3, FALSE)
    fold = Fold("from a to the corner b", (t,), (a, b), (t_x, at_x, at_a, moves), start, step,
                every(between(0, a, 1), either(b == 0, b == 1)))  # fmt: skip
    claim = every(at_x == (1 - t) * at_a, t_x == choose(moves, t, 0), at_a >= 0, implies(moves, at_a > 0))
    given: dict[str, Hypothesis] = {"0 ≤ t ≤ 1": between(0, t, 1)}
    return induct("convex: t_a(x) = t and Σ|x−b| = (1−t)·Σ|a−b| between a and b", fold, claim, given=given)


def _attained() -> Verdict:
    """Return that between a and b every mixture takes the upper end: for k = 1/Σ|a−b|, h_b is t at x and 0 at a."""
    at_x, at_a, k = reals("Σ|x−b| Σ|a−b| k")
    given: dict[str, Hypothesis] = {
        "Σ|x−b| = (1−t)·Σ|a−b|": at_x == (1 - t) * at_a,
        "k·Σ|a−b| = 1": k * at_a == 1,
        "0 ≤ t ≤ 1": between(0, t, 1),
    }
    product = at(proportion(), {quotient: k, divisor: at_a, dividend: number(1), scale: 1 - t})
    claim = every(relu(1 - k * at_x) == t, relu(1 - k * at_a) == 0)
    name = "convex: the upper end is attained between a and b: there h_b is t too, and 0 at a"
    return prove(name, claim, given=given, by=[product])
