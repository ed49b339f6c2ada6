"""Networks read from files into the form that is searched and checked: ONNX, `.nnet`, and the package's exact JSON."""

import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from fvproof.theory.errors import DomainError, ShapeError
from fvproof.theory.network import Layer, ReluNetwork
from fvproof.theory.witnesses.memorising import Memorising
from fvproof.verify.files.disk import contents
from fvproof.verify.files.floats import MOST_WEIGHTS, as_network, obstacle
from fvproof.verify.files.formats import read_function
from fvproof.verify.files.nnet import nnet_maps
from fvproof.verify.files.onnx_graph import onnx_maps, onnx_steps
from fvproof.verify.files.onnx_traced import is_large
from fvproof.verify.graphs.network import NetworkGraph, graph_of
from fvproof.verify.layered import AffineMap, LayeredNetwork, compact

Read = tuple[Sequence[AffineMap], bytes, int]
"""The maps in a file, what it has in other files, and how many of its numbers are rounded."""


def read_layered(path: Path) -> LayeredNetwork:
    """Return the network in a file, every number exact.

    Parameters
    ----------
    path
        An ONNX file (affine operators and ReLU), a `.nnet` file (inputs and outputs as the weights see
        them: normalised), or the package's own JSON.

    Raises
    ------
    DomainError, ShapeError
        If the file cannot be read, is cut short, or holds an operator that is not piecewise affine in this sense: the
        message names the operator and the node.
    """
    return layered_from_bytes(path, contents(path))


def layered_from_bytes(path: Path, data: bytes) -> LayeredNetwork:
    """Return the network in the contents of a file; the path says of what kind it is.

    Its digest is the SHA-256 of the contents; where an ONNX file has weights in other files, that of two digests: of
    the contents, and of these weights in order.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DomainError(f"a network must be a file {', '.join(READERS)}, not {path.name}")
    try:
        maps, further, rounded = reader(path, data)
        return LayeredNetwork(tuple(maps), _digest(data, further), rounded)
    except (DomainError, ShapeError) as error:
        raise type(error)(f"{path.name}: {error}") from None


def read_graph(path: Path) -> NetworkGraph:
    """Return the network in a file as a graph, every number exact: convolutions are not unrolled.

    Parameters
    ----------
    path
        As for `read_layered`.

    Raises
    ------
    DomainError, ShapeError
        As `read_layered` does.
    """
    return graph_from_bytes(path, contents(path))


def graph_from_bytes(path: Path, data: bytes) -> NetworkGraph:
    """Return the network in the contents of a file as a graph; its digest is that of `layered_from_bytes`."""
    if path.suffix.lower() != ".onnx":
        return graph_of(layered_from_bytes(path, data))
    try:
        steps, further, rounded, shape = onnx_steps(path, data)
        return NetworkGraph(tuple(steps), _digest(data, further), rounded, shape)
    except (DomainError, ShapeError) as error:
        raise type(error)(f"{path.name}: {error}") from None


def read_either(path: Path, data: bytes) -> LayeredNetwork | NetworkGraph:
    """Return the network in the contents of a file in the form in which it is searched.

    Small networks are chains of matrices; those with large convolutions, or with branches that are too wide to be put
    side by side, are graphs.
    """
    if path.suffix.lower() != ".onnx":
        return layered_from_bytes(path, data)
    graph = graph_from_bytes(path, data)
    if is_large(graph.steps):
        return graph
    try:
        return layered_from_bytes(path, data)
    except ShapeError:
        return graph


def _digest(data: bytes, further: bytes) -> str:
    """Return the digest of a file's contents and further ones, between which it tells where the former end."""
    if further:
        data = b"".join(hashlib.sha256(part).digest() for part in (data, further))
    return hashlib.sha256(data).hexdigest()


def layered_from(maps: Sequence[tuple[np.ndarray, np.ndarray]]) -> LayeredNetwork:
    """Return the network with a ReLU between each affine map (weights, biases) and the next, arrays of any float type.

    Its digest is the SHA-256 of the numbers in doubles, layer by layer, weights row by row before biases.

    Examples
    --------
    >>> layered_from([(np.eye(2, dtype=np.float32), np.zeros(2))]).dimension
    2
    """
    doubles = [AffineMap(np.asarray(w, dtype=np.float64), np.asarray(b, dtype=np.float64)) for w, b in maps]
    digest = hashlib.sha256()
    for affine in doubles:
        digest.update(np.ascontiguousarray(affine.weights).tobytes() + np.ascontiguousarray(affine.biases).tobytes())
    return LayeredNetwork(tuple(doubles), digest.hexdigest())


def layered(network: ReluNetwork, digest: str = "") -> LayeredNetwork:
    """Return an exact network in the form that is searched, without rounding."""
    maps, inputs = [], network.dimension
    for layer in network.layers:
        maps.append(_dense(layer, inputs))
        inputs = len(layer.rows)
    return LayeredNetwork(tuple(maps), digest)


def _dense(layer: Layer, inputs: int) -> AffineMap:
    """Return an affine map with sparse rows as matrices.

    Raises
    ------
    DomainError
        If the matrix would have more than 2^27 numbers.
    """
    if len(layer.rows) * inputs > MOST_WEIGHTS:
        raise DomainError(f"a layer of {inputs} inputs and {len(layer.rows)} outputs has more than 2^27 weights")
    weights = np.full((len(layer.rows), inputs), Fraction(0), dtype=object)
    for j, row in enumerate(layer.rows):
        for i, weight in row.items():
            weights[j, i] = weight
    return AffineMap(compact(weights), compact(np.array(layer.biases, dtype=object)))


def _read_nnet(_path: Path, data: bytes) -> Read:
    """Return the maps of a `.nnet` file, which is whole."""
    return nnet_maps(data), b"", 0


def _read_json(path: Path, _data: bytes) -> Read:
    """Return the maps of a network in the package's exact JSON."""
    function = read_function(path)
    network = as_network(function)
    if network is None:
        raise DomainError(f"the function is not searched as a network: {obstacle(function)}")
    return layered(network.network() if isinstance(network, Memorising) else network).maps, b"", 0


READERS: dict[str, Callable[[Path, bytes], Read]] = {
    ".onnx": onnx_maps,
    ".nnet": _read_nnet,
    ".json": _read_json,
}
"""Readers by the file's ending."""
