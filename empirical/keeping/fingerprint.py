"""Digests of what a result depends on: the network, the images, the settings, and the code that computed it."""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import device_of, frozen
from fvproof.theory import errors


def fingerprint(*parts: object) -> str:
    """Return a digest of values: arrays by type, shape and content, bytes as they are, anything else as JSON.

    Examples
    --------
    >>> fingerprint("conv1", 3) == fingerprint("conv1", 3), fingerprint("conv1", 3) == fingerprint("conv13")
    (True, False)
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            head, body = f"{part.dtype.str}{part.shape}", np.ascontiguousarray(part).tobytes()
        elif isinstance(part, bytes):
            head, body = "bytes", part
        else:
            head, body = "json", json.dumps(part, sort_keys=True).encode()
        digest.update(f"{head}:{len(body)}:".encode())
        digest.update(body)
    return digest.hexdigest()


def model_fingerprint(model: Model) -> str:
    """Return a digest of a network: its weights, modules, given axes, and how it reads and answers one fixed image.

    The answer, to three digits, tells networks apart that differ in their code only.

    Examples
    --------
    >>> from torch import nn
    >>> plain = Model("plain", nn.Flatten(), (1, 2, 2))
    >>> scaled = Model("scaled", nn.Flatten(), (1, 2, 2), normalize=lambda images: 2 * images)
    >>> model_fingerprint(plain) == model_fingerprint(scaled)
    False
    """
    image = torch.rand(1, *model.shape, generator=torch.Generator().manual_seed(0)).to(device_of(model))
    with frozen(model.network), torch.no_grad():
        read, answer = model.normalize(image), model(image).cpu().double()
    digits = [f"{value:.3g}" for value in (answer.mean().item(), answer.square().mean().sqrt().item())]
    tensors = {**dict(model.network.named_parameters()), **dict(model.network.named_buffers())}
    weights = [part for name, tensor in sorted(tensors.items()) for part in (name, _array(tensor))]
    axes = [list(model.axes.items())] if model.axes else []
    return fingerprint(str(model.network), list(model.shape), _array(read), digits, *axes, *weights)


def _array(tensor: Tensor) -> np.ndarray:
    """Return the tensor's values as an array; of types that NumPy has not, such as bfloat16, as float32."""
    dense = tensor.detach().to_dense() if tensor.layout != torch.strided else tensor.detach()
    try:
        return dense.cpu().resolve_conj().numpy()
    except TypeError:
        return dense.float().cpu().numpy()


@cache
def code_fingerprint() -> str:
    """Return a digest of all code that computes results: of other code, none are taken for these."""
    rooms = (Path(__file__).parents[1], Path(errors.__file__).parent)
    sources = [source.read_bytes() for room in rooms for source in sorted(room.rglob("*.py"))]
    return fingerprint(torch.__version__, *sources)
