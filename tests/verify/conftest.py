"""What the tests of networks share."""

from itertools import pairwise

import numpy as np
import pytest

from fvproof.verify.files.readers import layered_from
from fvproof.verify.refutation.refute import Effort


@pytest.fixture(scope="session")
def random_network():
    """Return a function that makes networks with normally distributed weights, rounded to float32."""

    def make(sizes, seed):
        rng = np.random.default_rng(seed)
        weights = [(rng.standard_normal((m, n)) / n**0.5).astype(np.float32) for n, m in pairwise(sizes)]
        return layered_from([(w, (rng.standard_normal(len(w)) / 4).astype(np.float32)) for w in weights])

    return make


@pytest.fixture(scope="session", autouse=True)
def patience():
    """Give decoders and searches half an hour where a test states no limit: on a busy machine a second is soon over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Effort.__init__, "__defaults__", (Effort().cases, 1800.0, 1800.0))
        yield
