import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fvproof.empirical.maximization.maximize import Settings, maximize
from fvproof.empirical.networks.layers import layer_with_positions, listed, neuron_layers
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.naming import parse_objectives
from fvproof.empirical.networks.units import activations
from fvproof.empirical.networks.views import attentions, view
from fvproof.theory.errors import DomainError, UnknownName
from tests.empirical.networks.transformers import HEADS, SIZE, WIDTH, Attention, OfTorch, vision_transformer

IMAGES = torch.rand(3, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def model():
    return Model("ViT", vision_transformer(), (3, SIZE, SIZE))


def measured(model, text):
    (values,) = activations(model, parse_objectives(text, model), [IMAGES]).values()
    return torch.from_numpy(values)


def seen(model, layer):
    """Return what enters and what leaves a layer, by a hook of the test's own."""
    kept = []
    handle = model.network.get_submodule(layer).register_forward_hook(lambda _, i, o: kept.extend([i[0], o]))
    with torch.no_grad():
        model.network(IMAGES)
    handle.remove()
    return kept


def heads_by_hand(x, weight, bias):
    """Return softmax(Q·Kᵀ/√d)·V of each head, side by side, (N, tokens, channels)."""
    q, k, v = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in F.linear(x, weight, bias).chunk(3, -1))
    mixed = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1) @ v
    return mixed.transpose(1, 2).flatten(2).detach()


def test_a_heads_channels_are_its_weighted_means_of_values_before_the_projection(model):
    attention = model.network.blocks[1].attn
    truth = heads_by_hand(seen(model, "blocks.1.attn")[0], attention.qkv.weight, attention.qkv.bias)
    assert measured(model, "blocks.1.attn.head1:3") == pytest.approx(truth[..., WIDTH // HEADS + 3].mean(1), abs=1e-6)
    assert measured(model, "blocks.1.attn.heads:3@cls") == pytest.approx(truth[:, 0, 3], abs=1e-6)


def test_the_heads_of_torchs_own_attention_are_computed_without_its_projection():
    model = Model("ViT", vision_transformer(OfTorch), (3, SIZE, SIZE))
    inner = model.network.blocks[1].attn.inner
    truth = heads_by_hand(seen(model, "blocks.1.attn.inner")[0], inner.in_proj_weight, inner.in_proj_bias)
    found = measured(model, "blocks.1.attn.inner.head1:3@max")
    assert found == pytest.approx(truth[..., WIDTH // HEADS + 3].amax(1), abs=1e-6)


@pytest.mark.parametrize("attention", [Attention, OfTorch])
def test_what_excites_a_head_is_found_and_reads_the_same_by_hand(attention):
    model = Model("ViT", vision_transformer(attention), (3, SIZE, SIZE))
    own = "blocks.0.attn" if attention is Attention else "blocks.0.attn.inner"
    (run,) = maximize(model, parse_objectives(f"{own}.head0:2", model), Settings(steps=24, transforms="off"))
    module = model.network.get_submodule(own)
    weights = (module.qkv.weight, module.qkv.bias) if attention is Attention else (module.in_proj_weight, None)
    x = model.network.blocks[0].norm1(
        torch.cat([model.network.cls_token, model.network.embed(torch.from_numpy(run.image)[None]).flatten(2).mT], 1)
        + model.network.pos_embed
    )
    truth = heads_by_hand(x, *weights)[0, :, 2].mean().item()
    assert run.activation == pytest.approx(truth, abs=1e-5)
    assert run.activation > run.noise_best


def test_neurons_of_an_mlp_are_those_after_its_activation(model):
    (_, after), (before, _) = seen(model, "blocks.1.mlp.act"), seen(model, "blocks.1.mlp.fc2")
    assert torch.equal(after, before)
    assert neuron_layers(model) == ["blocks.0.mlp.act", "blocks.1.mlp.act"]
    assert measured(model, "blocks.1.mlp.act:7") == pytest.approx(after[..., 7].mean(1))
    assert measured(model, "blocks.1.mlp.fc2.input:7") == pytest.approx(after[..., 7].mean(1))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("cls", lambda x: x[:, 0]),
        ("4", lambda x: x[:, 4]),
        ("mean", lambda x: x.mean(1)),
        ("max", lambda x: x.amax(1)),
        ("center", lambda x: x[:, 5]),
    ],
)
def test_a_direction_of_the_residual_stream_is_read_at_the_token_that_is_named(place, value, model):
    _, stream = seen(model, "blocks.1")
    assert measured(model, f"blocks.1:3@{place}") == pytest.approx(value(stream)[:, 3], abs=1e-6)


def test_only_networks_with_a_class_token_have_one():
    mixer = nn.Sequential(nn.Conv2d(3, 4, 4, 4), nn.Flatten(2), nn.Linear(9, 9))
    model = Model("mixer", mixer, (3, SIZE, SIZE))
    with pytest.raises(DomainError, match=r"layer '2': mixer has no class token"):
        parse_objectives("2:0@cls", model)


def test_a_file_without_names_has_a_class_token_if_it_has_a_token_more_than_patches():
    network = vision_transformer()
    network.register_parameter("val_7", network.cls_token)
    del network.cls_token
    network.__dict__["cls_token"] = network.val_7
    assert parse_objectives("blocks.1:0@cls", Model("ViT", network, (3, SIZE, SIZE)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("blocks.0.attn.head2", "has heads 0 to 1, received 2"),
        ("blocks.0.mlp.head0", r"layer 'blocks.0.mlp' \(Mlp\) shows no heads"),
        ("blocks.0.attn.hed0", "there is no layer 'blocks.0.attn.hed0'"),
        ("blocks.9.attn.head0", "there is no layer"),
        ("blocks.9.input", "there is no layer"),
    ],
)
def test_a_view_that_there_is_not_is_refused(layer, message, model):
    with pytest.raises((DomainError, UnknownName), match=message):
        parse_objectives(f"{layer}:0", model)


def test_a_channel_that_a_head_does_not_have_is_refused(model):
    with pytest.raises(DomainError, match=r"layer 'blocks.0.attn.head1' has units 0 to 7, received 8"):
        parse_objectives("blocks.0.attn.head1:8", model)


def test_a_module_of_that_name_goes_before_a_view():
    network = nn.Sequential()
    network.add_module("body", nn.Sequential())
    network.body.add_module("input", nn.Conv2d(3, 2, 3))
    assert view(network, "body.input").side == "output"


def test_layers_are_listed_with_their_heads(model):
    rows = {row.name: (row.kind, row.shape, row.axis, row.units) for row in listed(model)}
    assert rows["blocks.0.attn.heads"] == ("2 heads of 8", (1, 10, 16), 2, 16)
    assert [name for name, _ in attentions(model.network)] == ["blocks.0.attn", "blocks.1.attn"]
    assert layer_with_positions(model, "blocks.0.attn.head1") == "blocks.0.attn.head1"


def test_parts_in_the_manner_of_transformers_show_their_heads():
    class SelfAttention(nn.Module):
        def __init__(self):
            super().__init__()
            self.num_attention_heads = 2
            self.query, self.key, self.value = (nn.Linear(4, 4) for _ in range(3))

    assert view(nn.ModuleDict({"own": SelfAttention()}), "own.head1").channels == slice(2, 4)


def test_heads_that_are_never_called_as_a_part_are_said_to_be_out_of_reach():
    class Fused(Attention):
        def forward(self, x):
            return F.linear(x, self.proj.weight)

    model = Model("fused", vision_transformer(Fused), (3, SIZE, SIZE))
    with pytest.raises(DomainError, match=r"'blocks.0.attn.head0' is not"):
        measured(model, "blocks.0.attn.head0:1")


def test_a_module_under_a_second_name_is_one_sentence():
    shared = nn.Conv2d(3, 3, 1)
    with pytest.raises(DomainError, match=r"'1' is the module '0' once more: name that"):
        view(nn.Sequential(shared, shared), "1")
