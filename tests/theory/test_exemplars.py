"""Further observations, against linear programs with the same data and against the classes themselves."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fvproof.theory.classes import Affine, Convex, Lipschitz, Monotone, TwoPieceAffine
from fvproof.theory.errors import DomainError, InfeasibleVisualization
from fvproof.theory.exact.points import fractions
from fvproof.theory.exemplars import ambiguity
from fvproof.theory.visualization import Visualization
from tests.theory.cases import cases, many, points
from tests.theory.programs import TOLERANCE, minus
from tests.theory.rows import NAMES, rows

every_class = pytest.mark.parametrize("name", NAMES)


def outcome(within, phi, x, *given_too, **options):
    """The interval, or None where no member has the data."""
    try:
        return ambiguity(within, phi, x, *given_too, **options)
    except InfeasibleVisualization:
        return None


@every_class
@many
@given(cases(), st.data())
def test_without_exemplars_it_is_the_class_itself(name, case, data):
    (phi, x), (within, _) = case, data.draw(rows(name, case[0]))
    assert outcome(within, phi, x) == (within.ambiguity(phi, x) if within.feasible(phi) else None)


@every_class
@many
@given(cases(), st.data())
def test_with_exemplars_and_slack_it_is_what_the_linear_program_finds(name, case, data):
    (phi, x), (within, program) = case, data.draw(rows(name, case[0]))
    where = data.draw(st.lists(points(phi.dimension), max_size=3, unique=True))
    slack = data.draw(st.sampled_from([Fraction(0), Fraction(1, 3)]))
    shares = st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(2, 3), Fraction(1)])
    exemplars = [(z, phi.minimum + data.draw(shares) * phi.spread) for z in where]
    found = outcome(within, phi, x, exemplars, slack=slack)
    loose = Loose(phi, slack)
    built = program(loose, [x, *where])
    for z, v in exemplars:
        built.equals(built.values[z], v)
    highest = built.largest(built.values[x])
    if found is None:
        assert highest == -float("inf")
    else:
        assert float(found.high) == pytest.approx(highest, abs=TOLERANCE)
        assert float(found.low) == pytest.approx(-built.largest(minus(built.values[x])), abs=TOLERANCE)


class Loose:
    """A visualization as the oracle reads it, with other bounds than the values at the extrema."""

    def __init__(self, phi, slack):
        self.argmin, self.argmax, self.dimension = phi.argmin, phi.argmax, phi.dimension
        self.minimum, self.maximum = phi.minimum, phi.maximum
        self.bounds = float(phi.minimum - slack), float(phi.maximum + slack)


@given(cases(max_dimension=3, opposite=5), st.data())
def test_as_many_exemplars_as_weights_settle_an_affine_function(case, data):
    phi, x = case
    assume(phi.spread and Affine().feasible(phi))
    value = Affine().ambiguity(phi, x)
    f = Affine().witness(phi, x, (value.low + 2 * value.high) / 3)
    corners = [tuple(Fraction(int(i == j)) for j in range(phi.dimension)) for i in range(phi.dimension)]
    exemplars = [(z, f(z)) for z in [(Fraction(0),) * phi.dimension, *corners]]
    assert ambiguity(Affine(), phi, x, exemplars) == type(value)(f(x), f(x))


@many
@given(cases(opposite=10), st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(2)]))
def test_slack_moves_both_ends_of_an_affine_function_between_opposite_corners(case, slack):
    phi, x = case
    assume(phi.spread and x not in (phi.argmin, phi.argmax))
    shares = [abs(t - s) for s, t in zip(phi.argmin, x, strict=True)]
    found, steep = ambiguity(Affine(), phi, x, slack=slack), phi.spread + slack
    assert found.low == phi.minimum + steep * min(shares) - slack * max(shares)
    assert found.high == phi.minimum + steep * max(shares) - slack * min(shares)


def test_exemplars_narrow_a_monotone_function_to_the_order_interval():
    phi = Visualization([0, 0], [1, 1], 0, 1)
    exemplars = [(["1/4", "1/4"], "1/5"), (["3/4", "3/4"], "4/5"), ([0, 1], "1/2")]
    assert str(ambiguity(Monotone(), phi, ["1/2", "1/2"], exemplars)) == "[1/5, 4/5]"


def test_slack_gives_both_extrema_both_bounds():
    phi = Visualization([0], [1], 0, 1)
    assert str(ambiguity(Lipschitz(2, "l1"), phi, ["1/4"])) == "[0, 1/2]"
    assert str(ambiguity(Lipschitz(2, "l1"), phi, ["1/4"], slack="1/4")) == "[-1/4, 1/2]"


def test_images_are_settled_too():
    import numpy as np

    d = 2000
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, d)) / 256
    weights = random.integers(0, 5, d)
    total = Fraction(int(weights.sum()))

    def f(z):
        return sum((int(w) * t for w, t in zip(weights, fractions(z), strict=True)), Fraction(0)) / total

    phi = Visualization(np.zeros(d), np.ones(d), 0, 1)
    found = ambiguity(Affine(), phi, images[0], [(image, f(image)) for image in images[1:]])
    assert found.low < f(images[0]) < found.high
    assert ambiguity(Affine(), phi, images[0], [(image, f(image)) for image in images]).radius == 0


@pytest.mark.parametrize(
    ("within", "exemplars", "options", "message"),
    [
        (Lipschitz(1, "l1"), [([1, 0], 2)], {}, r"the value 2 of the exemplar 0 must lie in \[0, 1\]"),
        (
            Lipschitz(1, "l1"),
            [(["1/8", 0], 1)],
            {},
            "rises from 0 at the argmin to 1 at the exemplar 0: at most by 1/8",
        ),
        (Monotone(), [([0, "1/2"], 1), (["1/2", "1/2"], 0)], {}, "the exemplar 0 is at most the exemplar 1"),
        (Monotone(), [([1, 1], 0)], {}, "the argmax and the exemplar 0 are one point, but their values are 1 and 0"),
        (Convex(), [(["1/2", "1/2"], "3/4")], {}, "no convex function has the value 3/4 at the exemplar 0"),
        (Affine(), [(["1/2", "1/2"], "3/4")], {}, "no affine function between 0 and 1 on the cube"),
    ],
)
def test_observations_that_no_member_has_are_refused(within, exemplars, options, message):
    phi = Visualization([0, 0], [1, 1], 0, 1)
    with pytest.raises(InfeasibleVisualization, match=message):
        ambiguity(within, phi, ["1/2", 0], exemplars, **options)


def test_bad_input_is_refused():
    phi = Visualization([0, 0], [1, 1], 0, 1)
    with pytest.raises(DomainError, match="the slack must not be negative, but is -1"):
        ambiguity(Monotone(), phi, [0, 1], slack=-1)
    with pytest.raises(DomainError, match="not available for two-piece-affine"):
        ambiguity(TwoPieceAffine(), phi, [0, 1])
