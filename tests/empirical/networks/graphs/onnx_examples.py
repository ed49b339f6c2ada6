"""Small ONNX files, made with the `onnx` package, and what a runtime computes from them."""

from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

onnxruntime.set_default_logger_severity(4)

IMAGES = ("n", 4, 6, 8)


def array(*shape, seed=0):
    """Return random numbers of single precision."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def node(op, *inputs, outputs=("y",), name="", **attributes):
    """Return a node; its first input is mostly the image, `x`."""
    return helper.make_node(op, list(inputs), list(outputs), name, **attributes)


def model(*nodes, weights=None, images=IMAGES, opset=17, outputs=("y",), kind=TensorProto.FLOAT):
    """Return a network with the input `x`."""
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("x", kind, images)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def saved(made, folder):
    """Return the path of a network that was saved."""
    path = Path(folder, "net.onnx")
    path.write_bytes(made.SerializeToString())
    return path


def computed(path, images, output=None):
    """Return what the runtime computes, image by image."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    parts = [images[i : i + 1] for i in range(len(images))]
    return np.concatenate([session.run([output] if output else None, {entry: part})[0] for part in parts])
