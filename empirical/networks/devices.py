"""What computes, by name, and how it is set."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from fvproof.theory.errors import DomainError

KINDS = ("cpu", "cuda", "mps")
"""The kinds of devices that the measurements are made for."""


def named_device(name: str) -> torch.device:
    """Return a device: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto`, which is CUDA's first if there is one, else the CPU.

    Raises
    ------
    DomainError
        If it has another name, or is not here.

    Examples
    --------
    >>> named_device("cpu")
    device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DomainError(f"the device must be auto, cpu, cuda, cuda:N or mps, not {name!r}") from error
    if device.type not in KINDS:
        raise DomainError(f"the device must be auto, cpu, cuda, cuda:N or mps, not {name!r}")
    if (device.index or 0) >= _count(device.type):
        raise DomainError(f"there is no device {name} here")
    return device


def _count(kind: str) -> int:
    """Return how many devices of a kind are here."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return int(kind == "cpu" or torch.backends.mps.is_available())


@contextmanager
def same_settings() -> Iterator[None]:
    """Leave torch's default type and threads, and whether it takes gradients and is deterministic, as they are."""
    kind, threads, gradients = torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled()
    exact = torch.get_deterministic_debug_mode()
    try:
        yield
    finally:
        torch.set_default_dtype(kind)
        torch.set_grad_enabled(gradients)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        if torch.get_deterministic_debug_mode() != exact:
            torch.set_deterministic_debug_mode(exact)
