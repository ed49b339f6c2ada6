"""The pieces of a network, held against the network."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from fvproof.theory.exact.norms import Norm
from fvproof.theory.network import affine, combination, maximum, positive_part
from fvproof.theory.pieces import extrema, is_convex, pieces
from tests.theory.cases import points

D = 2
numbers = st.fractions(min_value=-2, max_value=2, max_denominator=4)
affines = st.builds(lambda w, c: affine(w, c, dimension=D), st.tuples(*[numbers] * D), numbers)
networks = st.recursive(
    affines,
    lambda inner: st.one_of(
        inner.map(positive_part),
        st.lists(inner, min_size=1, max_size=3).map(maximum),
        st.lists(st.tuples(numbers, inner), min_size=1, max_size=3).map(lambda t: combination(*zip(*t, strict=True))),
    ),
    max_leaves=4,
)


def mixed(vertices, weights):
    """A point of the polytope, by weights that need not add up to one."""
    weights = [weights[i % len(weights)] for i in range(len(vertices))]
    total = sum(weights)
    return tuple(sum(w * z[i] for w, z in zip(weights, vertices, strict=True)) / total for i in range(D))


@given(networks, st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_a_network_is_affine_on_each_of_its_pieces(network, weights):
    for piece in pieces(network):
        inside = mixed(piece.vertices, weights)
        assert piece(inside) == network(inside)


@given(networks, points(D))
def test_the_pieces_cover_the_cube(network, z):
    assert any(contains(piece.vertices, z) for piece in pieces(network))


def contains(vertices, z):
    """Whether z is in the convex polygon: inside every line through two corners that has the others on one side."""
    for p in vertices:
        for q in vertices:
            sides = [cross(p, q, r) for r in vertices]
            if p != q and min(sides) >= 0 and cross(p, q, z) < 0:
                return False
    return True


def cross(p, q, r):
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])


@given(networks, points(D))
def test_extrema_bound_all_values_and_are_attained(network, z):
    low, argmin, high, argmax = extrema(network)
    assert low <= network(z) <= high
    assert {network(p) for p in argmin} == {low}
    assert {network(p) for p in argmax} == {high}


@given(networks, points(D), points(D))
def test_the_steepest_piece_bounds_every_difference(network, p, q):
    found = pieces(network)
    gaps = [abs(s - t) for s, t in zip(p, q, strict=True)]
    difference = abs(network(p) - network(q))
    assert difference <= max(piece.slope(Norm.L1) for piece in found) * sum(gaps)
    assert difference <= max(piece.slope(Norm.LINF) for piece in found) * max(gaps)
    assert difference**2 <= max(piece.slope(Norm.L2) for piece in found) * sum(gap * gap for gap in gaps)


@given(st.lists(affines, min_size=1, max_size=4))
def test_maxima_of_affine_functions_are_convex(parts):
    assert is_convex(pieces(maximum(parts)))


@given(networks, points(D), points(D))
def test_a_network_that_is_found_convex_is_below_its_chords(network, p, q):
    middle = tuple((s + t) / 2 for s, t in zip(p, q, strict=True))
    if is_convex(pieces(network)):
        assert 2 * network(middle) <= network(p) + network(q)


def test_a_hat_is_not_convex():
    hat = combination([Fraction(-1)], [positive_part(affine([Fraction(2)], Fraction(-1), dimension=1))])
    assert not is_convex(pieces(hat))
