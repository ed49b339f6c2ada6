"""Work in as large parts as the memory holds: one that is too large is halved, the work goes on, and says so once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch

from fvproof.empirical.notices import notify
from fvproof.theory.errors import DomainError

Part = TypeVar("Part")

SIGNS = ("out of memory", "can't allocate memory", "ALLOC_FAILED")
"""What torch says when memory is short and it does not raise `torch.OutOfMemoryError`."""

EVERYTHING = 1 << 62
"""More images than there are."""


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory is short.

    Examples
    --------
    >>> out_of_memory(torch.OutOfMemoryError()), out_of_memory(RuntimeError("CUDA error: out of memory"))
    (True, True)
    """
    return isinstance(error, torch.OutOfMemoryError) or any(sign in str(error) for sign in SIGNS)


class Capacity:
    """How many images are worked on at once: from some number on as many as there is memory for.

    Parameters
    ----------
    size
        So many to begin with.

    Examples
    --------
    >>> [part.tolist() for part in Capacity(2).parts(lambda rows: rows, torch.arange(3))]
    [[0, 1], [2]]
    """

    def __init__(self, size: int = EVERYTHING) -> None:
        self.size, self.halved, self.told = size, False, False

    def parts(self, compute: Callable[[Any], Part], rows: Any, *, weight: int = 1) -> Iterator[Part]:  # noqa: ANN401  lists, tensors
        """Yield what is computed of the rows, a part of them at a time.

        Parameters
        ----------
        compute
            Takes some rows.
        rows
            A list, a tensor, or whatever has a length and can be cut.
        weight
            Images that each row stands for.

        Raises
        ------
        DomainError
            If there is no memory for one row alone.
        """
        while len(rows):
            count = min(len(rows), max(1, self.size // weight))
            try:
                found = compute(rows[:count])
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                self._halve(count, weight)
            else:
                self._tell()
                yield found
                rows = rows[count:]
                continue
            torch.cuda.empty_cache()  # here, where the error no longer holds what was computed

    def _halve(self, count: int, weight: int) -> None:
        """Go on with half as many rows."""
        if count == 1:
            many = f"the {weight} visualizations of one unit (--diversity)" if weight > 1 else "one image alone"
            raise DomainError(f"out of memory: there must be room for {many}")
        self.size, self.halved = (count + 1) // 2 * weight, True

    def _tell(self) -> None:
        """Say once that fewer images are worked on at once."""
        if self.halved and not self.told:
            self.told = True
            notify(f"out of memory: going on with {self.size} images at once")


@contextmanager
def roomy() -> Iterator[None]:
    """Turn an error that says that memory is short, where nothing can be halved, into one sentence."""
    try:
        yield
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        raise DomainError("out of memory: there must be room for the network and one image alone") from error
