"""ONNX files agree with a runtime, exactly; what cannot be read is named."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, load_model, numpy_helper
from onnx.external_data_helper import set_external_data

from fvproof.theory.errors import FvproofError
from fvproof.verify.files.readers import read_layered


def save(path, nodes, weights, inputs=(1, 3), outputs=(1, None), *, kind=TensorProto.FLOAT):
    """Write an ONNX file with one input and one output."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", kind, inputs)],
        [helper.make_tensor_value_info("y", kind, outputs)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def agrees(path, shape, seed=0):
    """Return whether exact evaluation agrees with the runtime at a random point."""
    x = np.random.default_rng(seed).standard_normal((1, *shape)).astype(np.float32)
    exact = read_layered(path).outputs([Fraction(float(c)) for c in x.reshape(-1)])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (outputs,) = session.run(None, {session.get_inputs()[0].name: x})
    return np.allclose([float(y) for y in exact], outputs.reshape(-1), atol=1e-4)


def arrays(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("transposed", [0, 1])
def test_gemm_with_factors_and_relu(tmp_path, transposed):
    a, b, c = arrays((4, 5) if transposed else (5, 4), (4,), (4, 2))
    nodes = [
        helper.make_node("Gemm", ["x", "a", "b"], ["h"], alpha=0.5, beta=2.0, transB=transposed),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "c"], ["y"]),
    ]
    assert agrees(save(tmp_path / "n.onnx", nodes, {"a": a, "b": b, "c": c}, [1, 5], [1, 2]), (5,))


def test_subtraction_flattening_reshaping_and_additions_merge_into_affine_maps(tmp_path):
    mean, a, b, c = arrays((1, 1, 2, 3), (6, 4), (4,), (4, 2))
    nodes = [
        helper.make_node("Sub", ["x", "mean"], ["s"]),
        helper.make_node("Flatten", ["s"], ["f"]),
        helper.make_node("MatMul", ["f", "a"], ["m"]),
        helper.make_node("Add", ["b", "m"], ["p"]),
        helper.make_node("Relu", ["p"], ["r"]),
        helper.make_node("Reshape", ["r", "shape"], ["q"]),
        helper.make_node("MatMul", ["q", "c"], ["y"]),
    ]
    weights = {"mean": mean, "a": a, "b": b, "c": c, "shape": np.array([1, -1])}
    path = save(tmp_path / "n.onnx", nodes, weights, [1, 1, 2, 3], [1, 2])
    assert len(read_layered(path).maps) == 2
    assert agrees(path, (1, 2, 3))


@pytest.mark.parametrize(
    ("strides", "pads", "dilations", "group"), [([1, 1], [1] * 4, [1, 1], 1), ([2, 1], [0, 1, 2, 0], [1, 2], 2)]
)
def test_convolutions_are_unrolled(tmp_path, strides, pads, dilations, group):
    kernel, bias = arrays((4, 2 // group, 3, 2), (4,))
    node = helper.make_node(
        "Conv", ["x", "k", "b"], ["c"], strides=strides, pads=pads, dilations=dilations, group=group
    )
    nodes = [node, helper.make_node("Relu", ["c"], ["r"]), helper.make_node("Flatten", ["r"], ["y"])]
    path = save(tmp_path / "n.onnx", nodes, {"k": kernel, "b": bias}, [1, 2, 6, 5], [1, None])
    assert agrees(path, (2, 6, 5))


def test_an_unsupported_operator_is_named_with_its_node(tmp_path):
    path = save(tmp_path / "n.onnx", [helper.make_node("Sigmoid", ["x"], ["y"], name="gate")], {}, [1, 3], [1, 3])
    with pytest.raises(FvproofError, match=r"node gate \(Sigmoid\): the operator is not supported"):
        read_layered(path)


def test_shapes_that_do_not_match_are_named_with_their_node(tmp_path):
    (a,) = arrays((4, 2))
    path = save(
        tmp_path / "n.onnx", [helper.make_node("MatMul", ["x", "a"], ["y"], name="m")], {"a": a}, [1, 3], [1, 2]
    )
    with pytest.raises(FvproofError, match=r"node m \(MatMul\): a value of shape \(1, 3\) does not fit"):
        read_layered(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    a = np.full((3, 2), np.nan, dtype=np.float32)
    path = save(tmp_path / "n.onnx", [helper.make_node("MatMul", ["x", "a"], ["y"])], {"a": a}, [1, 3], [1, 2])
    with pytest.raises(FvproofError, match="NaN"):
        read_layered(path)


def test_a_truncated_file_is_refused(tmp_path):
    (a,) = arrays((3, 2))
    path = save(tmp_path / "n.onnx", [helper.make_node("MatMul", ["x", "a"], ["y"])], {"a": a}, [1, 3], [1, 2])
    path.write_bytes(path.read_bytes()[:-25])
    with pytest.raises(FvproofError, match=r"n\.onnx"):
        read_layered(path)


ONES = np.ones((3, 2), dtype=np.float32)
CONSTANTS = [
    {"value_float": 5.25},
    {"value_floats": [0.5, -3.0]},
    {"value": numpy_helper.from_array(np.array([[1.0, 2.0]], dtype=np.float32))},
]


@pytest.mark.parametrize("stated", CONSTANTS, ids=[next(iter(stated)) for stated in CONSTANTS])
def test_constants_are_read_however_they_are_stated(tmp_path, stated):
    nodes = [
        helper.make_node("Constant", [], ["c"], **stated),
        helper.make_node("MatMul", ["x", "a"], ["m"]),
        helper.make_node("Add", ["m", "c"], ["y"]),
    ]
    assert agrees(save(tmp_path / "n.onnx", nodes, {"a": ONES}), (3,))


def test_a_constant_of_integers_is_a_shape(tmp_path):
    nodes = [
        helper.make_node("Constant", [], ["s"], value_ints=[-1, 3]),
        helper.make_node("Reshape", ["x", "s"], ["r"]),
        helper.make_node("MatMul", ["r", "a"], ["y"]),
    ]
    assert agrees(save(tmp_path / "n.onnx", nodes, {"a": ONES}, (1, 1, 3)), (1, 3))


def test_networks_in_double_precision_are_read_without_rounding(tmp_path):
    weights = np.array([[1 / 3], [1e-20], [0.1]])
    node = helper.make_node("MatMul", ["x", "a"], ["y"])
    network = read_layered(save(tmp_path / "n.onnx", [node], {"a": weights}, kind=TensorProto.DOUBLE))
    assert network.outputs([Fraction(1)] * 3) == (sum(Fraction(w) for w in weights.flat),)


def node(kind, inputs, output="y", **attributes):
    """Return a node with one output, or none."""
    return helper.make_node(kind, inputs, [output] if output else [], **attributes)


def matmul(weights):
    """Return a network of one matrix."""
    return [node("MatMul", ["x", "a"])], {"a": weights}


def conv(shape=(2, 1, 2, 2), **attributes):
    """Return a convolution with a kernel of this shape."""
    return [node("Conv", ["x", "k"], **attributes)], {"k": np.ones(shape, dtype=np.float32)}


LARGE = np.full((1, 1), 1e38, np.float32)
VECTOR, IMAGE = (1, 3), (1, 1, 3, 3)
REFUSED = [
    ([node("Constant", [], "c", value_string="5"), node("Add", ["x", "c"])], {}, VECTOR, "not by value_string"),
    ([node("Add", ["x", "c"])], {"c": np.ones((2, 3), np.float32)}, VECTOR, "no valid ONNX: .* dimension 0"),
    ([node("Add", ["x", "c"])], {"c": np.ones((1, 1, 3), np.float32)}, VECTOR, "no valid ONNX: .* differ in rank"),
    ([node("Add", ["x", "c"])], {"c": np.ones((1, 2), np.float32)}, VECTOR, r"a constant of shape \(1, 2\) does not"),
    (*matmul(ONES.astype(np.complex64)), VECTOR, "tensor 'a' must hold real numbers, not the type complex64"),
    (*matmul(np.array([["1"], ["1"], ["1"]], dtype=object)), VECTOR, "tensor 'a' must hold real numbers"),
    (*matmul(np.full((3, 1), 2**53 + 1)), VECTOR, "integers must lie within"),
    (*matmul(ONES * np.float32(np.inf)), VECTOR, "tensor 'a' must hold finite numbers"),
    ([node("Gemm", ["x", "a"], alpha=float("inf"))], {"a": ONES}, VECTOR, "'alpha' must be finite, not inf"),
    ([node("Gemm", ["x", "a"], alpha=2)], {"a": ONES}, VECTOR, "'alpha' must be of the type FLOAT"),
    ([node("Constant", [], "c", value_float=5), node("Add", ["x", "c"])], {}, VECTOR, "must be of the type FLOAT"),
    ([node("Gemm", ["x", "a"], gamma=2.0)], {"a": ONES}, VECTOR, "the attribute 'gamma' is not supported"),
    ([node("Gemm", ["x", "a", "b"])], {"a": ONES, "b": np.ones((2, 1), np.float32)}, VECTOR, "do not fit together"),
    ([node("Mul", [a, "b"], b) for a, b in pairwise("xcdefghijy")], {"b": LARGE}, VECTOR, "are too large"),
    ([node("MatMul", ["a", "x"])], {"a": ONES.T}, VECTOR, "does not fit a matrix"),
    ([node("MatMul", ["x", "a"], None)], {"a": ONES}, VECTOR, r"node 0 \(MatMul\): the node has no output"),
    ([node("MatMul", ["x", "b"])], {"a": ONES}, VECTOR, "its input 'b' is not computed before it"),
    ([node("MatMul", ["x", "a"], "a")], {"a": ONES}, VECTOR, "its output 'a' is there already"),
    ([node("Relu", ["x"], domain="elsewhere")], {}, VECTOR, "the operator is not supported"),
    ([node("Relu", ["x"])], {}, (1, 100_000), "a matrix of 100000 rows"),
    ([node("Reshape", ["x", "s"])], {"s": np.array([3, 0])}, VECTOR, "cannot be brought into the shape"),
    ([node("Reshape", ["x", "s"])], {"s": np.array([1, -1, -1])}, VECTOR, r"shape \[1, -1, -1\]"),
    ([node("Dropout", ["x", "", "t"])], {"t": np.array(1)}, VECTOR, "'training_mode' is not supported"),
    (*conv(strides=[0, 1]), IMAGE, "strides and dilations must be at least 1"),
    (*conv(pads=[-1, 0, 0, 0]), IMAGE, "pads must be at least 0"),
    (*conv(group=0), IMAGE, "1 channels in 0 groups"),
    (*conv(pads=[10**9] * 4), IMAGE, "unrolled, it would have"),
    (*conv(kernel_shape=[3, 3]), IMAGE, "does not fit"),
    (*conv((2, 1, 4, 4)), IMAGE, "unrolled, it would have 0 by 0 places"),
    (*matmul(ONES), (2, 3), "must have a batch of 1"),
    ([node("Add", ["x", "x"])], {}, (1, 2000), "may have 2048 numbers together, not 4000"),
    ([node("Clip", ["x", "a", "b"])], {"a": np.float32(1), "b": np.float32(0)}, VECTOR, "lower end 1 lies above"),
    ([node("Div", ["x", "a"])], {"a": np.zeros(3, np.float32)}, VECTOR, "none of whose numbers is 0"),
    ([node("Gather", ["x", "a"])], {"a": np.array([7])}, VECTOR, "do not fit together"),
    ([node("Tile", ["x", "a"])], {"a": np.array([1, 2**40])}, VECTOR, "an array of 3298534883328 numbers"),
    ([node("Sum", ["x"], name="s")], {}, VECTOR, r"node s \(Sum\): the operator is not supported"),
]


@pytest.mark.parametrize(("nodes", "weights", "shape", "message"), REFUSED, ids=[case[-1] for case in REFUSED])
def test_what_cannot_be_read_is_named(tmp_path, nodes, weights, shape, message):
    with pytest.raises(FvproofError, match=message):
        read_layered(save(tmp_path / "n.onnx", nodes, weights, shape))


@pytest.mark.parametrize("place", ["../weights.bin", "/etc/hostname", "link.bin", "nowhere.bin", "", "."])
def test_weights_are_not_read_from_elsewhere(tmp_path, place):
    (tmp_path / "weights.bin").write_bytes(ONES.tobytes())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "weights.bin")
    path = save(folder / "n.onnx", *matmul(ONES))
    model = load_model(path)
    set_external_data(model.graph.initializer[0], place)
    model.graph.initializer[0].ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(FvproofError, match="the tensor 'a' lies in another file, which cannot be read"):
        read_layered(path)


def test_an_input_of_integers_is_refused(tmp_path):
    path = save(tmp_path / "n.onnx", *matmul(ONES.astype(np.int64)), kind=TensorProto.INT64)
    with pytest.raises(FvproofError, match="the input 'x' must hold floating-point numbers"):
        read_layered(path)


def test_real_networks_agree_with_the_runtime(shared_data):
    folder = shared_data / "verification"
    assert agrees(folder / "acasxu" / "onnx" / "ACASXU_run2a_1_1_batch_2000.onnx", (1, 1, 5))
    assert agrees(next((folder / "tll" / "onnx").glob("*N=M=8*")), (2,))


def normed(path, variance, *, scale=1.0, epsilon=0.0, kind=np.float64):
    """Write an ONNX file of one batch norm of so many channels, without a shift."""
    n = len(variance)
    given = {"scale": np.full(n, scale), "bias": np.zeros(n), "mean": np.zeros(n), "variance": np.array(variance)}
    node = helper.make_node("BatchNormalization", ["x", *given], ["y"], epsilon=epsilon)
    weights = {name: array.astype(kind) for name, array in given.items()}
    return save(path, [node], weights, [1, n], [1, n], kind=helper.np_dtype_to_tensor_dtype(np.dtype(kind)))


def test_a_batch_norm_whose_root_is_rational_is_exact(tmp_path):
    network = read_layered(normed(tmp_path / "n.onnx", [9.0, 0.25, 0.140625]))
    assert network.rounded == 0
    assert network.outputs([Fraction(1)] * 3) == (Fraction(1, 3), Fraction(2), Fraction(8, 3))


@pytest.mark.parametrize("variance", [2.0, 1e-300, 1e-323, 3e300])
def test_an_irrational_factor_of_a_batch_norm_is_the_nearest_double_and_is_counted(tmp_path, variance):
    network = read_layered(normed(tmp_path / "n.onnx", [variance, 4.0], scale=1e-200))
    (factor, half), exact = network.outputs([Fraction(1)] * 2), Fraction(1e-200) ** 2 / Fraction(variance)
    around = [Fraction(np.nextafter(float(factor), end)) for end in (0, np.inf)]
    assert network.rounded == 1
    assert half == Fraction(1e-200) / 2
    assert ((factor + around[0]) / 2) ** 2 < exact < ((factor + around[1]) / 2) ** 2


def test_a_factor_of_zero_is_exact(tmp_path):
    assert read_layered(normed(tmp_path / "n.onnx", [2.0], scale=0.0)).rounded == 0
