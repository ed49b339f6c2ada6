"""Witnesses that are kept by their formula, held against the networks that they compile to."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import function_class
from fvproof.theory.errors import DomainError
from fvproof.theory.exact.norms import Norm
from fvproof.theory.witnesses.extension import Extension
from tests.theory.cases import cases, few, points

WITH_NETWORKS = [
    ("relu-network", {}),
    ("lipschitz", {"lipschitz": 4, "norm": "l1"}),
    ("lipschitz", {"lipschitz": 4, "norm": "linf"}),
    ("monotone-lipschitz", {"lipschitz": 4, "norm": "l1"}),
    ("monotone-lipschitz", {"lipschitz": 4, "norm": "linf"}),
    ("monotone", {}),
    ("convex", {}),
    ("concave", {}),
]


@pytest.mark.parametrize(("name", "parameters"), WITH_NETWORKS)
@few
@given(cases(), st.data())
def test_a_witness_and_its_network_are_one_function(name, parameters, case, data):
    (phi, x), asked = case, function_class(name, **parameters)
    assume(phi.spread and asked.feasible(phi))
    possible = asked.ambiguity(phi, x)
    f = asked.witness(phi, x, (2 * possible.low + possible.high) / 3)
    z = data.draw(points(phi.dimension))
    assert f.network()(z) == f(z)


def test_a_euclidean_extension_has_no_network():
    cone = Extension(((Fraction(0),), (Fraction(1),)), (Fraction(0), Fraction(1)), Fraction(1), Norm.L2)
    with pytest.raises(DomainError, match="needs the norm l1 or linf"):
        cone.network()
