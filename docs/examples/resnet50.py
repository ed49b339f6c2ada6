"""The residual network of 50 layers of He et al. 2015, in torchvision's layout, as a model file for fvproof.

    fvproof audit resnet50.py:resnet50 --weights resnet50.npz --images folder --out audit

For weights whose names and shapes are those of torchvision's `resnet50`, where torchvision itself is not wanted. The
module reads images in [0, 1]: it standardizes them itself, with buffers that are not part of its state_dict.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

EXPANSION = 4


class Bottleneck(nn.Module):
    """Convolutions of 1×1, 3×3 (which may have a stride) and 1×1, and a shortcut that fits."""

    def __init__(self, channels_in: int, width: int, stride: int) -> None:
        super().__init__()
        channels_out = EXPANSION * width
        self.conv1 = nn.Conv2d(channels_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, channels_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.downsample = None
        if stride > 1 or channels_in != channels_out:
            shortcut = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(channels_out))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        return functional.relu(self.bn3(self.conv3(y)) + shortcut)


class ResNet(nn.Module):
    """A convolution of 7×7, a pool, four stages of 64, 128, 256 and 512 channels, global average, one linear layer."""

    input_shape = (3, 224, 224)

    def __init__(self, blocks: tuple[int, int, int, int], classes: int = 1000) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), persistent=False)
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = stage(64, 64, 1, blocks[0])
        self.layer2 = stage(256, 128, 2, blocks[1])
        self.layer3 = stage(512, 256, 2, blocks[2])
        self.layer4 = stage(1024, 512, 2, blocks[3])
        self.fc = nn.Linear(EXPANSION * 512, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.conv1((images - self.mean) / self.std)))
        x = functional.max_pool2d(x, 3, 2, padding=1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def stage(channels_in: int, width: int, stride: int, blocks: int) -> nn.Sequential:
    """Return blocks of one width, the first of which may halve the resolution."""
    first = Bottleneck(channels_in, width, stride)
    return nn.Sequential(first, *(Bottleneck(EXPANSION * width, width, 1) for _ in range(blocks - 1)))


def resnet50() -> ResNet:
    """Return the network of 50 layers."""
    return ResNet((3, 4, 6, 3))
