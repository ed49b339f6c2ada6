"""Exact networks as torch modules, and as torch export files that need none of this package."""

import json
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.theory.errors import DomainError
from fvproof.theory.network import ReluNetwork
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.verify.files.disk import writing
from fvproof.verify.files.floats import Network, rounded, rounded_layer, rounded_point

GRAPH, UNIQUE = "/models/model.json", "/.data/serialization_id"
"""Parts of a torch export file: the graph, and a digest of all parts."""
MOST_GRAPH = 1 << 20
"""A part may be so many bytes larger than twice the largest of one's own."""


class Spikes(nn.Module):
    """The memorising network `β + Σ_j (v_j − β)·ReLU(1 − k·‖z − c_j‖₁)`, in memory of d numbers for each centre.

    The distances are taken with ReLUs, |t| = ReLU(t) + ReLU(−t), one centre at a time.

    Parameters
    ----------
    network
        The exact network; each of its numbers is rounded to the nearest number of the dtype.
    dtype
        `torch.float64` or `torch.float32`.

    Source
    ------
    Geirhos et al., ICML 2024, Lemmas 1 and 2.
    """

    def __init__(self, network: Memorising, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        kind = _numpy(dtype)
        rises = [value - network.base for value in network.values]
        centres = np.stack([rounded_point(centre, kind) for centre in network.centres])
        self.register_buffer("centres", torch.from_numpy(centres))
        self.register_buffer("rises", torch.from_numpy(rounded(rises, kind)))
        self.register_buffer("base", torch.from_numpy(rounded([network.base], kind)))
        self.register_buffer("sharpness", torch.from_numpy(rounded([network.sharpness], kind)))

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the values, (N, 1), of inputs whose entries are in the centres' order, (N, ...)."""
        z = images.flatten(1)
        gaps = [(torch.relu(z - c) + torch.relu(c - z)).sum(1) for c in self.get_buffer("centres")]
        spikes = torch.relu(1 - self.get_buffer("sharpness") * torch.stack(gaps, 1))
        return (spikes * self.get_buffer("rises")).sum(1, keepdim=True) + self.get_buffer("base")


def module(network: Network, *, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return an exact network as a torch module in evaluation mode: inputs (N, d) or (N, C, H, W), outputs (N, 1).

    A `ReluNetwork` becomes `Flatten`, `Linear`, `ReLU`, `Linear`, ...; a memorising network becomes `Spikes`. Each
    number is rounded to the nearest double (then to the dtype); `fvproof.verify.files.floats.is_exact` says whether
    that changes any.

    Parameters
    ----------
    network
        A network of d inputs; images are flattened in the order C, H, W.
    dtype
        `torch.float64` or `torch.float32`.

    Raises
    ------
    DomainError
        If a number is too large for the dtype, or a layer would need a matrix of more than 2^27 numbers.

    Examples
    --------
    >>> from fvproof.theory.witnesses.memorising import memorise
    >>> f = module(memorise([[0, 0], [1, 1], ["1/2", 0]], [0, 1, "3/4"], base="1/2"))
    >>> f(torch.tensor([[0, 0], [1, 1], [0.5, 0], [0, 1]], dtype=torch.float64)).flatten().tolist()
    [0.0, 1.0, 0.75, 0.5]
    """
    built = Spikes(network, dtype) if isinstance(network, Memorising) else _sequential(network, _numpy(dtype))
    return built.eval().requires_grad_(requires_grad=False)


def export(function: nn.Module, path: Path, *, shape: Sequence[int]) -> None:
    """Write a module of doubles as a torch export file (.pt2), for batches of any size.

    `torch.export.load(path).module()` gives it back without this package.

    Parameters
    ----------
    function
        A module with inputs `(N, *shape)` in float64.
    path
        The file to write.
    shape
        The shape of one input, such as (3, 224, 224).

    Raises
    ------
    DomainError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from fvproof.theory.witnesses.memorising import memorise
    >>> with TemporaryDirectory() as folder:
    ...     export(module(memorise([[0, 0], [1, 1]], [0, 1], base="1/2")), Path(folder, "f.pt2"), shape=(2,))
    ...     torch.export.load(Path(folder, "f.pt2")).module()(torch.ones(1, 2, dtype=torch.float64)).item()
    1.0
    """
    example = torch.zeros(2, *shape, dtype=torch.float64)
    batches = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(function, (example,), dynamic_shapes=batches, strict=False)
    with writing(path):
        torch.export.save(program, path)


def same_export(one: Path, other: Path) -> bool | None:
    """Return whether two torch export files hold the same, without loading them, which could run code.

    They are compared part by part; in the graph, where in the source an operation stands does not count. If different
    versions of torch wrote different graphs, nothing is decided: None.

    Parameters
    ----------
    one, other
        The files; the second is one's own.
    """
    try:
        with ZipFile(one) as left, ZipFile(other) as right:
            if sorted(left.namelist()) != sorted(right.namelist()):
                return False
            most = 2 * max(info.file_size for info in right.infolist()) + MOST_GRAPH
            if any(info.file_size > most for info in left.infolist()):
                return False
            differ = [name for name in right.namelist() if left.read(name) != right.read(name)]
            graphs = [json.loads(a.read(name)) for name in differ if name.endswith(GRAPH) for a in (left, right)]
    except (BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return False
    if not graphs or any(not name.endswith((GRAPH, UNIQUE)) for name in differ):
        return not differ
    return _same_graph(*graphs)


def _same_graph(one: object, other: object) -> bool | None:
    """Return whether two graphs are the same but for where in the source they stand; None if versions differ."""
    if _without_places(one) == _without_places(other):
        return True
    versions = [graph.get("torch_version") if isinstance(graph, dict) else None for graph in (one, other)]
    return False if versions[0] == versions[1] else None


def _without_places(graph: object) -> object:
    """Return a graph without the places in the source from which it comes."""
    if isinstance(graph, dict):
        return {key: _without_places(value) for key, value in graph.items() if key != "stack_trace"}
    return [_without_places(value) for value in graph] if isinstance(graph, list) else graph


def _sequential(network: ReluNetwork, dtype: np.dtype) -> nn.Sequential:
    """Return Flatten, then Linear layers with ReLUs between them."""
    sizes = pairwise([network.dimension, *(len(layer.rows) for layer in network.layers)])
    linear = [_linear(*rounded_layer(layer, n, dtype)) for layer, (n, _) in zip(network.layers, sizes, strict=True)]
    rest = [part for layer in linear[1:] for part in (nn.ReLU(), layer)]
    return nn.Sequential(nn.Flatten(), linear[0], *rest)


def _linear(matrix: np.ndarray, biases: np.ndarray) -> nn.Linear:
    """Return the affine map with this matrix and these biases."""
    layer = nn.Linear(matrix.shape[1], matrix.shape[0], device="meta")  # no memory, no random numbers
    layer.weight = nn.Parameter(torch.from_numpy(matrix))
    layer.bias = nn.Parameter(torch.from_numpy(biases))
    return layer


def _numpy(dtype: torch.dtype) -> np.dtype:
    """Return numpy's name for a float dtype of torch."""
    if dtype not in (torch.float64, torch.float32):
        raise DomainError(f"the dtype must be torch.float64 or torch.float32, not {dtype}")
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)
