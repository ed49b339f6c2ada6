"""Damaged files of every kind are refused in one sentence, or read: never a traceback."""

import json
import random
import re
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from fvproof.theory.errors import FvproofError
from fvproof.theory.network import spike
from fvproof.verify.certificates.certificate import certificate_record, read_certificate, seal
from fvproof.verify.certificates.checker import check
from fvproof.verify.certificates.statement import claims
from fvproof.verify.files.formats import function_record
from fvproof.verify.files.readers import layered, read_layered
from fvproof.verify.files.vnnlib import read_property
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search.extremum import certified_extremum

TIMES = 200
NETWORK = spike((Fraction(1, 2), Fraction(1, 3)), Fraction(4))
NNET = "// c\n2,2,1,3,\n2,3,1,\n0,\n0,0,\n1,1,\n0,0,0,\n1,1,1,\n0.1,0.2,\n-1,1,\n0,3,\n0.5,\n0,\n-1,\n1,1,1,\n0.25,\n"
PROPERTY = """(declare-const X_0 Real)(declare-fun X_1 () Real)(declare-const Y_0 Real)
(assert (and (>= X_0 0) (<= X_0 1) (<= X_1 0.5) (>= X_1 -1)))
(assert (or (>= Y_0 (+ 1 (* 2 X_0))) (= Y_0 1e-1)))"""
TOKEN = re.compile(rb'"[^"]*"|[\w.+\-/]+|[^\s\w]')
TOKENS = [
    b"1e400",
    b"1e-9999",
    b"-1",
    b"0",
    b"1/0",
    b"nan",
    b",",
    b"(",
    b")",
    b"and",
    b"or",
    b"X_9",
    b"Int",
    b"\n",
    b"[]",
]
VALUES = [
    None,
    True,
    -1,
    2**70,
    "",
    "x",
    "1/0",
    "1e5",
    "9" * 600,
    "9" * 5000,
    [],
    {},
    [[]],
    {"shape": [-1], "data": ""},
]


def onnx_network():
    """Return the contents of a file with operators of most kinds."""
    nodes = [
        helper.make_node("Conv", ["x", "k", "b"], ["c"], strides=[1, 1], pads=[0, 1, 0, 1]),
        helper.make_node("Constant", [], ["z"], value_float=1.0),
        helper.make_node("Add", ["c", "z"], ["d"]),
        helper.make_node("Relu", ["d"], ["r"]),
        helper.make_node("Reshape", ["r", "s"], ["f"]),
        helper.make_node("Gemm", ["f", "a"], ["y"], alpha=0.5, transB=1),
    ]
    weighty = {"k": (2, 1, 2, 2), "b": (2,), "a": (2, 12)}
    arrays = {name: np.ones(shape, dtype=np.float32) for name, shape in weighty.items()} | {"s": np.array([1, -1])}
    shapes = [("x", [1, 1, 3, 2]), ("y", [1, 2])]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes]
    weights = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()


def damaged(content, rng):
    """Return bytes with one to three changes: of a byte, of a token, by cutting or repeating."""
    content = bytearray(content)
    for _ in range(rng.randrange(1, 4)):
        place, other = rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)
        tokens = [match.span() for match in TOKEN.finditer(bytes(content))] or [(0, 0)]
        match rng.randrange(5):
            case 0:
                content[place : place + 1] = bytes([rng.choice([0, 1, 8, 10, 127, 128, 255, rng.randrange(256)])])
            case 1:
                del content[place : place + rng.randrange(1, 9)]
            case 2:
                content[place:place] = content[other : other + 30]
            case 3:
                del content[place + rng.randrange(500) :]
            case _:
                content[slice(*rng.choice(tokens))] = rng.choice(TOKENS)
    return bytes(content)


def places(value, path=()):
    """Yield the path of everything in a record."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield (*path, key)
        yield from places(part, (*path, key))


def changed(record, rng):
    """Return a record with something else in one place."""
    record = json.loads(json.dumps(record))
    *path, last = rng.choice(list(places(record)))
    part = record
    for key in path:
        part = part[key]
    part[last] = rng.choice(VALUES)
    return record


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("n.onnx", onnx_network(), read_layered),
        ("n.nnet", NNET.encode(), read_layered),
        ("n.json", json.dumps(function_record(NETWORK)).encode(), read_layered),
        ("p.vnnlib", PROPERTY.encode(), read_property),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(tmp_path, name, content, read):
    path, rng = tmp_path / name, random.Random(0)
    path.write_bytes(content)
    read(path)
    for _ in range(TIMES):
        path.write_bytes(damaged(content, rng))
        with suppress(FvproofError):
            read(path)


def test_exact_networks_with_other_values_are_refused_in_one_sentence(tmp_path):
    path, rng = tmp_path / "n.json", random.Random(0)
    for _ in range(TIMES):
        path.write_text(json.dumps(changed(function_record(NETWORK), rng)))
        with suppress(FvproofError):
            read_layered(path)


def test_certificates_with_other_values_are_refused_in_one_sentence_even_when_sealed_again(tmp_path):
    network, path, rng = layered(NETWORK), tmp_path / "c.json", random.Random(0)
    box = BoxDomain((Fraction(0),) * 2, (Fraction(1),) * 2)
    genuine = certificate_record(certified_extremum(network, 0, box).certificate)
    for _ in range(TIMES):
        record = changed(genuine, rng)
        path.write_text(json.dumps(record | {"sha256": seal(record)}))
        with suppress(FvproofError):
            certificate = read_certificate(path)
            check(certificate, network)
            claims(certificate)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 200 + "]" * 200, '{"a":' * 60 + "1" + "}" * 60])
def test_json_that_is_nested_deeply_is_refused(tmp_path, text):
    (tmp_path / "n.json").write_text(text)
    with pytest.raises(FvproofError, match=r"no JSON|lists in lists"):
        read_layered(tmp_path / "n.json")
