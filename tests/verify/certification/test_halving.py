"""Trees of halved boxes: their blocks cover the domain, and searches go on below leaves that prove too little."""

from fractions import Fraction

import numpy as np
import pytest

from verify.certification import boxes
from verify.certification.ascent import float_rows, with_means
from verify.certification.boxes import BoxProblem, box_splits, explore_boxes
from verify.certification.certificate import Row
from verify.certification.derivation import grid_rows
from verify.certification.duality import Box, grid_maps
from verify.certification.fixed import UNIT, floored
from verify.certification.halving import BLOCK, blocks, halved_bounds
from verify.certification.search import Aim, Effort, Explored, search

ROWS = (Row({0: Fraction(1)}, {}), Row({0: Fraction(-1)}, {}))


def unit_square():
    return Box(floored(np.zeros((1, 2))), floored(np.ones((1, 2))))


def random_tree(rng, leaves):
    """Return a tree in preorder with so many leaves."""
    if leaves == 1:
        return [-1]
    left = int(rng.integers(1, leaves))
    return [int(rng.integers(2)), *random_tree(rng, left), *random_tree(rng, leaves - left)]


@pytest.mark.parametrize("leaves", [1, 2, BLOCK, BLOCK + 1, 300])
def test_the_blocks_of_a_tree_hold_all_leaves_and_cover_the_square(leaves):
    tree = np.array(random_tree(np.random.default_rng(leaves), leaves))
    seen = list(blocks(tree, unit_square()))
    assert sum(len(block.leaves.low) for block in seen) == leaves
    assert all(len(block.leaves.low) <= BLOCK for block in seen)
    areas = [np.prod((block.leaves.high - block.leaves.low) / UNIT, axis=1).sum() for block in seen]
    assert sum(areas) == pytest.approx(1)
    for block in seen:
        assert (block.leaves.low >= block.around.low).all()
        assert (block.leaves.high <= block.around.high).all()


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
    return problem, search(lambda *given: explore_boxes(problem, *given), start, aim, Effort(seconds))


def test_leaves_that_prove_too_little_are_halved_again(random_network):
    network = random_network((2, 12, 8, 1), 1)
    problem, found = searched(network, Aim(least=10.0), 60)
    splits, order = box_splits(found)
    assert splits.tree.tolist() == [-1]
    boxes.reopen(found, set(order))
    search(lambda *given: explore_boxes(problem, *given), found, Aim(least=10.0), Effort(60))
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
