"""GoogLeNet (Inception V1, Szegedy et al. 2014) as BVLC trained it in Caffe, as a model file for fvproof.

    fvproof sanity googlenet_bvlc.py:googlenet --weights googlenet_bvlc.pt --images imagenet --out sanity

The module reads RGB images in [0, 1] and turns them into what Caffe used: BGR in 0..255, minus the mean colour.
"""

import torch
from torch import Tensor, nn


class Convolution(nn.Module):
    """A convolution with bias, then ReLU."""

    def __init__(self, channels_in: int, channels_out: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, size, stride, padding=size // 2)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


class Inception(nn.Module):
    """Four branches side by side: 1×1; 3×3 and 5×5 after a narrowing 1×1; 1×1 after a max pool."""

    def __init__(self, channels: int, one: int, three: tuple[int, int], five: tuple[int, int], pool: int) -> None:
        super().__init__()
        self.branch1 = Convolution(channels, one, 1)
        self.branch2 = nn.Sequential(Convolution(channels, three[0], 1), Convolution(*three, 3))
        self.branch3 = nn.Sequential(Convolution(channels, five[0], 1), Convolution(*five, 5))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), Convolution(channels, pool, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class GoogLeNet(nn.Module):
    """Three convolutions, nine inception blocks, global average, one linear layer of 1000 classes."""

    input_shape = (3, 224, 224)

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean_bgr", torch.tensor([104.0, 117.0, 123.0]).view(1, 3, 1, 1), persistent=False)
        self.conv1 = Convolution(3, 64, 7, stride=2)
        self.conv2 = Convolution(64, 64, 1)
        self.conv3 = Convolution(64, 192, 3)
        self.norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception3a = Inception(192, 64, (96, 128), (16, 32), 32)
        self.inception3b = Inception(256, 128, (128, 192), (32, 96), 64)
        self.inception4a = Inception(480, 192, (96, 208), (16, 48), 64)
        self.inception4b = Inception(512, 160, (112, 224), (24, 64), 64)
        self.inception4c = Inception(512, 128, (128, 256), (24, 64), 64)
        self.inception4d = Inception(512, 112, (144, 288), (32, 64), 64)
        self.inception4e = Inception(528, 256, (160, 320), (32, 128), 128)
        self.inception5a = Inception(832, 256, (160, 320), (32, 128), 128)
        self.inception5b = Inception(832, 384, (192, 384), (48, 128), 128)
        self.fc = nn.Linear(1024, 1000)

    def forward(self, images: Tensor) -> Tensor:
        x = 255 * images.flip(1) - self.mean_bgr
        x = self.norm(self.pool(self.conv1(x)))
        x = self.pool(self.norm(self.conv3(self.conv2(x))))
        x = self.pool(self.inception3b(self.inception3a(x)))
        x = self.inception4c(self.inception4b(self.inception4a(x)))
        x = self.pool(self.inception4e(self.inception4d(x)))
        x = self.inception5b(self.inception5a(x))
        return self.fc(x.mean((2, 3)))


def googlenet() -> GoogLeNet:
    """Return the network, without the auxiliary heads that only training uses."""
    return GoogLeNet()
