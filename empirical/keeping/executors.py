"""Executors by name: processes on this machine, or a Dask cluster."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import torch

from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.workers import Workers
from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError
from fvproof.verify.processes import process_pool

ANSWER_S = 10.0
"""A Dask scheduler must answer within this many seconds, and have a worker within as many again."""


def named_workers(name: str, load: Callable[[], tuple[Model, ImageSet | None]]) -> Workers | None:
    """Return who shares the work, by name; None if all of it is done in this process.

    Parameters
    ----------
    name
        `local`, `processes:N`, or `dask:ADDRESS`, the address of a scheduler such as `tcp://10.0.0.1:8786`.
    load
        Returns network and images; it is sent to the processes.

    Raises
    ------
    DomainError
        If the name is none of these, Dask is not installed, or no scheduler with a worker answers at the address.

    Examples
    --------
    >>> named_workers("local", lambda: None) is None
    True
    """
    kind, _, detail = name.partition(":")
    match kind, detail:
        case "local", "":
            return None
        case "processes", count if count.isascii() and count.isdecimal() and int(count) > 0:
            return Workers(partial(_processes, int(count)), load)
        case "dask", address if address:
            lost = _dask_losses()
            with _dask(address):  # so that a wrong address is noticed before anything is computed
                return Workers(partial(_dask, address), load, (BrokenExecutor, CancelledError, *lost))
        case _:
            raise DomainError(f"the executor must be local, processes:N or dask:ADDRESS, not {name!r}")


def _processes(count: int) -> AbstractContextManager[Executor]:
    """Return an executor of so many processes that share the cores."""
    return process_pool(count, torch.set_num_threads, max(1, (os.cpu_count() or 1) // count))


def _dask_losses() -> tuple[type[BaseException], ...]:
    """Return the errors by which Dask says that a worker was lost."""
    try:
        from distributed import KilledWorker  # only who asks for Dask needs it
    except ImportError as error:
        raise DomainError("dask:ADDRESS needs Dask: pip install 'fvproof[dask]'") from error
    return (KilledWorker,)


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    """Open the executor of the Dask cluster whose scheduler has this address."""
    from distributed import Client  # only who asks for Dask needs it
    from distributed.comm.addressing import resolve_address

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in one sentence
    try:
        resolve_address(address)  # a client that has none would wait, and print a traceback, in the end
        client = Client(address, timeout=ANSWER_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise DomainError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_S)
        except TimeoutError as error:
            raise DomainError(f"the Dask scheduler at {address} has no workers") from error
        yield client.get_executor(pure=False)
