"""CROWN and α-CROWN of auto_LiRPA where it is installed, on chains: in single precision, and checked by nobody."""

from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

METHODS = {"CROWN": "CROWN", "α-CROWN": "CROWN-Optimized"}


def reads(path: Path) -> bool:
    """Return whether auto_LiRPA is installed, and the network a chain."""
    known = {node.op_type for node in onnx.load(path).graph.node} <= {"Conv", "Gemm", "Relu", "Flatten"}
    return known and find_spec("auto_LiRPA") is not None


def lirpa_intervals(
    path: Path, low: np.ndarray, high: np.ndarray, output: int
) -> dict[str, tuple[float, float, float]]:
    """Return, for each method, the least and largest value of an output over a box of images, and CPU seconds."""
    from auto_LiRPA import BoundedModule, BoundedTensor  # type: ignore[import-not-found]  # only where it is installed
    from auto_LiRPA.perturbations import PerturbationLpNorm  # type: ignore[import-not-found]

    ends = [torch.from_numpy(end[None].astype(np.float32)) for end in (low, high)]
    middle, found = (ends[0] + ends[1]) / 2, {}
    chosen = torch.zeros(1, 1, 10)
    chosen[0, 0, output] = 1
    for name, method in METHODS.items():
        start = process_time()
        bounded = BoundedModule(chain(path), torch.zeros_like(middle), device="cpu")
        box = BoundedTensor(middle, PerturbationLpNorm(norm=np.inf, x_L=ends[0], x_U=ends[1]))
        least, most = bounded.compute_bounds(x=(box,), method=method, C=chosen)
        found[name] = float(least), float(most), process_time() - start
    return found


def chain(path: Path) -> nn.Module:
    """Return an ONNX chain of convolutions, ReLUs, Flatten and Gemm as a torch network."""
    graph = onnx.load(path).graph
    arrays = {tensor.name: torch.tensor(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    return nn.Sequential(*(_layer(node, arrays) for node in graph.node)).eval()


def _layer(node: onnx.NodeProto, arrays: dict[str, torch.Tensor]) -> nn.Module:
    """Return a node as a layer."""
    stated: dict[str, Any] = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    match node.op_type:
        case "Conv":
            weight, bias = (arrays[name] for name in node.input[1:])
            made = nn.Conv2d(
                weight.shape[1],
                len(weight),
                weight.shape[2:],
                stated["strides"][0],
                stated["pads"][0],  # type: ignore[arg-type]
            )
        case "Gemm":
            weight, bias = (arrays[name] for name in node.input[1:])
            weight = weight if stated.get("transB") else weight.T.contiguous()
            made = nn.Linear(weight.shape[1], len(weight))
        case kind:
            return {"Relu": nn.ReLU, "Flatten": nn.Flatten}[kind]()
    made.weight.data, made.bias.data = weight, bias  # type: ignore[union-attr]
    return made
