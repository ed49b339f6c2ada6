"""Networks from files agree with a runtime, exactly; what cannot be read is named."""

from fractions import Fraction

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from theory.errors import FvproofError
from theory.network import spike
from verify.files.formats import write_function
from verify.files.readers import read_layered


def save(path, nodes, weights, inputs, outputs):
    """Write an ONNX file with one input and one output."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
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
    with pytest.raises(FvproofError, match=r"node m \(MatMul\): a value of shape \(3,\) does not fit"):
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


def test_exact_networks_are_read_without_rounding(tmp_path):
    network = spike((Fraction(1, 3), Fraction(1, 7)), Fraction(5, 3))
    write_function(network, tmp_path / "spike.json")
    point = (Fraction(2, 5), Fraction(1, 11))
    assert read_layered(tmp_path / "spike.json").outputs(point) == network.outputs(point)


def test_nnet_files_are_decimals_taken_exactly(tmp_path):
    lines = ["// a comment", "2,2,1,3,", "2,3,1,", "0,", "0,0,", "1,1,", "0,0,0,", "1,1,1,"]
    lines += ["0.1,0.2,", "-1,1,", "0,3,", "0.5,", "0,", "-1,", "1,1,1,", "0.25,"]
    (tmp_path / "n.nnet").write_text("\n".join(lines))
    network = read_layered(tmp_path / "n.nnet")
    assert network.outputs([Fraction(1), Fraction(1)]) == (Fraction(8, 10) + 2 + Fraction(1, 4),)
    (tmp_path / "n.nnet").write_text("\n".join(lines[:-3]))
    with pytest.raises(FvproofError, match="cut short"):
        read_layered(tmp_path / "n.nnet")
    (tmp_path / "n.nnet").write_text("\n".join([*lines[:8], "0.1,zero,", *lines[9:]]))
    with pytest.raises(FvproofError, match="line 9"):
        read_layered(tmp_path / "n.nnet")


def test_real_networks_agree_with_the_runtime(shared_data):
    folder = shared_data / "verification"
    assert agrees(folder / "acasxu" / "onnx" / "ACASXU_run2a_1_1_batch_2000.onnx", (1, 1, 5))
    assert agrees(next((folder / "tll" / "onnx").glob("*N=M=8*")), (2,))
