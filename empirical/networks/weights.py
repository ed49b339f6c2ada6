"""Weights from a file into a network: tensors only, never code, and a clear line where they do not fit."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from fvproof.empirical.networks.weight_names import matched
from fvproof.empirical.notices import notify
from fvproof.empirical.pointers import require_itself
from fvproof.empirical.unpickling import unpickled
from fvproof.theory.errors import DomainError

SETS = (
    *("state_dict_ema", "ema_state_dict", "model_ema", "ema", "params_ema", "ema_model", "averaged"),
    *("state_dict", "model_state_dict", "model_state", "model", "net", "network", "params", "weights", "module"),
)
"""Under what names checkpoints hold a network's weights: averaged ones first, which are those to be used."""

DEEPEST = 3
"""So deep in a checkpoint weights are looked for."""

HALVES = (torch.float16, torch.bfloat16)


def load_weights(network: nn.Module, path: Path | str) -> nn.Module:
    """Return the network with the weights of the file in it.

    Parameters
    ----------
    network
        Its parameters and persistent buffers are overwritten.
    path
        `.safetensors`, `.npz` (one array per key), or a state_dict saved by `torch.save`, also inside a checkpoint
        under one of the usual names (`SETS`). Names may have the prefixes of training runs, and weight norms may be in
        any form, see `fvproof.empirical.networks.weight_names.matched`. Half precision is widened to float32.

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
    network.load_state_dict(matched(network.state_dict(), read_tensors(path), path), strict=False)
    return network


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the named tensors of a file, floating-point ones as finite float32.

    Raises
    ------
    DomainError
        If the file cannot be read, wants to run code, or holds numbers that are not finite.
    """
    require_itself(path)
    if not path.is_file():
        raise DomainError(f"there is no weights file {path}")
    match path.suffix:
        case ".safetensors":
            found = _from_safetensors(path)
        case ".npz":
            found = _from_arrays(path)
        case _:
            found = _from_pickle(path)
    if any(value.is_quantized for value in found.values()):
        raise DomainError(f"{path} holds quantized tensors, which have no gradients: give the weights as before that")
    if any(value.dtype in HALVES for value in found.values()):
        notify(f"the weights in {path} are in half precision, and become float32")
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
        loaded = unpickled(path, "weights", "a state_dict, or safetensors")
    except DomainError as error:
        if "TorchScript" in str(error.__cause__):
            told = "is TorchScript, a program with its weights, which is not run: save its state_dict() alone"
            raise DomainError(f"{path} {told}") from error
        raise
    return _chosen(loaded, path)


def _chosen(loaded: object, path: Path) -> dict[str, Tensor]:
    """Return the set of weights in a checkpoint that is meant, and say which if there are several."""
    sets = dict(_sets(loaded, "", 0))
    if not sets:
        there = f", with {', '.join(map(str, [*loaded][:5]))}" if isinstance(loaded, Mapping) and loaded else ""
        kind = "one that is empty" if isinstance(loaded, Mapping) and not loaded else type(loaded).__name__
        raise DomainError(f"{path} must hold a state_dict (names and tensors), not {kind}{there}")
    known = [name for one in SETS for name in sets if name.partition(".")[0] == one]
    if len(sets) > 1 and not known:
        raise DomainError(f"{path} holds several sets of weights, {', '.join(sets)}: save the one that is meant alone")
    name = known[0] if known else next(iter(sets))
    if len(sets) > 1:
        notify(f"of the weights in {path}, under {', '.join(sets)}, those under {name} are taken")
    return sets[name]


def _sets(loaded: object, path: str, depth: int) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """Yield the sets of named tensors in a checkpoint with their places: the innermost dictionaries that hold some."""
    if not isinstance(loaded, Mapping) or depth > DEEPEST or not all(isinstance(key, str) for key in loaded):
        return
    inner = [found for key, one in loaded.items() for found in _sets(one, f"{path}.{key}" if path else key, depth + 1)]
    tensors = {key: one for key, one in loaded.items() if isinstance(one, Tensor)}
    if inner:
        yield from inner
    elif tensors:
        yield path, tensors
