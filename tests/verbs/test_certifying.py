"""`fv.certify`: modules in memory, names and files; extrema, verdicts and reading radii."""

import json
from fractions import Fraction

import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import FvproofError
from tests.verbs.command import command

UNSAFE = """(declare-const X_0 Real) (declare-const X_1 Real) (declare-const X_2 Real) (declare-const X_3 Real)
(declare-const Y_0 Real) (declare-const Y_1 Real) (assert (>= Y_0 {}))
(assert (and {}))"""
BOX = " ".join(f"(>= X_{i} 0) (<= X_{i} 1)" for i in range(4))


@pytest.fixture
def net():
    """Return a network in training mode, whose maximum of output 0 is 3, at (1, 1, 0, 0)."""
    first, last = nn.Linear(4, 2), nn.Linear(2, 2)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0, 0.5, -1.0, 0.0], [0.0, 0.5, 0.0, 0.0]]))
        first.bias.zero_()
        last.weight.copy_(torch.tensor([[1.0, 3.0], [-1.0, 0.0]]))
        last.bias.zero_()
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), last).train()


@pytest.fixture
def file(net, tmp_path):
    """Return it as an ONNX file."""
    path = tmp_path / "net.onnx"
    path.write_bytes(sequential_onnx(fv.model(net, shape=(1, 2, 2)).model))
    return path


def test_a_module_in_memory_is_certified_and_left_as_it_was(net, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = fv.certify(net, shape=(1, 2, 2))
    assert (found.low, found.kind, found.reached, found.code) == (3, "maximum", True, 0)
    assert found.high - found.low <= Fraction("1e-5")
    assert found.point[:3] == (1, 1, 0)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert list(tmp_path.iterdir()) == []


def test_a_network_of_vectors_needs_no_shape_and_its_layers_keep_their_names(net):
    vectors = net[1:]
    assert fv.certify(vectors).low == fv.certify(vectors, shape=(4,)).low == 3
    assert fv.certify(vectors, unit="1:0").low == Fraction(3, 2)
    assert [name for name, _ in vectors.named_children()] == ["1", "2", "3"]


@pytest.mark.parametrize("given", ["file", "path", "subject", "model"])
def test_files_subjects_and_models_are_taken(given, net, file):
    subject = fv.model(net, shape=(1, 2, 2))
    network = {"file": str(file), "path": file, "subject": subject, "model": subject.model}[given]
    assert fv.certify(network, minimize=True, output=1).low <= -Fraction(3, 2) <= fv.certify(network, output=1).high


def test_it_is_what_the_command_prints(file, tmp_path, capsys):
    line = ("certify", file, "--tolerance", "1e-3", "--jobs", 1)
    found = fv.certify(file, tolerance="1e-3")
    assert command(capsys, *line) == (0, f"{found}\n", "")
    assert command(capsys, *line, "--json")[1] == f"{found.to_json()}\n"
    written = fv.certify(file, tolerance="1e-3", out=tmp_path / "c.json")
    assert command(capsys, *line, "--json", "--out", tmp_path / "d.json")[1].replace("d.json", "c.json") == (
        f"{written.to_json()}\n"
    )
    ours, theirs = (json.loads((tmp_path / name).read_text()) for name in ("c.json", "d.json"))
    assert theirs["about"].pop("command").startswith("fvproof certify ")
    assert {key: value for key, value in ours.items() if key != "sha256"} == {
        key: value for key, value in theirs.items() if key != "sha256"
    }


def test_properties_are_decided(file, tmp_path):
    for bound, verdict, code in (("2", "sat", 1), ("4", "unsat", 0)):
        (tmp_path / "p.vnnlib").write_text(UNSAFE.format(bound, BOX))
        found = fv.certify(file, property=tmp_path / "p.vnnlib")
        assert (found.verdict, found.code) == (verdict, code)
        assert fv.check(found).holds is True


def test_units_and_reading_radii_of_a_torch_network():
    point = torch.full((1, 8, 8), 0.5)
    found = fv.certify("digits-small", unit="logits:3", around=point, reading_radius="1/2")
    assert found.radius > 0
    assert found.record()["kind"] == found.kind == "reading"
    assert fv.certify(load_model("digits-small"), unit="hidden1:3").reached


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_an_extremum_near_a_point_is_certified_over_the_box_or_ball_around_it(file, norm):
    around = ["1/2", "1/4", "1/3", "3/4"]
    found = fv.certify(file, around=around, radius="1/8", norm=norm)
    moves = [abs(x - Fraction(c)) for x, c in zip(found.point, around, strict=True)]
    size = max(moves) ** 2 if norm == "linf" else sum(move * move for move in moves)
    assert size <= Fraction(1, 64)
    assert all(0 <= x <= 1 for x in found.point)
    assert found.reached
    assert fv.check(found).holds is True
    assert f"within 1/8 ({norm}) of the image" in found.text


def test_a_difference_of_outputs_is_certified_near_a_point(file):
    found = fv.certify(file, around=[0, 0, 0, 0], radius=1, output=0, minus=1)
    assert fv.check(found).findings.claims[1].startswith("the maximum of output 0 less output 1 over ")


def test_a_certificate_is_saved_with_its_network_and_checks(net, tmp_path):
    found = fv.certify(net, shape=(1, 2, 2), low=0, high=[1, 1, 1, "1/2"])
    folder = found.save(tmp_path / "kept")
    assert {path.name for path in folder.iterdir()} == {"certificate.json", "certificate.onnx"}
    assert fv.check(folder / "certificate.json").holds is True
    out = fv.certify(net, shape=(1, 2, 2), out=tmp_path / "mine.json")
    assert (out.file, (tmp_path / "mine.onnx").is_file()) == (tmp_path / "mine.json", True)


def test_it_says_its_claim_in_words(file):
    found = fv.certify(file)
    page = found._repr_html_()
    assert found.headline.startswith("maximum between 3 and 3")
    assert "in real arithmetic" in page
    assert len(found.table()) == 1


def test_a_search_whose_time_is_up_says_so():
    found = fv.certify("digits-small", timeout_s=0)
    assert (found.reached, found.code) == (False, 3)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"unit": "fc:0"}, "unit can only be given for a torch model, and"),
        ({"output": 7}, "the output must be from 0 to 1"),
        ({"low": [0, 0]}, "low must be one number or 4, not 2"),
        ({"high": "x"}, "high must be a finite number, not 'x'"),
        ({"timeout_s": float("nan")}, "the timeout must be a number of seconds, not nan"),
        ({"around": [0, 0, 0, 0]}, "around goes with a radius, or with a reading-radius, and not with a property"),
        ({"radius": "1/4"}, "a radius or reading-radius goes with around"),
        ({"norm": "l2"}, "a norm goes with a radius"),
        ({"minus": 1}, "a difference of outputs is certified around a point"),
        ({"around": [0, 0, 0, 0], "radius": 2}, "the radius must be from 0 to 1, not 2"),
        ({"around": [0, 0, 0, 0], "radius": -1}, "the radius must be from 0 to 1, not -1"),
        ({"around": [0, 0, 0, 0], "radius": "1/4", "norm": "l1"}, "the norm must be linf or l2, not 'l1'"),
        ({"around": [0, 0, 0], "radius": "1/4"}, "the image must have the shape that the network reads"),
        ({"around": [0, 0, 0, 2], "radius": "1/4"}, "coordinate 3 of the image must lie in [0, 1], not 2"),
        ({"around": [0, 0, 0, 0], "radius": "1/4", "minus": 0}, "output 0 less itself is 0"),
        ({"around": [0, 0, 0, 0], "radius": "1/4", "minus": 7}, "the output must be from 0 to 1, not 7"),
        ({"around": [0, 0, 0, 2], "reading_radius": 1}, "coordinate 3 of the point must lie in [0, 1], not 2"),
        ({"property": "missing.vnnlib"}, "missing.vnnlib cannot be read"),
        ({"network": nn.Sequential(nn.Flatten(), nn.Linear(2, 2))}, "does not take an image of shape (3, 224, 224)"),
        ({"network": "nowhere"}, "no model 'nowhere'"),
    ],
)
def test_bad_input_is_one_sentence(file, given, sentence):
    with pytest.raises(FvproofError) as refused:
        fv.certify(**{"network": file, **given})
    assert sentence in str(refused.value)


def test_a_setting_that_does_not_exist_is_an_error(file):
    with pytest.raises(TypeError, match="unexpected keyword argument 'minimise'"):
        fv.certify(file, minimise=True)
