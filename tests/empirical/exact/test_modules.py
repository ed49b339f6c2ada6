"""Torch modules and torch export files compute what the exact network computes."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fvproof.empirical.exact.modules import export, module
from fvproof.theory.errors import DomainError
from fvproof.theory.network import l1_distance, linf_distance, minimum, spike
from fvproof.theory.witnesses.memorising import memorise

COORDINATE = st.integers(0, 64).map(lambda n: Fraction(n, 64))


def _points(count, d):
    return st.lists(
        st.lists(COORDINATE, min_size=d, max_size=d).map(tuple), min_size=count, max_size=count, unique=True
    )


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(_points(3, d), _points(3, d))))
def test_a_network_of_dyadic_weights_is_computed_without_any_rounding(points):
    centres, queries = points
    network = minimum([l1_distance(centres[0]), linf_distance(centres[1]), spike(centres[2], Fraction(3))])
    values = module(network)(torch.tensor(np.array(queries, float)))
    assert [Fraction(v) for v in values.flatten().tolist()] == [network(q) for q in queries]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@given(points=st.integers(1, 4).flatmap(lambda d: st.tuples(_points(3, d), _points(3, d))))
def test_a_memorising_module_is_the_exact_function_in_both_precisions(dtype, points):
    centres, queries = points
    network = memorise(centres, [0, 1, "3/4"], base="1/2")
    values = module(network, dtype=dtype)(torch.tensor(np.array([*centres, *queries], float)).to(dtype))
    assert [Fraction(v) for v in values.flatten().tolist()] == [network(q) for q in (*centres, *queries)]


def test_the_memorising_module_equals_the_network_written_out_unit_by_unit():
    network = memorise([["1/3", "1/7"], [1, "2/3"], [0, 1]], ["1/10", "9/10", "1/3"], base="1/2")
    z = torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert (module(network)(z) - module(network.network())(z)).abs().max() < 1e-14


def test_images_are_read_in_the_order_channels_height_width():
    images = np.random.default_rng(0).random((3, 3, 8, 8)).astype(np.float32)
    twin = module(memorise(list(images), [0, 1, "7/8"], base="1/2"))
    assert twin(torch.from_numpy(images).double()).flatten().tolist() == [0, 1, 0.875]
    assert twin(torch.from_numpy(images).double().transpose(2, 3)).flatten().tolist() == [0.5, 0.5, 0.5]


def test_a_module_has_gradients_for_its_input_and_none_for_its_weights():
    z = torch.tensor([[0.5, 0.5]], dtype=torch.float64, requires_grad=True)
    f = module(spike((Fraction(1, 4), Fraction(1, 4)), Fraction(1)))
    f(z).sum().backward()
    assert z.grad.tolist() == [[-1, -1]]
    assert not any(parameter.requires_grad for parameter in f.parameters())
    assert isinstance(f, nn.Sequential)


@pytest.mark.parametrize(
    "network", [memorise([[0] * 12, [1] * 12], [0, 1], base="1/3"), l1_distance((Fraction(1, 3),) * 12)]
)
def test_an_export_file_gives_the_same_values_for_batches_of_any_size(tmp_path, network):
    export(module(network), tmp_path / "folder" / "network.pt2", shape=(3, 2, 2))
    loaded = torch.export.load(tmp_path / "folder" / "network.pt2").module()
    for size in (1, 2, 5):
        z = torch.rand(size, 3, 2, 2, dtype=torch.float64)
        assert torch.equal(loaded(z), module(network)(z))


def test_other_precisions_are_refused():
    with pytest.raises(DomainError, match=r"must be torch\.float64 or torch\.float32, not torch\.int64"):
        module(spike((Fraction(0),), Fraction(1)), dtype=torch.int64)


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DomainError, match=r"network\.pt2 cannot be written"):
        export(module(memorise([[0]], [1], base=0)), tmp_path / "file" / "network.pt2", shape=(1,))
