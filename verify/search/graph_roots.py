"""The root of a search on a graph: bounds of every step, derived in integers as far as the time allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np

from fvproof.verify.certificates.graph_bounds import GridGraph
from fvproof.verify.certificates.graph_derivation import region_of
from fvproof.verify.certificates.parts import GraphSplits
from fvproof.verify.certificates.relu_lines import FULL, lines_around
from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.graphs.operations import Rectified
from fvproof.verify.linear_forms import Domain
from fvproof.verify.search.graph_floats import Array, FloatGraph, float_graph


class OutOfTimeError(Exception):
    """The time is up."""


@dataclass(frozen=True, slots=True)
class GraphRoot:
    """What all searches on one network and one domain share.

    Attributes
    ----------
    graph
        The bounds that are proven.
    refined
        Which steps of ReLUs have bounds that are derived from the whole network.
    floats
        The same in single precision.
    """

    graph: GridGraph
    refined: tuple[int, ...]
    floats: FloatGraph

    @property
    def natural(self) -> Array:
        """The slopes that need no search, of all unstable ReLUs."""
        parts = [self.graph.lines[at].below / FULL for at in self.graph.network.rectified]
        return np.concatenate([np.zeros(0), *parts]).astype(np.float32)


def until(end: float) -> Callable[[], None]:
    """Return what raises OutOfTimeError after a moment of `time.monotonic`."""

    def tick() -> None:
        if monotonic() > end:
            raise OutOfTimeError

    return tick


def graph_root(network: NetworkGraph, domain: Domain, *, end: float) -> GraphRoot:
    """Return the root: steps of ReLUs whose bounds are not derived by the moment `end` get those of one step."""
    graph, refined = GridGraph(network, region_of(domain)), []
    for place, step in enumerate(network.steps):
        if isinstance(step.operation, Rectified):
            (i,) = step.inputs
            refined.append(_refined(graph, i, end))
            graph.lines[place] = lines_around(graph.bounds[i])
        graph.advance(place)
    return GraphRoot(graph, tuple(refined), float_graph(graph))


def _refined(graph: GridGraph, place: int, end: float) -> int:
    """Return whether bounds of a step could be derived from the whole network in time; then they are kept."""
    graph.tick = until(end)
    try:
        graph.tick()
        graph.bounds[place] = graph.refined(place, ())
    except OutOfTimeError:
        return 0
    finally:
        graph.tick = _never
    return 1


def _never() -> None:
    """Go on."""


def trivial_splits(network: NetworkGraph, domain: Domain, rows: int) -> GraphSplits:
    """Return the splits that prove something without any search: one leaf, and bounds of one step after another."""
    graph = GridGraph(network, region_of(domain))
    graph.derive(lambda _: False, lambda _: ())
    below: Sequence[Array] = [graph.lines[at].below for at in network.rectified]
    return GraphSplits(
        np.zeros(len(network.rectified), np.int64),
        tuple(np.zeros(0, np.int64) for _ in network.rectified),
        np.array([-1]),
        np.concatenate([np.zeros(0, np.int64), *below])[None],
        np.zeros(0, np.int64),
        np.array([[FULL - (rows - 1) * (FULL // rows), *[FULL // rows] * (rows - 1)]]),
    )
