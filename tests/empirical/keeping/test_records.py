from dataclasses import asdict
from pathlib import Path

import pytest

from fvproof.empirical.keeping.records import remembered, restored
from fvproof.empirical.keeping.store import place
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.maximization.maximize import Settings
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import Reading


def test_nested_findings_come_back_equal(make_unit):
    reading = make_unit().reading
    assert repr(restored(Reading, asdict(reading))) == repr(reading)


def test_a_finding_is_computed_once(tmp_path):
    work = Workspace(None, None, Settings(), Path(tmp_path), "context", pytest.fail)
    first = remembered(work, ["a", "b"], Estimate, lambda: [Estimate(1.0, 0.0, float("nan")), Estimate(2.0, 1.0, 3.0)])
    again = remembered(work, ["a", "b"], Estimate, lambda: pytest.fail("computed twice"))
    assert repr(first) == repr(again)
    assert place(tmp_path, work.key("a")).exists()
