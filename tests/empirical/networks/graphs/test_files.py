"""ONNX files are read with care: whatever cannot be read is one sentence that names the node."""

import warnings

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from fvproof.empirical.networks.graphs.building import build
from fvproof.empirical.networks.graphs.files import load_onnx, read_graph
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from tests.empirical.networks.graphs.onnx_examples import array, computed, model, node, saved
from tests.verify.files.onnx_graphs import grown, spoiled

CONV = (node("Conv", "x", "w"),)
WEIGHTS = {"w": array(2, 4, 3, 3)}
BRANCH = helper.make_graph([], "branch", [], [])
MANY = np.array([1, 1 << 30, 1, 1])


def convolution(**settings):
    return model(*CONV, weights=WEIGHTS, **settings)


def with_domain(made, domain):
    made.graph.node[0].domain = domain
    return made


def with_function(made):
    made.functions.append(helper.make_function("own", "F", ["a"], ["b"], [node("Relu", "a", outputs=["b"])], []))
    return made


def in_another_file(location, made=None):
    made = made or convolution()
    tensor = made.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    tensor.external_data.append(onnx.StringStringEntryProto(key="location", value=location))
    return made


@pytest.mark.parametrize(
    ("made", "kind", "told"),
    [
        (b"", DomainError, "net.onnx: the file holds no network"),
        (b"\x08\x08\x12", DomainError, "net.onnx: the file is cut short, or no ONNX file"),
        (b"version https://git-lfs.github.com/spec/v1\n", DomainError, "it is a pointer to a file of Git LFS"),
        (
            model(node("If", "x", name="choice", then_branch=BRANCH, else_branch=BRANCH)),
            DomainError,
            "node choice (If): control flow is not supported, export the network without",
        ),
        (
            model(node("TopK", "x", "k", name="best"), weights={"k": MANY}),
            DomainError,
            "node best (TopK): the operator is",
        ),
        (
            model(node("QLinearConv", "x", name="q")),
            DomainError,
            "node q (QLinearConv): the operator is not supported: it is quantized, which has no gradients",
        ),
        (
            with_domain(convolution(), "com.microsoft"),
            DomainError,
            "node y (Conv): the operators of com.microsoft are not",
        ),
        (with_function(convolution()), DomainError, "the file has functions of its own, which are not supported"),
        (convolution(opset=6), DomainError, "the operators must be of version 7 to"),
        (model(*CONV), DomainError, "node y (Conv): its input 'w' is not computed before it"),
        (convolution(kind=TensorProto.UINT8), DomainError, "the input 'x' must hold floating-point numbers, not uint8"),
        (
            convolution(images=(5, 4, 6, 8)),
            ShapeError,
            "the file is for batches of exactly 5 images: export it for any",
        ),
        (convolution(images=("n", 4)), ShapeError, "images (N, C, H, W) or volumes (N, C, D, H, W), not any×4"),
        (convolution(images=("n", 4, "l")), ShapeError, "it takes signals (C, L) of 4×any: say how many"),
        (model(node("Relu", "x")), DomainError, "net.onnx: it has no weights"),
        (model(node("Relu", "x", made="up")), DomainError, "node y (Relu): the attribute 'made' is not supported"),
        (model(node("Relu", "x", outputs=["z"])), DomainError, "its output 'y' does not depend on the image"),
        (model(node("Add", "x", "w"), weights=WEIGHTS), ShapeError, "node y (Add): what comes into it does not fit"),
        (in_another_file("absent.bin"), DomainError, "the tensor 'w' lies in another file, which cannot be read"),
        (in_another_file("../net.onnx"), DomainError, "the tensor 'w' lies in another file, which cannot be read"),
        (
            model(node("Expand", "x", "s"), weights={"s": MANY}),
            ShapeError,
            "node y (Expand): an array of 51539607552 numbers would be needed, more than 67108864",
        ),
        (
            model(node("Pad", "x", "p"), weights={"p": np.array([0, 0, 0, 0, 0, 0, 1 << 30, 0])}),
            ShapeError,
            "more than 67108864",
        ),
        (model(node("ConstantOfShape", "s"), weights={"s": MANY * MANY}), ShapeError, "more than 67108864"),
        (model(node("Conv", "x", "w", pads=[1 << 20] * 4), weights=WEIGHTS), ShapeError, "more than 67108864"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(made, kind, told, tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(made if isinstance(made, bytes) else made.SerializeToString())
    with pytest.raises(FvproofError) as error:
        load_onnx(path)
    assert type(error.value) is kind
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_two_inputs_are_named(tmp_path):
    made = convolution()
    made.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1]))
    with pytest.raises(DomainError, match="it must have one input, an image, not 2: x, mask"):
        load_onnx(saved(made, tmp_path))


def test_a_file_that_was_cut_short_is_refused_wherever_it_ends(tmp_path):
    data = convolution().SerializeToString()
    for end in range(0, len(data), 7):
        (tmp_path / "net.onnx").write_bytes(data[:end])
        with pytest.raises(FvproofError):
            load_onnx(tmp_path / "net.onnx")


def test_weights_in_a_file_beside_are_read_and_those_that_overlap_are_not(tmp_path):
    (tmp_path / "net.data").write_bytes(WEIGHTS["w"].tobytes())
    path = saved(in_another_file("net.data"), tmp_path)
    assert np.array_equal(load_onnx(path)[0].y.weight.detach().numpy(), WEIGHTS["w"])
    twice = in_another_file("net.data")
    twice.graph.initializer.append(twice.graph.initializer[0])
    twice.graph.initializer[1].name = "again"
    with pytest.raises(DomainError, match="its weights take 576 bytes, the files that they lie in have 288"):
        load_onnx(saved(twice, tmp_path))


@pytest.mark.parametrize("kind", [np.float16, np.float64])
def test_weights_of_another_precision_become_single(kind, tmp_path):
    made = model(
        node("Cast", "x", outputs=["z"], to=TensorProto.FLOAT16),
        node("Conv", "z", "w"),
        weights={"w": WEIGHTS["w"].astype(kind)},
    )
    network, _ = load_onnx(saved(made, tmp_path))
    assert network(torch.rand(2, 4, 6, 8)).dtype == torch.float32


@pytest.mark.parametrize(
    ("stated", "given", "found"),
    [
        (("n", 4, 6, 8), None, (4, 6, 8)),
        (("n", 4, "h", "w"), (4, 9, 7), (4, 9, 7)),
        (("n", 4, "h", "w"), None, (4, 224, 224)),
    ],
)
def test_the_shape_is_the_files_and_the_users_where_the_file_leaves_it_open(stated, given, found, tmp_path):
    assert load_model(str(saved(convolution(images=stated), tmp_path)), shape=given).shape == found


@pytest.mark.parametrize(
    ("stated", "given", "told"),
    [
        (("n", 4, 6, 8), (4, 6, 9), "of 4×6×8, not 4×6×9"),
        (("n", 4, "h", "w"), (3, 6, 9), "of 4×any×any, not 3×6×9"),
    ],
)
def test_a_shape_that_is_not_the_files_is_refused(stated, given, told, tmp_path):
    with pytest.raises(ShapeError, match=told):
        load_model(str(saved(convolution(images=stated), tmp_path)), shape=given)


@pytest.mark.parametrize("sides", [(11,), (7, 8, 9)], ids=["signals", "volumes"])
def test_signals_and_volumes_are_read_as_the_runtime_reads_them(sides, tmp_path):
    made = model(
        node("Conv", "x", "w", "b", outputs=["c"], strides=[2] * len(sides)),
        node("MaxPool", "c", outputs=["y"], kernel_shape=[2] * len(sides)),
        weights={"w": array(5, 4, *[3] * len(sides)), "b": array(5)},
        images=("n", 4, *sides),
    )
    network, shape = load_onnx(saved(made, tmp_path))
    given = array(3, 4, *sides)
    assert shape == (4, *sides)
    assert np.allclose(network(torch.from_numpy(given)).detach(), computed(tmp_path / "net.onnx", given), atol=1e-5)


@pytest.mark.parametrize("where", ["output", "mean"])
def test_several_outputs_are_given_by_name(where, tmp_path):
    nodes = [*CONV, node("Relu", "y", outputs=["output"]), node("GlobalAveragePool", "y", outputs=["mean"])]
    network, _ = load_onnx(saved(model(*nodes, weights=WEIGHTS, outputs=("output", "mean")), tmp_path))
    found = network(torch.from_numpy(array(2, 4, 6, 8)))
    wanted = computed(tmp_path / "net.onnx", array(2, 4, 6, 8), where)
    assert found[where].detach().numpy() == pytest.approx(wanted, abs=1e-5)


class Net(nn.Module):
    """Layers of many kinds, and one that is called twice."""

    def __init__(self):
        super().__init__()
        self.stem, self.act = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)), nn.ReLU()
        self.mix, self.norm, self.head = nn.Linear(36, 36), nn.LayerNorm(8), nn.Linear(8, 5)

    def forward(self, x):
        y = self.act(self.stem(x)).flatten(2)
        y = y + self.act(self.mix(y))
        return self.head(self.norm(y.transpose(1, 2)).mean(1))


@pytest.mark.parametrize("form", ["one image", "any number"])
def test_an_export_of_torch_has_the_names_and_the_values_of_the_module(form, tmp_path):
    torch.manual_seed(0)
    network = Net().eval()
    given = {"dynamic_axes": {"x": {0: "n"}}} if form == "any number" else {}
    with warnings.catch_warnings(action="ignore"):
        path = tmp_path / "net.onnx"
        torch.onnx.export(network, (torch.rand(1, 3, 8, 8),), path, input_names=["x"], dynamo=False, **given)
    model_ = load_model(str(path))
    names = {name: type(layer) for name, layer in model_.network.named_modules()}
    assert {"stem.0": nn.Conv2d, "mix": nn.Linear, "head": nn.Linear}.items() <= names.items()
    assert {"act", "act_1"} <= set(names)
    images = torch.rand(4, 3, 8, 8)
    assert torch.allclose(model_(images), network(images), atol=1e-5)


def read(data, folder):
    """Return a network and the shape that it takes, or what is said of it."""
    try:
        graph, stated = read_graph(data, folder)
        shape = [size or 1 for size in stated[1:]]
        return build(graph, shape), shape
    except FvproofError as error:
        return str(error)


def tried(seed, folder):
    """Try one random network, every other spoiled; return whether it was read."""
    rng = np.random.default_rng(seed)
    made = grown(rng)
    made = spoiled(made, rng) if seed % 2 else made
    found = read(made.SerializeToString(), folder)
    if isinstance(found, str):
        assert "\n" not in found
        return False
    network, shape = found
    images = rng.standard_normal((1, *shape)).astype(np.float32)
    try:
        wanted = computed(saved(made, folder), images)
    except Exception:  # noqa: BLE001  the runtime is stricter in the types of constants
        return False
    if not any(one.op_type == "Squeeze" and len(one.input) < 2 for one in made.graph.node):  # which keeps the image
        assert network(torch.from_numpy(images)).detach().numpy() == pytest.approx(wanted, rel=1e-3, abs=1e-3)
    return True


def test_random_networks_are_read_as_the_runtime_reads_them_or_refused(tmp_path):
    assert sum(tried(seed, tmp_path) for seed in range(80)) > 40


@pytest.mark.slow
def test_thousands_of_networks_are_read_as_the_runtime_reads_them_or_refused(tmp_path):
    for seed in range(1000, 5000):
        tried(seed, tmp_path)


def test_a_tensor_of_text_is_refused(tmp_path):
    made = convolution()
    made.graph.initializer.append(numpy_helper.from_array(np.array(["a"], dtype=object), "t"))
    with pytest.raises(DomainError, match="the tensor 't' must hold real numbers"):
        load_onnx(saved(made, tmp_path))
