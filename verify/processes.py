"""Processes that share work: they end with the one that started them, and Ctrl-C is for that one alone."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext, SpawnProcess
from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask
from threading import Thread

from typing_extensions import override


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
    with theirs, ours, ProcessPoolExecutor(count, context, _start, (theirs, prepare, *arguments)) as executor:
        try:
            yield executor
        except (KeyboardInterrupt, GeneratorExit):
            ours.close()
            raise
        finally:
            if _is_broken(executor):  # a process that began while another died is not told: it would wait for ever
                ours.close()


def _is_broken(executor: ProcessPoolExecutor) -> bool:
    """Return whether a process of the executor has died."""
    try:
        executor.submit(int)
    except BrokenExecutor:
        return True
    return False


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
