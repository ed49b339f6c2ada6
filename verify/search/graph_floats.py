"""Bounds of a graph in floating point, with their gradients: they lead a search and prove nothing.

What `fvproof.verify.certificates.graph_bounds` derives in integers is computed here for many rows at once, each with
slopes and signs of its own. The bound is `max_x v_0·x + …`, and v_0 comes out of a chain of transposed operations; so
its derivative by the slope of a line below a ReLU is v⁻·z, where z is what reaches that ReLU when the maximising x is
sent forward through the same lines. One pass back and one forward give the bound and its whole gradient.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fvproof.verify.certificates.fixed import UNIT
from fvproof.verify.certificates.graph_bounds import GridGraph
from fvproof.verify.certificates.regions import Region
from fvproof.verify.certificates.relu_lines import FULL
from fvproof.verify.graphs.network import NetworkGraph, in_floats
from fvproof.verify.graphs.operations import Given, Joined, Linear, Rectified, Shifted, Summed

Array = NDArray[Any]
"""Numbers in single precision."""


@dataclass(frozen=True, slots=True)
class FloatLines:
    """Lines around the ReLUs of a step: which are active, which unstable; slopes and offsets of the lines above."""

    active: NDArray[np.bool_]
    unstable: NDArray[np.int64]
    above: Array
    offset: Array


@dataclass(slots=True)
class Fixed:
    """Signs that are assumed at a step of ReLUs: which row, which neuron, whether active, and β."""

    rows: NDArray[np.int64]
    neurons: NDArray[np.int64]
    active: NDArray[np.bool_]
    betas: Array


@dataclass(slots=True)
class Sweep:
    """Bounds of N rows, the points that take them, and rows and values at ReLUs.

    Attributes
    ----------
    tops, points
        Shapes (N,) and (N, d).
    rows
        For each step of ReLUs, by its place, the rows over its unstable ReLUs, shape (N, unstable).
    fixed_rows
        For each step with signs, the rows over those.
    values
        What reaches the unstable ReLUs of each step.
    fixed_values
        What reaches those whose sign is assumed.
    outputs
        What the lines make of the points, shape (N, outputs).
    """

    tops: Array
    points: Array
    rows: dict[int, Array] = field(default_factory=dict)
    values: dict[int, Array] = field(default_factory=dict)
    fixed_values: dict[int, Array] = field(default_factory=dict)
    outputs: Array | None = None


@dataclass(eq=False)
class FloatGraph:
    """A network in single precision, where its inputs lie, and lines around its ReLUs.

    Parameters
    ----------
    network
        The network.
    low, high
        The box.
    ball
        Centre and radius of a ball, if there is one.
    lines
        The lines around the ReLUs of each step, by its place.
    tick
        Called between operations.
    """

    network: NetworkGraph
    low: Array
    high: Array
    ball: tuple[Array, float] | None
    lines: dict[int, FloatLines]
    tick: Callable[[], None] = lambda: None
    operations: list[Linear | Array | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.operations = [_in_single(step.operation) for step in self.network.steps]

    def sweep(self, v: Array, inputs: Array, slopes: Sequence[Array], fixed: dict[int, Fixed]) -> Sweep:
        """Return bounds of rows over the outputs, shape (N, outputs), and further coefficients on the inputs."""
        before, gains, kept = self.pulled({len(self.network.steps) - 1: v}, slopes, fixed)
        most, points = self._most(before + inputs)
        found = Sweep(gains + most, points, kept)
        self._forward(found, slopes, fixed)
        return found

    def pulled(
        self, rows: dict[int, Array], slopes: Sequence[Array], fixed: dict[int, Fixed]
    ) -> tuple[Array, Array, dict[int, Array]]:
        """Return rows over some steps as rows over the inputs, what their bounds gain, and what `Sweep.rows` is."""
        tops: Array = np.float32(0) * next(iter(rows.values()))[:, 0]
        kept: dict[int, Array] = {}
        for at in range(len(self.network.steps) - 1, 0, -1):
            if at not in rows:
                continue
            self.tick()
            v = rows.pop(at)
            if at in self.lines:
                part, gain, kept[at] = self._back(at, v, slopes, fixed.get(at))
                tops, parts = tops + gain, [part]
            else:
                parts, gain = self.through(at, v)
                tops = tops + gain
            for i, part in zip(self.network.steps[at].inputs, parts, strict=True):
                rows[i] = rows[i] + part if i in rows else part
        return rows[0], tops, kept

    def _back(self, at: int, v: Array, slopes: Sequence[Array], fixed: Fixed | None) -> tuple[Array, Array, Array]:
        """Return rows before ReLUs, what their bounds gain, and the rows over unstable ReLUs."""
        lines = self.lines[at]
        passed, some = np.where(lines.active, v, 0), v[:, lines.unstable]
        if fixed is not None:
            signs = np.ones(v.shape, bool)
            signs[fixed.rows, fixed.neurons] = False
            some = np.where(signs[:, lines.unstable], some, 0)
        up, down = np.maximum(some, 0), np.minimum(some, 0)
        passed[:, lines.unstable] = up * lines.above + down * slopes[self.network.rectified.index(at)]
        if fixed is not None:
            through = v[fixed.rows, fixed.neurons] + fixed.betas
            passed[fixed.rows, fixed.neurons] = np.where(fixed.active, through, -fixed.betas)
        return passed, up @ lines.offset, some

    def through(self, at: int, v: Array) -> tuple[list[Array], Array | float]:
        """Return rows before a step that is no ReLU, and what their bounds gain."""
        match self.network.steps[at].operation:
            case Summed(signs):
                return [v if sign > 0 else -v for sign in signs], 0.0
            case Joined(sizes):
                return np.split(v, np.cumsum(sizes)[:-1], axis=1), 0.0
            case Shifted():
                return [v], v @ self.operations[at]  # type: ignore[operator]
            case _:
                return [self.operations[at].backward(v)], 0.0  # type: ignore[union-attr]

    def _most(self, v: Array) -> tuple[Array, Array]:
        """Return the largest values of `v·x`, and where they are taken."""
        points = np.where(v > 0, self.high, self.low).astype(np.float32)
        most = (points * v).sum(axis=1)
        if self.ball is None:
            return most, points
        centre, radius = self.ball
        norms = np.linalg.norm(v, axis=1)
        around = v @ centre + radius * norms
        inner = centre + radius * v / np.maximum(norms, 1e-30)[:, None]
        return np.minimum(most, around), np.where((around < most)[:, None], inner, points)

    def _forward(self, found: Sweep, slopes: Sequence[Array], fixed: dict[int, Fixed]) -> None:
        """Send the points forward through the lines, and keep what reaches the ReLUs."""
        last = {i: place for place, step in enumerate(self.network.steps) for i in step.inputs}
        known: dict[int, Array] = {0: found.points}
        for place, step in enumerate(self.network.steps):
            if not place:
                continue
            self.tick()
            given = [known[i] for i in step.inputs]
            match step.operation:
                case Rectified():
                    known[place] = self._lined(place, given[0], found, slopes, fixed.get(place))
                case _:
                    known[place] = self.made(place, given)
            for i in set(step.inputs):
                if last[i] == place:
                    del known[i]
        found.outputs = known[len(self.network.steps) - 1]

    def _lined(self, at: int, z: Array, found: Sweep, slopes: Sequence[Array], fixed: Fixed | None) -> Array:
        """Return what the lines around ReLUs make of what reaches them, which is kept."""
        lines, v = self.lines[at], found.rows[at]
        some = z[:, lines.unstable]
        found.values[at] = some
        made = np.where(lines.active, z, 0)
        above = some * lines.above + lines.offset
        made[:, lines.unstable] = np.where(v > 0, above, some * slopes[self.network.rectified.index(at)])
        if fixed is not None:
            through = z[fixed.rows, fixed.neurons]
            found.fixed_values[at] = through
            made[fixed.rows, fixed.neurons] = np.where(fixed.active, through, 0)
        return made

    def made(self, place: int, given: Sequence[Array]) -> Array:
        """Return what a step makes of its inputs."""
        match self.network.steps[place].operation:
            case Summed(signs):
                return sum((x if sign > 0 else -x for sign, x in zip(signs, given, strict=True)), start=np.float32(0))  # type: ignore[return-value]
            case Joined():
                return np.concatenate(given, axis=1)
            case Shifted():
                return given[0] + self.operations[place]  # type: ignore[operator]
            case Rectified():
                return np.maximum(given[0], 0)
            case _:
                return self.operations[place].forward(given[0])  # type: ignore[union-attr]


def float_graph(graph: GridGraph) -> FloatGraph:
    """Return a graph whose bounds are derived in single precision."""
    lines = {
        at: FloatLines(known.active, known.unstable, _single(known.above / FULL), _single(known.offset / UNIT))
        for at, known in graph.lines.items()
    }
    low, high, ball = float_region(graph.region)
    return FloatGraph(graph.network, low, high, ball, lines, graph.tick)


def float_region(region: Region) -> tuple[Array, Array, tuple[Array, float] | None]:
    """Return the box, and centre and radius of the ball, in single precision."""
    low, high = (_single(end[0] / UNIT) for end in (region.box.low, region.box.high))
    ball = None if region.ball is None else (_single(region.ball.centre / UNIT), region.ball.radius / UNIT)
    return low, high, ball


def _single(numbers: NDArray[np.generic]) -> Array:
    """Return numbers in single precision."""
    return numbers.astype(np.float64).astype(np.float32)


def _in_single(operation: object) -> Linear | Array | None:
    """Return an operation, or numbers that are added, in single precision."""
    match operation:
        case Given() | Joined() | Rectified() | Summed():
            return None
        case Shifted(constants):
            return _single(constants)
        case _:
            return in_floats(operation, np.dtype(np.float32))  # type: ignore[arg-type]
