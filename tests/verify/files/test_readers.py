"""Exact networks from files: nothing is rounded, and what is too large is named."""

from fractions import Fraction

import pytest

from fvproof.theory.errors import FvproofError
from fvproof.theory.network import affine, combination, positive_part, spike
from fvproof.theory.witnesses.memorising import memorise
from fvproof.theory.witnesses.shepard import Shepard
from fvproof.verify.files.formats import write_function
from fvproof.verify.files.readers import read_layered


def test_exact_networks_are_read_without_rounding(tmp_path):
    network = spike((Fraction(1, 3), Fraction(1, 7)), Fraction(5, 3))
    write_function(network, tmp_path / "spike.json")
    point = (Fraction(2, 5), Fraction(1, 11))
    assert read_layered(tmp_path / "spike.json").outputs(point) == network.outputs(point)


def test_a_memorising_network_is_read_unit_by_unit(tmp_path):
    twin = memorise([(0, 0), (1, 1)], [0, 1], base=Fraction(1, 3))
    write_function(twin, tmp_path / "high.json")
    point = (Fraction(1, 9), Fraction(0))
    assert read_layered(tmp_path / "high.json").outputs(point) == (twin(point),)


def test_a_function_that_is_no_network_is_refused(tmp_path):
    write_function(Shepard(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1))), tmp_path / "smooth.json")
    with pytest.raises(FvproofError, match="it is smooth"):
        read_layered(tmp_path / "smooth.json")


@pytest.mark.parametrize("digits", [250, 4000])
def test_numbers_too_large_to_search_with_are_refused(tmp_path, digits):
    write_function(spike((Fraction(1, 2),), Fraction(10**digits)), tmp_path / "n.json")
    with pytest.raises(FvproofError, match="the weights are too large"):
        read_layered(tmp_path / "n.json")


def test_layers_that_together_grow_too_large_are_refused(tmp_path):
    network = affine([Fraction(2**90)], Fraction(0), dimension=1)
    for _ in range(9):
        network = positive_part(combination([Fraction(2**90)], [network]))
    write_function(network, tmp_path / "n.json")
    with pytest.raises(FvproofError, match=r"values beyond 2\^800"):
        read_layered(tmp_path / "n.json")
