"""What goes otherwise than asked while the work goes on: one sentence, for whoever listens."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], object] | None] = ContextVar("listener", default=None)


def notify(sentence: str) -> None:
    """Say something to whoever listens, see `heard_by`; if nobody does, as a RuntimeWarning."""
    listener = _listener.get()
    if listener is None:
        warnings.warn(sentence, RuntimeWarning, stacklevel=3)
    else:
        listener(sentence)


@contextmanager
def heard_by(listener: Callable[[str], object]) -> Iterator[None]:
    """Have a function called with every sentence that is said in this thread.

    Examples
    --------
    >>> with heard_by(print):
    ...     notify("out of memory: going on with 4 images at once")
    out of memory: going on with 4 images at once
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
