import numpy as np
import pytest
from PIL import Image

from fvproof.empirical.maximization.maximize import Run, Settings, Status
from fvproof.empirical.maximization.pictures import file_name, pixels, title, write_picture, write_sheet
from fvproof.empirical.networks.units import Unit
from fvproof.theory.errors import DomainError


def run(image, status=Status.OK, channel=3):
    trace = np.zeros(4, np.float32)
    return Run(Unit("block.fc", channel), "max", image, 0.5, 0.4, None, None, 0.2, status, trace, 0, Settings())


@pytest.fixture
def image():
    return np.random.default_rng(0).random((3, 8, 6), dtype=np.float32)


def test_a_title_says_what_failed_and_nothing_where_all_went_well(image):
    assert title(run(image)) == "block.fc:3 max 0.5"
    for status in set(Status) - {Status.OK}:
        assert title(run(image, status)) == f"block.fc:3 max 0.5, {status}"


@pytest.mark.parametrize(("channels", "shape"), [(1, (8, 6)), (3, (8, 6, 3))])
def test_images_of_one_or_three_channels_become_pixels(channels, shape):
    image = np.linspace(0, 1, channels * 48, dtype=np.float32).reshape(channels, 8, 6)
    found = pixels(image)
    assert found.shape == shape
    assert (found.min(), found.max()) == (0, 255)


def test_a_picture_has_the_images_pixels_and_its_title(image, tmp_path):
    failed = run(image, Status.SILENT)
    write_picture(failed, tmp_path / file_name(failed))
    with Image.open(tmp_path / "block.fc-3-max.png") as picture:
        assert picture.text["Title"] == "block.fc:3 max 0.5, silent"
        np.testing.assert_allclose(np.asarray(picture) / 255, image.transpose(1, 2, 0), atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("count", [1, 8, 11])
def test_a_sheet_shows_all_pictures_in_rows(image, tmp_path, count):
    write_sheet([run(image, channel=i) for i in range(count)], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        width, height = sheet.size
    assert width == pytest.approx(min(count, 8) * 1.9 * 150, abs=1)
    assert height == pytest.approx(-(-count // 8) * 2.5 * 150, abs=1)


def test_the_titles_of_failed_visualizations_stand_out(image, tmp_path):
    def orange(status):
        write_sheet([run(image * 0, status)], tmp_path / "sheet.png")
        with Image.open(tmp_path / "sheet.png") as sheet:
            colors = np.asarray(sheet.convert("RGB")).astype(int)
        return ((colors[..., 0] - colors[..., 2]) > 100).sum()

    assert orange(Status.OK) == 0
    assert orange(Status.WEAKER_THAN_NOISE) > 50


@pytest.mark.parametrize(
    "write", [lambda found, path: write_picture(found, path), lambda found, path: write_sheet([found], path)]
)
def test_a_file_that_cannot_be_written_is_named(image, tmp_path, write):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DomainError, match=r"file/a\.png cannot be written"):
        write(run(image), tmp_path / "file" / "a.png")
