r"""Bounds of what a graph computes, in integers: forwards step by step, and backwards through lines around each ReLU.

For lines `b·z ≤ ReLU(z) ≤ a·z + c` on l ≤ z ≤ u and any row v,

.. math:: v·ReLU(z) ≤ (v^+ a + v^- b)·z + v^+ c ,

so that a row over one step becomes a row over the steps before it, and at last over the inputs, where a box or ball
bounds it. Where a sign is assumed, z ≥ 0 or z ≤ 0, ReLU is linear there, and β ≥ 0 times what is assumed may be added:
`v·z + β·z`, or `−β·z`. Slopes and β are any numbers: a search finds good ones, and nothing here depends on how.

Values are integers that count 2⁻³², rows and their bounds count 2⁻⁴⁰, slopes 2⁻¹⁷. Every rounding is charged: rows are
rounded down, and what that can miss is bounded by the size of what they are multiplied with.

Source: Zhang et al., NeurIPS 2018 (lines); Xu et al., ICLR 2021 (slopes); Wang et al., NeurIPS 2021 (assumed signs).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod

import numpy as np

from fvproof.verify.certificates.fixed import BITS, Grid, floored, plus
from fvproof.verify.certificates.regions import Region
from fvproof.verify.certificates.relu_lines import Bounds, ReluLines, Signs, lines_around, through_lines
from fvproof.verify.graphs.integers import IntegerOperation, Patches, added_up, dot, patches, right, rounded_operation
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.graphs.operations import (
    Convolution,
    Dense,
    Given,
    Joined,
    Operation,
    Rectified,
    Scaled,
    Shifted,
    Summed,
)

ROW_BITS = 40
ONE = 1 << ROW_BITS
"""The coefficient 1 of a row."""
CHUNK = 1 << 21
"""Rows that are bounded at once have so many numbers together."""


@dataclass(frozen=True, slots=True)
class GridStep:
    """A step's operation on the grid; for numbers that are added, the matrix of one column that adds them."""

    operation: IntegerOperation
    patches: Patches


@lru_cache(maxsize=4)
def grid_steps(network: NetworkGraph) -> tuple[GridStep | None, ...]:
    """Return the operations of a network on the grid."""
    return tuple(_grid_step(step.operation) for step in network.steps)


def _grid_step(operation: Operation) -> GridStep | None:
    """Return an operation on the grid, None if it has no numbers."""
    match operation:
        case Given() | Joined() | Rectified() | Summed():
            return None
        case Shifted(constants):
            operation = Dense(constants[:, None])
        case _:
            pass
    return GridStep(rounded_operation(operation), patches(operation))


@dataclass(eq=False)
class GridGraph:
    """A network, where its inputs lie, and bounds of the values of its steps as far as they are derived.

    Parameters
    ----------
    network, region
        The network, and where its inputs lie.
    tick
        Called between operations: a search looks at the clock there.
    bounds
        For each step bounds of its values, step by step.
    lines
        For each step of ReLUs, by its place, the lines around them.
    """

    network: NetworkGraph
    region: Region
    tick: Callable[[], None] = lambda: None
    bounds: list[Bounds] = field(default_factory=list)
    lines: dict[int, ReluLines] = field(default_factory=dict)
    _sizes: dict[int, tuple[Grid, IntegerOperation]] = field(default_factory=dict)

    def step_bounds(self, place: int) -> Bounds:
        """Return bounds of a step's values from those of the steps that it reads."""
        step = self.network.steps[place]
        given = [self.bounds[i] for i in step.inputs]
        match step.operation:
            case Given():
                return self.region.box.low[0], self.region.box.high[0]
            case Shifted(constants):
                return plus(given[0][0], floored(constants)), plus(given[0][1], -floored(-constants))
            case Summed(signs):
                ends = [pair if sign > 0 else (-pair[1], -pair[0]) for sign, pair in zip(signs, given, strict=True)]
                return plus(*(low for low, _ in ends)), plus(*(high for _, high in ends))
            case Joined():
                return np.concatenate([low for low, _ in given]), np.concatenate([high for _, high in given])
            case Rectified():
                return np.maximum(given[0][0], 0), np.maximum(given[0][1], 0)
            case _:
                return self._mapped(place, *given[0])

    def _mapped(self, place: int, low: Grid, high: Grid) -> Bounds:
        """Return bounds of what a linear operation makes: of the middle, and of the way from there to the ends."""
        step = grid_steps(self.network)[place]
        assert step is not None
        middle = step.operation.forward(plus(low, high)[None])[0]
        reach = step.operation.absolute.forward(plus(high, -low)[None])[0] + 2
        if not step.operation.exact:
            size = np.maximum(abs(low), abs(high))[None]
            error = step.patches.back(step.patches.ones.forward(step.patches.inputs(size)))[0]
            reach = plus(reach, 2 * (right(error, step.operation.scale) + 1))
        return plus(middle, -reach) >> 1, -(plus(-middle, -reach) >> 1)

    def most(
        self,
        place: int,
        v: Grid,
        below: Sequence[Grid | None] = (),
        signs: Signs | None = None,
        inputs: Grid | None = None,
    ) -> Grid:
        """Return upper bounds of rows over a step's values, shape (N,).

        Parameters
        ----------
        place
            The step.
        v
            The rows, shape (N, n).
        below
            For each step of ReLUs, in order, slopes of the lines below its unstable ones, of shape (unstable,) or
            (N, unstable); None, or nothing, for those that need no search.
        signs
            What is assumed at steps of ReLUs.
        inputs
            Further coefficients on the inputs, shape (N, d).
        """
        totals: Grid = np.zeros(len(v), dtype=np.int64)
        rows: dict[int, Grid] = {place: v}
        for at in range(place, 0, -1):
            if at not in rows:
                continue
            self.tick()
            v = rows.pop(at)
            if at in self.lines:
                number = self.network.rectified.index(at)
                slopes = below[number] if number < len(below) else None
                part, gain = through_lines(v, self.lines[at], slopes, (signs or {}).get(at))
                parts = [part]
            else:
                parts, gain = self._through(at, v)
            totals = plus(totals, gain)
            for i, part in zip(self.network.steps[at].inputs, parts, strict=True):
                rows[i] = plus(rows[i], part) if i in rows else part
        return plus(totals, self.region.most(rows[0] if inputs is None else plus(rows[0], inputs)))

    def _through(self, at: int, v: Grid) -> tuple[list[Grid], Grid]:
        """Return rows over a step that is no ReLU as rows over what it reads, and what their bounds gain."""
        none = np.zeros(len(v), dtype=np.int64)
        match self.network.steps[at].operation:
            case Summed(signs):
                return [v if sign > 0 else -v for sign in signs], none
            case Joined(sizes):
                return np.split(v, np.cumsum(sizes)[:-1], axis=1), none
            case _:
                pass
        step = grid_steps(self.network)[at]
        assert step is not None
        found = step.operation.backward(v)
        if isinstance(self.network.steps[at].operation, Shifted):
            one = np.full((1, 1), 1 << BITS)
            return [v], plus(found[:, 0], _charge(step, v, one, dot(one[0])))
        return [found], _charge(step, v, *self._sizes[at])

    def derive(self, refined: Callable[[int], bool], slopes: Callable[[int], Sequence[Grid | None]]) -> None:
        """Derive bounds of all steps.

        Parameters
        ----------
        refined
            Whether the bounds of a step of ReLUs, given by its number, are derived from the whole network below it.
        slopes
            With which slopes of lines below ReLUs.
        """
        for place, step in enumerate(self.network.steps):
            self.tick()
            if isinstance(step.operation, Rectified):
                number, (i,) = self.network.rectified.index(place), step.inputs
                if refined(number):
                    self.bounds[i] = self.refined(i, slopes(number))
                self.lines[place] = lines_around(self.bounds[i])
            self.advance(place)

    def advance(self, place: int) -> None:
        """Derive bounds of the next step from those of the steps that it reads, and keep the size of what it reads."""
        grid, reads = grid_steps(self.network)[place], self.network.steps[place].inputs
        if grid is not None:
            low, high = self.bounds[reads[0]]
            size = grid.patches.inputs(np.maximum(abs(low), abs(high))[None])
            self._sizes[place] = size, dot(size[0])
        self.bounds.append(self.step_bounds(place))

    def refined(self, place: int, below: Sequence[Grid | None]) -> Bounds:
        """Return bounds of a step's values, derived from the whole network where the sign is not known."""
        low, high = (end.copy() for end in self.bounds[place])
        open_ones = np.flatnonzero((low < 0) & (high > 0))
        # Neurons of one place together: their rows reach the same few places of the steps before.
        open_ones = open_ones[np.argsort(open_ones % _places(self.network, place), kind="stable")]
        count = max(1, CHUNK // max(step.size for step in self.network.steps[: place + 1]))
        for start in range(0, open_ones.size, count):
            some = open_ones[start : start + count]
            rows = np.zeros((some.size, low.size), dtype=np.int64)
            rows[np.arange(some.size), some] = ONE
            up, down = self.most(place, rows, below), self.most(place, -rows, below)
            high = _replaced(high, some, np.minimum(high[some], -(-up >> (ROW_BITS - BITS))))
            low = _replaced(low, some, np.maximum(low[some], -down >> (ROW_BITS - BITS)))
        return low, high


def _places(network: NetworkGraph, at: int) -> int:
    """Return how many places the image has that a step puts out, as far as a convolution near it says."""
    while at and not isinstance(operation := network.steps[at].operation, Convolution):
        if not isinstance(operation, Shifted | Scaled | Summed | Rectified):
            return 1
        at = network.steps[at].inputs[0]
    return prod(network.steps[at].operation.places) if at else 1  # type: ignore[union-attr]


def _replaced(values: Grid, places: Grid, new: Grid) -> Grid:
    """Return values with some replaced."""
    values = values.astype(np.result_type(values, new))
    values[places] = new
    return values


def _charge(step: GridStep, v: Grid, size: Grid, sizes: IntegerOperation) -> Grid:
    """Return what rounding rows down, and weights towards 0, can miss: at most this is to be added to a bound.

    Parameters
    ----------
    step
        What the rows were brought through.
    v
        The rows before that.
    size, sizes
        How large what they meet now can be, patch by patch, and what adds up rows of it.
    """
    if step.operation.exact and not step.operation.scale:
        return np.zeros(len(v), dtype=np.int64)
    unit = (int(added_up(size)[0, 0]) >> BITS) + 2
    if step.operation.exact:
        return np.full(len(v), unit) if unit < 1 << 60 else np.full(len(v), unit, dtype=object)
    errors = right(step.patches.ones.backward(step.patches.outputs(abs(v))), step.operation.scale)
    return plus(sizes.backward(errors)[:, 0] >> BITS, np.full(len(v), 2 * unit, dtype=object))
