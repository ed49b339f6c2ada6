import pickle
import warnings

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from typing_extensions import override

from fvproof.empirical.networks.weights import load_weights, read_tensors
from fvproof.empirical.notices import heard_by
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
    said = []
    with heard_by(said.append):
        tensor = read_tensors(tmp_path / "w.pt")["w"]
    assert said == [f"the weights in {tmp_path / 'w.pt'} are in half precision, and become float32"]
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


def put(path, state):
    torch.save(state, path / "w.pt")
    return path / "w.pt"


@pytest.mark.parametrize(
    "prefix", ["module.", "model.", "net.", "_orig_mod.", "module._orig_mod.", "model.net.", "_orig_mod.module.model."]
)
def test_prefixes_of_training_runs_are_taken_off_in_any_order(tmp_path, prefix):
    source = network()
    state = {f"{prefix}{key}": value for key, value in source.state_dict().items()}
    assert same(load_weights(network(), put(tmp_path, state)), source)


def test_wrappers_in_the_middle_of_names_are_taken_out(tmp_path):
    source = network()
    state = {key.replace("0.", "0._orig_mod.").replace("2.", "2.module."): v for key, v in source.state_dict().items()}
    assert same(load_weights(network(), put(tmp_path, state)), source)


def test_weights_of_the_bare_network_go_into_one_that_holds_it(tmp_path):
    source, holder = network(), nn.ModuleDict({"model": nn.ModuleDict({"net": network()})})
    load_weights(holder, put(tmp_path, source.state_dict()))
    assert same(holder["model"]["net"], source)


def test_what_lies_beside_the_network_in_a_file_is_left_out_and_said(tmp_path):
    source = network()
    state = {f"model.{key}": value for key, value in source.state_dict().items()} | {"loss.weight": torch.ones(2)}
    said = []
    with heard_by(said.append):
        assert same(load_weights(network(), put(tmp_path, state)), source)
    assert said == [f"the weights are those under 'model.' in {tmp_path / 'w.pt'}; loss.weight left out"]


@pytest.mark.parametrize(
    "key", ["state_dict", "model_state_dict", "model", "net", "params", "ema", "model_ema", "ema.module", "my_weights"]
)
def test_checkpoints_hold_weights_under_the_usual_names_beside_other_things(tmp_path, key):
    source = network()
    held = source.state_dict()
    for part in reversed(key.split(".")):
        held = {part: held}
    optimizer = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1}]}
    path = put(tmp_path, {**held, "epoch": 3, "optimizer": optimizer})
    assert same(load_weights(network(), path), source)


def test_of_averaged_weights_and_others_the_averaged_ones_are_taken_and_it_is_said(tmp_path):
    source, other = network(), network()
    said = []
    with heard_by(said.append):
        found = load_weights(
            network(), put(tmp_path, {"state_dict": other.state_dict(), "model_ema": source.state_dict()})
        )
    assert same(found, source)
    assert "under state_dict, model_ema, those under model_ema are taken" in said[0]


def test_several_networks_in_one_file_are_not_guessed_among(tmp_path):
    state = {f"{who}.{key}": one for who in ("student", "teacher") for key, one in network().state_dict().items()}
    with pytest.raises(DomainError, match=r"2 sets of weights that fit, under student\., teacher\."):
        load_weights(network(), put(tmp_path, state))
    with pytest.raises(DomainError, match="several sets of weights, student, teacher"):
        load_weights(network(), put(tmp_path, {"student": network().state_dict(), "teacher": network().state_dict()}))


def normed(form):
    torch.manual_seed(3)
    made = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(4, 3))
    with warnings.catch_warnings(action="ignore"):
        for layer in (made[0], made[2]):
            if form == "old":
                nn.utils.weight_norm(layer)
            elif form == "parametrized":
                nn.utils.parametrizations.weight_norm(layer)
    return made.eval()


@pytest.mark.parametrize("saved", ["plain", "old", "parametrized"])
@pytest.mark.parametrize("wanted", ["plain", "old", "parametrized"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_weight_norms_in_any_form_go_into_networks_of_any_form(tmp_path, saved, wanted, prefix):
    source, images = normed(saved), torch.rand(2, 2, 3, 3)
    with torch.no_grad():
        for parameter in source.parameters():
            parameter.mul_(1.7)
        expected = source(images)
        target = normed(wanted)
        assert not torch.allclose(target(images), expected)
        state = {f"{prefix}{key}": value for key, value in source.state_dict().items()}
        load_weights(target, put(tmp_path, state))
        torch.testing.assert_close(target(images), expected)


def test_of_tied_tensors_one_in_the_file_will_do(tmp_path):
    def tied():
        made = nn.Sequential(nn.Linear(3, 3, bias=False), nn.ReLU(), nn.Linear(3, 3, bias=False))
        made[2].weight = made[0].weight
        return made

    source = tied()
    safetensors.torch.save_model(source, str(tmp_path / "w.safetensors"))
    assert len(safetensors.torch.load_file(tmp_path / "w.safetensors")) == 1
    found = load_weights(tied(), tmp_path / "w.safetensors")
    assert same(found, source)
    assert found[2].weight is found[0].weight


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of git-lfs"),
        ("/annex/objects/SHA256E-s12345--4d7a.pt\n", "a pointer of git-annex"),
        ("<!DOCTYPE html><html>sign in</html>", "a web page"),
    ],
)
@pytest.mark.parametrize("name", ["w.pt", "w.npz", "w.safetensors"])
def test_files_that_stand_for_others_are_called_what_they_are(tmp_path, content, told, name):
    (tmp_path / name).write_text(content)
    with pytest.raises(DomainError, match=f"{name} is not the file itself but {told}"):
        read_tensors(tmp_path / name)


def test_a_link_into_an_annex_that_is_not_there_is_called_what_it_is(tmp_path):
    (tmp_path / "w.pt").symlink_to(".git/annex/objects/xY/SHA256E-s12345--4d7a.pt")
    with pytest.raises(DomainError, match="a pointer of git-annex"):
        read_tensors(tmp_path / "w.pt")


def test_weights_that_do_not_fit_say_what_is_there_and_what_is_wanted(tmp_path):
    with pytest.raises(ShapeError) as caught:
        load_weights(network(), put(tmp_path, {"conv.weight": torch.zeros(8, 3, 3, 3), "bias": torch.zeros(2)}))
    told = "the file holds 2 tensors, such as conv.weight 8×3×3×3, bias 2, the network 9 tensors, such as 0.weight 4×3"
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_scripted_files_and_checkpoints_without_weights_are_one_sentence(tmp_path):
    with warnings.catch_warnings(action="ignore"):
        torch.jit.script(nn.Linear(2, 2)).save(str(tmp_path / "s.pt"))
    with pytest.raises(DomainError, match=r"is TorchScript.*save its state_dict\(\)"):
        read_tensors(tmp_path / "s.pt")
    with pytest.raises(DomainError, match="not dict, with epoch, losses"):
        read_tensors(put(tmp_path, {"epoch": 3, "losses": [1.0]}))
    with warnings.catch_warnings(action="ignore"):
        quantized = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    with pytest.raises(DomainError, match="quantized"):
        read_tensors(put(tmp_path, {"w": quantized}))


def test_the_counter_of_an_averaged_model_is_left_out_and_said(tmp_path):
    network = nn.Linear(2, 2)
    averaged = torch.optim.swa_utils.AveragedModel(network)
    torch.save(averaged.state_dict(), tmp_path / "swa.pt")
    told: list[str] = []
    with heard_by(told.append):
        load_weights(other := nn.Linear(2, 2), tmp_path / "swa.pt")
    assert torch.equal(other.weight, network.weight)
    assert told == [f"n_averaged in {tmp_path / 'swa.pt'}, of the training run, left out"]
