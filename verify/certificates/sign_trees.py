"""Trees of signs of ReLUs: every leaf is a list of assumed signs, and together they cover all cases."""

from collections.abc import Iterator, Sequence

import numpy as np

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.fixed import Grid

SignPath = tuple[tuple[int, int, int], ...]
"""Signs fixed one after the other: (layer, neuron, 1 for active or 0 for silent)."""


def sign_leaves(tree: Grid, widths: Sequence[int]) -> Iterator[SignPath]:
    """Yield the signs fixed at each leaf: (layer, neuron, 1 for active); both signs of every split are covered.

    No search fixes a sign twice, so that a tree deeper than there are ReLUs is refused: it was made to be long.
    """
    starts = np.cumsum([0, *widths])
    stack: list[SignPath] = [()]
    for node in tree.reshape(-1).tolist():
        if not stack or not -1 <= node < starts[-1]:
            raise DomainError("the tree does not cover the domain: it has a node too many, or splits on no neuron")
        path = stack.pop()
        if node < 0:
            yield path
            continue
        if len(path) >= starts[-1]:
            raise DomainError(f"the tree is deeper than the network has ReLUs, {starts[-1]}")
        layer = int(np.searchsorted(starts, node, side="right")) - 1
        stack += [(*path, (layer, node - int(starts[layer]), sign)) for sign in (1, 0)]
    if stack:
        raise DomainError("the tree does not cover the domain: leaves are missing")
