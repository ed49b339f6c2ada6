"""Small graphs with what large networks have."""

import numpy as np

from fvproof.verify.graphs.network import GraphNetwork
from fvproof.verify.graphs.operations import Convolution, Dense, Given, Rectified, Shifted, Summed, Window
from fvproof.verify.graphs.steps import Step


def convolutional(seed, *, outputs=2):
    """Return a residual network of images of 3 by 3: a convolution, a block added to what it reads, a matrix."""
    rng = np.random.default_rng(seed)

    def some(*shape):
        return (rng.standard_normal(shape) / 2).astype(np.float32).astype(np.float64)

    window = Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)))
    steps = (
        Step(Given(), (), 9),
        Step(Convolution(some(2, 1, 3, 3), (1, 3, 3), window), (0,), 18),
        Step(Shifted(some(18)), (1,), 18),
        Step(Rectified(), (2,), 18),
        Step(Convolution(some(2, 1, 3, 3), (2, 3, 3), window, 2), (3,), 18),
        Step(Shifted(some(18)), (4,), 18),
        Step(Summed((1, 1)), (5, 2), 18),
        Step(Rectified(), (6,), 18),
        Step(Dense(some(outputs, 18)), (7,), outputs),
        Step(Shifted(some(outputs)), (8,), outputs),
    )
    return GraphNetwork(steps, "0" * 64)
