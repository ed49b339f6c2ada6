import pickle

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from typing_extensions import override

from fvproof.empirical.networks.weights import load_weights, read_tensors
from fvproof.theory.errors import DomainError, ShapeError


class Payload:
    @override
    def __reduce__(self):
        return (print, ("this pickle ran code",))


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).eval()


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def save(state, path, kind):
    if kind == "safetensors":
        safetensors.torch.save_file(state, path)
    elif kind == "npz":
        np.savez(path, **{key: value.numpy() for key, value in state.items()})
    else:
        torch.save({"pt": state, "wrapped": {"state_dict": state, "epoch": 3}}[kind], path)


@pytest.mark.parametrize("kind", ["pt", "wrapped", "npz", "safetensors"])
def test_every_file_kind_gives_back_the_weights_that_were_saved(tmp_path, kind):
    source = network()
    path = tmp_path / f"w.{'pt' if kind == 'wrapped' else kind}"
    save(source.state_dict(), path, kind)
    assert same(load_weights(network(), path), source)


def test_the_prefix_of_a_data_parallel_run_is_taken_off(tmp_path):
    source = network()
    torch.save({f"module.{key}": value for key, value in source.state_dict().items()}, tmp_path / "w.pt")
    assert same(load_weights(network(), tmp_path / "w.pt"), source)


def test_half_precision_is_widened(tmp_path):
    torch.save({"w": torch.tensor([0.1], dtype=torch.float16)}, tmp_path / "w.pt")
    tensor = read_tensors(tmp_path / "w.pt")["w"]
    assert tensor.dtype == torch.float32
    assert tensor.item() == np.float16(0.1)


def test_a_pickle_that_wants_to_run_code_is_refused_and_does_not_run(tmp_path, capsys):
    torch.save({"weight": Payload()}, tmp_path / "torch.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps({"weight": Payload()}))
    for name in ("torch.pt", "plain.pt"):
        with pytest.raises(DomainError, match="pickle that could run code"):
            read_tensors(tmp_path / name)
    assert "ran code" not in capsys.readouterr().out


def test_an_array_file_of_objects_is_refused(tmp_path):
    np.savez(tmp_path / "w.npz", weight=np.array([Payload()], dtype=object))
    with pytest.raises(DomainError, match=r"no \.npz file of numbers"):
        read_tensors(tmp_path / "w.npz")


@pytest.mark.parametrize("name", ["w.pt", "w.npz", "w.safetensors"])
def test_a_file_of_something_else_is_one_clear_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"these are no weights at all, only a sentence")
    with pytest.raises(DomainError, match=name):
        read_tensors(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DomainError, match="no weights file"):
        read_tensors(tmp_path / "none.pt")


def test_weights_that_do_not_fit_list_the_first_keys_and_shapes(tmp_path):
    state = network().state_dict()
    state["0.weight"] = torch.zeros(4, 5)
    state["strange"] = torch.zeros(1)
    del state["2.bias"]
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(ShapeError) as caught:
        load_weights(network(), tmp_path / "w.pt")
    message = str(caught.value)
    for part in ("2.bias missing", "strange not in the network", "0.weight (4, 5) instead of (4, 3)"):
        assert part in message


def test_the_batch_counter_of_old_checkpoints_may_be_missing(tmp_path):
    state = network().state_dict()
    del state["1.num_batches_tracked"]
    torch.save(state, tmp_path / "w.pt")
    load_weights(network(), tmp_path / "w.pt")


def test_weights_that_are_not_finite_are_refused(tmp_path):
    torch.save({"w": torch.tensor([1.0, float("nan")])}, tmp_path / "w.pt")
    with pytest.raises(DomainError, match="finite"):
        read_tensors(tmp_path / "w.pt")
