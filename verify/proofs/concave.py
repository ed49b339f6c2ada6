"""Concave functions: the convex row seen in the mirror f ↦ m + M − f, which swaps a with b."""

from fvproof.verify.proofs import convex as mirror
from fvproof.verify.proofs.mixing import constants_have_phi, mix, mixtures_attain, mixtures_have_phi, share
from fvproof.verify.proofs.notation import HALF, UNIT, M, m, v
from fvproof.verify.proving.kernel import mutant, prove
from fvproof.verify.proving.obligation import Hypothesis, Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import between, every, iff, reals

f_p, f_q, f_r, f_a, f_b, f_x, f_y, t = reals("f(p) f(q) f(r) f(a) f(b) f(x) f(y) t_b(x)")


def reflections() -> list[Verdict]:
    """Return that the mirror image of a concave function is convex, with a and b swapped, and back."""
    concave = mix(share, f_p, f_q) <= f_r
    image = m + M - f_r <= mix(share, m + M - f_p, m + M - f_q)
    phi = every(f_a == m, f_b == M, between(m, f_x, M))
    swapped = every(m + M - f_a == M, m + M - f_b == m, between(m, m + M - f_x, M))
    bounds = iff(between(m, m + M - v, m + t * (M - m)), between(M - t * (M - m), v, M))
    return [
        prove("f is concave iff m + M − f is convex", iff(concave, image)),
        prove("the mirror image has the minimum at b and the maximum at a", iff(phi, swapped)),
        prove("[m, m + t·(M−m)] is the image of [M − t·(M−m), M]", bounds),
    ]


@proof_of("concave")
def concave() -> Proof:
    """Prove the row: every step of the convex row, at the mirror image."""
    jensen: dict[str, Hypothesis] = {
        "f is concave between b and y": f_x >= (1 - t) * M + t * f_y,
        "f(y) ≥ m": f_y >= m,
        "t ≥ 0": t >= 0,
    }
    image = {mirror.f_x: m + M - f_x, mirror.f_y: m + M - f_y}
    above = at(mirror.upper_end()[2], {**image, mirror.t: t})
    below = prove("f(x) ≥ M − t·(M−m)", f_x >= M - t * (M - m), given=jensen, by=[above])
    delta = mirror.delta
    values: dict[str, Hypothesis] = {
        "f is concave between x and z": (1 + delta) * m >= f_y + delta * f_x,
        "f(z) ≥ m": f_y >= m,
        "f(x) ≥ m": f_x >= m,
        "δ > 0": delta > 0,
    }
    forced = prove(
        "f(x) = m on the smallest face that holds a", f_x == m, given=values, by=[at(mirror.face()[2], image)]
    )
    side = prove("the side is known iff t ≤ 1/2", iff(M - t * (M - m) >= HALF, t * 2 <= 1), given={"m < M": m < M})
    geometry = [*mirror.upper_end()[:2], *mirror.face()[:2], *mirror.upper_witness(), *mirror.lower_witness()]
    fills = [mirror.mixture(), mixtures_attain(), mixtures_have_phi(), constants_have_phi()]
    steps = [*reflections(), *geometry, *fills, mirror.feasible(), below, forced, side]
    small = every(UNIT, t * 2 == 1)
    mutants = [
        mutant(below, "t replaced by 0.9·t", claim=f_x * 10 >= M * 10 - t * 9 * (M - m), small=small),
        mutant(forced, "δ > 0 dropped", without=["δ > 0"], small=every(UNIT, delta == 0)),
        mutant(side, "m < M dropped", without=["m < M"], small=every(m == 0, M == 0)),
    ]
    return Proof(steps, mutants)
