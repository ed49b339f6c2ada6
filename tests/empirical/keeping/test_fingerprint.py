import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.keeping.fingerprint import fingerprint, model_fingerprint
from fvproof.empirical.networks.model import Model


def network(seed=0, activation=nn.ReLU):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 3), activation(), nn.Linear(3, 2))


def model(net, **changes):
    return Model(**({"name": "net", "network": net, "shape": (1, 2, 2)} | changes))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2, np.float32), np.zeros(2, np.float64)),
        (np.arange(3), np.arange(3) + 1),
        ("1", 1),
        (b"1", "1"),
    ],
)
def test_values_that_differ_have_different_digests(first, second):
    assert fingerprint(first) != fingerprint(second)


def test_the_order_of_an_array_in_memory_does_not_matter():
    rows = np.arange(6.0).reshape(2, 3)
    assert fingerprint(rows) == fingerprint(np.asfortranarray(rows))


def test_a_network_has_the_digest_of_its_copy_under_any_name():
    assert model_fingerprint(model(network())) == model_fingerprint(model(network(), name="copy"))


@pytest.mark.parametrize(
    "other",
    [
        model(network(1)),
        model(network(0, nn.Tanh)),
        model(network(), shape=(1, 4, 1)),
        model(network(), normalize=lambda images: images - 0.5),
    ],
    ids=["weights", "modules", "shape", "normalization"],
)
def test_another_network_has_another_digest(other):
    assert model_fingerprint(model(network())) != model_fingerprint(other)


def test_code_that_changes_the_answer_changes_the_digest():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    class Linear(nn.Linear):
        pass

    plain, doubled = Linear(4, 2), Doubled(4, 2)
    doubled.load_state_dict(plain.state_dict())
    Doubled.__name__ = "Linear"
    first, second = (nn.Sequential(nn.Flatten(), layer) for layer in (plain, doubled))
    assert str(first) == str(second)
    assert model_fingerprint(model(first)) != model_fingerprint(model(second))


def test_a_digest_leaves_the_network_and_the_random_state_alone():
    net = network().train()
    before = torch.random.get_rng_state()
    model_fingerprint(model(net))
    assert net.training
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("kind", [torch.complex64, torch.float64, torch.int64, torch.bfloat16])
def test_networks_that_differ_in_the_last_digit_of_any_type_have_different_digests(kind):
    digests = set()
    for change in (0, 1):
        net = network()
        values = torch.full((2,), 2**24, dtype=torch.int64).to(kind)
        if change:
            step = torch.tensor(1j if kind.is_complex else 2**17 if kind is torch.bfloat16 else 1)
            values = values + step.to(kind)
        net.register_buffer("own", values)
        digests.add(model_fingerprint(model(net)))
    assert len(digests) == 2
