import json

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.networks.dictionary_files import read_dictionary
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.objectives import Difference
from fvproof.theory.errors import DomainError, FvproofError, ShapeError

FEATURES, CHANNELS = 8, 3


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


W, B, C, D = normal(FEATURES, CHANNELS), normal(FEATURES), normal(CHANNELS), normal(FEATURES, CHANNELS, seed=1)
X = normal(4, CHANNELS, seed=2)


def largest(values, k):
    top = values.topk(k, dim=-1)
    return torch.zeros_like(values).scatter(-1, top.indices, top.values.relu())


def pre(x=X):
    return F.linear(x, W, B)


SAELENS = {"W_enc": W.T, "b_enc": B, "W_dec": D, "b_dec": C}
LEARNING = {"encoder.weight": W, "encoder.bias": B, "decoder.weight": D.T}
OPENAI = {"encoder.weight": W, "latent_bias": B, "pre_bias": C, "decoder.weight": D.T}
NORMED = (X - X.mean(1, keepdim=True)) / (X.std(1, keepdim=True) + 1e-5)

LAYOUTS = {
    "SAELens": (SAELENS, {"architecture": "standard", "normalize_activations": "none"}, pre(X - C).relu()),
    "SAELens without the center": (SAELENS, {"apply_b_dec_to_input": False}, pre().relu()),
    "SAELens top-k": (SAELENS, {"architecture": "topk", "k": 3}, largest(pre(X - C), 3)),
    "SAELens top-k, older": (
        SAELENS,
        {"architecture": "standard", "activation_fn_str": "topk", "activation_fn_kwargs": {"k": 2}},
        largest(pre(X - C), 2),
    ),
    "SAELens, decoder norms": (
        SAELENS,
        {"architecture": "topk", "k": 3, "rescale_acts_by_decoder_norm": True},
        largest(pre(X - C) * D.norm(dim=1), 3),
    ),
    "SAELens JumpReLU": (
        SAELENS | {"threshold": B.abs()},
        {"architecture": "jumprelu", "apply_b_dec_to_input": True},
        pre(X - C).relu() * (pre(X - C) > B.abs()),
    ),
    "Gemma Scope": (SAELENS | {"threshold": B.abs()}, {}, pre().relu() * (pre() > B.abs())),
    "sparsify": (
        {"encoder.weight": W, "encoder.bias": B, "W_dec": D, "b_dec": C},
        {"k": 3, "num_latents": FEATURES, "d_in": CHANNELS},
        largest(pre(X - C), 3),
    ),
    "dictionary_learning": (LEARNING | {"bias": C}, {}, pre(X - C).relu()),
    "dictionary_learning top-k": (
        LEARNING | {"b_dec": C, "k": torch.tensor(2), "threshold": torch.tensor(-1.0)},
        {"trainer": {"dict_class": "AutoEncoderTopK", "k": 2}},
        largest(pre(X - C), 2),
    ),
    "dictionary_learning batch top-k": (
        LEARNING | {"b_dec": C, "k": torch.tensor(2), "threshold": torch.tensor(0.7)},
        {"trainer": {"dict_class": "BatchTopKSAE", "k": 2}},
        pre(X - C).relu() * (pre(X - C) > 0.7),
    ),
    "OpenAI": (OPENAI, {}, pre(X - C).relu()),
    "directions": ({"directions": D}, {}, X @ D.T),
    "decoder alone": ({"decoder.weight": D.T}, {}, X @ D.T),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_librarys_layout_gives_that_librarys_features(name, tmp_path):
    tensors, told, expected = LAYOUTS[name]
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, tmp_path / "sae.safetensors")
    (tmp_path / "cfg.json").write_text(json.dumps(told))
    found = read_dictionary(tmp_path / "sae.safetensors", CHANNELS)
    torch.testing.assert_close(found.encode(X), expected)


def test_openais_top_k_standardizes_and_says_so_in_its_state(tmp_path):
    state = OPENAI | {"activation": "TopK", "activation_state_dict": {"k": 2}}
    torch.save(state, tmp_path / "sae.pt")
    found = read_dictionary(tmp_path / "sae.pt", CHANNELS)
    torch.testing.assert_close(found.encode(X), largest(pre(NORMED - C), 2))


def test_metadata_of_the_file_itself_tells_k(tmp_path):
    save_file({key: one.contiguous() for key, one in SAELENS.items()}, tmp_path / "sae.safetensors", {"k": "3"})
    assert read_dictionary(tmp_path / "sae.safetensors").k == 3


@pytest.mark.parametrize("turned", [False, True])
def test_how_a_matrix_lies_follows_from_the_layers_width(turned, tmp_path):
    save_file({"W_dec": (D.T if turned else D).contiguous()}, tmp_path / "d.safetensors")
    assert torch.equal(read_dictionary(tmp_path / "d.safetensors", CHANNELS).encoder, D)


@pytest.mark.parametrize(
    ("tensors", "told", "message"),
    [
        (SAELENS, {"architecture": "topk"}, r'is top-k and does not say its k: write \{"k": 32\} to cfg.json'),
        (SAELENS | {"k": torch.tensor(2), "threshold": torch.tensor(0.5)}, {}, "holds k and a threshold"),
        (SAELENS | {"r_mag": B + 1}, {}, "holds a gated autoencoder"),
        (SAELENS, {"normalize_activations": "constant_norm_rescale"}, "activations that were rescaled"),
        ({"weight": W}, {}, "must hold an encoder or directions"),
        ({"W_dec": normal(8, 4)}, {}, "sae.safetensors does not fit a layer of 3 units: its matrix is 8 by 4"),
        (SAELENS | {"b_enc": normal(5)}, {}, "bias of sae.safetensors must be 8 numbers"),
        ({"W_dec": D / 0}, {}, "must be finite"),
    ],
)
def test_a_file_that_leaves_something_open_is_refused_in_one_sentence(tensors, told, message, tmp_path):
    save_file({key: one.contiguous() for key, one in tensors.items()}, tmp_path / "sae.safetensors")
    (tmp_path / "cfg.json").write_text(json.dumps(told))
    with pytest.raises(FvproofError, match=message) as error:
        read_dictionary(tmp_path / "sae.safetensors", CHANNELS)
    assert "\n" not in str(error.value)


def test_a_pickle_that_could_run_code_is_refused(tmp_path):
    torch.save(nn.Linear(3, 8), tmp_path / "sae.pt")
    with pytest.raises(DomainError, match="could run code"):
        read_dictionary(tmp_path / "sae.pt")


@pytest.mark.parametrize("file", ["missing.safetensors", "missing.pt", "text.safetensors", "text.pt"])
def test_what_is_no_such_file_is_refused(file, tmp_path):
    for name in ("text.safetensors", "text.pt"):
        (tmp_path / name).write_text("no tensors")
    with pytest.raises(DomainError, match=file):
        read_dictionary(tmp_path / file)


@pytest.fixture
def named(tmp_path):
    """Return a network of one layer, and the path of a dictionary for it."""
    path = tmp_path / "my-sae.safetensors"
    save_file({key: tensor.contiguous() for key, tensor in SAELENS.items()}, path)
    return Model("one", nn.Sequential(nn.Conv2d(1, CHANNELS, 3)), (1, 6, 6)), path


def test_features_are_named_by_file_numbers_layer_and_place(named):
    model, path = named
    found = parse_objectives(f"{path}:0-2@0,{path}:7@0@max,{path}:1@0-{path}:2@0", model)
    names = [f"my-sae.safetensors:{i}@0" for i in range(3)]
    assert list(map(str, found)) == [*names, "my-sae.safetensors:7@0@max", f"{names[1]}-{names[2]}"]
    assert isinstance(found[-1], Difference)
    assert len(parse_objectives(f"{path}@0", model)) == FEATURES


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}:8@0", "my-sae.safetensors has features 0 to 7, received 8"),
        ("{}:3-9@0", "my-sae.safetensors has features 0 to 7, received 8"),
        ("{}:3@1", "there is no layer '1'"),
        ("{}:3@0@cls", "layer '0': a place is"),
        ("{}:x@0", "channels are a number or a range"),
    ],
)
def test_features_that_there_are_not_are_refused(text, message, named):
    model, path = named
    with pytest.raises(FvproofError, match=message):
        parse_objectives(text.format(path), model)


def test_a_dictionary_of_another_width_is_refused_by_its_layers_width(named):
    _, path = named
    other = Model("other", nn.Sequential(nn.Conv2d(1, 5, 3)), (1, 6, 6))
    with pytest.raises(ShapeError, match="does not fit a layer of 5 units"):
        parse_objectives(f"{path}:1@0", other)
