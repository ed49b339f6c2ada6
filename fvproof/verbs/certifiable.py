"""The networks that `fv.certify` takes: files that hold exact numbers, and torch networks, written as ONNX."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvproof.theory.errors import DomainError
from fvproof.verify.files.disk import contents
from fvproof.verify.files.readers import READERS, graph_from_bytes, read_either
from fvproof.verify.graphs.network import NetworkGraph, graph_of
from fvproof.verify.layered import LayeredNetwork

if TYPE_CHECKING:
    from fvproof.empirical.networks.model import Model
    from fvproof.verbs.subject import Given


@dataclass(frozen=True, slots=True, eq=False)
class Certifiable:
    """A network that can be certified, and the file that a certificate of it is about.

    Attributes
    ----------
    layers
        The network, its numbers taken as exact: a chain of matrices, or a graph where it is large.
    path
        Its file.
    data
        What that holds if it is ONNX.
    about
        What the user calls the network and its unit, where it is a torch network.
    """

    layers: LayeredNetwork | NetworkGraph
    path: Path
    data: bytes | None
    about: dict[str, str]

    def graph(self) -> NetworkGraph:
        """Return the network as a graph."""
        if isinstance(self.layers, NetworkGraph):
            return self.layers
        return graph_of(self.layers) if self.data is None else graph_from_bytes(self.path, self.data)

    @property
    def exported(self) -> bool:
        """Whether the file is yet to be written."""
        return bool(self.about)

    def write(self, path: Path) -> None:
        """Write an exported network.

        Raises
        ------
        DomainError
            If the file cannot be written.
        """
        from fvproof.empirical.keeping.store import open_store, write_atomically

        if self.data is not None:
            write_atomically(open_store(path.parent) / path.name, self.data)


def certifiable(network: "Given", path: Path, *, unit: str | None, output: int, reading: dict[str, Any]) -> Certifiable:
    """Return a network that can be certified.

    Parameters
    ----------
    network
        A file (.onnx, .nnet, .json), or anything that `fv.model` takes: an nn.Sequential of affine layers,
        convolutions and ReLUs.
    path
        Where a torch network will be written.
    unit
        Of a torch network: a unit of any layer, instead of an output.
    output
        Which output.
    reading
        Of a torch network: ``weights`` and ``shape``, None where they are not given.

    Raises
    ------
    FvproofError
        If there is no such network or unit, or it has another layer.
    """
    given = {name: value for name, value in reading.items() if value is not None}
    if isinstance(network, str | Path) and Path(network).suffix.lower() in READERS:
        if options := ["unit"] * (unit is not None) + list(given):
            raise DomainError(f"{', '.join(options)} can only be given for a torch model, and {network} is a file")
        data = contents(file := Path(network))
        return Certifiable(read_either(file, data), file, data if file.suffix.lower() == ".onnx" else None, {})
    model = _model(network, given)
    data = _exported(model, unit, output)
    named = {"model": str(network) if isinstance(network, str | Path) else model.name}
    return Certifiable(read_either(path, data), path, data, named | ({"unit": unit} if unit else {}))


def _model(network: "Given", reading: dict[str, Any]) -> "Model":
    """Return the torch network; images are not needed, and not loaded.

    One of vectors, which begins with an affine layer, becomes one of images with a single row; its layers keep names.
    """
    if isinstance(network, str | Path):
        from fvproof.empirical.networks.zoo import load_model  # torch only when it is needed

        return load_model(str(network), **reading)
    from torch import nn

    from fvproof.verbs.subject import model

    shape = reading.get("shape", ())
    first = next(iter(network), None) if isinstance(network, nn.Sequential) else None
    if isinstance(network, nn.Sequential) and isinstance(first, nn.Linear) and len(shape) < 2:
        reading = reading | {"shape": (1, 1, *(shape or (first.in_features,)))}
        network = nn.Sequential(OrderedDict(flat=nn.Flatten(), **dict(network.named_children())))
    return model(network, **reading).model


def _exported(model: "Model", unit: str | None, output: int) -> bytes:
    """Return a torch network, or its part up to a unit, as the contents of an ONNX file."""
    from fvproof.empirical.networks.graph_files import model_onnx  # torch only when it is needed
    from fvproof.empirical.networks.units import parse_units

    if unit is None:
        return model_onnx(model)
    units = parse_units(unit, model)
    if len(units) != 1 or output:
        raise DomainError(f"unit must name one unit, and goes without output; received {unit!r}")
    return model_onnx(model, units[0])
