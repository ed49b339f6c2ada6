"""A limit on the time that somebody else's Python code may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_S = 0.1
"""Code that swallows the interruption is interrupted again after this time."""


class TooSlow(BaseException):
    """Raised within code that takes too long; no `Exception`, so that `except Exception` does not stop it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in the enclosed code once the time is up.

    It works in the main thread of Unix systems, and interrupts Python code; a call that stays in C is interrupted when
    it returns. Elsewhere there is no limit. For code that may hang in any way, use a process of its own.

    Parameters
    ----------
    seconds
        The limit.

    Examples
    --------
    >>> try:
    ...     with time_limit(0.05):
    ...         while True:
    ...             pass
    ... except TooSlow:
    ...     print("interrupted")
    interrupted
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
