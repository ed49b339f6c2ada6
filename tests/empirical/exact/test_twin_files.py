"""Twins on disk: the files agree with the exact functions, and the certificate stands up to being checked again."""

import json
import shutil
from fractions import Fraction

import numpy as np
import pytest
import torch

from fvproof.empirical.exact.agreement import compare, sample
from fvproof.empirical.exact.twin_files import write_twins
from fvproof.theory.classes import function_class
from fvproof.theory.errors import DomainError, FvproofError, ShapeError
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise
from fvproof.verify.files.formats import read_function
from fvproof.verify.files.onnx_files import run_onnx
from fvproof.verify.refutation.checks import Check
from fvproof.verify.refutation.recheck import read_twins, recheck_twins
from fvproof.verify.refutation.twins import twins

PHI = Visualization([0, 0], [1, "1/2"], 0, 1)
X = (Fraction(1, 3), Fraction(1, 4))
ERM = function_class("erm", training=[([1, 0], "1/5"), (["1/8", "1/3"], "1/2")])


def all_checks(certificate):
    """Return the checks in a certificate."""
    return [Check(**check) for member in certificate["members"] for check in member["checks"]]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Return a folder with twins, not to be changed."""
    folder = tmp_path_factory.mktemp("twins")
    write_twins(twins(ERM, PHI, X), folder)
    return folder


@pytest.fixture
def written(once, tmp_path):
    """Return a folder with twins that a test may change."""
    return shutil.copytree(once, tmp_path / "twins")


def _certificate(folder):
    return json.loads((folder / "twins.json").read_text())


def test_the_three_files_of_a_twin_take_its_values_and_the_training_labels(once):
    points = np.array([[0, 0], [1, 0.5], [1 / 3, 0.25], [1, 0], [0.125, 1 / 3]])
    for name, value in (("low", 0), ("high", 1)):
        wanted = [0, 1, value, 0.2, 0.5]
        exact = read_function(once / f"{name}.json")
        loaded = torch.export.load(once / f"{name}.pt2").module()
        assert [float(exact(p)) for p in points] == pytest.approx(wanted, abs=1e-12)
        assert run_onnx(once / f"{name}.onnx", points).tolist() == pytest.approx(wanted, abs=1e-12)
        assert loaded(torch.from_numpy(points)).flatten().tolist() == pytest.approx(wanted, abs=1e-12)


def test_the_certificate_names_everything_and_all_checks_hold(once):
    certificate = _certificate(once)
    assert certificate["class"] == "erm"
    assert [member["values"] for member in certificate["members"]] == [["0"], ["1"]]
    assert not certificate["members"][0]["onnx"]["weights_exact"]
    names = [check.name for check in all_checks(certificate)]
    assert all(check.holds for check in all_checks(certificate))
    assert {"training loss = 0", "member of the class", "0 ≤ f ≤ 1 on the cube"} <= set(names)
    assert sum("200 random points" in name for name in names) == 4
    assert (once / "twins.png").stat().st_size > 10_000


def test_the_certificate_is_checked_again_from_the_exact_files_alone(written):
    for name in ("low", "high"):
        (written / f"{name}.onnx").unlink()
        (written / f"{name}.pt2").unlink()
    checks = recheck_twins(written / "twins.json")
    assert len(checks) == 13
    assert all(check.holds for check in checks)


def _change(certificate, path, value):
    *way, last = path
    for key in way:
        certificate = certificate[key]
    certificate[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["class"], "convex"),
        (["class"], "constant"),
        (["parameters", "training", 0, 1], "1/4"),
        (["visualization", "minimum"], "1/100"),
        (["visualization", "maximum"], "99/100"),
        (["visualization", "argmin", 0], "1/7"),
        (["visualization", "argmax"], ["1"]),
        (["queries", 0, 0], "1/4"),
        (["queries"], []),
        (["members", 0, "values", 0], "1/2"),
        (["members", 0, "values"], []),
        (["members", 0, "exact", "file"], "high.json"),
        (["members", 0, "exact", "sha256"], "0" * 64),
        (["members"], []),
        (["format"], "other"),
        (["version"], 2),
    ],
)
def test_a_changed_certificate_is_rejected(written, path, value):
    certificate = _certificate(written)
    _change(certificate, path, value)
    (written / "twins.json").write_text(json.dumps(certificate))
    assert _rejected(written / "twins.json")


def _rejected(path):
    try:
        return any(check.holds is False for check in recheck_twins(path))
    except FvproofError as error:
        return "\n" not in str(error)


def test_twins_that_are_one_function_are_rejected(written):
    certificate = _certificate(written)
    certificate["members"][1] = certificate["members"][0]
    (written / "twins.json").write_text(json.dumps(certificate))
    failing = [check.name for check in recheck_twins(written / "twins.json") if check.holds is False]
    assert failing == ["the functions differ at the queries"]


def test_a_changed_function_is_rejected(written):
    (written / "low.json").write_text((written / "low.json").read_text().replace('"0"', '"1/1000"'))
    with pytest.raises(DomainError, match=r"low\.json is not the file that the certificate twins\.json was made for"):
        read_twins(written / "twins.json")


def test_what_an_earlier_call_has_left_is_removed(written):
    write_twins(twins(function_class("black-box"), PHI, X, value="1/2"), written)
    assert sorted(path.name for path in written.iterdir()) == [
        "member.json",
        "member.onnx",
        "member.pt2",
        "twins.json",
        "twins.png",
    ]


def test_functions_that_are_no_networks_have_no_onnx_file_and_the_certificate_says_why(tmp_path):
    certificate = write_twins(twins(function_class("smooth"), PHI, X), tmp_path)
    assert certificate["members"][0]["onnx"] is None
    assert certificate["members"][0]["why_no_onnx"] == "it is smooth, and no ReLU network is"
    assert all(check.holds for check in all_checks(certificate))


def test_functions_of_one_input_are_drawn_too(tmp_path):
    write_twins(twins(function_class("convex"), Visualization(["1/3"], [1], 0, 1), ["1/2"]), tmp_path)
    assert (tmp_path / "twins.png").stat().st_size > 10_000


def test_a_shape_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(ShapeError, match=r"do not fill the shape \(3, 1\)"):
        write_twins(twins(ERM, PHI, X), tmp_path, shape=(3, 1))


def test_a_network_that_floats_cannot_follow_fails_its_check(tmp_path):
    near = ("1/2", "1/4"), (f"{2**60 + 1}/{2**61}", "1/4")
    certificate = write_twins(twins(function_class("black-box"), Visualization(*near, 0, 1), X), tmp_path)
    failing = [check.name for check in all_checks(certificate) if check.holds is False]
    assert any("values at argmin, argmax, queries" in name for name in failing)
    assert all(check.holds for check in recheck_twins(tmp_path / "twins.json"))


def test_outputs_that_are_wrong_beyond_or_no_numbers_fail():
    member = memorise([[0, 0], [1, "1/2"]], [0, 1], base="1/2")
    wanted = sample(member, PHI, [(X, Fraction(1, 2))])
    right = np.array([float(value) for value in wanted.values])
    assert all(check.holds for check in compare("numpy", right, wanted))
    for place, wrong, failing in ((0, 0.1, {0}), (10, 0.4, {1}), (1, 1.1, {0, 2}), (5, np.nan, {1, 2})):
        outputs = right.copy()
        outputs[place] = wrong
        assert {i for i, check in enumerate(compare("numpy", outputs, wanted)) if not check.holds} == failing
