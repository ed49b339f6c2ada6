"""The linear program claims nothing where the solver refuses it."""

import subprocess
import sys

import numpy as np
import pytest

from fvproof.verify.search.relaxation import CutPool, Relaxation
from tests.test_house import ROOT


@pytest.mark.parametrize("weight", [1e29, 1e14])
def test_numbers_that_are_too_large_for_the_solver_give_no_claim_and_no_crash(weight):
    maps = [(np.array([[weight, 1.0], [1.0, -1.0]]), np.zeros(2))]
    reach = np.abs(maps[0][0]).sum(axis=1)
    relaxation = Relaxation(maps, (-np.ones(2), np.ones(2)), [(-reach, reach)])
    relaxation.aim(np.ones(2))
    facets = CutPool(np.array([0, 1]), np.array([[1e29, 1.0], [0.5, 0.5]]), np.ones(2))
    relaxation.add_cuts(0, facets)
    solution = relaxation.solve()
    assert np.isfinite(solution.value) == (weight == 1e14)
    assert [len(multipliers) for multipliers in solution.used] == [len(pool.neurons) for pool in relaxation.pools]


def test_the_solver_writes_nothing_to_standard_output_where_json_must_be_alone():
    code = """
import subprocess
import sys

import numpy as np
from fvproof.verify.search.relaxation import Relaxation
relaxation = Relaxation([(np.ones((1, 1)), np.zeros(1))], (-np.ones(1), np.ones(1)), [(-np.ones(1), np.ones(1))])
relaxation.aim(np.ones(1))
assert relaxation.solve().value == 1
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
