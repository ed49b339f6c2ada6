"""Small graphs with what large networks have."""

import numpy as np

from fvproof.verify.graphs.network import NetworkGraph
from fvproof.verify.graphs.operations import Convolution, Dense, Given, Rectified, Shifted, Summed, Window
from fvproof.verify.graphs.steps import NetworkStep


def convolutional(seed, *, outputs=2):
    """Return a residual network of images of 3 by 3: a convolution, a block added to what it reads, a matrix."""
    rng = np.random.default_rng(seed)

    def some(*shape):
        return (rng.standard_normal(shape) / 2).astype(np.float32).astype(np.float64)

    window = Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)))
    steps = (
        NetworkStep(Given(), (), 9),
        NetworkStep(Convolution(some(2, 1, 3, 3), (1, 3, 3), window), (0,), 18),
        NetworkStep(Shifted(some(18)), (1,), 18),
        NetworkStep(Rectified(), (2,), 18),
        NetworkStep(Convolution(some(2, 1, 3, 3), (2, 3, 3), window, 2), (3,), 18),
        NetworkStep(Shifted(some(18)), (4,), 18),
        NetworkStep(Summed((1, 1)), (5, 2), 18),
        NetworkStep(Rectified(), (6,), 18),
        NetworkStep(Dense(some(outputs, 18)), (7,), outputs),
        NetworkStep(Shifted(some(outputs)), (8,), outputs),
    )
    return NetworkGraph(steps, "0" * 64)
