"""The notebooks' pictures are the same on every run, and their fingerprints notice what they show."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from fvproof.theory.classes.black_box import BlackBox
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise

NOTEBOOKS = Path(__file__).parents[2] / "docs" / "notebooks"


def imported(name):
    sys.path.insert(0, str(NOTEBOOKS))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(NOTEBOOKS))


@pytest.fixture(scope="module")
def pictures():
    return imported("pictures")


@pytest.fixture(scope="module")
def drawings():
    return imported("drawings")


def line(minimum=0):
    return Visualization(["1/4"], ["3/4"], minimum, 1)


def drawn(pictures, phi):
    return pictures.band(lambda x: BlackBox().ambiguity(phi, x), phi)


def test_a_picture_is_the_same_on_every_run(pictures):
    assert drawn(pictures, line()) == drawn(pictures, line())


def test_a_changed_number_changes_the_fingerprint(pictures):
    assert drawn(pictures, line()).fingerprint != drawn(pictures, line("1/100")).fingerprint


def test_a_changed_weight_changes_the_fingerprint_of_a_network(drawings):
    first, second = (memorise([[0], [1]], [0, value], base="1/2") for value in ("9/10", "8/10"))
    assert drawings.network(first).fingerprint != drawings.network(second).fingerprint


def test_a_picture_holds_nothing_that_depends_on_the_day_or_the_machine(pictures):
    svg = drawn(pictures, line()).svg
    assert "<dc:date>" not in svg
    assert "Matplotlib v" not in svg


def test_a_query_is_marked_where_it_is(pictures):
    phi = Visualization([0, 0], [1, 1], 0, 1)
    unit = BlackBox().witness(phi, ["1/2", "1/4"], 1)
    marked = pictures.square({"f": unit}, phi, query=unit.centres[2])
    assert marked.fingerprint != pictures.square({"f": unit}, phi).fingerprint
