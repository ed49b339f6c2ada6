"""What signals, volumes and many channels look like."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from fvproof.empirical.maximization.drawing import draw, figure_of, is_picture, pixels
from fvproof.empirical.maximization.maximize import Run, Settings, Status
from fvproof.empirical.maximization.pictures import file_name, write_picture, write_sheet
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.plots import picture

RNG = np.random.default_rng(0)


def drawn(image):
    (axes,) = figure_of(image).axes
    return axes


def run(image):
    trace = np.zeros(4, np.float32)
    return Run(Unit("fc", 3), "max", image, 0.5, 0.4, None, None, 0.2, Status.OK, trace, 0, Settings())


@pytest.mark.parametrize("channels", [1, 3, 12])
def test_a_signal_is_a_line_for_each_channel_the_first_on_top(channels):
    signal = RNG.random((channels, 50))
    axes = drawn(signal)
    lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 50]
    np.testing.assert_allclose(lines, signal + np.arange(channels)[::-1, None])
    assert [text.get_text() for text in axes.texts] == [str(i) for i in range(channels)] * (channels > 1)


def test_a_signal_of_many_channels_is_a_map():
    signal = RNG.random((40, 100))
    (shown,) = drawn(signal).images
    np.testing.assert_array_equal(shown.get_array(), np.rint(signal * 255))


def test_channels_of_an_image_stand_in_grey_under_their_numbers():
    image = RNG.random((7, 8, 6))
    axes = drawn(image)
    for shown, channel in zip(axes.images, image, strict=True):
        np.testing.assert_array_equal(shown.get_array(), np.rint(channel * 255))
        assert shown.get_cmap().name == "gray"
    assert [text.get_text() for text in axes.texts] == list("0123456")
    boxes = [tuple(shown.get_extent()) for shown in axes.images]
    assert len(set(boxes)) == 7


@pytest.mark.parametrize(
    ("channels", "titles"),
    [(1, "0 1 2 3"), (3, "0 1 2 3"), (2, "0:0 0:1 0:2 0:3 1:0 1:1 1:2 1:3")],
)
def test_a_volume_is_shown_slice_by_slice(channels, titles):
    volume = RNG.random((channels, 4, 8, 6))
    axes = drawn(volume)
    assert [text.get_text() for text in axes.texts] == titles.split()
    last = volume[-1, -1] if channels != 3 else volume[:, -1].transpose(1, 2, 0)
    np.testing.assert_array_equal(axes.images[-1].get_array(), np.rint(last * 255))


def test_of_a_deep_volume_slices_are_spread_from_end_to_end():
    titles = [text.get_text() for text in drawn(RNG.random((1, 100, 4, 4))).texts]
    assert (len(titles), titles[0], titles[-1]) == (16, "0", "99")


@pytest.mark.parametrize("shape", [(1, 40), (12, 40), (40, 40), (7, 8, 8), (1, 4, 8, 8)])
def test_what_is_no_picture_is_drawn_and_its_numbers_are_kept(tmp_path, shape):
    image = RNG.random(shape).astype(np.float32)
    assert not is_picture(image)
    found = run(image)
    write_picture(found, tmp_path / file_name(found))
    np.testing.assert_array_equal(np.load(tmp_path / "fc-3-max.npy"), image)
    with Image.open(tmp_path / "fc-3-max.png") as shown:
        assert shown.text["Title"] == "fc:3 max 0.5"
        assert np.ptp(np.asarray(shown)) > 100
    write_sheet([found, found], tmp_path / "sheet.png")
    assert picture(image).startswith("data:image/svg+xml;base64,")
    assert picture(image) == picture(image)
    assert pixels(image).shape[2] == 3


def test_a_picture_of_three_channels_has_no_numbers_beside(tmp_path):
    write_picture(run(RNG.random((3, 8, 8)).astype(np.float32)), tmp_path / "a.png")
    assert not (tmp_path / "a.npy").exists()


@pytest.mark.parametrize(("shape", "aspect"), [((1, 2, 400), 50.0), ((1, 400, 2), 0.02), ((1, 8, 8), 1.0)])
def test_what_is_all_too_long_is_stretched(shape, aspect):
    axes = Figure().subplots()
    draw(axes, RNG.random(shape))
    assert axes.get_aspect() == pytest.approx(aspect)
