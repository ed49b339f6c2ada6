"""The loop that everybody writes first, as a peer to time: torch alone, the steps that lucent takes."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from fvproof.empirical.maximization.parametrization import parametrization
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Unit
from fvproof.empirical.networks.probing import device_of, frozen


def plain_images(model: Model, units: Sequence[Unit], steps: int) -> Tensor:
    """Return what the usual loop finds for units of one layer in one batch.

    Fourier image; padding, jitter, scaling, rotation and jitter as five operations; the whole network in float32, its
    weights frozen; a hook on the layer; Adam; the loss is read at each step.
    """
    device = device_of(model)
    code = parametrization("fourier", model.shape, device)
    draws = torch.Generator().manual_seed(0)
    values = torch.stack([code.initial(draws) for _ in units]).requires_grad_()
    optimizer, outputs, side = torch.optim.Adam([values], lr=0.05), [], model.shape[1]
    layer = model.network.get_submodule(units[0].layer)
    hook = layer.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    try:
        with frozen(model.network):
            for _ in range(steps):
                optimizer.zero_grad()
                model(functional.interpolate(_moved(code.decode(values)), (side, side), mode="bilinear"))
                loss = -torch.stack(
                    [_activation(outputs[-1], row, unit.channel) for row, unit in enumerate(units)]
                ).sum()
                loss.backward()
                optimizer.step()
                loss.item()
                outputs.clear()
    finally:
        hook.remove()
    return code.decode(values.detach())


def _activation(output: Tensor, row: int, channel: int) -> Tensor:
    """Return the mean over positions: of maps `(N, C, H, W)`, of tokens `(N, T, C)`."""
    return output[row, :, channel].mean() if output.dim() == 3 else output[row, channel].mean()


def _moved(images: Tensor) -> Tensor:
    """Return the images padded, jittered, scaled, turned and jittered."""
    padded = functional.pad(images, (12, 12, 12, 12), value=0.5)
    scaled = functional.interpolate(_jittered(padded, 8), scale_factor=float(1 + 0.1 * (2 * torch.rand(()) - 1)))
    turn = torch.deg2rad(10 * (2 * torch.rand(()) - 1))
    matrix = torch.stack([turn.cos(), -turn.sin(), turn * 0, turn.sin(), turn.cos(), turn * 0]).view(1, 2, 3)
    matrix = matrix.to(images.device).expand(len(images), -1, -1)
    grid = functional.affine_grid(matrix, list(scaled.shape), align_corners=False)
    return _jittered(functional.grid_sample(scaled, grid, align_corners=False), 4)


def _jittered(images: Tensor, most: int) -> Tensor:
    """Return the images without so many rows and columns, taken off at random sides."""
    top, left = torch.randint(most + 1, (2,)).tolist()
    return images[..., top : images.shape[-2] - most + top, left : images.shape[-1] - most + left]
