"""The benchmark of known verdicts: right, wrong and unreadable instances, and taking up where it stopped."""

import csv
import json
from fractions import Fraction

import pytest
from click.testing import CliRunner

from benchmarks.vnnlib.__main__ import main
from fvproof.theory.network import spike
from fvproof.verify.files.onnx_files import write_onnx

BOX = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (>= X_0 0))(assert (<= X_0 1))"
CASES = [("above.vnnlib", "1.5", "unsat"), ("below.vnnlib", "0.5", "unsat"), ("broken.vnnlib", "", "sat")]


@pytest.fixture
def folder(tmp_path):
    """Return a folder of three properties of a spike of height 1; what is expected of the second is wrong."""
    home = tmp_path / "data"
    for part in ("mine/onnx", "mine/vnnlib", "results"):
        (home / part).mkdir(parents=True)
    write_onnx(spike((Fraction(1, 2),), Fraction(4)), home / "mine" / "onnx" / "spike.onnx", shape=(1, 1))
    for name, threshold, _ in CASES:
        (home / "mine" / "vnnlib" / name).write_text(f"{BOX}(assert (>= Y_0 {threshold}))")
    with (home / "results" / "expected.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["benchmark", "network", "property", "expected"])
        rows.writerows(["mine", "spike.onnx", name, expected] for name, _, expected in CASES)
    return home


def results(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_verdicts_are_compared_certificates_checked_and_nothing_is_run_twice(folder, tmp_path):
    arguments = [str(folder), "--jobs", "1", "--timeout", "600", "--out", str(tmp_path / "out")]
    shown = CliRunner().invoke(main, arguments, catch_exceptions=False)
    rows = results(tmp_path / "out" / "results.jsonl")
    assert [row["verdict"] for row in rows] == ["unsat", "sat", "no answer"]
    assert [row["certificate"] for row in rows] == ["checked", "checked", None]
    summary = shown.output.splitlines()[-1].split()
    assert summary[:5] == ["mine", "3", "2", "1", "0"]
    (tmp_path / "out" / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:2]))
    CliRunner().invoke(main, arguments, catch_exceptions=False)
    again = results(tmp_path / "out" / "results.jsonl")
    assert again[:2] == rows[:2]
    assert [row["verdict"] for row in again] == [row["verdict"] for row in rows]
