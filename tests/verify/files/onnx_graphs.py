"""Random ONNX files: small networks of the operators that are read, and ways to spoil them."""

import numpy as np
from onnx import AttributeProto, TensorProto, checker, helper, numpy_helper, shape_inference

SHAPES = [(1, 3), (1, 6), (1, 1, 5), (1, 2, 3), (1, 2, 4, 3), (1, 1, 1, 4), ("n", 4), ("n", 2, 3, 3)]
STEPS = {}


def step(function):
    """Register a way to go on: it gets the shape, an array maker and the random stream, and returns a node's parts."""
    STEPS[function.__name__] = function
    return function


@step
def linear(shape, some, rng):
    outputs = int(rng.integers(1, 5))
    match rng.integers(4):
        case 0:
            return "MatMul", ["x", some(shape[-1], outputs)], {}
        case 1:
            return "MatMul", [some(outputs, shape[-2]), "x"], {}
        case 2:
            bias = [some(outputs), some(1, outputs), some(1)][rng.integers(3)]
            return "Gemm", ["x", some(outputs, shape[-1]), bias], {"transB": 1, "alpha": 0.5, "beta": 2.0}
        case _:
            return "Gemm", ["x", some(shape[-1], outputs)], {}


@step
def elementwise(shape, some, rng):
    kept = [n if rng.random() < 0.6 else 1 for n in shape][int(rng.integers(len(shape))) :]
    sides = ["x", some(*kept)]
    kind = ["Add", "Sub", "Mul", "Div", "Max", "Min"][rng.integers(6)]
    sides[1] = some() if kind in ("Max", "Min") else sides[1]
    return kind, sides if kind == "Div" or rng.random() < 0.6 else sides[::-1], {}


@step
def unary(shape, some, rng):
    kinds = ["Relu", "Relu", "Relu", "Neg", "Identity", "Dropout", "GlobalAveragePool"]
    return kinds[rng.integers(7 if len(shape) > 2 else 6)], ["x"], {}


@step
def clip(shape, some, rng):
    ends = [[np.float32(0)], [np.float32(-1), np.float32(0.5)], [None, np.float32(0.25)]][rng.integers(3)]
    return "Clip", ["x", *("" if end is None else some(value=end) for end in ends)], {}


@step
def norm(shape, some, rng):
    given = [some(shape[1]) for _ in range(3)] + [some(value=rng.random(shape[1]).astype(np.float32) + 0.1)]
    return "BatchNormalization", ["x", *given], {"epsilon": 0.01} if rng.random() < 0.5 else {}


def windowed(shape, rng):
    """Return a kernel's size, and attributes of how it is moved."""
    axes = len(shape) - 2
    size = [int(rng.integers(1, min(3, n) + 1)) for n in shape[2:]]
    steps = [int(rng.integers(1, 3)) if 2 * k - 1 <= n else 1 for k, n in zip(size, shape[2:], strict=True)]
    attributes = {"strides": rng.integers(1, 3, axes).tolist(), "dilations": steps}
    if rng.random() < 0.3:
        attributes["auto_pad"] = ["SAME_UPPER", "SAME_LOWER", "VALID"][rng.integers(3)]
        del attributes["dilations"]
    else:
        attributes["pads"] = rng.integers(0, 2, 2 * axes).tolist()
    return size, {name: value for name, value in attributes.items() if rng.random() < 0.7}


@step
def conv(shape, some, rng):
    size, attributes = windowed(shape, rng)
    groups = int(rng.choice([g for g in (1, 2) if shape[1] % g == 0]))
    filters = groups * int(rng.integers(1, 3))
    bias = [some(filters)] if rng.random() < 0.5 else []
    return "Conv", ["x", some(filters, shape[1] // groups, *size), *bias], {**attributes, "group": groups}


@step
def pool(shape, some, rng):
    size, attributes = windowed(shape, rng)
    attributes.pop("dilations", None)
    if "pads" in attributes:
        attributes["pads"] = [min(pad, n - 1) for pad, n in zip(attributes["pads"], size * 2, strict=True)]
    return "AveragePool", ["x"], {**attributes, "kernel_shape": size, "count_include_pad": int(rng.integers(2))}


@step
def max_pool(shape, some, rng):
    size, attributes = windowed(shape, rng)
    if "pads" in attributes:
        attributes["pads"] = [min(pad, n - 1) for pad, n in zip(attributes["pads"], size * 2, strict=True)]
    return "MaxPool", ["x"], {**attributes, "kernel_shape": size}


@step
def leaky(shape, some, rng):
    return "LeakyRelu", ["x"], {"alpha": float(rng.choice([0.0, 0.01, 0.25, 2.0]))} if rng.random() < 0.7 else {}


@step
def moved(shape, some, rng):
    count, rank = int(np.prod(shape)), len(shape)
    axis = int(rng.integers(-rank, rank))
    match rng.integers(10):
        case 0:
            return "Flatten", ["x"], {"axis": int(rng.integers(-rank, rank + 1))}
        case 1:
            target = [[1, -1], [-1, count], [0, -1], [1, count, 1], [count]][rng.integers(5)]
            return "Reshape", ["x", some(value=np.array(target))], {"allowzero": 0} if rng.random() < 0.5 else {}
        case 2:
            return "Transpose", ["x"], {"perm": [0, *(1 + rng.permutation(rank - 1)).tolist()]}
        case 3:
            return "Unsqueeze", ["x", some(value=np.array([axis]))], {}
        case 4:
            return "Squeeze", ["x", *([some(value=np.array([axis]))] if rng.random() < 0.7 else [])], {}
        case 5:
            cut = [rng.integers(-3, 4, 1), rng.integers(-4, 5, 1), np.array([axis]), rng.choice([-2, -1, 1, 2], 1)]
            return "Slice", ["x", *(some(value=part.astype(np.int64)) for part in cut)], {}
        case 6:
            indices = rng.integers(-shape[axis], shape[axis], int(rng.integers(1, 4)))
            return "Gather", ["x", some(value=indices)], {"axis": axis}
        case 7:
            return "ReduceMean", ["x", some(value=np.array([axis]))], {"keepdims": int(rng.integers(2))}
        case 8:
            return "Pad", ["x", some(value=rng.integers(0, 2, 2 * rank))], {}
        case _:
            return "Tile", ["x", some(value=rng.integers(1, 3, rank))], {}


def residual(shape, names, rng):
    """Return a node that adds to the last value an earlier one of its shape, or joins both, if there is any."""
    earlier = [name for name, other in names.items() if other == shape]
    if earlier and rng.random() < 0.3:
        return "Concat", ["x", str(rng.choice(earlier))], {"axis": int(rng.integers(1, len(shape)))}
    return (["Add", "Sub"][rng.integers(2)], ["x", str(rng.choice(earlier))], {}) if earlier else None


class Graph:
    """A network that grows."""

    def __init__(self, rng):
        self.rng, self.nodes, self.weights = rng, [], {}
        self.given = SHAPES[rng.integers(len(SHAPES))]
        self.shapes = {"v0": tuple(1 if n == "n" else n for n in self.given)}

    def some(self, *shape, value=None):
        """Add an array, by default a random one of this shape, and return its name."""
        name = f"w{len(self.weights)}"
        self.weights[name] = self.rng.standard_normal(shape).astype(np.float32) if value is None else value
        return name

    def grow(self):
        """Add a node that fits."""
        last, weights = f"v{len(self.nodes)}", dict(self.weights)
        shape = self.shapes[last]
        try:
            if self.rng.random() < 0.15:
                kind, inputs, attributes = residual(shape, self.shapes, self.rng)
            else:
                kind, inputs, attributes = STEPS[str(self.rng.choice(list(STEPS)))](shape, self.some, self.rng)
            inputs = [last if name == "x" else name for name in inputs]
            new = f"v{len(self.nodes) + 1}"
            self.nodes.append(helper.make_node(kind, inputs, [new], new, **attributes))
            self.shapes[new] = self.inferred(new)
        except (TypeError, IndexError, ValueError, shape_inference.InferenceError, checker.ValidationError):
            self.weights, self.nodes = weights, [node for node in self.nodes if node.output[0] in self.shapes]

    def inferred(self, name):
        """Return the shape of a value."""
        model = shape_inference.infer_shapes(self.model(batch=1), check_type=True, strict_mode=True, data_prop=True)
        (found,) = [value for value in model.graph.output if value.name == name]
        shape = tuple(axis.dim_value for axis in found.type.tensor_type.shape.dim)
        if not all(shape) or np.prod(shape, dtype=int) > 200:
            raise ValueError(shape)
        return shape

    def model(self, batch=None, opset=18):
        """Return the network as a file's contents."""
        given = [batch or n if i == 0 else n for i, n in enumerate(self.given)]
        ends = [helper.make_tensor_value_info("v0", TensorProto.FLOAT, given)]
        outputs = [helper.make_tensor_value_info(f"v{len(self.nodes)}", TensorProto.FLOAT, None)]
        arrays = [numpy_helper.from_array(np.asarray(array), name) for name, array in self.weights.items()]
        graph = helper.make_graph(self.nodes, "g", ends, outputs, arrays)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def grown(rng, most=7):
    """Return a random network."""
    graph = Graph(rng)
    for _ in range(3 * most):
        if len(graph.nodes) < most:
            graph.grow()
    return graph.model()


def spoiled(model, rng):
    """Return a network with something changed, which mostly makes it none."""
    graph = model.graph
    kind = rng.integers(4)
    if kind == 0 and graph.initializer:
        _spoil_weight(graph, graph.initializer[rng.integers(len(graph.initializer))], rng)
    elif kind == 1 or not graph.node:
        _spoil_graph(model, graph, rng)
    else:
        _spoil_node(graph.node[rng.integers(len(graph.node))], rng)
    return model


def _spoil_weight(graph, weight, rng):
    """Change an array, or add another of its name."""
    array = numpy_helper.to_array(weight)
    changed = [array.T, array[..., None], array.reshape(-1), array.reshape(-1)[:0], array * 0, -array, array[None]]
    changed += [array.astype(kind) for kind in (np.int64, np.float64, np.int32, bool)]
    if rng.random() < 0.1:
        graph.initializer.append(numpy_helper.from_array(np.ones(2, np.float32), weight.name))
    else:
        weight.CopyFrom(numpy_helper.from_array(changed[rng.integers(len(changed))], weight.name))


def _spoil_graph(model, graph, rng):
    """Change what there is beside nodes and arrays, or the nodes' order."""
    match rng.integers(5):
        case 0:
            model.opset_import[0].version = int(rng.integers(5, 23))
        case 1:
            name = ["v1", "w0", "v0"][rng.integers(3)]
            graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]))
        case 2:
            nodes = [graph.node[i] for i in rng.permutation(len(graph.node)).tolist()]
            del graph.node[:]
            graph.node.extend(nodes)
        case 3:
            graph.output[0].type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, [1, int(rng.integers(4))]))
        case _:
            graph.output[0].name = ["v0", "v1", "w0", "nowhere"][rng.integers(4)]


def _spoil_node(node, rng):
    """Change a node's attributes, inputs, output or operator."""
    match rng.integers(8):
        case 0 | 1 if node.attribute:
            _change(node.attribute[rng.integers(len(node.attribute))], rng)
        case 2:
            name = ["axis", "axes", "perm", "strides", "group", "epsilon", "keepdims", "transA", "to"][rng.integers(9)]
            node.attribute.append(helper.make_attribute(name, int(rng.integers(-2, 3))))
        case 3 if node.attribute:
            del node.attribute[rng.integers(len(node.attribute))]
        case 4:
            node.input[rng.integers(len(node.input))] = ["v0", "v1", "v9", "", "w0"][rng.integers(5)]
        case 5:
            del node.input[rng.integers(len(node.input))]
        case 6:
            node.output[0] = ["v0", "w0", "v1", "", "v3"][rng.integers(5)]
        case _:
            node.op_type = ["Relu", "Add", "Gemm", "Flatten", "Conv", "Squeeze", "Sigmoid", "MatMul"][rng.integers(8)]


def _change(attribute, rng):
    """Change a number of an attribute."""
    if attribute.type == AttributeProto.INTS and attribute.ints:
        attribute.ints[rng.integers(len(attribute.ints))] = int(rng.integers(-2, 4))
    elif attribute.type == AttributeProto.INT:
        attribute.i = int(rng.integers(-3, 4))
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = float(rng.choice([0.0, -1.0, 3.5, np.inf]))
    else:
        attribute.s = [b"SAME_LOWER", b"VALID", b"NOTSET", b"reflect", b"x"][rng.integers(5)]
