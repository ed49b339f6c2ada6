"""Exact networks as ONNX files that any runtime reads, and what a runtime makes of them.

Networks are chains of `Flatten`, `Gemm` and `Relu`, which every verifier reads. A memorising network for images is not
written out unit by unit: with |t| = ReLU(t) + ReLU(−t) taken on whole inputs by `Sub`, `Relu`, `Add` and `MatMul`, a
centre costs d numbers, whatever the size of the image.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import DTypeLike
from onnx import NodeProto, helper, numpy_helper

from fvproof.theory.network import ReluNetwork
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.verify.files.disk import writing
from fvproof.verify.files.floats import Network, checked_shape, is_exact, rounded, rounded_layer, rounded_point

OPSET, IR_VERSION = 17, 8
"""Old enough for the runtimes and verifiers in use."""

MOST_DENSE = 1 << 18
"""A memorising network of more weights is written in the form for images."""

INPUT, FLAT, OUTPUT = "image", "flat", "value"

Weights = dict[str, np.ndarray]


def write_onnx(
    network: Network,
    path: Path,
    *,
    shape: Sequence[int] | None = None,
    dtype: DTypeLike = np.float64,
    metadata: Mapping[str, str] | None = None,
) -> bool:
    """Write a network as ONNX; return whether every weight is exact, that is, a number of the dtype.

    Each weight is the nearest double (then the nearest number of the dtype). The file's metadata says `exact: true` or
    `exact: false`.

    Parameters
    ----------
    network
        An exact network of d inputs.
    path
        The file to write.
    shape
        The shape of one input, such as (3, 224, 224), flattened in this order; by default (d,).
    dtype
        float64 or float32, for input, weights and output alike.
    metadata
        Further entries for the file's metadata.

    Raises
    ------
    DomainError
        If a weight is too large for the dtype, a layer would need a matrix of more than 2^27 numbers, or the file
        cannot be written.
    ShapeError
        If the shape has not d entries.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from fvproof.theory.witnesses.memorising import memorise
    >>> network = memorise([[0, 0], [1, 1]], [0, 1], base="1/2")
    >>> with TemporaryDirectory() as folder:
    ...     write_onnx(network, Path(folder, "network.onnx"))
    ...     run_onnx(Path(folder, "network.onnx"), np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    True
    array([0. , 0.5, 1. ])
    """
    _save(onnx_model(network, shape=shape, dtype=dtype, metadata=metadata), path)
    return is_exact(network, dtype)


def onnx_model(
    network: Network,
    *,
    shape: Sequence[int] | None = None,
    dtype: DTypeLike = np.float64,
    metadata: Mapping[str, str] | None = None,
) -> onnx.ModelProto:
    """Return the model that `write_onnx` writes: the same one whenever and wherever it is made."""
    shape, dtype = checked_shape(network.dimension, shape), np.dtype(dtype)
    exact = is_exact(network, dtype)
    if isinstance(network, Memorising) and _dense_weights(network) <= MOST_DENSE:
        network = network.network()
    nodes, weights = _memorising(network, dtype) if isinstance(network, Memorising) else _layers(network, dtype)
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    outputs = len(network.layers[-1].rows) if isinstance(network, ReluNetwork) else 1
    graph = helper.make_graph(
        [helper.make_node("Flatten", [INPUT], [FLAT], axis=1), *nodes],
        "exact_network",
        [helper.make_tensor_value_info(INPUT, kind, ["batch", *shape])],
        [helper.make_tensor_value_info(OUTPUT, kind, ["batch", outputs])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, producer_name="fvproof", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    helper.set_model_props(model, {**(metadata or {}), "exact": str(exact).lower(), "rounding": f"nearest {dtype}"})
    return model


def run_onnx(path: Path, inputs: np.ndarray) -> np.ndarray:
    """Return what a runtime computes from a file that `write_onnx` wrote: one number for each input.

    The runtime is onnxruntime where it is installed (`runtime()` says so), else the reference evaluator of the `onnx`
    package.

    Parameters
    ----------
    path
        A network with one output.
    inputs
        Points, (N, d), of any float dtype.
    """
    model = onnx.load(path)
    tensor = model.graph.input[0].type.tensor_type
    shape = [size.dim_value for size in tensor.shape.dim[1:]]
    batch = inputs.astype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)).reshape(-1, *shape)
    return evaluate(model, batch)[:, 0]


def runtime() -> str:
    """Return the name of the runtime that `run_onnx` asks."""
    return "onnxruntime" if find_spec("onnxruntime") else "onnx.reference"


def evaluate(model: onnx.ModelProto, batch: np.ndarray) -> np.ndarray:
    """Return what the runtime computes as the output for a batch; the model's input must be named `image`."""
    if runtime() == "onnxruntime":
        import onnxruntime  # an optional package

        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        (outputs,) = session.run(None, {INPUT: batch})
        return np.asarray(outputs)
    from onnx.reference import ReferenceEvaluator  # only where no runtime is installed

    (outputs,) = ReferenceEvaluator(model).run(None, {INPUT: batch})  # type: ignore[misc]
    return np.asarray(outputs)


def _dense_weights(network: Memorising) -> int:
    """Return how many weights the network has when it is written out unit by unit."""
    d, n = network.dimension, len(network.centres)
    return 2 * d * n * (d + n)


def _layers(network: ReluNetwork, dtype: np.dtype) -> tuple[list[NodeProto], Weights]:
    """Return a chain of Gemm and Relu."""
    nodes, weights, value, inputs = [], Weights(), FLAT, network.dimension
    last = len(network.layers) - 1
    for i, layer in enumerate(network.layers):
        names = [f"weights_{i}", f"biases_{i}"]
        weights.update(zip(names, rounded_layer(layer, inputs, dtype), strict=True))
        affine = OUTPUT if i == last else f"affine_{i}"
        nodes.append(helper.make_node("Gemm", [value, *names], [affine], transB=1))
        if i < last:
            nodes.append(helper.make_node("Relu", [affine], [f"relu_{i}"]))
        value, inputs = f"relu_{i}", len(layer.rows)
    return nodes, weights


def _memorising(network: Memorising, dtype: np.dtype) -> tuple[list[NodeProto], Weights]:
    """Return β + Σ_j (v_j − β)·s_j, spike by spike."""
    weights: Weights = {
        "minus_sharpness": np.full((network.dimension, 1), rounded([-network.sharpness], dtype)),
        "one": np.ones(1, dtype),
        "total_0": rounded([network.base], dtype).reshape(1, 1),
    }
    nodes: list[NodeProto] = []
    for j, (centre, value) in enumerate(zip(network.centres, network.values, strict=True)):
        weights[f"centre_{j}"] = rounded_point(centre, dtype).reshape(1, -1)
        weights[f"rise_{j}"] = rounded([value - network.base], dtype).reshape(1, 1)
        total = OUTPUT if j == len(network.centres) - 1 else f"total_{j + 1}"
        nodes += _spike(j)
        nodes.append(helper.make_node("MatMul", [f"spike_{j}", f"rise_{j}"], [f"term_{j}"]))
        nodes.append(helper.make_node("Add", [f"term_{j}", f"total_{j}"], [total]))
    return nodes, weights


def _spike(j: int) -> list[NodeProto]:
    """Return s(z) = ReLU(1 − k·Σ_i (ReLU(z_i − c_i) + ReLU(c_i − z_i)))."""
    steps = [
        ("Sub", [FLAT, f"centre_{j}"], "above"),
        ("Sub", [f"centre_{j}", FLAT], "below"),
        ("Relu", [f"above_{j}"], "rise_above"),
        ("Relu", [f"below_{j}"], "rise_below"),
        ("Add", [f"rise_above_{j}", f"rise_below_{j}"], "gap"),
        ("MatMul", [f"gap_{j}", "minus_sharpness"], "fall"),
        ("Add", [f"fall_{j}", "one"], "tip"),
        ("Relu", [f"tip_{j}"], "spike"),
    ]
    return [helper.make_node(kind, inputs, [f"{name}_{j}"]) for kind, inputs, name in steps]


def _save(model: onnx.ModelProto, path: Path) -> None:
    """Write the file, its folder made where it is missing."""
    with writing(path):
        onnx.save(model, path)
