"""One function that a decoder is wrong about everywhere."""

import pytest
from hypothesis import assume, given

from fvproof.theory.classes import BlackBox
from fvproof.theory.decoders import chebyshev, uninformed
from fvproof.theory.exact.norms import l1
from fvproof.theory.witnesses.contrarian import Contrarian
from tests.theory.cases import cases


def nearest(phi, x):
    """Answer with the value of the nearer extremum."""
    return phi.minimum if l1(x, phi.argmin) < l1(x, phi.argmax) else phi.maximum


@pytest.mark.parametrize("decoder", [uninformed, nearest, chebyshev(BlackBox())])
@given(cases())
def test_it_is_on_the_other_side_of_every_answer(decoder, case):
    phi, x = case
    assume(phi.spread and BlackBox().feasible(phi))
    f = Contrarian(phi, decoder)
    assert (f(phi.argmin), f(phi.argmax)) == (phi.minimum, phi.maximum)
    assert f(x) in BlackBox().ambiguity(phi, x)
    if x not in (phi.argmin, phi.argmax):
        assert (f(x) >= phi.middle) != (decoder(phi, x) >= phi.middle)
        assert abs(f(x) - decoder(phi, x)) >= phi.spread / 2
