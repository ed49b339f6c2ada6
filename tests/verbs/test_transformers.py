"""Whatever a unit of a transformer is, each verb takes it."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import fvproof as fv
from fvproof.empirical.auditing.audit import default_units
from fvproof.theory.errors import FvproofError
from tests.empirical.networks.transformers import SIZE, WIDTH, vision_transformer

IMAGES = np.random.default_rng(0).random((12, 3, SIZE, SIZE)).astype(np.float32)

UNITS = ("blocks.0.attn.head1:3", "blocks.0.mlp.fc2.input:5", "blocks.1:7@cls")


@pytest.fixture(scope="module")
def subject():
    return fv.model(vision_transformer(), images=IMAGES, labels=np.arange(12) % 3)


@pytest.fixture
def sae(tmp_path):
    """Return the path of a top-k autoencoder of the blocks' width."""
    generator = torch.Generator().manual_seed(0)
    weights = {"W_enc": torch.randn(WIDTH, 20, generator=generator), "b_enc": torch.zeros(20)}
    save_file(weights, tmp_path / "sae.safetensors", {"k": "10"})
    return tmp_path / "sae.safetensors"


@pytest.mark.slow
def test_an_audit_takes_heads_neurons_tokens_features_and_directions(subject, sae):
    directions = fv.Dictionary("mine", torch.eye(WIDTH), kind="direction").units("blocks.0", [2])
    found = fv.audit(subject, [*UNITS, f"{sae}:3@blocks.1", *directions], steps=4)
    assert [row["unit"] for row in found.rows] == [*UNITS, "sae.safetensors:3@blocks.1", "mine:2@blocks.0"]
    assert [one.layers for one in found.units] == [
        ("blocks.0.attn.proj",),
        ("blocks.0.mlp.fc2",),
        ("blocks.1",),
        ("blocks.1",),
        ("blocks.0",),
    ]
    assert all(one.reading is not None and one.signs is not None for one in found.units)
    assert "sae.safetensors:3@blocks.1" in (found.folder / "report.html").read_text()


def test_a_decoder_looks_only_at_layers_that_finish_before_a_head_is_computed(subject):
    (found,) = fv.audit(subject, UNITS[0], steps=4).units
    assert found.reading is not None
    assert found.reading.chosen.layer is None or found.reading.chosen.layer.startswith(
        ("embed", "blocks.0.norm1", "blocks.0.attn.qkv")
    )


def test_detect_takes_them_too_and_looks_at_neurons_by_itself(subject, sae):
    found = fv.detect(subject, [*UNITS, f"{sae}:3@blocks.1"], steps=3)
    assert [row["unit"] for row in found.rows] == [*UNITS, "sae.safetensors:3@blocks.1"]
    looked = {row["unit"].partition(":")[0] for row in fv.detect(subject, layer_count=3, per_layer=1, steps=2).rows}
    assert looked == {"head", "blocks.0.mlp.act", "blocks.1.mlp.act"}


def test_the_units_of_an_audit_are_neurons_after_their_activation_and_outputs(subject):
    layers = [unit.layer for unit in default_units(subject.model)]
    assert layers == ["blocks.0.mlp.act"] * 4 + ["blocks.1.mlp.act"] * 4 + ["head"] * 5


def test_census_and_sanity_run_on_a_network_without_rectifiers(subject):
    assert "no channel is ever shut" in fv.census(subject).text
    assert fv.sanity(subject, layers="blocks.1", per_class=3, steps=2).rows


def test_an_autoencoder_of_another_width_is_refused_by_every_verb(subject, sae):
    for verb in (fv.maximize, fv.audit, fv.detect):
        with pytest.raises(FvproofError, match="does not fit a layer of 32 units"):
            verb(subject, f"{sae}:0@blocks.0.mlp.act")
