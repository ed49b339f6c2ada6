"""Random ONNX files are read as a runtime reads them, or refused in one sentence."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from fvproof.theory.errors import FvproofError
from fvproof.verify.files.readers import graph_from_bytes, layered_from_bytes
from tests.verify.files.onnx_graphs import grown, spoiled

onnxruntime.set_default_logger_severity(4)


def read(data, form=layered_from_bytes):
    """Return the network, or what is said of it."""
    try:
        return form(Path("n.onnx"), data)
    except FvproofError as error:
        return str(error)


def runtime_values(model, x):
    """Return what the runtime computes for one example."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shape = [axis.dim_value or 1 for axis in model.graph.input[0].type.tensor_type.shape.dim]
    (outputs,) = session.run(None, {session.get_inputs()[0].name: x.reshape(shape)})
    return outputs.reshape(-1)


def agree(network, model, rng):
    """Return whether a network takes the runtime's values, up to the rounding of single precision."""
    x = rng.standard_normal(network.dimension).astype(np.float32)
    exact = np.array([float(y) for y in network.outputs([Fraction(float(c)) for c in x])])
    found = runtime_values(model, x)
    return exact.shape == found.shape and np.allclose(exact, found, rtol=1e-3, atol=1e-3 * (1 + np.abs(exact).max()))


def tried(seed, *, spoil):
    """Try one random network; return whether it was read."""
    rng = np.random.default_rng(seed)
    model = grown(rng)
    model = spoiled(model, rng) if spoil else model
    read_ones = [read(model.SerializeToString(), form) for form in (layered_from_bytes, graph_from_bytes)]
    for network in read_ones:
        assert "\n" not in network if isinstance(network, str) else agree(network, model, rng)
    assert isinstance(read_ones[0], str) or not isinstance(read_ones[1], str)
    return not isinstance(read_ones[0], str)


def test_random_networks_are_read_as_the_runtime_reads_them():
    assert sum(tried(seed, spoil=False) for seed in range(100)) > 90


def test_spoiled_networks_are_read_as_the_runtime_reads_them_or_refused():
    assert 20 < sum(tried(seed, spoil=True) for seed in range(200)) < 180


@pytest.mark.slow
def test_thousands_of_networks_are_read_as_the_runtime_reads_them_or_refused():
    for seed in range(1000, 6000):
        tried(seed, spoil=seed % 4 != 0)
