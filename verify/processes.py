"""Processes that share work: they end with the one that started them, and Ctrl-C is for that one alone."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from typing_extensions import override

P = ParamSpec("P")
T = TypeVar("T")

LOOK_S = 0.1
"""How long a wait for results lasts before a look at whether the processes live, in seconds."""


@contextmanager
def process_pool(
    count: int, prepare: Callable[..., None] | None = None, *arguments: object
) -> Iterator[ProcessPoolExecutor]:
    """Open an executor of processes.

    Where this process is interrupted or killed, they are gone at once, whatever they do; otherwise they are waited for.

    Parameters
    ----------
    count
        How many processes, at most.
    prepare, arguments
        Called in each process before it gets work; can be sent there (pickled).

    Examples
    --------
    >>> with process_pool(1) as executor:
    ...     executor.submit(abs, -3).result()
    3
    """
    context = _Context()
    theirs, ours = context.Pipe(duplex=False)
    with theirs, ours, _Pool(count, context, _start, (theirs, prepare, *arguments)) as executor:
        try:
            yield executor
        except (KeyboardInterrupt, GeneratorExit):
            ours.close()
            raise
        finally:
            if executor.ends_broken():  # a process that began while another died is not told: it would wait for ever
                ours.close()


class _Pool(ProcessPoolExecutor):
    """An executor that knows what it has in hand."""

    def __init__(
        self, count: int, context: SpawnContext, prepare: Callable[..., None], arguments: tuple[object, ...]
    ) -> None:
        super().__init__(count, context, prepare, arguments)
        self.in_hand: set[Future[Any]] = set()

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future = super().submit(fn, *args, **kwargs)
        self.in_hand.add(future)
        future.add_done_callback(self.in_hand.discard)
        return future

    def ends_broken(self) -> bool:
        """Return whether a process died before all was done; nothing is handed out to find that out.

        What is handed out while a process dies may never be done, and starts a process that nobody ends.
        """
        while self.in_hand and not self._broken:
            wait(self.in_hand, LOOK_S)
        return bool(self._broken)


def end_with_writer(descriptor: int) -> None:
    """End this process, whatever it does, when nobody can write to a pipe any more, since whoever could has ended."""
    Thread(target=_wait_and_end, args=(descriptor,), daemon=True).start()


def _wait_and_end(descriptor: int) -> None:
    os.read(descriptor, 1)
    os._exit(1)


def _start(theirs: Connection, prepare: Callable[..., None] | None, *arguments: object) -> None:
    end_with_writer(theirs.fileno())
    if prepare is not None:
        prepare(*arguments)


class _Deaf(SpawnProcess):
    """A process that does not hear Ctrl-C, from its first moment on: it would print a traceback."""

    @override
    def start(self) -> None:
        before = pthread_sigmask(SIG_BLOCK, {SIGINT})
        try:
            SpawnProcess.start(self)
        finally:
            pthread_sigmask(SIG_SETMASK, before)


class _Context(SpawnContext):
    """The usual way to start processes, for such ones."""

    Process = _Deaf
