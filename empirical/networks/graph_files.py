"""Any trained network, or its part up to a unit, as an ONNX graph: a certificate is about this file."""

import io
import warnings

import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import find_layer, frozen, resting
from fvproof.empirical.networks.sequential import sequential_onnx
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError
from fvproof.verify.files.onnx_files import INPUT, OPSET, OUTPUT


def model_onnx(model: Model, unit: Unit | None = None) -> bytes:
    """Return an ONNX file of a network: number for number where it is a chain, else as torch's exporter writes it.

    The exporter folds batch norms into convolutions, in the network's own precision: what is certified is the file.

    Parameters
    ----------
    model
        The network.
    unit
        If given, the graph ends at this unit: one channel of a layer, the mean over its positions.

    Raises
    ------
    DomainError
        If torch cannot export the network, or the channel does not exist.
    """
    try:
        return sequential_onnx(model, unit)
    except DomainError:
        if isinstance(model.network, nn.Sequential) and unit is None:
            raise
    if unit is not None:
        find_layer(model.network, unit.layer)
    quiet = resting(model)
    with frozen(quiet.network):
        return _exported(_Part(quiet, unit), quiet)


class _Part(nn.Module):
    """A network from images in [0, 1] to its output, or to one unit."""

    def __init__(self, model: Model, unit: Unit | None) -> None:
        nn.Module.__init__(self)
        self.network, self.model, self.unit = model.network, model, unit

    @override
    def forward(self, images: Tensor) -> Tensor:
        if self.unit is None:
            return self.model(images)
        with capturing(self.model, [self.unit.layer]) as run:
            output = run(images)[self.unit.layer]
        if not 0 <= self.unit.channel < output.shape[1]:
            raise DomainError(
                f"layer {self.unit.layer!r} has units 0 to {output.shape[1] - 1}, received {self.unit.channel}"
            )
        return (
            output[:, self.unit.channel].flatten(1).mean(dim=1, keepdim=True)
            if output.dim() > 2
            else output[:, self.unit.channel : self.unit.channel + 1]
        )


def _exported(part: nn.Module, model: Model) -> bytes:
    """Return what torch's exporter writes for one image."""
    file, image = io.BytesIO(), torch.zeros(1, *model.shape)
    try:
        with warnings.catch_warnings(action="ignore"), torch.no_grad():
            torch.onnx.export(
                part.eval(),
                (image,),
                file,  # type: ignore[arg-type]
                input_names=[INPUT],
                output_names=[OUTPUT],
                opset_version=OPSET,
                dynamo=False,
            )
    except DomainError:
        raise
    except Exception as error:  # noqa: BLE001  the exporter raises whatever it likes
        reason = str(error).strip().split("\n")[0]
        raise DomainError(f"{model.name} cannot be exported as a graph: {reason}") from None
    return file.getvalue()
