import numpy as np
import pytest
import torch

from fvproof.empirical.images import ImageSet
from fvproof.theory.errors import DomainError, ShapeError


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (np.full((2, 1, 4, 4), 200.0), DomainError, "these go from 200 to 200: divide them by 255"),
        (np.array([-2.1, 2.6]).reshape(2, 1, 1, 1), DomainError, "from -2.1 to 2.6: give them before they were stand"),
        (np.array([0.5, np.nan]).reshape(2, 1, 1, 1), DomainError, "images must be finite"),
        (np.array([0.5, np.inf]).reshape(2, 1, 1, 1), DomainError, "images must be finite"),
        (np.zeros((2, 8, 8, 3), np.uint8), ShapeError, r"move the channels to dimension 1"),
        (np.zeros((2, 1, 4, 4), np.int64), ShapeError, "uint8 in 0..255, or floats"),
        (np.zeros((2, 1, 4, 4), bool), ShapeError, "uint8 in 0..255, or floats"),
        (np.zeros((0, 1, 4, 4), np.uint8), DomainError, "at least one image"),
        (np.zeros((2, 1, 0, 4), np.uint8), DomainError, "of a pixel or more"),
        (np.full((2, 1, 4, 4), 1.000001), DomainError, "from 1.000001 to 1.000001: clip them"),
        ([torch.zeros(1, 4, 4), torch.zeros(1, 5, 4)], ShapeError, "images must be one array or tensor"),
        (torch.zeros(2, 1, 4, 4).to_sparse(), ShapeError, "images must be one array or tensor"),
        (torch.zeros(2, 1, 4, 4, device="meta"), ShapeError, "images must be one array or tensor"),
    ],
)
def test_images_in_memory_are_checked_as_files_are(images, error, message):
    with pytest.raises(error, match=message):
        ImageSet(images)


@pytest.mark.parametrize(
    ("labels", "error"),
    [
        (np.zeros(3, int), ShapeError),
        (np.zeros((2, 10), int), ShapeError),
        (np.array([0.0, 1.0]), DomainError),
        (np.array([0, -1]), DomainError),
        (np.array([2**63, 1], np.uint64), DomainError),
        (["cat", "dog"], DomainError),
        ([[0], [1, 2]], ShapeError),
    ],
)
def test_labels_in_memory_are_checked_as_those_of_files_are(labels, error):
    with pytest.raises(error, match="label"):
        ImageSet(np.zeros((2, 1, 4, 4), np.uint8), labels)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_tensors_and_other_floats_are_taken_as_they_come(kind):
    found = ImageSet(torch.full((2, 1, 4, 4), 0.5, dtype=kind), torch.tensor([1, 0], dtype=torch.int32))
    assert found.images.dtype == np.float32
    assert found.labels.dtype == np.int64
    assert found.batch()[0, 0, 0, 0].item() == 0.5


def test_an_array_of_another_machines_order_of_bytes_is_taken():
    assert ImageSet(np.full((2, 1, 4, 4), 0.5, ">f4")).batch().mean().item() == 0.5
