"""The ball decoder: its error bound against the worst functions that satisfy the hypotheses, and linear regions."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.domains import UNIT_BALL, dot
from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.exact.surds import square_root
from fvproof.theory.network import affine, positive_part
from fvproof.theory.reading import ball_decoder, linear_radius, reading_error, reading_error_seen, reading_radius
from fvproof.theory.visualization import Visualization
from fvproof.theory.witnesses.memorising import memorise
from tests.theory.spheres import opposite, units

deviations = st.fractions(min_value=0, max_value=Fraction(1, 3), max_denominator=30)


@st.composite
def readings(draw):
    """A slope of length 1, δ, extrema as far off as δ allows, with deviations up to δ there, and a query."""
    d = draw(st.integers(2, 3))
    w, a, b, x = (draw(units(d)) for _ in range(4))
    if draw(st.booleans()):
        a, b = opposite(w), w
    delta = draw(deviations)
    shift = [draw(st.sampled_from([-1, Fraction(-1, 2), 0, 1])) * delta for _ in range(3)]
    top, bottom = dot(w, b) + shift[0], dot(w, a) + shift[1]
    assume(top >= 1 - delta and bottom <= delta - 1)
    value = min(max(dot(w, x) + shift[2], bottom), top)
    assume(abs(value - dot(w, x)) <= delta and bottom < top)
    return Visualization(a, b, bottom, top, UNIT_BALL), delta, x, value


@given(readings())
def test_the_error_of_the_ball_decoder_is_within_the_bound(case):
    phi, delta, x, value = case
    error = abs(ball_decoder(UNIT_BALL)(phi, x) - value)
    assert error <= reading_error(delta, 1) <= reading_error_seen(phi, delta)


@given(deviations, st.integers(1, 5))
def test_the_bound_beats_knowing_nothing_below_a_sixteenth_of_the_range(delta, spread):
    phi = Visualization([-1, 0], [1, 0], 0, spread, UNIT_BALL)
    assert (reading_error_seen(phi, delta) < phi.spread / 2) == (delta < phi.spread / 16)


@given(st.fractions(min_value=0, max_value=1, max_denominator=20), deviations)
def test_the_condition_of_the_reading_radius_keeps_the_error_within_the_share(share, delta):
    radius = reading_radius(lambda _: delta, slope=1, share=share, radii=[1])
    range_at_least = 2 * (1 - delta)
    assert (radius == 1) == (reading_error(delta, 1) <= share * range_at_least)


def test_the_largest_radius_that_will_do_is_returned():
    assert reading_radius(lambda r: r * r / 10, 1, "1/2", ["1/2", 1, "10/9", 2]) == Fraction(10, 9)
    assert reading_radius(lambda _: 1, 1, "1/2", [1]) is None


points = st.tuples(*[st.fractions(min_value=0, max_value=1, max_denominator=7)] * 2)


@given(st.lists(points, min_size=2, max_size=3, unique=True), points, units(2), st.fractions(0, 1, max_denominator=9))
def test_a_network_is_affine_within_the_linear_radius(centres, at, direction, share):
    f = memorise(centres, range(len(centres)), base=1).network()
    radius = linear_radius(f, at)
    assert radius is not None
    assume(radius > 0)
    step = [share * t for t in direction]

    def moved(factor):
        return tuple(s + factor * t for s, t in zip(at, step, strict=True))

    length = square_root(dot(step, step))
    scale = Fraction(1) if length <= radius else Fraction(float(radius) / float(length)).limit_denominator(1000) / 2
    assert f(moved(scale)) + f(moved(-scale)) == 2 * f(at)


def test_the_linear_radius_ends_at_the_nearest_fold():
    fold = positive_part(affine([Fraction(1), Fraction(1)], Fraction(-1), dimension=2))
    assert linear_radius(fold, [0, 0]) == square_root(Fraction(1, 2))
    assert linear_radius(fold, ["1/2", "1/2"]) == 0
    assert linear_radius(affine([Fraction(1)], Fraction(0), dimension=1), [0]) is None


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: reading_error(-1, 1), DomainError, "the deviation must not be negative, but is -1"),
        (lambda: reading_radius(lambda _: 0, 0, "1/2", [1]), DomainError, "the slope must be positive"),
        (
            lambda: linear_radius(affine([Fraction(1)], Fraction(0), dimension=1), [0, 0]),
            ShapeError,
            "1 coordinates, not 2",
        ),
    ],
)
def test_bad_numbers_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
