"""Layers are called as the modules that they were exported from."""

import pytest
from torch import nn

from fvproof.empirical.networks.graphs.naming import SCOPES, layer_names, place, scope_of
from fvproof.empirical.networks.graphs.nodes import GraphNode


def named(*names):
    return layer_names(
        [GraphNode(name, name.rpartition("/")[2].split("_")[0], (), (), {}, scope_of(name, {})) for name in names]
    )


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["/conv1/Conv", "/Relu", "/layer1/layer1.0/Relu"], ["conv1", "Relu", "layer1.0"]),
        (["/block/conv/Conv", "/block/Add"], ["block.conv", "block.Add"]),
        (["/a/act/Sigmoid", "/a/act/Mul"], ["a.act.Sigmoid", "a.act.Mul"]),
        (["Conv_0", "Relu_1"], ["Conv_0", "Relu_1"]),
        (["p2o.Conv.0", "p2o.Conv.1"], ["p2o.Conv.0", "p2o.Conv.1"]),
        (["net/dense/MatMul:0", "net/dense/Bias@Add"], ["net.dense.MatMul_0", "net.dense.Bias_Add"]),
        (["same", "same"], ["same", "same_1"]),
        (["a", "a.b"], ["a_1", "a.b"]),
        (["forward", "/half/type/Relu"], ["forward_", "half_.type_"]),
        (["é/…/ Ω:"], ["_._"]),
        (["../Relu", "//Relu", "Relu"], ["Relu", "Relu_1", "Relu_2"]),
    ],
)  # fmt: skip
def test_a_layer_is_named_as_its_module_or_as_its_node(given, found):
    assert named(*given) == found


@pytest.mark.parametrize(
    ("note", "scope"),
    [
        ("['', 'features', 'features.0', 'features.0.1', 'conv2d']", ("features", "0", "1")),
        ("['', 'relu']", ()),
        ("['relu']", ()),
        ("__import__('os').system('true')", ()),
        ("[1, 2", ()),
        ("7", ()),
    ],
)
def test_what_the_newer_exporter_notes_is_read_as_text(note, scope):
    assert scope_of("node_conv2d", {SCOPES: note}) == scope


def test_every_name_can_be_given_to_a_layer_and_found_again():
    names = named("/layer1/layer1.0/conv/Conv", "a", "a.b", "modules", "/x/x.0/keys/Add", "training")
    network = nn.Module()
    for name in names:
        place(network, name, nn.ReLU())
    assert all(isinstance(network.get_submodule(name), nn.ReLU) for name in names)
