"""Monotone witnesses without jumps: the greater of two ramps from a, and the lesser of two ramps to b."""

from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Monotone
from fvproof.theory.exact.faces import progress
from fvproof.theory.exact.points import precedes
from tests.theory.cases import cases, points


def highest(phi, x, z):
    """max(g_x, g_b): ramps from a to x and to b."""
    return max(progress(phi.argmin, end, z, upward=True) for end in (x, phi.argmax))


def lowest(phi, x, z):
    """min(h_x, h_a): ramps from x and from a to b."""
    return min(1 - progress(phi.argmax, start, z, upward=False) for start in (x, phi.argmin))


def steepest(starts, end):
    """The largest of 1/(e_i − s_i) over all ramps, which is their Lipschitz constant in ℓ∞."""
    gaps = [e - s for start in starts for s, e in zip(start, end, strict=True) if e > s]
    return 1 / min(gaps)


@given(cases(), st.data())
def test_they_have_the_visualization_and_the_ends_at_x_and_rise_without_jumps(case, data):
    phi, x = case
    a, b = phi.argmin, phi.argmax
    assume(phi.spread and Monotone().feasible(phi) and not precedes(x, a) and not precedes(b, x))
    q, r = (data.draw(points(phi.dimension)) for _ in range(2))
    upper = tuple(map(max, q, r))
    apart = max(abs(s - t) for s, t in zip(q, r, strict=True))
    for ramp, at_x in ((highest, 1), (lowest, 0)):
        assert (ramp(phi, x, a), ramp(phi, x, b), ramp(phi, x, x)) == (0, 1, at_x)
        assert 0 <= ramp(phi, x, q) <= ramp(phi, x, upper) <= 1
        slope = max(steepest([a], b), steepest([a], x) if ramp is highest else steepest([x], b))
        assert abs(ramp(phi, x, q) - ramp(phi, x, r)) <= slope * apart
