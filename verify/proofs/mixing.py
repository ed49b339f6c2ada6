"""Mixtures of two witnesses: with the lowest and the highest member, every value between is attained."""

from functools import cache

from fvproof.verify.proofs.notation import M, m, v, visualized
from fvproof.verify.proving.kernel import prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict
from fvproof.verify.proving.terms import Number, between, choose, every, reals, relu

low, high, share, first, second = reals("low(x) high(x) λ low(z) high(z)")
less, more, lesser, greater = reals("s₁ s₂ t₁ t₂")
SHARE: dict[str, Hypothesis] = {"0 ≤ λ ≤ 1": between(0, share, 1)}


def mix(weight: Number, lower: Number, upper: Number) -> Number:
    """Return (1−λ)·lower + λ·upper."""
    return (1 - weight) * lower + weight * upper


@cache
def mixtures_attain() -> Verdict:
    """Return that some λ ∈ [0, 1] makes the mixture take the value v at x, for each v between the two ends."""
    weight = choose(high == low, 0, (v - low) / (high - low))
    claim = every(between(0, weight, 1), mix(weight, low, high) == v)
    return prove("a mixture takes the value v at x", claim, given={"v ∈ [low(x), high(x)]": between(low, v, high)})


@cache
def mixtures_have_phi() -> Verdict:
    """Return that mixtures of functions with φ have φ: their values stay in [m, M], and m and M stay what they are."""
    stays = every(between(m, mix(share, first, second), M), mix(share, m, m) == m, mix(share, M, M) == M)
    given = {**SHARE, "low(z) ∈ [m, M]": between(m, first, M), "high(z) ∈ [m, M]": between(m, second, M)}
    return prove("mixtures have φ", stays, given=given)


@cache
def constants_have_phi() -> Verdict:
    """Return that for m = M the constant m has φ, and takes every value in [m, M]; constants belong to every class."""
    given: dict[str, Hypothesis] = {"m = M": m == M, "v ∈ [m, M]": between(m, v, M)}
    return prove("for m = M the constant m has φ and every value in [m, M]", every(visualized(lambda _: m), v == m),
                 given=given)  # fmt: skip


@cache
def rescaled() -> Verdict:
    """Return that m + (M−m)·τ stays in [m, M] for τ ∈ [0, 1], and is m and M where τ is 0 and 1."""
    (tau,) = reals("τ")
    ends = every(m + (M - m) * 0 == m, m + (M - m) * 1 == M)
    given = {"τ ∈ [0, 1]": between(0, tau, 1), "m ≤ M": m <= M}
    return prove(
        "m + (M−m)·τ has φ where τ goes from 0 to 1", every(between(m, m + (M - m) * tau, M), ends), given=given
    )


@cache
def mixtures_keep_order() -> Verdict:
    """Return that mixing keeps inequalities: what lies below in both parts lies below in the mixture."""
    given = {**SHARE, "s₁ ≤ s₂": less <= more, "t₁ ≤ t₂": lesser <= greater}
    return prove("mixtures keep ≤", mix(share, less, lesser) <= mix(share, more, greater), given=given)


@cache
def mixing_of_maxima() -> Verdict:
    """Return that ReLU of a mixture is at most the mixture of the ReLUs: ReLU is convex."""
    claim = relu(mix(share, first, second)) <= mix(share, relu(first), relu(second))
    return prove("ReLU is convex", claim, given=SHARE)


quotient, divisor, dividend, scale = reals("q n y s")


@cache
def proportion() -> Verdict:
    """Return that what is y per n is y·s per n·s."""
    given = {"q·n = y": quotient * divisor == dividend}
    return prove("q·n = y gives q·n·s = y·s", quotient * divisor * scale == dividend * scale, given=given)
