"""The parts of a twin, as ordinary modules: a network up to one layer, and a cone on one of its units."""

import torch
from torch import Tensor, nn
from typing_extensions import override

from fvproof.empirical.networks.capturing import capturing
from fvproof.empirical.networks.layers import gives_output
from fvproof.empirical.networks.layouts import layouts
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.probing import resting
from fvproof.empirical.networks.units import Position, responses


class Readout(nn.Module):
    """A network up to one layer: from images in [0, 1] to the activations (N, C) of the layer's units.

    At the network's output layer it is the network itself, and can be exported like any other. At a layer inside, the
    forward pass is stopped there by a hook that is gone after it.
    """

    def __init__(self, model: Model, layer: str, *, position: Position = "mean") -> None:
        super().__init__()
        self.model, self.layer = resting(model), layer
        self.network = self.model.network
        self.position: Position = position
        self.last = gives_output(model, layer)
        self.layout = layouts(model)[layer]

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the activations of all units of the layer."""
        if self.last:
            return responses(self.layout.read(self.model(images), images.shape[0]), self.position)
        with capturing(self.model, [self.layer]) as run:
            return responses(run(images)[self.layer], self.position)


class Cone(nn.Module):
    """Lifts (or lowers) one unit to a value at one image, and less around it, with the slope k.

    Parameters
    ----------
    image
        x, (C, H, W).
    channel
        The unit.
    value
        v.
    slope
        k; negative to lower.
    """

    image: Tensor

    def __init__(self, image: Tensor, channel: int, value: float, slope: float) -> None:
        super().__init__()
        self.register_buffer("image", image)
        self.channel, self.value, self.slope = channel, value, slope

    @override
    def forward(self, activations: Tensor, images: Tensor) -> Tensor:
        """Return the activations (N, C), the unit's raised to the cone where that is higher (or lowered)."""
        distance = (images - self.image).abs().flatten(1).sum(dim=1)
        before, own, after = activations.float().tensor_split((self.channel, self.channel + 1), dim=1)
        cone = (self.value - self.slope * distance)[:, None]
        raised = torch.maximum(own, cone) if self.slope > 0 else torch.minimum(own, cone)
        return torch.cat([before, raised, after], dim=1)


class Changed(nn.Module):
    """A network up to one layer, and then a change to its units that may look at the image; its layer is `unit`."""

    def __init__(self, readout: Readout, unit: nn.Module) -> None:
        super().__init__()
        self.readout, self.unit = readout, unit

    @override
    def forward(self, images: Tensor) -> Tensor:
        """Return the activations of all units of the layer."""
        return self.unit(self.readout(images), images)
