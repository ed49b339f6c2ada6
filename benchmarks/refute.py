"""Time to a refutation: every class, reasonable decoders, one to six inputs."""

from collections.abc import Iterator
from statistics import median
from time import process_time

from fvproof.theory.classes import CLASSES, RELIABLE, function_class
from fvproof.theory.examples import first
from fvproof.verify.refutation.judging import Refutation
from fvproof.verify.refutation.refute import refute
from fvproof.verify.refutation.strategies import GUESSES

TITLE = "Refutations of seven decoders in up to six dimensions, CPU seconds (goal: median 0.2)"


def measure() -> Iterator[dict[str, object]]:
    """Yield one row for each class, and one for all."""
    everything = []
    for name in [*CLASSES, *RELIABLE]:
        times = list(_times(name))
        everything += times
        yield {"class": name, "refuted": len(times), **_summary(times)}
    yield {"class": "all", "refuted": len(everything), **_summary(everything)}


def _times(name: str) -> Iterator[float]:
    """Yield the seconds of each refutation."""
    kind = {**CLASSES, **RELIABLE}[name]
    for dimension in range(2 if name == "quadratic" else 1, 7):
        within = function_class(name, **kind.examples.parameters(first, dimension))
        for guess in GUESSES:
            started = process_time()
            found = refute(within, lambda phi, x, *_, guess=guess: guess(phi, x), dimension=dimension)
            if isinstance(found, Refutation):
                yield process_time() - started


def _summary(times: list[float]) -> dict[str, float | None]:
    """Return the median and the largest."""
    return {"median": median(times), "most": max(times)} if times else {"median": None, "most": None}
