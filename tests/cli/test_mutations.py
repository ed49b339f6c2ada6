"""Changed certificates of every kind: none passes `fvproof check`, unless it says something else that is true too.

What may change unnoticed is the free text that `check` lists as not checked, the answers that a decoder is said to have
given, and the multipliers and trees of a proof: others may prove the same.
"""

import json
from fractions import Fraction
from itertools import pairwise
from shutil import copytree

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fvproof.cli.main import main
from fvproof.empirical.exact import twin_files
from fvproof.empirical.exact.network_files import write_network
from fvproof.empirical.exact.twin_files import write_twins
from fvproof.empirical.fooling.hull import write_hull
from fvproof.empirical.fooling.silent import silence
from fvproof.empirical.networks.digits import digits_images
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.classes import function_class
from fvproof.theory.errors import FvproofError
from fvproof.theory.visualization import Visualization
from fvproof.verbs.checked import check_here
from fvproof.verbs.checking import CheckResult
from fvproof.verify.certificates.certificate import seal
from fvproof.verify.files.records import write_json
from fvproof.verify.refutation.records import outcome_record
from fvproof.verify.refutation.refute import refute
from fvproof.verify.refutation.twins import twins
from tests.mutations import mutants

PHI = Visualization([0, 0], [1, 1], 0, 1)
PROPERTY = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)
(assert (and (>= X_0 0) (<= X_0 1) (>= X_1 0) (<= X_1 1))) (assert (or (>= Y_0 {0}) (and (>= Y_1 {0}) (<= Y_0 0))))"""
FREE = {"about", "decoder", "picture", "checks", "why_no_onnx"}
"""Fields of free text; of the checks only those that runtimes made, and how a check was made."""
PROOF = {"splits"}
QUICK = {"twins": 25, "refutation": 25, "silent units": 40}


def written_network(folder, sizes, seed):
    """Write an ONNX network with random weights and return its path."""
    rng, nodes, weights, value = np.random.default_rng(seed), [], {}, "x"
    for k, (n, m) in enumerate(pairwise(sizes)):
        weights[f"w{k}"] = (rng.standard_normal((m, n)) / n**0.5).astype(np.float32)
        weights[f"b{k}"] = (rng.standard_normal(m) / 4).astype(np.float32)
        last = k == len(sizes) - 2
        nodes.append(helper.make_node("Gemm", [value, f"w{k}", f"b{k}"], ["y" if last else f"a{k}"], transB=1))
        nodes += [] if last else [helper.make_node("Relu", [f"a{k}"], [f"r{k}"])]
        value = f"r{k}"
    ends = [helper.make_tensor_value_info(*end) for end in (("x", 1, [1, sizes[0]]), ("y", 1, [1, sizes[-1]]))]
    assert TensorProto.FLOAT == 1
    arrays = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], arrays)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "n.onnx")
    return folder / "n.onnx"


def certified(sizes, *options, text=None):
    """Return a function that writes a certificate of `fvproof certify`."""

    def write(folder):
        network = written_network(folder, sizes, 3)
        asked = ["--property", str(folder / "p.vnnlib")] if text else []
        if text:
            (folder / "p.vnnlib").write_text(text)
        with pytest.raises(SystemExit):
            main(["certify", str(network), *options, *asked, "--jobs", "1", "--out", str(folder / "c.json")])
        return folder / "c.json"

    return write


def twin_pair(folder):
    write_twins(twins(function_class("lipschitz", lipschitz=1, norm="l1"), PHI, ["1/4", 0]), folder)
    return folder / "twins.json"


def refutation(folder):
    outcome = refute(function_class("convex"), lambda phi, x: phi.middle, dimension=2)
    write_twins(outcome.twins, folder)
    write_json(outcome_record(outcome, "mine.py:f"), folder / "refutation.json")
    return folder / "refutation.json"


def silent_units(folder):
    model, images = load_model("digits-small"), digits_images().subset(range(20))
    found = silence(model, [Unit("hidden2", 3), Unit("hidden2", 7)], images)
    files = write_network(found.model, folder, images)
    write_hull(found, folder, files["onnx"]["file"])
    return folder / "hull.json"


KINDS = {
    "maximum": certified((7, 8, 7, 2), "--output", "1", "--tolerance", "1e-3"),
    "minimum": certified((2, 9, 1), "--minimize", "--low=-1", "--high", "1,1/2", "--tolerance", "1e-1"),
    "property": certified((2, 6, 2), text=PROPERTY.format(50)),
    "unsafe input": certified((2, 6, 2), text=PROPERTY.format(-50)),
    "reading radius": certified((3, 8, 5, 1), "--around", "1/2,1/3,1/4", "--reading-radius", "1/2"),
    "around a point": certified(
        (3, 8, 5, 2), "--around", "1/2,1/3,1/4", "--radius", "1/4", "--norm", "l2", "--minus", "1"
    ),
    "twins": twin_pair,
    "refutation": refutation,
    "silent units": silent_units,
}


def told(path):
    """Return the exit code of a check and what it prints of claims; 2 and the error where it refuses the file."""
    try:
        found = CheckResult(path, check_here(path), 600)
    except FvproofError as error:
        return 2, str(error)
    lines = found.text.splitlines()
    return found.code, [line for line in lines if not line.startswith("not checked: ")]


def survivors(path, count):
    """Return the changes that pass with the same claims, outside of free text."""
    code, claims = told(path)
    assert code == 0, claims
    record, passed = json.loads(path.read_text()), []
    for mutant, where in mutants(record, count):
        path.write_text(json.dumps(mutant))
        code, says = told(path)
        if code == 0 and says == claims and not (FREE | PROOF) & set(where):
            passed.append(where)
    return passed


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return a function that writes a certificate of a kind, once."""
    known = {}

    def write(kind):
        if kind not in known:
            known[kind] = KINDS[kind](tmp_path_factory.mktemp("genuine"))
        return known[kind]

    return write


@pytest.fixture
def genuine(written, tmp_path, monkeypatch):
    """Return a function that gives a certificate of a kind, with the files beside it, to be changed.

    What takes a second is left out: that the torch file is the one that would be made anew is tested apart.
    """

    def copy(kind):
        file = written(kind)
        monkeypatch.setattr(twin_files, "same_export", lambda _one, _other: True)
        monkeypatch.setattr(twin_files, "export", lambda *_arguments, **_named: None)
        return copytree(file.parent, tmp_path / "copy") / file.name

    return copy


@pytest.mark.parametrize("kind", KINDS)
def test_no_change_passes_but_of_free_text(kind, genuine):
    passed = survivors(genuine(kind), QUICK.get(kind, 150))
    assert not [where for where in passed if where[0] != "answers"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_change_of_thousands_passes_but_of_free_text(kind, genuine):
    passed = survivors(genuine(kind), 3000)
    assert not [where for where in passed if where[0] not in ("answers", "members", "parts")]
    assert len(passed) < 30, passed


@pytest.mark.parametrize(
    ("kind", "edit", "words"),
    [
        ("refutation", {"values": [["0"], ["11"]]}, "the values stated"),
        ("refutation", {"unavoidable": "1/21"}, "every decoder errs"),
        ("refutation", {"errors": ["0", "5"]}, "off by what is stated"),
        ("refutation", {"answers": [True]}, "a number"),
        ("refutation", {"note": "x"}, "nobody checks"),
        ("twins", {"statement": "elsewhere"}, "the statement"),
        ("twins", {"shape": [3]}, "fill the shape"),
        ("twins", {"parameters": {"lipschitz": "1"}}, "parameters"),
        ("twins", {"version": True}, "version"),
        ("silent units", {"bounds": [-1.0, -1.0]}, "the bounds are not as stated"),
        ("silent units", {"channels": [3, 6]}, "holds these filters"),
        ("silent units", {"layer": "hidden1"}, "holds these filters"),
        ("silent units", {"claim": "all is well"}, "the claim"),
    ],
)
def test_what_follows_from_other_fields_is_derived_again(kind, edit, words, genuine):
    path = genuine(kind)
    path.write_text(json.dumps(json.loads(path.read_text()) | edit))
    code, says = told(path)
    assert code in (1, 2)
    assert words in (says if code == 2 else "\n".join(line for line in says if line.startswith("NO ")))


def test_numbers_may_be_spelled_otherwise(genuine):
    path = genuine("maximum")
    record = json.loads(path.read_text())
    record["value"] = f"{2 * Fraction(record['value']).numerator}/{2 * Fraction(record['value']).denominator}"
    path.write_text(json.dumps(record | {"sha256": seal(record)}))
    assert told(path)[0] == 0
