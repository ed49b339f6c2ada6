"""Two models of neurons in mouse primary visual cortex, as a model file for fvproof: 7,776 units, each for one neuron.

    fvproof audit mouse_v1.py:ln --weights mouse_v1_ln.pt --images stimuli --domain ball
    fvproof audit mouse_v1.py:sota --weights mouse_v1_sota.pt --images stimuli --domain ball --units response:0-15

For the weights of the linear-nonlinear model and of the deep baseline of the Sensorium 2022 challenge (Willeke et al.,
2022). Rebuilt from the names and shapes of the weights. A stimulus is one grey picture of 36 × 64 pixels in [0, 1]. The
models read it standardized; mean and deviation come with the recordings, and here are those of natural images.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS, NEURONS, MOUSE = 64, 7776, "26872-17-20"
MEAN, DEVIATION = 0.45, 0.25
"""Of the grey values of natural images, so that stimuli in [0, 1] come out standardized, roughly."""


class Filters(nn.Module):
    """A convolution of 9×9 that looks at the stimulus, and normalization."""

    def __init__(self, channels: int, *, nonlinear: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 9, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.link = nn.ELU() if nonlinear else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.link(self.norm(self.conv(x)))


class Separable(nn.Module):
    """A convolution of 1×1, one of 7×7 in each channel by itself, and one of 1×1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_depth_conv = nn.Conv2d(channels, channels, 1, bias=False)
        self.spatial_conv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels, bias=False)
        self.out_depth_conv = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_depth_conv(self.spatial_conv(self.in_depth_conv(x)))


class Hidden(nn.Module):
    """A separable convolution, and normalization."""

    def __init__(self, channels: int, *, nonlinear: bool) -> None:
        super().__init__()
        self.ds_conv = Separable(channels)
        self.norm = nn.BatchNorm2d(channels)
        self.link = nn.ELU() if nonlinear else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.link(self.norm(self.ds_conv(x)))


class Penalty(nn.Module):
    """A filter that only training used; it has its place so that the names of the weights fit."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", torch.zeros(1, 1, 3, 3))


class Core(nn.Module):
    """What all neurons share: filters and hidden layers, one after the other."""

    def __init__(self, channels: int, hidden: int, *, nonlinear: bool) -> None:
        super().__init__()
        self.features = nn.Sequential()
        self.features.add_module("layer0", Filters(channels, nonlinear=nonlinear))
        for i in range(hidden):
            self.features.add_module(f"layer{i + 1}", Hidden(channels, nonlinear=nonlinear))
        self._input_weights_regularizer = nn.ModuleDict({"laplace": Penalty()})

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x)


class Readout(nn.Module):
    """Each neuron looks at one place of the core's channels, which depends on where it lies in cortex, and adds up."""

    def __init__(self, channels: int, neurons: int) -> None:
        super().__init__()
        self.mu_transform = nn.Sequential(nn.Linear(2, 30), nn.ELU(), nn.Linear(30, 2), nn.Tanh())
        self._features = nn.Parameter(torch.randn(1, channels, 1, neurons) / channels)
        self.bias = nn.Parameter(torch.zeros(neurons))
        self.register_buffer("source_grid", 2 * torch.rand(neurons, 2) - 1)
        self.register_buffer("sigma", torch.zeros(1, neurons, 2, 2))  # how places were jittered in training

    def forward(self, x: Tensor) -> Tensor:
        places = self.mu_transform(self.source_grid)[None, None].expand(len(x), -1, -1, -1)
        seen = functional.grid_sample(x, places, align_corners=True)  # (N, channels, 1, neurons)
        return (seen * self._features).sum((1, 2)) + self.bias


class Response(nn.Module):
    """A response cannot be negative: ELU(drive) + 1, which is exp(drive) below 0 and 1 + drive above."""

    def forward(self, drive: Tensor) -> Tensor:
        return functional.elu(drive) + 1


class MouseV1(nn.Module):
    """Core, readout and response; the layer `response` has the neurons, `readout` what drives them."""

    input_shape = (1, 36, 64)

    def __init__(self, hidden: int, *, nonlinear: bool, channels: int = CHANNELS, neurons: int = NEURONS) -> None:
        super().__init__()
        self.core = Core(channels, hidden, nonlinear=nonlinear)
        self.readout = nn.ModuleDict({MOUSE: Readout(channels, neurons)})
        self.response = Response()

    def forward(self, stimuli: Tensor) -> Tensor:
        return self.response(self.readout[MOUSE](self.core((stimuli - MEAN) / DEVIATION)))


def ln() -> MouseV1:
    """Return the linear-nonlinear model: each unit is a weighted sum of pixels, and then a curve that rises."""
    return MouseV1(2, nonlinear=False)


def sota() -> MouseV1:
    """Return the deep model: the same with one more layer, and a nonlinearity after each."""
    return MouseV1(3, nonlinear=True)
