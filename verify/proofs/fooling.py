"""Fooling constructions: the circuit, silent units, and twins of a real network."""

from functools import cache

from fvproof.verify.proofs.distances import factor, factors_keep_order, less, more
from fvproof.verify.proofs.notation import M, m, v, x, z
from fvproof.verify.proofs.spikes import distance, k, metric, spike
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import (
    TRUE,
    Number,
    absolute,
    between,
    every,
    function,
    implies,
    maximum,
    minimum,
    number,
    reals,
    relu,
)

F, D, E, c, lo, hi, eps = reals("F D E c lo hi ε")


def circuit(natural: Number, shown: Number, detector: Number) -> Number:
    """Return A = ReLU(F + c − k·E) + ReLU(D + c − k·(1−E)) − c."""
    return relu(natural + c - k * detector) + relu(shown + c - k * (1 - detector)) - c


RANGES: dict[str, Hypothesis] = {
    "F ≥ lo": lo <= F,
    "F ≤ hi": hi >= F,
    "D ≥ lo": lo <= D,
    "D ≤ hi": hi >= D,
    "c ≥ −lo": c >= -lo,
    "k ≥ hi + c": k >= hi + c,
}


def needed(*names: str) -> dict[str, Hypothesis]:
    """Return the hypotheses of these names."""
    return {name: RANGES[name] for name in names}


@proof_of("fooling-circuit")
def hard_circuit() -> Proof:
    """Prove that the circuit is F where the detector says 0, and D where it says 1."""
    off, on = {"E = 0": E == 0}, {"E = 1": E == 1}
    natural = prove(
        "E = 0 gives A = F", circuit(F, D, E) == F, given={**needed("F ≥ lo", "D ≤ hi", "c ≥ −lo", "k ≥ hi + c"), **off}
    )
    shown = prove(
        "E = 1 gives A = D", circuit(F, D, E) == D, given={**needed("D ≥ lo", "F ≤ hi", "c ≥ −lo", "k ≥ hi + c"), **on}
    )
    A_p, A_q, D_p, D_q = reals("A(p) A(q) D(p) D(q)")
    near: dict[str, Hypothesis] = {"A(p) = D(p)": A_p == D_p, "A(q) = D(q)": A_q == D_q}
    slopes = prove("around such points A rises as D does", A_p - A_q == D_p - D_q, given=near)
    small = every(lo == 0, hi == 1, c == 0)
    mutants = [
        mutant(natural, "c ≥ −lo dropped", without=["c ≥ −lo"], small=every(lo == 0, hi == 1, c == -1)),
        mutant(natural, "k ≥ hi + c dropped", without=["k ≥ hi + c"], small=every(small, k * 2 == 1)),
        mutant(shown, "E = 1 replaced by E = 1/2", without=["E = 1"], small=every(small, k == 1, E * 2 == 1)),
    ]
    return Proof([natural, shown, slopes], mutants)


@proof_of("fooling-circuit-soft")
def soft_circuit() -> Proof:
    """Prove that with a detector that is off by ε the circuit is off by k·ε."""
    room = {"ε < 1": eps < 1, "k·(1−ε) ≥ hi + c": k * (1 - eps) >= hi + c}
    low: dict[str, Hypothesis] = {
        **needed("F ≥ lo", "F ≤ hi", "D ≤ hi", "c ≥ −lo"),
        "0 ≤ E ≤ ε": between(0, E, eps),
        **room,
    }
    high: dict[str, Hypothesis] = {
        **needed("D ≥ lo", "D ≤ hi", "F ≤ hi", "c ≥ −lo"),
        "1−ε ≤ E ≤ 1": between(1 - eps, E, 1),
        **room,
    }
    natural = prove("E ≤ ε gives |A − F| ≤ k·ε", absolute(circuit(F, D, E) - F) <= k * eps, given=low)
    shown = prove("E ≥ 1−ε gives |A − D| ≤ k·ε", absolute(circuit(F, D, E) - D) <= k * eps, given=high)
    tighter = absolute(circuit(F, D, E) - F) * 10 <= k * eps * 9
    small = every(lo == 0, hi == 1, c == 0, eps * 4 == 1)
    mutants = [
        mutant(natural, "k·ε replaced by 0.9·k·ε", claim=tighter, small=small),
        mutant(natural, "k·(1−ε) ≥ hi + c dropped", without=["k·(1−ε) ≥ hi + c"], small=small),
        mutant(shown, "c ≥ −lo dropped", without=["c ≥ −lo"], small=every(lo == 0, hi == 1, eps * 4 == 1)),
    ]
    return Proof([natural, shown], mutants)


@cache
def silent_on_hull() -> list[Verdict]:
    """Return that a unit which is silent on H is silent on every convex combination of H, and nowhere beyond."""
    weight, response, mass, total, bias = reals("λ_h ⟨w′,h⟩ Σλ ⟨w′,Σλh⟩ b′")
    below = every(weight >= 0, response + bias <= 0)
    step = (mass + weight, total + weight * response)
    hull = Fold("combinations of H", (bias,), (weight, response), (mass, total), (number(0),) * 2, step, below)
    summed = induct("⟨w′,Σλh⟩ ≤ −b′·Σλ", hull, total + bias * mass <= 0)
    given: dict[str, Hypothesis] = {"h = Σ λ_j·h_j, λ_j ≥ 0": hull.run(), "Σ λ_j = 1": mass == 1}
    beyond: dict[str, Hypothesis] = {"⟨w′,h⟩ > −b′": response > -bias}
    return [
        summed,
        prove("it is 0 on the convex hull of H", relu(total + bias) == 0, given=given, by=[summed]),
        prove("it is positive beyond", relu(response + bias) > 0, given=beyond),
    ]


@cache
def bias_of_sums() -> Verdict:
    """Return max_H ⟨w + λΔw, h⟩ ≤ max_H ⟨w, h⟩ + λ·max_H ⟨Δw, h⟩ for λ ≥ 0, so that −b′ is at most that."""
    scale, first_w, first_d, in_w, in_d, top_w, top_d, top = reals(
        "λ ⟨w,h₁⟩ ⟨Δw,h₁⟩ ⟨w,h⟩ ⟨Δw,h⟩ max_H⟨w,h⟩ max_H⟨Δw,h⟩ max_H⟨w′,h⟩"
    )
    fold = Fold(
        "the largest responses on H",
        (scale, first_w, first_d),
        (in_w, in_d),
        (top_w, top_d, top),
        (first_w, first_d, first_w + scale * first_d),
        (maximum(top_w, in_w), maximum(top_d, in_d), maximum(top, in_w + scale * in_d)),
        TRUE,
    )
    highest = maximum(top_d, in_d)
    products = [at(factors_keep_order(), {less: t, more: highest, factor: scale}) for t in (top_d, in_d)]
    return induct("max_H⟨w′,h⟩ ≤ max_H⟨w,h⟩ + λ·max_H⟨Δw,h⟩", fold, top <= top_w + scale * top_d,
                  given={"λ ≥ 0": scale >= 0}, by=products)  # fmt: skip


@proof_of("silent-units")
def silent() -> Proof:
    """Prove that a silent unit leaves the network's output on H as it is, and takes the visualization."""
    summed, hull, beyond = silent_on_hull()
    unit, largest, own, most, gap, scale, bound = reals("ReLU(⟨w′,h⟩+b′) max_H⟨w,h⟩ ⟨w,h*⟩ max_H⟨Δw,h⟩ gap λ U")
    untouched = prove("on H the sum is the original unit", bound + unit == bound, given={"silent on H": unit == 0})
    bias, (response,) = reals("b′")[0], reals("⟨Δw,h*⟩")
    large: dict[str, Hypothesis] = {
        "b′ ≥ −max_H⟨w,h⟩ − λ·max_H⟨Δw,h⟩": bias >= -(largest + scale * most),
        "gap = ⟨Δw,h*⟩ − max_H⟨Δw,h⟩": gap == response - most,
        "λ·gap > U + max_H⟨w,h⟩ − ⟨w,h*⟩": scale * gap > bound + largest - own,
    }
    takes = prove("for λ large it exceeds any bound U at h*", own + scale * response + bias > bound, given=large)
    dot, square = reals("⟨Δw,w⟩ ⟨w,w⟩")
    kept = prove("along w the new filter answers as w does", square + scale * dot == square, given={"Δw ⊥ w": dot == 0})
    mutants = [
        mutant(hull, "Σ λ_j = 1 dropped", without=["Σ λ_j = 1"]),
        mutant(
            takes,
            "λ large dropped",
            without=["λ·gap > U + max_H⟨w,h⟩ − ⟨w,h*⟩"],
            small=every(gap == 1, scale == 1, bound == 1),
        ),
        mutant(bias_of_sums(), "λ ≥ 0 dropped", without=["λ ≥ 0"], small=scale == -1),
        mutant(kept, "Δw ⊥ w dropped", without=["Δw ⊥ w"], small=every(scale == 1, square == 1)),
    ]
    return Proof([summed, hull, beyond, untouched, bias_of_sums(), takes, kept], mutants)


u, K = function("u", 1), reals("K")[0]


@proof_of("real-twins")
def twins() -> Proof:
    """Prove that u + (v − u(x))·s_{x,k} is a twin of a real unit u: same visualization, same elsewhere, v at x."""
    gap = v - u(x)
    twin = u(z) + gap * spike(x, z)
    steep = {"k·|v−u(x)| ≥ K": k * absolute(gap) >= K}
    lipschitz: dict[str, Hypothesis] = {"|u(z)−u(x)| ≤ K·‖z−x‖": absolute(u(z) - u(x)) <= K * distance(z, x)}
    steeper = at(factors_keep_order(), {less: K, more: k * absolute(gap), factor: distance(z, x)})
    one_way = at(factors_keep_order(), {less: number(0), more: spike(x, z), factor: absolute(gap)})
    support = [metric(x, z), steeper, one_way]
    between_values = between(minimum(u(z), v), twin, maximum(u(z), v))
    stays = prove("it stays between u(z) and v", between_values, given={**steep, **lipschitz}, by=support)
    inside: dict[str, Hypothesis] = {
        "it stays between u(z) and v": between_values,
        "m ≤ u(z) ≤ M": between(m, u(z), M),
        "m < v < M": every(m < v, v < M),
    }
    extrema = every(between(m, twin, M), implies(twin == m, u(z) == m), implies(twin == M, u(z) == M))
    value = prove("it is v at x", u(x) + gap * spike(x, x) == v, by=[metric(x)])
    same = prove("it is u at distance 1/k and more", twin == u(z), given={"k·‖z−x‖ ≥ 1": k * distance(z, x) >= 1})
    mutants = [
        mutant(stays, "k·|v−u(x)| ≥ K dropped", without=["k·|v−u(x)| ≥ K"], small=every(v == 1, u(x) == 0, k == 1)),
        mutant(same, "k·‖z−x‖ ≥ 1 dropped", without=["k·‖z−x‖ ≥ 1"], small=every(v == 1, u(x) == 0, k == 1)),
    ]
    return Proof([stays, prove("its extrema are those of u", extrema, given=inside), value, same], mutants)
