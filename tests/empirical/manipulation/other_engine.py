"""An engine that shares nothing with the package's: momentum on a pyramid of grids, plain gradients, rolled images."""

import torch
from torch.nn import functional


def look(model, layer, channels, *, steps=80, rate=0.15, seed=11):
    """Return the images that ascent finds for channels of a layer, and their activations before any motion."""
    random = torch.Generator().manual_seed(seed)
    channels, (depth, height, width) = torch.tensor(list(channels)), model.shape
    sides = [(height, width), (-(-height // 2), -(-width // 2)), (-(-height // 4), -(-width // 4))]
    grids = [(0.02 * torch.randn(len(channels), depth, *side, generator=random)).requires_grad_() for side in sides]
    speeds = [torch.zeros_like(grid) for grid in grids]

    def picture():
        return torch.sigmoid(
            sum(functional.interpolate(grid, (height, width), mode="bilinear", align_corners=False) for grid in grids)
        )

    def activation(images):
        seen = []
        handle = model.network.get_submodule(layer).register_forward_hook(lambda _m, _i, output: seen.append(output))
        try:
            model(images)
        finally:
            handle.remove()
        output = seen[0].flatten(2).mean(2) if seen[0].dim() == 4 else seen[0]
        return output[torch.arange(len(images)), channels]

    for _ in range(steps):
        shift = torch.randint(-1, 2, (2,), generator=random).tolist()
        gain = activation(picture().roll(shift, (2, 3))).sum()
        for grid, speed, slope in zip(grids, speeds, torch.autograd.grad(gain, grids), strict=True):
            length = slope.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1) / slope[0].numel() ** 0.5
            speed.mul_(0.8).add_(slope / length, alpha=0.2)
            grid.data.add_(speed, alpha=rate)
    with torch.no_grad():
        return picture(), activation(picture())
