"""ONNX files compute what the exact network computes, in memory proportional to the image."""

from fractions import Fraction

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.network import Layer, ReluNetwork, affine, l1_distance, linf_distance, minimum, spike
from fvproof.theory.witnesses.memorising import memorise
from fvproof.verify.files.floats import is_exact, rounded
from fvproof.verify.files.onnx_files import run_onnx, runtime, write_onnx
from fvproof.verify.files.readers import read_layered

ALLOWED = {"Flatten", "Gemm", "MatMul", "Sub", "Add", "Relu"}
COORDINATE = st.integers(0, 64).map(lambda n: Fraction(n, 64))


def _points(count, d):
    return st.lists(
        st.lists(COORDINATE, min_size=d, max_size=d).map(tuple), min_size=count, max_size=count, unique=True
    )


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(_points(3, d), _points(3, d))))
def test_a_relu_network_of_dyadic_weights_is_computed_without_any_rounding(tmp_path_factory, points):
    centres, queries = points
    network = minimum([l1_distance(centres[0]), linf_distance(centres[1]), spike(centres[2], Fraction(3))])
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    assert write_onnx(network, path)
    values = run_onnx(path, np.array(queries, float))
    assert [Fraction(v) for v in values.tolist()] == [network(q) for q in queries]


@given(st.integers(1, 4).flatmap(lambda d: st.tuples(_points(3, d), _points(3, d))))
def test_a_memorising_network_is_computed_as_it_is_in_exact_arithmetic(tmp_path_factory, points):
    centres, queries = points
    network = memorise(centres, [0, 1, "3/4"], base="1/2")
    path = tmp_path_factory.mktemp("onnx") / "network.onnx"
    assert write_onnx(network, path)
    values = run_onnx(path, np.array([*centres, *queries], float))
    assert [Fraction(v) for v in values.tolist()] == [network(q) for q in (*centres, *queries)]


@pytest.mark.parametrize("network", [spike((Fraction(1, 3),), Fraction(4)), memorise([["1/3"]], ["1/3"], base=0)])
def test_a_file_says_whether_weights_were_rounded(tmp_path, network):
    assert not write_onnx(network, tmp_path / "network.onnx", metadata={"role": "twin"})
    properties = {entry.key: entry.value for entry in onnx.load(tmp_path / "network.onnx").metadata_props}
    assert properties == {"exact": "false", "rounding": "nearest float64", "role": "twin"}


def test_weights_may_be_exact_in_double_and_rounded_in_single_precision():
    network = affine([Fraction(1, 2) + Fraction(1, 2**30)], Fraction(0), dimension=1)
    assert is_exact(network, np.float64)
    assert not is_exact(network, np.float32)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_both_precisions_pass_the_checker_and_use_few_operators(tmp_path, dtype):
    for i, network in enumerate([minimum([l1_distance((Fraction(1, 4),) * 2)] * 2), memorise([[0, 1]], [1], base=0)]):
        write_onnx(network, tmp_path / f"{i}.onnx", dtype=dtype)
        model = onnx.load(tmp_path / f"{i}.onnx")
        onnx.checker.check_model(model, full_check=True)
        assert {node.op_type for node in model.graph.node} <= ALLOWED
        assert run_onnx(tmp_path / f"{i}.onnx", np.array([[0.5, 0.5]])).dtype == dtype


def test_a_small_memorising_network_is_a_chain_that_the_certifier_reads(tmp_path):
    network = memorise([[0, 0, 0], [1, 1, 1], ["1/2", 0, 1]], [0, 1, "3/4"], base="1/2")
    assert write_onnx(network, tmp_path / "network.onnx", shape=(3, 1, 1))
    chain = read_layered(tmp_path / "network.onnx")
    for x in (*network.centres, (Fraction(1, 8), Fraction(7, 8), Fraction(1, 3))):
        assert chain.outputs(list(x)) == (network(x),)


@given(st.integers(1, 3).flatmap(lambda d: st.tuples(_points(3, d), _points(3, d))))
def test_both_forms_of_a_memorising_network_compute_the_same(tmp_path_factory, points):
    centres, queries = points
    network, folder = memorise(centres, [0, 1, "1/3"], base="2/5"), tmp_path_factory.mktemp("onnx")
    write_onnx(network, folder / "dense.onnx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fvproof.verify.files.onnx_files.MOST_DENSE", 0)
        write_onnx(network, folder / "spikes.onnx")
    values = [run_onnx(folder / f"{form}.onnx", np.array([*centres, *queries], float)) for form in ("dense", "spikes")]
    assert np.abs(values[0] - values[1]).max() < 1e-15
    assert {node.op_type for node in onnx.load(folder / "dense.onnx").graph.node} == {"Flatten", "Gemm", "Relu"}


def test_a_network_of_an_image_needs_memory_in_proportion_to_the_image(tmp_path):
    shape = (3, 224, 224)
    images = np.random.default_rng(0).random((3, *shape)).astype(np.float32)
    network = memorise(list(images), [0, 1, "7/8"], base="1/2")
    write_onnx(network, tmp_path / "network.onnx", shape=shape)
    assert (tmp_path / "network.onnx").stat().st_size < 4.01 * 8 * images[0].size
    values = run_onnx(tmp_path / "network.onnx", np.concatenate([images, 1 - images[:1]]))
    assert values.tolist() == [0, 1, 0.875, 0.5]


def test_the_reference_evaluator_agrees_with_the_runtime(tmp_path, monkeypatch):
    network = memorise([[0, "1/3"], [1, "2/7"]], [0, 1], base="2/5")
    write_onnx(network, tmp_path / "network.onnx", shape=(1, 1, 2))
    queries = np.random.default_rng(0).random((20, 2)) * 0.3
    fast = run_onnx(tmp_path / "network.onnx", queries)
    monkeypatch.setattr("fvproof.verify.files.onnx_files.find_spec", lambda name: None)
    assert runtime() == "onnx.reference"
    assert np.abs(run_onnx(tmp_path / "network.onnx", queries) - fast).max() < 1e-14


def test_a_shape_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(ShapeError, match=r"reads 2 numbers, which do not fill the shape \(3, 1\)"):
        write_onnx(memorise([[0, 1]], [1], base=0), tmp_path / "network.onnx", shape=(3, 1))


def test_a_weight_that_no_float_holds_is_refused(tmp_path):
    with pytest.raises(DomainError, match=r"a weight of 1e\+400 is too large for float64"):
        write_onnx(affine([Fraction(10**400)], Fraction(0), dimension=1), tmp_path / "network.onnx")
    with pytest.raises(DomainError, match=r"a weight of 1e\+60 is too large for float32"):
        rounded([Fraction(10**60), Fraction(-1)], np.float32)


def test_a_dense_layer_beyond_all_memory_is_refused(tmp_path):
    wide = ReluNetwork(2**20, (Layer(({},) * 2**8, (Fraction(0),) * 2**8), Layer(({},), (Fraction(0),))))
    with pytest.raises(DomainError, match="a dense layer of 1048576 inputs and 256 outputs"):
        write_onnx(wide, tmp_path / "network.onnx")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DomainError, match=r"network\.onnx cannot be written"):
        write_onnx(memorise([[0]], [1], base=0), tmp_path / "file" / "network.onnx")
