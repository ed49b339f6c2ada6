"""Weights from a file into a network: tensors only, never code, and a clear line where they do not fit."""

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from fvproof.theory.errors import DomainError, ShapeError

SHOWN = 3
"""How many keys of each kind an error lists."""


def load_weights(network: nn.Module, path: Path | str) -> nn.Module:
    """Return the network with the weights of the file in it.

    Parameters
    ----------
    network
        Its parameters and persistent buffers are overwritten.
    path
        `.safetensors`, `.npz` (one array per key), or a state_dict saved by `torch.save`, also inside a checkpoint
        under `state_dict` or `model`, also with the prefix `module.` of a data-parallel run. Half precision is widened
        to float32.

    Raises
    ------
    DomainError
        If the file cannot be read, wants to run code, or holds numbers that are not finite.
    ShapeError
        If the keys or shapes are not those of the network; the first of each kind are listed.

    Examples
    --------
    >>> import tempfile
    >>> source, target = nn.Linear(3, 2), nn.Linear(3, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "weights.pt"
    ...     torch.save(source.state_dict(), path)
    ...     _ = load_weights(target, path)
    >>> bool((source.weight == target.weight).all())
    True
    """
    path = Path(path)
    tensors = read_tensors(path)
    _require_fit(network.state_dict(), tensors, path)
    network.load_state_dict(tensors, strict=False)
    return network


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the named tensors of a file, floating-point ones as finite float32.

    Raises
    ------
    DomainError
        If the file cannot be read, wants to run code, or holds numbers that are not finite.
    """
    if not path.is_file():
        raise DomainError(f"there is no weights file {path}")
    match path.suffix:
        case ".safetensors":
            found = _from_safetensors(path)
        case ".npz":
            found = _from_arrays(path)
        case _:
            found = _from_pickle(path)
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in found.items()}
    for key, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise DomainError(f"weights must be finite, but {key!r} in {path} holds NaN or infinity")
    return tensors


def _from_safetensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file."""
    try:
        return safetensors.torch.load_file(path)
    except (SafetensorError, OSError) as error:
        raise DomainError(f"{path} is no safetensors file: {error}") from error


def _from_arrays(path: Path) -> dict[str, Tensor]:
    """Return the arrays of an .npz file as tensors."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {key: torch.from_numpy(np.asarray(arrays[key])) for key in arrays.files}
    except (ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise DomainError(f"{path} is no .npz file of numbers") from error


def _from_pickle(path: Path) -> dict[str, Tensor]:
    """Return the state_dict of a torch file, unwrapped, without running any code from it."""
    try:
        with warnings.catch_warnings(action="ignore"):
            loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = "it is a pickle that could run code when it is opened; save a state_dict, or safetensors"
        raise DomainError(f"{path} is refused: {reason}") from error
    except Exception as error:
        raise DomainError(f"{path} is no file of weights that torch can read") from error
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not loaded or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise DomainError(f"{path} must hold a state_dict (names and tensors), not {type(loaded).__name__}")
    wrapped = all(key.startswith("module.") for key in loaded)
    return {key.removeprefix("module.") if wrapped else key: value for key, value in loaded.items()}


def _require_fit(wanted: Mapping[str, Tensor], given: Mapping[str, Tensor], path: Path) -> None:
    """Raise an error that lists the first keys and shapes that differ."""
    counters = {key for key in wanted if key.endswith("num_batches_tracked")}
    differences = {
        "missing": [key for key in wanted if key not in given and key not in counters],
        "not in the network": [key for key in given if key not in wanted],
        "(shapes differ)": [
            f"{key} {tuple(given[key].shape)} instead of {tuple(tensor.shape)}"
            for key, tensor in wanted.items()
            if key in given and given[key].shape != tensor.shape
        ],
    }
    parts = [f"{_shortened(keys)} {kind}" for kind, keys in differences.items() if keys]
    if parts:
        raise ShapeError(f"the weights in {path} do not fit the network: {'; '.join(parts)}")


def _shortened(keys: list[str]) -> str:
    """Return the first keys in one line."""
    more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more
