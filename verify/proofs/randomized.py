"""Randomized decoders: chance does not help, neither for values nor for the side."""

from fvproof.verify.proofs.minimax import RADIUS, expected_error, expected_errors_add_up, high, low
from fvproof.verify.proofs.notation import HALF, UNIT
from fvproof.verify.proving.fold import Fold
from fvproof.verify.proving.kernel import induct, mutant, prove
from fvproof.verify.proving.obligation import Verdict, at
from fvproof.verify.proving.proof import Proof, proof_of
from fvproof.verify.proving.terms import absolute, between, choose, every, maximum, number, reals

weight, answer, mass, e_low, e_high = reals("weight answer mass E‖P−low‖ E‖P−high‖")
OUTCOMES = Fold(
    "a random answer, outcome by outcome",
    (low, high),
    (weight, answer),
    (mass, e_low, e_high),
    (number(0),) * 3,
    (mass + weight, e_low + weight * absolute(answer - low), e_high + weight * absolute(answer - high)),
    weight >= 0,
)
"""The probabilities of finitely many answers, and the two expected errors."""


def outcome() -> Verdict:
    """Return the inequality for one outcome."""
    return prove("two errors add up to the length", absolute(answer - low) + absolute(answer - high) >= high - low)


def scaled() -> Verdict:
    """Return that a probability keeps an inequality."""
    (sum_of_errors,) = reals("‖p−low‖+‖p−high‖")
    given = {"weight ≥ 0": weight >= 0, "the outcome": sum_of_errors >= high - low}
    return prove("a probability keeps it", weight * sum_of_errors >= weight * (high - low), given=given)


@proof_of("randomized-decoders")
def randomized() -> Proof:
    """Prove that a random answer errs by the radius on one of two twins, and about the side with probability 1/2."""
    one, kept = outcome(), scaled()
    errors = absolute(answer - low) + absolute(answer - high)
    instance = at(kept, {reals("‖p−low‖+‖p−high‖")[0]: errors})
    finite = induct(
        "expected errors add up to the length", OUTCOMES, e_low + e_high >= (high - low) * mass, by=[one, instance]
    )
    run = {"an answer at random": OUTCOMES.run(low, high, number(1), e_low, e_high)}
    bound = prove(
        "the expected error is r on one twin",
        maximum(e_low, e_high) >= RADIUS,
        given=run,
        by=[at(finite, {mass: number(1)})],
    )
    means = expected_error(low), expected_error(high)
    general = prove("so for any distribution", maximum(*means) >= RADIUS, by=[expected_errors_add_up()])
    (chance,) = reals("P(high)")
    wrong = [choose(twin >= HALF, 1 - chance, chance) for twin in (low, high)]
    apart = {"low < (m+M)/2": low < HALF, "high ≥ (m+M)/2": high >= HALF}
    side = prove("about the side it is wrong half the time on one twin", maximum(*wrong) * 2 >= 1, given=apart)
    mutants = [
        mutant(
            bound,
            "r replaced by 1.01·r",
            claim=maximum(e_low, e_high) * 100 >= RADIUS * 101,
            small=every(low == 0, high == 1),
        ),
        mutant(kept, "weight ≥ 0 dropped", without=["weight ≥ 0"], small=every(low == 0, high == 1)),
        mutant(
            side,
            "low < (m+M)/2 dropped: both twins are high",
            without=["low < (m+M)/2"],
            small=every(UNIT, between(0, chance, 1)),
        ),
    ]
    return Proof([one, kept, finite, bound, general, side], mutants)
