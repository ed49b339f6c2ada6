"""Pictures are read as the person sees them who opens them: transparency, orientation, colours, depth, first frames."""

import struct

import numpy as np
import pytest
from PIL import Image

from fvproof.empirical.images import load_images

SHAPE = (3, 8, 8)


def only(folder):
    return load_images(folder, SHAPE).images


def test_a_transparent_picture_is_seen_on_white(tmp_path):
    shown = Image.new("RGBA", (8, 8), (255, 0, 0, 255))
    shown.paste((0, 0, 0, 0), (0, 0, 4, 8))
    shown.save(tmp_path / "a.png")
    Image.new("LA", (8, 8), (0, 51)).save(tmp_path / "b.png")
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.save(tmp_path / "c.png", transparency=1)
    palette.save(tmp_path / "d.png")
    half, faint, hidden, plain = only(tmp_path)
    assert half[:, 0, 0].tolist() == [255, 255, 255]
    assert half[:, 0, 7].tolist() == [255, 0, 0]
    assert faint[:, 0, 0].tolist() == [204, 204, 204]
    assert hidden[:, 0, 0].tolist() == [255, 255, 255]
    assert plain[:, 0, 0].tolist() == [0, 0, 255]


@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_a_photograph_is_turned_as_its_exif_says(tmp_path, orientation, turned):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(only(tmp_path)[0], np.rot90(pixels, turned).transpose(2, 0, 1))


def test_cmyk_is_shown_in_its_colours(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.tif")
    Image.new("RGB", (8, 8), (0, 200, 0)).convert("CMYK").save(tmp_path / "b.jpg", quality=100, subsampling=0)
    red, green = only(tmp_path)
    assert red[:, 0, 0].tolist() == [255, 0, 0]
    np.testing.assert_allclose(green[:, 0, 0], [0, 200, 0], atol=4)


def test_of_an_animation_and_of_several_pages_the_first_is_taken_and_it_is_said(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ((255, 0, 0), (0, 255, 0))]
    for name in ("a.gif", "b.webp", "c.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], lossless=True)
    frames[0].save(tmp_path / "d.gif")
    found = load_images(tmp_path, SHAPE)
    np.testing.assert_allclose(found.images[:, :, 0, 0], [[255, 0, 0]] * 4, atol=2)
    assert found.told == ("3 pictures have several frames or pages, the first of each is taken",)
    for name in ("b.webp", "c.tif"):
        (tmp_path / name).unlink()
    assert load_images(tmp_path, SHAPE).told == ("1 picture has several frames or pages, the first is taken",)


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        (np.full((8, 8), 32768, np.uint16), 128),
        (np.full((8, 8), 2**31, np.uint32), 128),
        (np.full((8, 8), 2**30, np.int32), 64),
        (np.full((8, 8), 300, np.int32), 1),
        (np.full((8, 8), 200, np.int32), 200),
        (np.full((8, 8), 0.2, np.float32), 51),
        (np.full((8, 8), 200.0, np.float32), 200),
    ],
)
def test_grey_of_every_depth_is_scaled_to_bytes(tmp_path, numbers, wanted):
    if numbers.dtype == np.uint32:  # which Pillow reads, but does not write
        Image.fromarray(numbers.view(np.int32)).save(tmp_path / "a.tif")
        content = (tmp_path / "a.tif").read_bytes()
        kind = struct.pack("<HHI", 339, 3, 1)  # the sample format: 2 is signed, 1 is not
        (tmp_path / "a.tif").write_bytes(content.replace(kind + b"\x02", kind + b"\x01"))
    else:
        Image.fromarray(numbers).save(tmp_path / "a.tif")
    assert np.unique(only(tmp_path)).tolist() == [wanted]
