"""Ctrl-C during work that is done in C: it ends the work at once, and is not lost.

Python attends to a signal between two lines of Python only. A solver that is asked in the main thread would answer
first, or take the signal for itself and answer `unknown`; and an interruption that arrives while an object is being
finalised is printed and forgotten.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread, current_thread, main_thread
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")

STOP_AGAIN_S = 0.05
"""Work that has not stopped after this time is asked again."""

_CALLED_OFF = Event()
"""Set by Ctrl-C while `attentive`."""


@contextmanager
def attentive() -> Iterator[None]:
    """Remember Ctrl-C within: one that is lost where it arrives ends the next question, or at latest the whole."""
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _remember)
    try:
        yield
        check_called_off()
    except Exception:  # ctypes, for one, makes an error of its own of an interruption that meets it
        check_called_off()
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _CALLED_OFF.clear()


def check_called_off() -> None:
    """Raise the interruption that was lost, if there was one."""
    if _CALLED_OFF.is_set():
        raise KeyboardInterrupt


def _remember(_number: int, _frame: FrameType | None) -> None:
    """Note the interruption, and raise it."""
    _CALLED_OFF.set()
    sys.unraisablehook = _told
    raise KeyboardInterrupt


def _told(lost: "sys.UnraisableHookArgs") -> None:
    """Tell of an error that nobody can catch, but not of z3's: a term that was half made is finalised with one."""
    if not getattr(lost.object, "__module__", "").startswith("z3"):
        sys.__unraisablehook__(lost)


def interruptible(work: Callable[[], Result], stop: Callable[[], object]) -> Result:
    """Return what the work returns; Ctrl-C ends it at once, although it stays within a library written in C.

    The work is done in a thread, while this one waits for signals.

    Parameters
    ----------
    work
        Something that releases Python's lock.
    stop
        What makes it return early; asked again until it does.
    """
    check_called_off()
    outcome: Future[Result] = Future()
    given_up = Event()
    thread = Thread(target=_work, args=(work, outcome, given_up), daemon=True)
    try:
        thread.start()
        thread.join()
        check_called_off()
    except BaseException:
        given_up.set()
        while thread.is_alive():
            stop()
            thread.join(STOP_AGAIN_S)
        raise
    return outcome.result()


def _work(work: Callable[[], Result], outcome: "Future[Result]", given_up: Event) -> None:
    """Do the work, unless it was given up before it began."""
    try:
        if not given_up.is_set():
            outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is raised again where the result is asked for
        outcome.set_exception(error)
