"""The residual networks for CIFAR-10 of He et al. 2015, section 4.2, as a model file for fvproof.

    fvproof audit cifar_resnet.py:resnet20 --weights cifar10_resnet20.pt --images cifar10_test.npz --out audit

A model file needs one function that returns a `torch.nn.Module`. This module reads images in [0, 1]: it standardizes
them itself, with buffers that are not part of its state_dict, so that published weights still fit.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Block(nn.Module):
    """Two 3×3 convolutions and a shortcut without parameters."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.stride, self.added = stride, channels_out - channels_in

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x[:, :, :: self.stride, :: self.stride]
        if self.added:
            shortcut = functional.pad(shortcut, (0, 0, 0, 0, self.added // 2, self.added // 2))
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + shortcut)


class ResNet(nn.Module):
    """Three stages of 16, 32 and 64 channels, global average, one linear layer."""

    input_shape = (3, 32, 32)
    class_names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    def __init__(self, blocks_per_stage: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1), persistent=False)
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = stage(16, 16, 1, blocks_per_stage)
        self.layer2 = stage(16, 32, 2, blocks_per_stage)
        self.layer3 = stage(32, 64, 2, blocks_per_stage)
        self.linear = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.conv1((images - self.mean) / self.std)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


def stage(channels_in: int, channels_out: int, stride: int, blocks: int) -> nn.Sequential:
    """Return blocks of one width, the first of which may change width and resolution."""
    first = Block(channels_in, channels_out, stride)
    return nn.Sequential(first, *(Block(channels_out, channels_out, 1) for _ in range(blocks - 1)))


def resnet20() -> ResNet:
    """Return the network of 20 layers."""
    return ResNet(3)


def resnet44() -> ResNet:
    """Return the network of 44 layers."""
    return ResNet(7)
