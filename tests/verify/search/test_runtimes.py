"""What a runtime computes near a certified point: moved into the box, beside the exact value, and warned of."""

from fractions import Fraction

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from fvproof.verify.files.readers import layered_from, read_layered
from fvproof.verify.linear_forms import BoxDomain
from fvproof.verify.search import runtimes
from fvproof.verify.search.extremum import certified_extremum
from fvproof.verify.search.runtimes import inward, runtime_record, runtime_words

FLOAT32 = np.dtype(np.float32)


def cancelling(folder):
    """Write a network that float32 gets wrong by 1/2: ReLU(x + 2²⁴) − 2²⁴."""
    big = np.float32(2**24)
    arrays = {"w0": [[1]], "b0": [big], "w1": [[1]], "b1": [-big]}
    nodes = [("Gemm", ["x", "w0", "b0"], ["a"]), ("Relu", ["a"], ["r"]), ("Gemm", ["r", "w1", "b1"], ["y"])]
    ends = [helper.make_tensor_value_info(name, 1, [1, 1]) for name in "xy"]
    weights = [numpy_helper.from_array(np.array(array, np.float32), name) for name, array in arrays.items()]
    graph = helper.make_graph([helper.make_node(*node) for node in nodes], "g", ends[:1], ends[1:], weights)
    path = folder / "cancel.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


def test_a_runtime_that_leaves_the_interval_is_told(tmp_path):
    pytest.importorskip("onnxruntime")
    path = cancelling(tmp_path)
    network = read_layered(path)
    found = certified_extremum(network, 0, BoxDomain((Fraction(0),), (Fraction(3, 2),)))
    record = runtime_record(network, path.read_bytes(), found.certificate)
    assert (record["point"], record["exact"], record["computed"], record["agrees"]) == (["3/2"], "3/2", "2", False)
    assert "warning: outside the interval" in runtime_words(record, "maximum")


def test_without_a_runtime_the_exact_value_is_there_and_why_there_is_no_other(tmp_path, monkeypatch):
    path = cancelling(tmp_path)
    network = read_layered(path)
    certificate = certified_extremum(network, 0, BoxDomain((Fraction(0),), (Fraction(3, 2),))).certificate
    monkeypatch.setattr(runtimes, "find_spec", lambda _name: None)
    record = runtime_record(network, path.read_bytes(), certificate)
    assert (record["exact"], record["computed"], record["by"]) == ("3/2", None, "onnxruntime is not installed")
    assert "not tried: onnxruntime is not installed" in runtime_words(record, "maximum")
    assert runtime_record(network, None, certificate)["by"] == "no runtime reads such a file"


ENDS = st.fractions(-2, 2) | st.fractions(-(10**40), 10**40) | st.floats(-2, 2, width=32).map(Fraction)


@given(st.lists(ENDS, min_size=3, max_size=3).map(sorted))
def test_the_moved_point_stays_in_the_box(ends):
    low, point, high = ends
    near = inward([point], BoxDomain((low,), (high,)), FLOAT32)
    if near is not None:
        assert low <= Fraction(float(near[0])) <= high
        return
    with np.errstate(over="ignore"):
        first = np.array([float(low)]).astype(np.float32)[0]
    up = first if np.isfinite(first) and Fraction(float(first)) >= low else np.nextafter(first, np.float32(np.inf))
    assert not np.isfinite(up) or Fraction(float(up)) > high


def test_a_box_without_a_float_has_no_such_point():
    third = Fraction(1, 3)
    assert inward([third], BoxDomain((third,), (third,)), FLOAT32) is None
    network = layered_from([(np.eye(1), np.zeros(1))])
    certificate = certified_extremum(network, 0, BoxDomain((third,), (third,))).certificate
    assert "holds no point of float32" in runtime_words(runtime_record(network, None, certificate), "maximum")
