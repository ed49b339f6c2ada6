"""One step of a graph."""

from dataclasses import dataclass

from fvproof.verify.graphs.operations import Operation


@dataclass(frozen=True, slots=True, eq=False)
class NetworkStep:
    """What is done with which steps before it, and how many numbers come of it."""

    operation: Operation
    inputs: tuple[int, ...]
    size: int
