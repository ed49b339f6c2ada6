"""Every public function that takes a network leaves it, and everything global, as it was: also when it fails midway."""

import importlib
import inspect
import pkgutil
from contextlib import suppress

import pytest

from fvproof import empirical
from fvproof.empirical.fooling import (
    features,
)
from fvproof.empirical.networks.zoo import load_model
from fvproof.theory.errors import FvproofError
from tests.empirical.bystander import HELD, Case, Tired, everywhere, state
from tests.empirical.bystander_cases import CASES

OF_CHAINS = ("certified.certifiable", "work.certify", "sequential.sequential_onnx")
"""They do more with a chain of layers than with other networks."""

TAKES = ("Model", "Module", "Workspace", "Readout", "Silenced", "Built", "Twin")


def public_functions_of_networks():
    """Return the names of all public functions of the package that are annotated to take a network, in some form."""
    for found in pkgutil.walk_packages(empirical.__path__, "empirical."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            annotations = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
            if name.startswith("_") or function.__module__ != found.name:
                continue
            given = [annotation for annotation in annotations if "Callable[[" not in annotation]  # called with networks
            if any(kind in annotation for annotation in given for kind in TAKES):
                yield f"{found.name.rpartition('.')[2]}.{name}"


def test_every_public_function_that_takes_a_network_is_a_case():
    assert set(public_functions_of_networks()) - set(CASES) - set(HELD) == set()


@pytest.mark.parametrize(("name", "chain"), [*((name, False) for name in CASES), *((name, True) for name in OF_CHAINS)])
def test_the_network_and_all_that_is_global_are_left_as_they_were(name, chain, tmp_path):
    case = Case(tmp_path, chain)
    before = state(case.network)
    try:
        CASES[name](case)
    except FvproofError:
        assert (name, chain) == ("sequential.sequential_onnx", False)
    assert state(case.network) == before


@pytest.mark.parametrize("passes", [9])
@pytest.mark.parametrize("name", CASES)
def test_they_are_left_as_they_were_by_a_function_that_fails_midway(name, passes, tmp_path):
    case = Case(tmp_path)
    before = state(case.network)
    case.network.counting.left = passes
    with suppress(Tired, FvproofError):
        CASES[name](case)
    assert state(case.network) == before


def test_an_abandoned_generator_leaves_the_network_as_it_was(tmp_path):
    case = Case(tmp_path)
    before = state(case.network)
    maps = features.entering(case.model, "hidden", case.images)
    next(maps)
    maps.close()
    assert state(case.network) == before


def test_nothing_global_changes_when_a_network_is_loaded():
    before = everywhere()
    load_model("digits-small")
    assert everywhere() == before
