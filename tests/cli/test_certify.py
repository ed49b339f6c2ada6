"""`fvproof certify` and `fvproof check`: exit codes, output and one-line errors."""

import json
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper, save_model
from PIL import Image

from fvproof.cli.main import main
from fvproof.theory.network import affine, combination, positive_part, spike
from fvproof.verify.certificates.certificate import seal
from fvproof.verify.files.formats import write_function

pytestmark = pytest.mark.usefixtures("check_here")
HALF = Fraction(1, 2)
BOX = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 0))(assert (<= X_0 1))"


@pytest.fixture
def network(tmp_path):
    """Return the file of a spike at 1/2."""
    path = tmp_path / "spike.json"
    write_function(spike((HALF,), Fraction(4)), path)
    return path


def run(*arguments):
    """Return the exit code of a command line."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_the_maximum_is_certified_and_the_certificate_checks(network, tmp_path, capsys):
    assert run("certify", network, "--jobs", 1, "--out", tmp_path / "c.json", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert Fraction(result["low"]) <= 1 <= Fraction(result["high"])
    assert Fraction(result["high"]) - Fraction(result["low"]) <= Fraction(1, 10**5)
    assert run("check", tmp_path / "c.json") == 0
    assert "the maximum of output 0 over [0, 1]^1 lies in [1, 1" in capsys.readouterr().out


@pytest.mark.parametrize(("variance", "said"), [(2.0, "1 batch-norm factor"), (4.0, None)])
def test_factors_of_batch_norms_that_are_rounded_are_told_by_both_commands(tmp_path, capsys, variance, said):
    given = {name: np.array([value]) for name, value in (("s", 1.0), ("b", 0.0), ("m", 0.0), ("v", variance))}
    nodes = [helper.make_node("BatchNormalization", ["x", *given], ["y"], epsilon=0.0)]
    ends = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [1, 1]) for name in "xy"]
    weights = [numpy_helper.from_array(array, name) for name, array in given.items()]
    graph = helper.make_graph(nodes, "normed", ends[:1], ends[1:], weights)
    opset = [helper.make_opsetid("", 13)]
    save_model(helper.make_model(graph, opset_imports=opset, ir_version=8), net := tmp_path / "n.onnx")
    (property_file := tmp_path / "p.vnnlib").write_text(BOX + "(assert (>= Y_0 3))")
    for options in (["--property", property_file], [], ["--around", "0.5", "--reading-radius", "1/4"]):
        assert run("certify", net, *options, "--jobs", 1, "--out", tmp_path / "c.json") == 0
        assert ((said or "batch-norm") in capsys.readouterr().out) == bool(said)
        assert run("check", tmp_path / "c.json") == 0
        assert ((said or "batch-norm") in capsys.readouterr().out) == bool(said)
    assert run("certify", net, "--jobs", 1, "--json") == 0
    assert json.loads(capsys.readouterr().out).get("rounded", 0) == bool(said)


def test_the_minimum_over_a_box_given_by_its_corners(network, capsys):
    assert run("certify", network, "--minimize", "--low", "3/8", "--high", "0.625", "--jobs", 1, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert Fraction(result["low"]) <= HALF <= Fraction(result["high"])


@pytest.mark.parametrize(("threshold", "code", "verdict"), [("1.01", 0, "unsat"), ("0.9", 1, "sat")])
def test_verdicts_have_their_exit_codes(network, tmp_path, capsys, threshold, code, verdict):
    (tmp_path / "p.vnnlib").write_text(BOX + f"(assert (>= Y_0 {threshold}))")
    out = tmp_path / "c.json"
    assert run("certify", network, "--property", tmp_path / "p.vnnlib", "--jobs", 1, "--out", out, "--json") == code
    assert json.loads(capsys.readouterr().out)["verdict"] == verdict
    assert run("check", out) == 0
    assert json.loads(out.read_text())["about"]["property"] == str(tmp_path / "p.vnnlib")
    assert "it is about all alternatives there" in capsys.readouterr().out


def test_a_certificate_for_one_alternative_does_not_pass_for_the_property(network, tmp_path, capsys):
    half, whole, out = tmp_path / "half.vnnlib", tmp_path / "whole.vnnlib", tmp_path / "c.json"
    half.write_text(BOX + "(assert (<= Y_0 -1))")
    whole.write_text(BOX + "(assert (or (<= Y_0 -1) (>= Y_0 0.5)))")
    assert run("certify", network, "--property", half, "--jobs", 1, "--out", out) == 0
    assert run("check", out, "--property", half) == 0
    assert run("check", out, "--property", whole) == 2
    assert "of the 2 alternatives there it has 1" in capsys.readouterr().err
    record = json.loads(out.read_text())
    record["about"]["property"] = "whole.vnnlib"
    out.write_text(json.dumps(record | {"sha256": seal(record)}))
    assert run("check", out) == 2
    record["about"]["property"] = "nowhere.vnnlib"
    out.write_text(json.dumps(record | {"sha256": seal(record)}))
    capsys.readouterr()
    assert run("check", out) == 0
    shown = capsys.readouterr().out
    assert "1 alternative" in shown
    assert "not compared with a file of the property" in shown


def test_a_certificate_of_an_extremum_is_about_no_property(network, tmp_path, capsys):
    (tmp_path / "p.vnnlib").write_text(BOX + "(assert (<= Y_0 -1))")
    run("certify", network, "--jobs", 1, "--out", tmp_path / "c.json")
    assert run("check", tmp_path / "c.json", "--property", tmp_path / "p.vnnlib") == 2
    assert "is about a maximum, not about a property" in capsys.readouterr().err


def test_a_unit_of_a_torch_model_is_certified_and_the_network_lies_beside_its_certificate(tmp_path, capsys):
    out = tmp_path / "made" / "c.json"
    assert run("certify", "digits-small", "--unit", "hidden2:3", "--jobs", 1, "--out", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["nodes"] > 0
    assert out.with_suffix(".onnx").is_file()
    assert run("check", out) == 0
    shown = capsys.readouterr().out
    assert "the maximum of hidden2:3 of digits-small over [0, 1]^64 lies in [" in shown
    assert "not checked: that output 0 of " in shown
    assert "command fvproof certify digits-small --unit hidden2:3 --jobs 1" in shown


def test_what_a_runtime_computes_at_the_point_is_told(tmp_path, capsys):
    out = tmp_path / "c.json"
    assert run("certify", "digits-small", "--unit", "hidden1:3", "--jobs", 1, "--out", out, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["runtime"]["numbers"] == "float32"
    assert Fraction(result["runtime"]["exact"]) <= Fraction(result["high"])
    if find_spec("onnxruntime"):
        assert abs(Fraction(result["runtime"]["computed"]) - Fraction(result["runtime"]["exact"])) < Fraction(1, 1000)
    assert run("certify", "digits-small", "--unit", "hidden1:3", "--jobs", 1) == 0
    assert "a runtime that rounds may leave it" in capsys.readouterr().out


def test_the_reading_radius_of_a_unit_is_certified(tmp_path, capsys):
    Image.fromarray(np.tile(np.arange(0, 256, 32, dtype=np.uint8), (8, 1))).save(tmp_path / "ramp.png")
    around = ("--around", tmp_path / "ramp.png", "--reading-radius", "0.5")
    out = tmp_path / "r.json"
    assert run("certify", "digits-small", "--unit", "logits:3", *around, "--out", out, "--json") == 0
    assert 0 < Fraction(json.loads(capsys.readouterr().out)["radius"]) < 1
    assert run("check", out) == 0
    assert "predicts it within 0.5 of its range" in capsys.readouterr().out


def test_a_reading_radius_keeps_to_the_time_limit(network, capsys):
    around = ("--around", "1/2", "--reading-radius", "0.5", "--jobs", 1)
    assert run("certify", network, *around, "--timeout", 0) == 3
    assert "no radius could be certified" in capsys.readouterr().out


def test_a_sequential_in_a_file_of_the_user_is_certified(tmp_path):
    code = "from torch import nn\ndef net():\n    return nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU())\n"
    (tmp_path / "mine.py").write_text(code)
    assert run("certify", f"{tmp_path}/mine.py:net", "--shape", "1,2,2", "--output", 2, "--jobs", 1) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits-small", "--unit", "logits:0-3"], "must name one unit"),
        (["digits-small", "--unit", "missing:0"], "no layer 'missing'"),
        (["net.onnx", "--unit", "logits:0"], "unit can only be given for a torch model"),
        (["nowhere"], "no model 'nowhere'"),
    ],
)
def test_models_and_units_that_do_not_exist_are_named(capsys, arguments, message):
    assert run("certify", *arguments, "--jobs", 1) == 2
    assert message in capsys.readouterr().err


def test_a_time_out_has_exit_code_3(tmp_path, capsys):
    bumps = [spike((Fraction(k, 7), Fraction(3 * k % 7, 7)), Fraction(9)) for k in range(7)]
    tilted = positive_part(
        combination([Fraction(k + 1) for k in range(7)] + [HALF], [*bumps, affine([HALF, HALF], HALF, dimension=2)])
    )
    write_function(tilted, tmp_path / "n.json")
    assert run("certify", tmp_path / "n.json", "--timeout", "0", "--jobs", 1) == 3
    assert "maximum  between" in capsys.readouterr().out


def test_a_certificate_for_another_network_or_a_changed_one_is_refused(network, tmp_path, capsys):
    run("certify", network, "--jobs", 1, "--out", tmp_path / "c.json")
    write_function(spike((HALF,), Fraction(5)), tmp_path / "other.json")
    assert run("check", tmp_path / "c.json", "--network", tmp_path / "other.json") == 2
    assert "another network" in capsys.readouterr().err
    text = (tmp_path / "c.json").read_text()
    (tmp_path / "c.json").write_text(text.replace('"maximum"', '"minimum"'))
    assert run("check", tmp_path / "c.json") == 2
    assert "changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--low", "1", "--high", "0"], "low <= high"),
        (["--output", "7"], "the output must be from 0 to 0"),
        (["--high", "1e400"], "must lie within"),
        (["--high", "1e-9999"], "at most 4000 digits"),
        (["--low", "0,0"], "low must be one number or 1"),
        (["--tolerance", "nan"], "finite"),
        (["--timeout", "nan"], "a number of seconds"),
        (["--tolerance", "-1"], "positive"),
        (["--tolerance", "-1e999"], "positive"),
        (["--property", "missing.vnnlib"], "cannot be read"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(network, capsys, options, message):
    assert run("certify", network, "--jobs", 1, *options) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
