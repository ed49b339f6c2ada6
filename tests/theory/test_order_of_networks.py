"""Networks that put two points in either order, with one visualization and all labels of a training set."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.pieces import extrema
from fvproof.theory.witnesses.memorising import memorise
from tests.theory.cases import cases, few, points

GRAY = (Fraction(1, 4), Fraction(1, 2), Fraction(1))


@few
@given(cases(max_dimension=2, queries=2), st.data())
def test_both_orders_have_the_visualization_and_every_label(case, data):
    phi, x, y = case
    s = data.draw(points(phi.dimension))
    centres = [phi.argmin, phi.argmax, x, y, s]
    assume(phi.spread and len(set(centres)) == 5)
    label = phi.minimum + phi.spread * data.draw(st.sampled_from(GRAY))
    for at_x, at_y in ((phi.minimum, phi.maximum), (phi.maximum, phi.minimum)):
        f = memorise(centres, [phi.minimum, phi.maximum, at_x, at_y, label], base=phi.middle)
        assert (f(x) < f(y)) == (at_x < at_y)
        assert (f(phi.argmin), f(phi.argmax), f(s)) == (phi.minimum, phi.maximum, label)
        if phi.dimension == 1:
            low, _, high, _ = extrema(f.network())
            assert (low, high) == (phi.minimum, phi.maximum)
