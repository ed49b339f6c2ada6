"""Trees of halved boxes: their bounds hold, and searches go on below leaves that prove too little."""

from fractions import Fraction

import numpy as np
import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.derivation import grid_rows
from fvproof.verify.certificates.duality import Box, grid_maps
from fvproof.verify.certificates.fixed import UNIT, floored
from fvproof.verify.certificates.halving import halved_bounds
from fvproof.verify.linear_forms import LinearForm
from fvproof.verify.search import boxes
from fvproof.verify.search.ascent import float_rows, with_means
from fvproof.verify.search.boxes import BoxProblem, box_splits, explore_boxes
from fvproof.verify.search.search import Aim, Explored, SearchEffort, search

ROWS = (LinearForm({0: Fraction(1)}, {}), LinearForm({0: Fraction(-1)}, {}))


def unit_square():
    return Box(floored(np.zeros((1, 2))), floored(np.ones((1, 2))))


def random_tree(rng, leaves):
    """Return a tree in preorder with so many leaves."""
    if leaves == 1:
        return [-1]
    left = int(rng.integers(1, leaves))
    return [int(rng.integers(2)), *random_tree(rng, left), *random_tree(rng, leaves - left)]


def leaf_corners(tree, low, high):
    """Yield the corners of the leaves in order, and use the tree up."""
    coordinate = tree.pop(0)
    if coordinate < 0:
        yield low, high
        return
    middle = (low[coordinate] + high[coordinate]) / 2
    for ends in ((low[coordinate], middle), (middle, high[coordinate])):
        lower, upper = low.copy(), high.copy()
        lower[coordinate], upper[coordinate] = ends
        yield from leaf_corners(tree, lower, upper)


@pytest.mark.parametrize("leaves", [1, 2, 100])
def test_no_point_of_a_leaf_exceeds_its_bound(random_network, leaves):
    rng = np.random.default_rng(leaves)
    network, tree = random_network((2, 12, 8, 1), leaves), np.array(random_tree(rng, leaves))
    bounds = halved_bounds(tree, grid_maps(network), grid_rows(ROWS[:1], network), unit_square())
    corners = list(leaf_corners(tree.tolist(), np.zeros(2), np.ones(2)))
    assert len(bounds) == len(corners) == leaves
    for top, (low, high) in zip(bounds, corners, strict=True):
        for x in rng.uniform(low, high, (5, 2)):
            assert network.outputs([Fraction(c) for c in x])[0] * UNIT <= int(top)


@pytest.mark.parametrize("tree", [[], [-1, -1], [0, -1], [2, -1, -1], [-2], [0, -1, -1, -1]])
def test_a_tree_that_does_not_cover_the_square_is_refused(random_network, tree):
    network = random_network((2, 4, 1), 0)
    with pytest.raises(DomainError, match="does not cover"):
        halved_bounds(np.array(tree, dtype=np.int64), grid_maps(network), grid_rows(ROWS[:1], network), unit_square())


def test_the_mean_of_two_rows_bounds_the_least_of_them(random_network):
    network = random_network((2, 12, 8, 1), 0)
    tree, maps = np.array([0, 1, -1, -1, -1]), grid_maps(network)
    together = halved_bounds(tree, maps, grid_rows(ROWS, network), unit_square())
    apart = [halved_bounds(tree, maps, grid_rows([row], network), unit_square()) for row in ROWS]
    assert (together <= np.minimum(*apart)).all()
    assert int(together.max()) <= 1000 < int(np.minimum(*apart).max())


def searched(network, aim, seconds):
    problem = BoxProblem(network.doubles, with_means(float_rows(ROWS[:1], network)))
    start = Explored(open=[problem.root(unit_square())], best=-1.0)
    return problem, search(lambda *given: explore_boxes(problem, *given), start, aim, SearchEffort(seconds))


def test_leaves_that_prove_too_little_are_halved_again(random_network):
    network = random_network((2, 12, 8, 1), 1)
    problem, found = searched(network, Aim(least=10.0), 60)
    splits, order = box_splits(found)
    assert splits.tree.tolist() == [-1]
    boxes.reopen(found, set(order))
    search(lambda *given: explore_boxes(problem, *given), found, Aim(least=10.0), SearchEffort(60))
    assert box_splits(found)[0].tree.tolist() in ([0, -1, -1], [1, -1, -1])


def test_a_search_that_ran_out_of_time_keeps_the_least_tree_that_is_as_good(random_network):
    network = random_network((2, 30, 30, 1), 1)
    whole = searched(network, Aim(0.3), 60)[1]
    assert not whole.open
    assert len(box_splits(whole)[1]) == len(whole.leaves)
    path, box = max(whole.leaves, key=lambda leaf: len(leaf[0]))
    whole.leaves.remove((path, box))
    whole.open.append(boxes.Node(path, box))
    kept = set(box_splits(whole)[1])
    assert path in kept or any(path[: len(short)] == short for short in kept)
    worst = whole.tops[path[:-1]]
    for short in kept:
        assert all(whole.tops[short[:k]] > worst for k in range(len(short)))
