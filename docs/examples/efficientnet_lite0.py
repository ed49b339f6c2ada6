"""EfficientNet-Lite0, as a model file for fvproof.

    fvproof audit efficientnet_lite0.py:efficientnet_lite0 --weights lite0.pt --images imagenet --out audit

The network of Tan and Le 2019 as Google made it for phones: inverted residuals, ReLU6, no squeeze-and-excitation. Names
and shapes are those of its published PyTorch weights. The module reads RGB images in [0, 1] and scales them itself.
"""

from torch import Tensor, nn
from torch.nn import functional

STAGES = (
    # blocks, kernel size, stride, widening, channels out
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM, HEAD, CLASSES = 32, 1280, 1000


def same(x: Tensor, convolution: nn.Conv2d) -> Tensor:
    """Return the convolution of x padded so that ceil(pixels / stride) come out, an odd pixel right and below.

    This is "same" of TensorFlow, where the weights were trained; torch's own padding is symmetric.
    """
    size, stride = convolution.kernel_size[0], convolution.stride[0]
    rows, columns = (max((-(-pixels // stride) - 1) * stride + size - pixels, 0) for pixels in x.shape[2:])
    around = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
    return convolution(functional.pad(x, around))


def norm(channels: int) -> nn.BatchNorm2d:
    """Return batch normalization with the constant that the weights were trained with."""
    return nn.BatchNorm2d(channels, eps=1e-3)


class Block(nn.Module):
    """Widen (1×1), filter every channel by itself, narrow (1×1); add the input where the shapes agree."""

    def __init__(self, channels_in: int, channels_out: int, size: int, stride: int, widening: int) -> None:
        super().__init__()
        width = widening * channels_in
        self.widens, self.adds = widening > 1, stride == 1 and channels_in == channels_out
        if self.widens:
            self._expand_conv = nn.Conv2d(channels_in, width, 1, bias=False)
            self._bn0 = norm(width)
        self._depthwise_conv = nn.Conv2d(width, width, size, stride, groups=width, bias=False)
        self._bn1 = norm(width)
        self._project_conv = nn.Conv2d(width, channels_out, 1, bias=False)
        self._bn2 = norm(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self.widens else x
        y = functional.relu6(self._bn1(same(y, self._depthwise_conv)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


def blocks() -> nn.ModuleList:
    """Return the sixteen blocks; the first of a stage changes the width and may halve the resolution."""
    made, channels = [], STEM
    for count, size, stride, widening, channels_out in STAGES:
        for number in range(count):
            made.append(Block(channels, channels_out, size, 1 if number else stride, widening))
            channels = channels_out
    return nn.ModuleList(made)


class EfficientNetLite(nn.Module):
    """A convolution of 3×3, sixteen blocks, 1×1 to 1280 channels, global average, one linear layer of 1000 classes."""

    input_shape = (3, 224, 224)

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, STEM, 3, stride=2, bias=False)
        self._bn0 = norm(STEM)
        self._blocks = blocks()
        self._conv_head = nn.Conv2d(STAGES[-1][-1], HEAD, 1, bias=False)
        self._bn1 = norm(HEAD)
        self._fc = nn.Linear(HEAD, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        x = functional.relu6(self._bn0(same((255 * images - 127) / 128, self._conv_stem)))
        for block in self._blocks:
            x = block(x)
        x = functional.relu6(self._bn1(self._conv_head(x)))
        return self._fc(x.mean((2, 3)))


def efficientnet_lite0() -> EfficientNetLite:
    """Return the network, without the dropout that only training uses."""
    return EfficientNetLite()
