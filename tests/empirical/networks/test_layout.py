"""Reading outputs whose images and units lie anywhere."""

import pytest
import torch

from empirical.networks.layouts import Layout


@pytest.mark.parametrize(
    ("layout", "shape", "index"),
    [
        (Layout((1, 4, 6), 2, "known"), (3, 4, 6), "nlc->ncl"),
        (Layout((4, 1, 6), 2, "known", 1), (4, 3, 6), "lnc->ncl"),
        (Layout((4, 1, 6), 0, "known", 1), (4, 3, 6), "cnl->ncl"),
        (Layout((1, 4, 5, 6), 3, "known"), (3, 4, 5, 6), "nhwc->nchw"),
    ],
)
def test_reading_moves_images_and_units_to_the_front(layout, shape, index):
    output = torch.rand(shape)
    assert torch.equal(layout.read(output, 3), torch.einsum(index, output))


def test_reading_tells_parts_of_images_apart():
    output = torch.rand(3, 4, 5, 6)
    beside = Layout((4, 5, 6), 2, "known", 0, (1, 4))
    assert torch.equal(beside.read(output.flatten(0, 1), 3), output.permute(0, 3, 1, 2))
    before = Layout((4, 5, 6), 2, "known", 0, (4, 1))
    assert torch.equal(before.read(output.transpose(0, 1).flatten(0, 1), 3), output.permute(0, 3, 1, 2))
    assert beside.positions == before.positions == (4, 5)
