"""The network `digits`, which stops when so many pieces of work are finished: then a run can be killed at its work."""

import os
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
from torch import nn

from fvproof.empirical.networks.digits import digits_images, trained


class Pausing(nn.Sequential):
    """Gives no answer once the folder PAUSE_IN holds PAUSE_AT pieces of finished work."""

    input_shape = (1, 8, 8)

    def forward(self, x):
        while "PAUSE_IN" in os.environ and pieces(Path(os.environ["PAUSE_IN"])) >= int(os.environ["PAUSE_AT"]):
            time.sleep(0.01)
        return nn.Sequential.forward(self, x)


def digits():
    """Return the network."""
    return Pausing(OrderedDict(trained("digits").named_children()))


def pieces(folder):
    """Return how many pieces of finished work a folder holds."""
    return len(list(folder.glob("*.npz")))


def pausing(folder, count):
    """Return the environment in which a run stops when so many pieces are finished."""
    return {"PAUSE_IN": str(folder), "PAUSE_AT": str(count)}


def write_images(path, count):
    """Write some digits for runs on a network that brings none."""
    data = digits_images().subset(range(count))
    np.savez(path, images=np.rint(data.images[:, 0] * 255).astype(np.uint8), labels=data.labels)
