"""Whether the layers of a network can be looked into: torch can wrap, compile, script and quantize them."""

from collections.abc import Iterator
from itertools import chain

import torch
from torch import Tensor, nn

from fvproof.empirical.networks.model import Model
from fvproof.theory.errors import DomainError


def bare(network: nn.Module) -> nn.Module:
    """Return a network without what torch wraps around it to compute faster: its layers keep their own names.

    Examples
    --------
    >>> type(bare(nn.DataParallel(nn.Linear(2, 2)))).__name__
    'Linear'
    """
    while isinstance(network, (nn.DataParallel, nn.parallel.DistributedDataParallel)) or _compiled(network):
        network = network._orig_mod if _compiled(network) else network.module  # type: ignore[assignment]
    for parent in list(network.modules()):
        parent._compiled_call_impl = None  # set by `module.compile()`
        for name, child in list(parent.named_children()):
            if _compiled(child):
                setattr(parent, name, child._orig_mod)
    return network


def require_layers(model: Model) -> None:
    """Raise DomainError if the network has layers that cannot be looked into, or no numbers."""
    for name, module in model.network.named_modules():
        kind = _closed(module)
        if kind is not None:
            where = f"its layer {name!r} is" if name else "it is"
            raise DomainError(f"{model.name} must be a torch.nn.Module whose layers can be looked into, {where} {kind}")
    if any(tensor.is_meta for tensor in tensors_of(model.network)):
        raise DomainError(f"{model.name} must have weights, some are on the device meta, which holds no numbers")


def _closed(module: nn.Module) -> str | None:
    """Return what a module is that cannot be looked into; None of all others."""
    if isinstance(module, torch.jit.ScriptModule):
        return "TorchScript: give the module that it was made from, or a torch export (.pt2)"
    if ".quantized" in type(module).__module__ or any(tensor.is_quantized for tensor in _own(module)):
        return "quantized, which has no gradients: give the network as it was before"
    if _compiled(module) or getattr(module, "_compiled_call_impl", None) is not None:
        return "compiled: give the module as it was before torch.compile"
    return None


def _own(module: nn.Module) -> Iterator[Tensor]:
    """Yield a module's own parameters and buffers."""
    return chain(module.parameters(recurse=False), module.buffers(recurse=False))


def _compiled(network: nn.Module) -> bool:
    """Return whether a module is what `torch.compile` returns."""
    return hasattr(network, "_orig_mod")


def tensors_of(network: nn.Module) -> Iterator[Tensor]:
    """Yield all parameters and buffers."""
    return chain(network.parameters(), network.buffers())
