import torch

from fvproof.empirical.maximization.streams import stream
from fvproof.empirical.networks.units import Unit


def test_a_stream_depends_on_the_seed_and_every_label():
    draws = [
        torch.rand(4, generator=stream(seed, use, unit)).tolist()
        for seed in (0, 1)
        for use in ("start", "motion")
        for unit in (Unit("fc", 1), Unit("fc", 11), Unit("f", 1))
    ]
    assert len({tuple(draw) for draw in draws}) == len(draws)


def test_labels_are_kept_apart():
    assert stream(0, "fc1", 2).initial_seed() != stream(0, "fc", 12).initial_seed()


def test_a_stream_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    torch.rand(4, generator=stream(0, "start"))
    assert torch.equal(torch.get_rng_state(), before)
