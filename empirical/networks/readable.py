"""Units whose visualizations can be read, by structure: cosine units and prototype units.

What the theory grants to ridge and radial functions (`fvproof.theory.witnesses.profile`) holds for units that see the
image itself.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

SMALLEST = 1e-6
"""Shorter images count as this long: the black image has the cosine 0."""


class Cosine(nn.Module):
    """Units ``u_j(x) = cos(w_j, x) = ⟨w_j, x⟩ / (‖w_j‖ ‖x‖)``, in [−1, 1].

    For images with pixels in [0, 1], the greatest value ``M = ‖w⁺‖/‖w‖`` is that of ``b ∝ w⁺``, the least,
    ``m = −‖w⁻‖/‖w‖``, that of ``a ∝ w⁻`` (if w has entries of both signs). So the visualization determines the unit::

        u(x) = M cos(b, x) + m cos(a, x)

    Parameters
    ----------
    inputs, units
        Their numbers.

    Examples
    --------
    >>> layer = Cosine(3, 2)
    >>> x = torch.rand(1, 3)
    >>> torch.allclose(layer(x), layer(5 * x))
    True
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, inputs) / inputs**0.5)

    @override
    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, dim=1, eps=SMALLEST) @ F.normalize(self.weight, dim=1).T


class Prototype(nn.Module):
    """Units ``u_j(x) = −‖x − p_j‖``, the prototypes p_j within [0, 1].

    The greatest value, M = 0, is that of ``b = p``, and the least, m, that of a far corner a of the cube::

        u(x) = M − (M − m) ‖x − b‖ / ‖a − b‖

    Parameters
    ----------
    inputs, units
        Their numbers.

    Examples
    --------
    >>> layer = Prototype(3, 2)
    >>> layer(layer.prototypes).diagonal().abs().max().item() < 2e-3
    True
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, inputs))

    @property
    def prototypes(self) -> Tensor:
        """The prototypes, (units, inputs)."""
        return torch.sigmoid(self.weight)

    @override
    def forward(self, x: Tensor) -> Tensor:
        squares = (x[:, None] - self.prototypes).square().sum(2)
        return -(squares + SMALLEST).sqrt()  # of 0, the root has no gradient
