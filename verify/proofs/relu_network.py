"""Feed-forward ReLU networks: three spikes have any visualization and any value at x."""

from fvproof.verify.proofs.black_box import feasible, sound
from fvproof.verify.proofs.mixing import constants_have_phi
from fvproof.verify.proofs.notation import UNIT, v
from fvproof.verify.proofs.spikes import (
    beta,
    extrema_are_unique,
    k,
    layers,
    no_go,
    sharpness,
    spike_shape,
    spikes_are_disjoint,
    three_spikes,
)
from fvproof.verify.proving.kernel import mutant
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import every


@proof_of("relu-network")
def relu_network() -> Proof:
    """Prove the row: A = [m, M] for x ∉ {a, b}."""
    tight, unique = three_spikes(), extrema_are_unique()
    parts = [layers(), spike_shape(), spikes_are_disjoint(), sharpness()]
    steps = [sound(), feasible(), *parts, tight, unique, constants_have_phi(), no_go()]
    mutants = [
        mutant(tight, "k·‖x−a‖ ≥ 2 dropped", without=["k·‖x−a‖ ≥ 2"], small=every(UNIT, k == 1)),
        mutant(tight, "m < β dropped", without=["m < β"], small=every(UNIT, v == 0, beta == -1)),
        mutant(unique, "v < M dropped", without=["v < M"], small=every(UNIT, v == 1)),
    ]
    return Proof(steps, mutants)
