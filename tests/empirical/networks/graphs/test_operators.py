"""Every operator gives what onnxruntime gives, for several images, and lets gradients through."""

import pickle
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from fvproof.empirical.networks.graphs.building import MAKERS
from fvproof.empirical.networks.graphs.constants import FOLDS
from fvproof.empirical.networks.graphs.files import load_onnx
from tests.empirical.networks.graphs.onnx_examples import array, computed, model, node, saved

MAP, KERNEL = array(4, 1, 1), array(6, 4, 3, 3)
POSITIVE = np.abs(array(4)) + 0.1
CASES = {
    "Conv": ([node("Conv", "x", "w", "b", strides=[2, 1], pads=[1, 1, 1, 1])], {"w": KERNEL, "b": array(6)}),
    "Conv uneven": ([node("Conv", "x", "w", pads=[0, 1, 2, 1], dilations=[1, 2])], {"w": KERNEL}),
    "Conv same": ([node("Conv", "x", "w", auto_pad="SAME_LOWER", strides=[2, 2])], {"w": array(6, 4, 2, 3)}),
    "Conv groups": ([node("Conv", "x", "w", group=2)], {"w": array(6, 2, 3, 3)}),
    "ConvTranspose": (
        [node("ConvTranspose", "x", "w", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])],
        {"w": array(4, 5, 3, 3)},
    ),
    "MatMul": ([node("MatMul", "x", "w")], {"w": array(8, 5)}),
    "MatMul left": ([node("MatMul", "w", "x")], {"w": array(5, 6)}),
    "MatMul and bias": (
        [node("MatMul", "x", "w", outputs=["z"]), node("Add", "b", "z")],
        {"w": array(8, 5), "b": array(5)},
    ),
    "Gemm": (
        [node("Flatten", "x", outputs=["z"]), node("Gemm", "z", "w", "b", transB=1, alpha=0.5, beta=2.0)],
        {"w": array(5, 192), "b": array(5)},
    ),
    "BatchNormalization": (
        [node("BatchNormalization", "x", "s", "b", "m", "v", epsilon=1e-3)],
        {"s": array(4), "b": array(4, seed=1), "m": array(4, seed=2), "v": POSITIVE},
    ),
    "InstanceNormalization": ([node("InstanceNormalization", "x", "s", "b")], {"s": array(4), "b": array(4, seed=1)}),
    "LayerNormalization": ([node("LayerNormalization", "x", "s", "b")], {"s": array(8), "b": array(8, seed=1)}),
    "PRelu": ([node("PRelu", "x", "s")], {"s": MAP}),
    "PRelu everywhere": ([node("PRelu", "x", "s")], {"s": array(4, 6, 8)}),
    "Einsum": ([node("Einsum", "x", "w", equation="nchw,wk->nkch")], {"w": array(8, 3)}),
    "MaxPool": ([node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)], {}),
    "MaxPool uneven": ([node("MaxPool", "x", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])], {}),
    "AveragePool": ([node("AveragePool", "x", kernel_shape=[3, 2], pads=[1, 1, 1, 1], count_include_pad=1)], {}),
    "AveragePool same": ([node("AveragePool", "x", kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")], {}),
    "GlobalAveragePool": ([node("GlobalAveragePool", "x")], {}),
    "GlobalMaxPool": ([node("GlobalMaxPool", "x")], {}),
    "LRN": ([node("LRN", "x", size=3, alpha=0.2, beta=0.7, bias=1.5)], {}),
    "Pad": ([node("Pad", "x", "p", "v")], {"p": np.array([0, 1, 2, 0, 0, 0, -1, 3]), "v": np.float32(0.5)}),
    "Pad reflect": ([node("Pad", "x", "p", mode="reflect")], {"p": np.array([0, 0, 1, 2, 0, 0, 2, 0])}),
    "Resize nearest": (
        [
            node(
                "Resize",
                "x",
                "",
                "s",
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
        ],
        {"s": np.array([1, 1, 2, 1.5], dtype=np.float32)},
    ),
    "Resize linear": ([node("Resize", "x", "", "", "s", mode="linear")], {"s": np.array([1, 4, 9, 5])}),
    "Resize cubic": (
        [node("Resize", "x", "", "s", mode="cubic", coordinate_transformation_mode="align_corners")],
        {"s": np.array([1, 1, 2, 2], dtype=np.float32)},
    ),
    "DepthToSpace": ([node("DepthToSpace", "x", blocksize=2)], {}),
    "Clip": ([node("Clip", "x", "l", "h")], {"l": np.float32(-0.5), "h": np.float32(0.25)}),
    "HardSigmoid": ([node("HardSigmoid", "x", alpha=0.3)], {}),
    "Softmax": ([node("Softmax", "x", axis=1)], {}),
    "LogSoftmax": ([node("LogSoftmax", "x")], {}),
    "Pow": ([node("Pow", "x", "two")], {"two": np.float32(2)}),
    "Where": (
        [node("Greater", "x", "c", outputs=["g"]), node("Where", "g", "x", "d")],
        {"c": np.float32(0), "d": array(8)},
    ),
    "Split": (
        [
            node("Split", "x", "s", outputs=["a", "b"], axis=1),
            node("Sub", "b", "c", outputs=["d"]),
            node("Concat", "a", "d", axis=1),
        ],
        {"s": np.array([1, 3]), "c": array(3, 1, 1)},
    ),
    "Slice": (
        [node("Slice", "x", "s", "e", "a", "t")],
        {"s": np.array([-1, 1]), "e": np.array([-99, 7]), "a": np.array([2, 3]), "t": np.array([-2, 2])},
    ),
    "Gather": ([node("Gather", "x", "i", axis=-1)], {"i": np.array([[0, -1], [3, 2]])}),
    "Gather one": ([node("Gather", "x", "i", axis=1)], {"i": np.array(-2)}),
    "Transpose": ([node("Transpose", "x", perm=[0, 2, 3, 1])], {}),
    "Tile": ([node("Tile", "x", "r")], {"r": np.array([1, 1, 2, 3])}),
    "Squeeze": (
        [node("Unsqueeze", "x", "a", outputs=["z"]), node("Squeeze", "z", "a")],
        {"a": np.array([2, -1])},
    ),
    "Max": ([node("Max", "x", "c", "d")], {"c": np.float32(0.1), "d": array(8)}),
    "Div": ([node("Div", "c", "x")], {"c": np.float32(3)}),
    "Expand": ([node("ReduceMax", "x", axes=[2], outputs=["z"]), node("Expand", "z", "s")], {"s": np.array([1, 5, 8])}),
    **{
        f"Reduce{kind}": ([node(f"Reduce{kind}", "x", axes=[1, -1], keepdims=0)], {})
        for kind in ("Mean", "Max", "L2", "SumSquare")
    },
    **{
        op: ([node(op, "x")], {})
        for op in (
            "Relu",
            "LeakyRelu",
            "Elu",
            "Celu",
            "Sigmoid",
            "Tanh",
            "Softplus",
            "Softsign",
            "HardSwish",
            "Erf",
            "Exp",
            "Abs",
        )
    },
}


@pytest.mark.parametrize("name", CASES)
def test_an_operator_computes_what_the_runtime_computes(name, tmp_path):
    nodes, weights = deepcopy(CASES[name])
    nodes = [node("Mul", "x", "scale", outputs=["x0"]), *nodes]
    for one in nodes[1:]:
        one.input[:] = ["x0" if given == "x" else given for given in one.input]
    path = saved(model(*nodes, weights={**weights, "scale": np.float32(1.5)}), tmp_path)
    network, shape = load_onnx(path)
    images = torch.from_numpy(array(3, *shape)).requires_grad_()
    output = network(images)
    assert output.detach().numpy() == pytest.approx(computed(path, images.detach().numpy()), abs=1e-4)
    assert torch.autograd.grad(output.sum(), images)[0].isfinite().all()
    assert torch.equal(pickle.loads(pickle.dumps(network))(images), output)


@pytest.mark.parametrize(
    ("op", "opset", "attributes"),
    [
        ("Softmax", 11, {"axis": 1}),
        ("Clip", 10, {"min": -0.5, "max": 0.5}),
        ("Slice", 9, {"starts": [1], "ends": [5], "axes": [3]}),
        ("Pad", 10, {"pads": [0, 0, 1, 1, 0, 0, 0, 2], "value": 1.0}),
        ("Squeeze", 11, {"axes": [1]}),
        ("Upsample", 7, {"scales": [1.0, 1.0, 2.0, 2.0], "mode": "nearest"}),
        ("Dropout", 9, {"ratio": 0.5}),
        ("ReduceSum", 11, {"axes": [2], "keepdims": 0}),
    ],
)
def test_an_operator_means_what_it_meant_in_older_versions(op, opset, attributes, tmp_path):
    weights = {"s": array(1, 1, 1)}
    path = saved(
        model(
            node("Mul", "x", "s", outputs=["z"]),
            node(op, "z", **attributes),
            weights=weights,
            opset=opset,
            images=("n", 1 if op == "Squeeze" else 4, 6, 8),
        ),
        tmp_path,
    )
    network, shape = load_onnx(path)
    images = array(2, *shape)
    assert network(torch.from_numpy(images)).numpy() == pytest.approx(computed(path, images), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Conv", nn.Conv2d),
        ("ConvTranspose", nn.ConvTranspose2d),
        ("MatMul", nn.Linear),
        ("MatMul and bias", nn.Linear),
        ("Gemm", nn.Linear),
        ("BatchNormalization", nn.BatchNorm2d),
        ("LayerNormalization", nn.LayerNorm),
        ("PRelu", nn.PReLU),
        ("MaxPool", nn.MaxPool2d),
        ("Relu", nn.ReLU),
    ],
)
def test_a_layer_is_the_one_that_torch_has(name, kind, tmp_path):
    nodes, weights = deepcopy(CASES[name])
    scaled = node("Mul", "x", "scale", outputs=["scaled"])
    nodes[0].input[0] = "scaled"
    network, _ = load_onnx(saved(model(scaled, *nodes, weights={**weights, "scale": MAP}), tmp_path))
    assert type(list(network.children())[-1]) is kind


def test_operators_of_sizes_are_none_of_the_layers(tmp_path):
    nodes = [
        node("Shape", "x", outputs=["shape"]),
        node("Gather", "shape", "zero", outputs=["n"]),
        node("Unsqueeze", "n", "zero1", outputs=["n1"]),
        node("Concat", "n1", "rest", outputs=["sizes"], axis=0),
        node("Reshape", "x", "sizes", outputs=["flat"]),
        node("MatMul", "flat", "w"),
    ]
    weights = {"zero": np.array(0), "zero1": np.array([0]), "rest": np.array([-1]), "w": array(192, 3)}
    path = saved(model(*nodes, weights=weights), tmp_path)
    network, shape = load_onnx(path)
    assert [type(layer).__name__ for layer in network.children()] == ["NodeFunction", "Linear"]
    images = array(3, *shape)
    assert network(torch.from_numpy(images)).detach().numpy() == pytest.approx(computed(path, images), abs=1e-4)


@pytest.mark.slow
def test_a_network_whose_sizes_are_computed_can_be_exported_for_any_batch(tmp_path):
    nodes = [
        node("Shape", "x", outputs=["shape"]),
        node("Slice", "shape", "zero", "one", outputs=["n"]),
        node("Concat", "n", "rest", outputs=["sizes"], axis=0),
        node("Reshape", "x", "sizes", outputs=["flat"]),
        node("MatMul", "flat", "w"),
    ]
    weights = {"zero": np.array([0]), "one": np.array([1]), "rest": np.array([192]), "w": array(192, 3)}
    network, shape = load_onnx(saved(model(*nodes, weights=weights), tmp_path))
    any_batch = ({0: torch.export.Dim("n")},)
    exported = torch.export.export(network, (torch.rand(2, *shape),), dynamic_shapes=any_batch).module()
    images = torch.rand(5, *shape)
    assert torch.allclose(exported(images), network(images), atol=1e-5)


def test_the_usual_operators_of_networks_are_read():
    wanted = """Conv Gemm MatMul BatchNormalization Relu LeakyRelu Clip Sigmoid HardSigmoid HardSwish Gelu Erf Softmax
        LayerNormalization ReduceMean Add Mul Sub Div Pow Sqrt Concat Split Slice Gather Reshape Transpose Flatten
        Squeeze Unsqueeze Expand Where MaxPool AveragePool GlobalAveragePool Resize ConvTranspose Pad Cast Identity
        Dropout Tile Equal InstanceNormalization PRelu Einsum"""
    assert not set(wanted.split()) - set(MAKERS)
    assert not {"Shape", "ConstantOfShape", "Range"} - set(FOLDS)
