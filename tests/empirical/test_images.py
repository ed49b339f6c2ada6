import io

import numpy as np
import pytest
import torch
from PIL import Image

from fvproof.empirical.images import ImageSet, load_images
from fvproof.theory.errors import DomainError, ShapeError

SHAPE = (3, 8, 8)


def picture(colour, size=(16, 12), mode="RGB"):
    return Image.new(mode, size, colour)


@pytest.fixture
def folder(tmp_path):
    for name, colour in {"cat": (255, 0, 0), "dog": (0, 255, 0)}.items():
        (tmp_path / name).mkdir()
        for i in range(3):
            picture(colour).save(tmp_path / name / f"{i}.png")
    return tmp_path


def test_class_folders_give_images_labels_and_names(folder):
    found = load_images(folder, SHAPE)
    assert found.images.shape == (6, *SHAPE)
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.class_names == {0: "cat", 1: "dog"}
    assert found.names[0] == "cat/0.png"
    assert found.batch(0, 1)[0, :, 0, 0].tolist() == [1, 0, 0]


def test_folders_named_like_the_networks_classes_get_their_index(folder):
    found = load_images(folder, SHAPE, class_names=("bird", "dog", "cat"))
    assert found.labels.tolist() == [2, 2, 2, 1, 1, 1]


def test_folders_that_are_numbers_get_that_number(folder):
    (folder / "cat").rename(folder / "207")
    (folder / "dog").rename(folder / "13")
    assert load_images(folder, SHAPE).class_names == {13: "13", 207: "207"}


def test_a_flat_folder_has_no_labels(folder):
    assert load_images(folder / "cat", SHAPE).labels is None


def test_unreadable_images_are_named_and_skipped(folder):
    (folder / "cat" / "1.png").write_bytes(b"not a picture")
    found = load_images(folder, SHAPE)
    assert found.skipped == ("cat/1.png",)
    assert found.labels.tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("damage", [0.1, 0.5, 0.9])
def test_a_truncated_image_is_skipped(folder, damage):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for suffix in ("png", "jpg"):
        path = folder / "cat" / f"broken.{suffix}"
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[: int(damage * path.stat().st_size)])
    assert load_images(folder, SHAPE).skipped == ("cat/broken.jpg", "cat/broken.png")


def test_sixteen_bits_of_grey_are_scaled_not_cut_off(tmp_path):
    ramp = np.tile(np.linspace(0, 65535, 8).astype(np.uint16), (8, 1))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_images(tmp_path, (1, 8, 8)).images[0, 0], ramp >> 8)


@pytest.mark.parametrize(
    ("numbers", "seen"),
    [
        (np.full((8, 8), 0.8, np.float32), 204),
        (np.full((8, 8), 200, np.float32), 200),
        (np.full((8, 8), 51400, np.int32), 200),
        (np.full((8, 8), 51400, np.float32), 200),
        (np.full((8, 8), 200, np.int32), 200),
    ],
)
def test_pictures_of_fractions_and_wide_numbers_are_scaled_not_cut_off(tmp_path, numbers, seen):
    Image.fromarray(numbers).save(tmp_path / "a.tif")
    assert (load_images(tmp_path, (1, 8, 8)).images == seen).all()


def test_a_picture_of_numbers_that_are_no_grey_is_skipped(tmp_path):
    Image.fromarray(np.full((8, 8), -3.0, np.float32)).save(tmp_path / "a.tif")
    picture((0, 0, 0)).save(tmp_path / "b.png")
    assert load_images(tmp_path, (1, 8, 8)).skipped == ("a.tif",)


def test_a_folder_without_a_readable_image_is_an_error(tmp_path):
    with pytest.raises(DomainError, match="no images in"):
        load_images(tmp_path, SHAPE)
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DomainError, match=r"none of the 1 images can be read, the first is .*a\.png"):
        load_images(tmp_path, SHAPE)


def test_a_missing_path_is_named():
    with pytest.raises(DomainError, match="no image folder or file nowhere"):
        load_images("nowhere", SHAPE)


def test_grey_and_colour_follow_the_network(folder):
    assert load_images(folder, (1, 8, 8)).images.shape == (6, 1, 8, 8)
    picture(100, mode="L").save(folder / "cat" / "0.png")
    assert load_images(folder, SHAPE).batch(0, 1).unique().numel() == 1


def test_the_centre_is_kept_when_an_image_is_resized(tmp_path):
    image = np.zeros((40, 80, 3), np.uint8)
    image[:, 20:60] = 255
    Image.fromarray(image).save(tmp_path / "a.png")
    found = load_images(tmp_path, (3, 20, 20), crop=1.0)
    assert found.images[:, :, :, 1:-1].min() == 255


def test_the_crop_keeps_its_share_of_the_short_side(tmp_path):
    ramp = np.tile(np.linspace(0, 255, 256).astype(np.uint8)[:, None, None], (1, 256, 3))
    Image.fromarray(ramp).save(tmp_path / "a.png")
    rows = load_images(tmp_path, (3, 224, 224), crop=0.875).images[0, 0, :, 0]
    np.testing.assert_array_equal(rows, ramp[16:240, 0, 0])


def test_arrays_that_fit_are_taken_bit_for_bit(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", images=images, labels=np.array([1, 0, 1, 0]), class_names=np.array(["a", "b"]))
    found = load_images(tmp_path / "x.npz", SHAPE)
    np.testing.assert_array_equal(found.images, images.transpose(0, 3, 1, 2))
    torch.testing.assert_close(found.batch() * 255, torch.from_numpy(found.images).float())
    assert found.class_names == {0: "a", 1: "b"}


def test_arrays_of_floats_and_of_grey_images_are_read(tmp_path):
    images = np.random.default_rng(0).random((4, 8, 8))
    np.savez(tmp_path / "x.npz", images=images)
    found = load_images(tmp_path / "x.npz", (1, 8, 8))
    np.testing.assert_allclose(found.images[:, 0], images, rtol=1e-7)


def test_encoded_images_with_one_name_per_image_are_read(tmp_path):
    encoded = []
    for colour in ((255, 255, 255), (0, 0, 0), (255, 255, 255)):
        buffer = io.BytesIO()
        picture(colour).save(buffer, "JPEG")
        encoded.append(np.frombuffer(buffer.getvalue(), np.uint8))
    np.savez(
        tmp_path / "x.npz",
        jpeg_bytes=np.concatenate(encoded),
        offsets=np.cumsum([0, *map(len, encoded)]),
        labels=np.array([701, 0, 701]),
        class_names=np.array(["white", "black", "white"]),
    )
    found = load_images(tmp_path / "x.npz", SHAPE)
    assert found.class_names == {701: "white", 0: "black"}
    assert found.batch().mean((1, 2, 3)).round().tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ({"images": np.full((2, 8, 8, 3), np.nan)}, DomainError, "NaN"),
        ({"images": np.full((2, 8, 8, 3), 7.0)}, DomainError, r"in \[0, 1\]"),
        ({"images": np.zeros((2, 8))}, ShapeError, r"height, width and channels \(8, 8, 3\), not \(8,\)"),
        ({"images": np.zeros(8)}, ShapeError, r"\(8,\) float64"),
        ({"images": np.zeros((2, 9, 9, 3))}, ShapeError, r"\(8, 8, 3\), not \(9, 9, 3\)"),
        ({"images": np.zeros((0, 8, 8, 3))}, DomainError, "no images"),
        ({"images": np.zeros((2, 8, 8, 3)), "labels": np.array([1])}, ShapeError, "2 whole numbers"),
        ({"images": np.zeros((2, 0, 8, 3), np.uint8)}, ShapeError, "must have a pixel or more"),
        (
            {"images": np.zeros((1, 8, 8, 3)), "labels": np.array([0]), "class_names": np.array("a")},
            ShapeError,
            "names",
        ),
        ({"jpeg_bytes": np.zeros(9, np.uint8), "offsets": np.array([0.0, 9.0])}, ShapeError, "`offsets` whole numbers"),
        ({"jpeg_bytes": np.zeros(9, np.uint8), "offsets": np.array(9)}, ShapeError, "`offsets` whole numbers"),
        ({"jpeg_bytes": np.array(["a"]), "offsets": np.array([0, 1])}, ShapeError, "`jpeg_bytes`.* must be bytes"),
        ({"pictures": np.zeros((2, 8, 8, 3))}, DomainError, "must hold `images`"),
    ],
)
def test_arrays_that_are_no_images_are_one_clear_line(tmp_path, arrays, error, message):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(error, match=message):
        load_images(tmp_path / "x.npz", SHAPE)


def test_a_file_that_holds_no_arrays_is_an_error(tmp_path):
    (tmp_path / "x.npz").write_text("no arrays")
    with pytest.raises(DomainError, match="neither a folder of images nor"):
        load_images(tmp_path / "x.npz", SHAPE)


def test_the_limit_takes_the_classes_in_turn(folder):
    assert load_images(folder, SHAPE, limit=3).names == ("cat/0.png", "cat/1.png", "dog/0.png")


def test_per_class_takes_the_first_of_each(folder):
    found = load_images(folder, SHAPE, per_class=1)
    assert found.names == ("cat/0.png", "dog/0.png")
    assert load_images(folder, SHAPE).per_class(1).names == found.names


def test_per_class_needs_labels(folder):
    with pytest.raises(DomainError, match="must have labels"):
        load_images(folder / "cat", SHAPE, per_class=1)


def test_a_set_of_images_checks_what_it_is_given():
    with pytest.raises(ShapeError, match=r"uint8 in 0\.\.255, or floats in"):
        ImageSet(np.zeros((2, 3)))
    with pytest.raises(ShapeError, match="one label per image"):
        ImageSet(np.zeros((2, 3, 4, 4), np.uint8), labels=np.array([0]))


@pytest.mark.parametrize("hidden", [".ipynb_checkpoints", ".thumbnails", "__MACOSX"])
def test_hidden_folders_and_files_are_passed_over(folder, hidden):
    for place in (folder / hidden, folder / "cat" / hidden):
        place.mkdir()
        picture((0, 0, 255)).save(place / "0.png")
    picture((0, 0, 255)).save(folder / "dog" / "._0.png")
    found = load_images(folder, SHAPE, class_names=("dog", "cat"))
    assert len(found) == 6
    assert found.labels.tolist() == [1, 1, 1, 0, 0, 0]
    assert found.remarks == ("class folders and their outputs, by name: cat → 1, dog → 0",)


def test_a_folder_that_is_no_class_relabels_no_other_and_is_left_out(folder):
    (folder / "unsure").mkdir()
    picture((0, 0, 255)).save(folder / "unsure" / "0.png")
    found = load_images(folder, SHAPE, class_names=("dog", "cat"))
    assert found.labels.tolist() == [1, 1, 1, 0, 0, 0]
    assert found.labelling.left_out == ("unsure",)


def test_images_beside_class_folders_are_counted(folder):
    picture((0, 0, 255)).save(folder / "loose.png")
    assert "1 image of" in load_images(folder, SHAPE).remarks[1]


def test_labels_of_a_file_that_bear_other_outputs_names_are_pointed_out(tmp_path):
    arrays = {"images": np.zeros((2, 8, 8, 3), np.uint8), "labels": np.arange(2), "class_names": np.array(["a", "b"])}
    np.savez(tmp_path / "i.npz", **arrays)
    (remark,) = load_images(tmp_path / "i.npz", SHAPE, class_names=("b", "a")).remarks
    assert remark.startswith("label 0 is 'a', which is output 1 of the network")


@pytest.mark.parametrize("content", [b"", b"PK", b"text"])
def test_a_file_that_is_empty_or_of_another_kind_is_one_sentence(tmp_path, content):
    (tmp_path / "i.npz").write_bytes(content)
    with pytest.raises(DomainError, match=r"neither a folder of images nor a file of arrays"):
        load_images(tmp_path / "i.npz", SHAPE)


def test_labels_that_are_no_output_are_pointed_out(tmp_path):
    np.savez(tmp_path / "i.npz", images=np.zeros((3, 8, 8, 3), np.uint8), labels=np.array([0, 1, 7]))
    (remark,) = load_images(tmp_path / "i.npz", SHAPE, class_names=2).remarks
    assert remark == "label 7 is no output of the network, which has 0 to 1: its images count as not recognised"
