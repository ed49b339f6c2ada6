import numpy as np
import pytest
import torch
from PIL import Image

from fvproof.empirical.claim.asked import Claim, picture_of
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError, ShapeError

GREY, COLOURED = (1, 8, 8), (3, 8, 8)


def saved(folder, mode, size=(8, 8), color=None):
    path = folder / f"{mode}.png"
    Image.new(mode, size, color if color is not None else 0).save(path)
    return path


def test_a_picture_file_is_read_pixel_by_pixel(tmp_path):
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(picture_of(tmp_path / "a.png", GREY)[0], pixels.astype(np.float32) / 255)


def test_arrays_tensors_and_array_files_give_the_same(tmp_path):
    array = np.random.default_rng(0).random(COLOURED).astype(np.float32)
    np.save(tmp_path / "a.npy", array)
    for given in (array, torch.from_numpy(array), tmp_path / "a.npy", str(tmp_path / "a.npy")):
        assert np.array_equal(picture_of(given, COLOURED), array)


@pytest.mark.parametrize(
    ("mode", "color", "size", "shape", "said"),
    [
        ("L", 9, (8, 9), GREY, "must be 8×8 pixels, as the network reads it, not 9×8"),
        ("L", 9, (8, 8), COLOURED, "is grey, and the network reads red, green and blue"),
        ("RGB", (200, 0, 0), (8, 8), GREY, "is coloured, and the network reads grey"),
        ("L", 9, (8, 8), (1, 40), r"must be a .npy file of 1×40"),
    ],
)
def test_nothing_is_resized_or_coloured(tmp_path, mode, color, size, shape, said):
    with pytest.raises(ShapeError, match=said):
        picture_of(saved(tmp_path, mode, size, color), shape)


def test_grey_pixels_in_a_coloured_file_are_grey(tmp_path):
    assert picture_of(saved(tmp_path, "RGB", color=(51, 51, 51)), GREY)[0, 0, 0] == np.float32(0.2)


def test_what_is_no_picture_is_one_sentence(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    (tmp_path / "a.npy").write_bytes(b"no array")
    for path, said in ((tmp_path / "a.png", "must be a picture"), (tmp_path / "a.npy", "must be an array")):
        with pytest.raises(DomainError, match=said):
            picture_of(path, GREY)
    with pytest.raises(DomainError, match="cannot be read"):
        picture_of(tmp_path / "none.png", GREY)
    with pytest.raises(ShapeError, match="the picture must be 1×8×8, as the network reads it, not 8×8"):
        picture_of(np.zeros((8, 8)), GREY)
    with pytest.raises(DomainError, match="finite"):
        picture_of(np.full(GREY, np.nan), GREY)
    with pytest.raises(DomainError, match="uint8 or floating point"):
        picture_of(np.zeros(GREY, np.int64), GREY)


def test_claims_differ_by_unit_end_and_pixels():
    image = np.zeros(GREY, np.float32)
    claims = [Claim(Unit("a", 0), image), Claim(Unit("a", 1), image), Claim(Unit("a", 0), image, "min")]
    claims.append(Claim(Unit("a", 0), image + 1))
    assert len({claim.key for claim in claims}) == 4
    assert Claim(Unit("a", 0), image, name="b").key == claims[0].key
