import json
from functools import partial

import numpy as np
import pytest

from benchmarks import gpu_check
from benchmarks.gpu_check import Case, _digits, _figures, _halved, _low, _same, _verbs, _written

DIGITS = Case("digits", partial(_digits, True), "logits:0-1")


@pytest.mark.parametrize("verb", ["maximize", "census", "detect"])
def test_a_verbs_figures_are_those_of_the_other_device(verb):
    holds, seen = _same(_verbs(4)[verb], DIGITS, "cpu")
    assert holds, seen


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["sanity", "audit", "fool"])
def test_the_longer_verbs_figures_too(verb):
    holds, seen = _same(_verbs(4)[verb], DIGITS, "cpu")
    assert holds, seen


def test_every_verb_that_runs_a_network_on_a_device_is_checked():
    assert set(_verbs(1)) == {"maximize", "census", "sanity", "detect", "audit", "fool"}


def test_figures_that_differ_are_seen():
    draws = np.random.default_rng(0)
    holds, seen = _same(lambda _model, _units: {"unit": "a", "value": draws.random(40).tolist()}, DIGITS, "cpu")
    assert not holds
    assert "of 40 figures agree; not ['.value." in seen


def test_figures_are_numbers_by_their_path():
    record = {"units": [{"low": 1, "name": "a", "ok": True, "none": None}], "settings": {"steps": 3}, "trace": [1.0]}
    assert dict(_figures(record)) == {".units.0.low": 1.0, ".units.0.ok": 1.0}


@pytest.mark.slow
def test_files_of_a_network_are_written_and_read_again(tmp_path):
    holds, seen = _written(DIGITS, "cpu", tmp_path)
    assert holds, seen
    assert {path.suffix for path in tmp_path.iterdir()} >= {".onnx", ".pt2"}


def test_bfloat16_ends_no_lower():
    holds, seen = _low(DIGITS, "cpu", 24)
    assert holds, seen


@pytest.mark.slow
def test_a_batch_that_does_not_fit_is_halved():
    holds, seen = _halved("cpu", True)
    assert holds, seen


def test_a_check_that_breaks_does_not_hold_and_the_others_go_on():
    row = gpu_check._checked("broken", lambda: 1 / 0)
    assert (row.holds, row.seen) == (False, "ZeroDivisionError: division by zero")


def test_the_exit_code_says_whether_all_holds(monkeypatch, capsys):
    rows = [gpu_check.Checked("one", True, "seen", 0.1), gpu_check.Checked("other", False, "worse", 0.1)]
    monkeypatch.setattr(gpu_check, "checks", lambda *_, **__: iter(rows))
    assert gpu_check.main(["--device", "cpu", "--small"]) == 1
    printed = capsys.readouterr()
    assert [row["name"] for row in json.loads(printed.out)] == ["one", "other"]
    assert "FAILS  other: worse" in printed.err
