"""A trained `nn.Sequential` as an ONNX graph, number for number: a certificate is about this file."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from onnx import NodeProto, helper, numpy_helper
from torch import Tensor, nn

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.preprocessing import unchanged
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_files import INPUT, IR_VERSION, OPSET, OUTPUT

Arrays = dict[str, np.ndarray]


def sequential_onnx(model: Model, unit: Unit | None = None) -> bytes:
    """Return an ONNX file of a network that is a chain of affine and convolutional layers and ReLUs.

    Parameters
    ----------
    model
        Its network is an `nn.Sequential` (of others, too) and reads images in [0, 1] as they are.
    unit
        If given, the graph ends at this unit: one channel of a layer, the mean over its positions. The mean's weight
        1/n is rounded to the nearest number of the file's type: float32, or float64 if the network has such weights.

    Raises
    ------
    DomainError
        If the network has any other layer, or the layer or channel does not exist: the message names it.

    Examples
    --------
    >>> import onnx
    >>> model = Model("two", nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), (1, 2, 2))
    >>> [node.op_type for node in onnx.load_model_from_string(sequential_onnx(model)).graph.node]
    ['Flatten', 'Gemm']
    """
    if not isinstance(model.network, nn.Sequential) or model.normalize is not unchanged:
        raise DomainError(f"{model.name} must be an nn.Sequential that reads images in [0, 1] as they are")
    nodes, weights, value, size, found = [], {}, INPUT, list(model.shape), unit is None
    for name, module in _leaves(model.network):
        node, arrays, size = _node(name, module, value, size)
        nodes.append(node)
        weights |= arrays
        value = node.output[0]
        if unit is not None and name == unit.layer:
            found = True
            break
    if unit is not None:
        if not found:
            names = ", ".join(name for name, _ in _leaves(model.network))
            raise DomainError(f"{model.name} has no layer {unit.layer!r}; it has {names}")
        if model.axes.get(unit.layer, 1) not in (1, -len(size)):
            raise DomainError(f"only units along axis 1 can be certified, not those of {unit.layer!r} along another")
        nodes += _channel(unit, value, size, weights)
        size = [1]
    nodes[-1].output[0] = OUTPUT
    double = any(parameter.dtype == torch.float64 for parameter in model.network.parameters())
    dtype = np.dtype(np.float64 if double else np.float32)
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    graph = helper.make_graph(
        nodes,
        "sequential",
        [helper.make_tensor_value_info(INPUT, kind, [1, *model.shape])],
        [helper.make_tensor_value_info(OUTPUT, kind, [1, *size])],
        [numpy_helper.from_array(array.astype(dtype), name) for name, array in weights.items()],
    )
    made = helper.make_model(graph, producer_name="fvproof", opset_imports=[helper.make_opsetid("", OPSET)])
    made.ir_version = IR_VERSION
    return made.SerializeToString(deterministic=True)


def _leaves(network: nn.Sequential, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Yield the layers in order, under their dotted names."""
    for name, module in network.named_children():
        if isinstance(module, nn.Sequential):
            yield from _leaves(module, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", module


def _node(name: str, module: nn.Module, value: str, size: Sequence[int]) -> tuple[NodeProto, Arrays, list[int]]:
    """Return a layer as a node, its numbers, and the shape of what it puts out."""
    match module:
        case nn.Flatten(start_dim=1, end_dim=-1):
            return helper.make_node("Flatten", [value], [name], name, axis=1), {}, [int(np.prod(size))]
        case nn.ReLU():
            return helper.make_node("Relu", [value], [name], name), {}, list(size)
        case nn.Identity() | nn.Dropout():
            return helper.make_node("Identity", [value], [name], name), {}, list(size)
        case nn.Linear() if len(size) == 1:
            arrays = _arrays(name, module.weight, module.bias)
            return helper.make_node("Gemm", [value, *arrays], [name], name, transB=1), arrays, [module.out_features]
        case nn.Conv2d(padding_mode="zeros", padding=(int(), int())):
            arrays = _arrays(name, module.weight, module.bias)
            pads = [*module.padding, *module.padding]
            sides = zip(size[1:], pads, module.dilation, module.kernel_size, module.stride, strict=False)
            shape = [module.out_channels, *((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in sides)]  # type: ignore[operator]
            options = {"pads": pads, "strides": module.stride, "dilations": module.dilation, "group": module.groups}
            return helper.make_node("Conv", [value, *arrays], [name], name, **options), arrays, shape
        case _:
            kinds = (
                "Linear (of what is flat), Conv2d (zero padding, given as numbers), ReLU, Flatten, Identity and Dropout"
            )
            raise DomainError(f"layer {name} ({module}): only {kinds} can be certified")


def _arrays(name: str, weight: Tensor, bias: Tensor | None) -> Arrays:
    """Return the numbers of a layer in doubles, which hold every smaller float."""
    biases = np.zeros(len(weight)) if bias is None else bias.detach().cpu().double().numpy()
    return {f"{name}.weight": weight.detach().cpu().double().numpy(), f"{name}.bias": biases}


def _channel(unit: Unit, value: str, size: Sequence[int], weights: Arrays) -> list[NodeProto]:
    """Return the nodes that take the mean over the positions of a channel, and add their numbers."""
    if not 0 <= unit.channel < size[0]:
        raise DomainError(f"layer {unit.layer!r} has units 0 to {size[0] - 1}, received {unit.channel}")
    chosen = np.zeros((size[0], int(np.prod(size[1:]))))
    chosen[unit.channel] = 1 / chosen.shape[1]
    weights |= {"unit.weight": chosen.reshape(1, -1), "unit.bias": np.zeros(1)}
    flat = helper.make_node("Flatten", [value], ["unit.flat"], "unit.flat", axis=1)
    return [flat, helper.make_node("Gemm", ["unit.flat", "unit.weight", "unit.bias"], ["unit"], "unit", transB=1)]
