"""Arrays of images, signals and volumes in files, and the range of their numbers."""

import numpy as np
import pytest
import torch
from torch import nn

import fvproof as fv
from fvproof.empirical.images import ImageSet, load_images
from fvproof.empirical.notices import heard_by
from fvproof.theory.errors import DomainError, FvproofError, ShapeError

RNG = np.random.default_rng(0)
SIGNALS = RNG.uniform(-1, 1, (9, 2, 50)).astype(np.float32)
LABELS = np.arange(9) % 3
HALF = SIGNALS / 2 + 0.5


def write(path, array, labels=None):
    if path.suffix == ".npz":
        np.savez(path, signals=array, **({} if labels is None else {"labels": labels}))
    elif path.suffix == ".npy":
        np.save(path, array)
    elif labels is None:
        torch.save(torch.from_numpy(array), path)
    else:
        torch.save({"inputs": torch.from_numpy(array), "labels": torch.from_numpy(labels)}, path)
    return path


@pytest.mark.parametrize("name", ["x.npz", "x.npy", "x.pt", "x.pth"])
def test_signals_of_the_networks_range_are_read_from_every_kind_of_file(tmp_path, name):
    found = load_images(write(tmp_path / name, SIGNALS), (2, 50), value_range=(-1, 1))
    np.testing.assert_allclose(found.images, HALF, atol=1e-6)
    assert found.images.dtype == np.float32
    assert [text.partition(" in ")[2] for text in found.remarks] == [
        f"{tmp_path / name} are numbers from -1 to 1, as the model reads them"
    ]


@pytest.mark.parametrize("name", ["x.npz", "x.pt"])
def test_labels_lie_beside_arrays(tmp_path, name):
    found = load_images(write(tmp_path / name, HALF, LABELS), (2, 50), per_class=2)
    assert found.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_pair_of_tensors_is_inputs_and_labels(tmp_path):
    torch.save((torch.from_numpy(HALF), torch.from_numpy(LABELS)), tmp_path / "x.pt")
    assert load_images(tmp_path / "x.pt", (2, 50)).labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((2, 50), (2, 50)),
        ((2, 50), (50, 2)),
        ((1, 50), (50,)),
        ((1, 4, 6, 8), (4, 6, 8)),
        ((1, 4, 6, 8), (4, 6, 8, 1)),
        ((3, 4, 6, 8), (3, 4, 6, 8)),
        ((3, 4, 6, 8), (4, 6, 8, 3)),
        ((7, 6, 8), (7, 6, 8)),
        ((7, 6, 8), (6, 8, 7)),
        ((1, 6, 8), (6, 8)),
    ],
)
@pytest.mark.parametrize("name", ["x.npz", "x.npy"])
def test_channels_may_come_first_or_last_or_not_at_all(tmp_path, shape, given, name):
    array = RNG.random((3, *given)).astype(np.float32)
    wanted = array[:, None] if len(given) < len(shape) else array if given == shape else np.moveaxis(array, -1, 1)
    np.testing.assert_array_equal(load_images(write(tmp_path / name, array), shape).images, wanted)


def test_where_both_orders_fit_npz_files_have_their_channels_last_and_others_first(tmp_path):
    array = RNG.random((2, 3, 4, 3)).astype(np.float32)
    last = load_images(write(tmp_path / "x.npz", array), (3, 3, 4)).images
    np.testing.assert_array_equal(last, np.moveaxis(array, -1, 1))
    square = RNG.random((2, 3, 3, 3)).astype(np.float32)
    np.testing.assert_array_equal(load_images(write(tmp_path / "x.npy", square), (3, 3, 3)).images, square)
    found = load_images(write(tmp_path / "y.npz", square), (3, 3, 3)).images
    np.testing.assert_array_equal(found, np.moveaxis(square, -1, 1))


def test_bytes_of_tensors_are_resized_as_those_of_arrays_are(tmp_path):
    pixels = RNG.integers(0, 256, (2, 20, 30, 3), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", images=pixels)
    torch.save(torch.from_numpy(pixels).permute(0, 3, 1, 2), tmp_path / "x.pt")
    one, other = load_images(tmp_path / "x.npz", (3, 8, 8)), load_images(tmp_path / "x.pt", (3, 8, 8))
    np.testing.assert_array_equal(one.images, other.images)


@pytest.mark.parametrize("array", [(SIGNALS * 100).astype(np.int16), (SIGNALS * 100).astype(np.float64)])
def test_whole_numbers_and_doubles_in_the_range_are_signals_too(tmp_path, array):
    found = load_images(write(tmp_path / "x.npy", array), (2, 50), value_range=(-100, 100))
    np.testing.assert_allclose(found.images, array / 200 + 0.5, atol=1e-6)


@pytest.mark.parametrize(
    ("array", "span", "kind", "told"),
    [
        (
            SIGNALS,
            (0, 1),
            DomainError,
            r"state the range that the model reads \(--range=-0\.99.*; in Python",
        ),
        (
            SIGNALS * 3,
            (-1, 1),
            DomainError,
            r"in \[0, 1\] or in the range that the model reads \(-1 to 1\).*-2\.9",
        ),
        (SIGNALS * np.nan, (-1, 1), DomainError, "some numbers are NaN"),
        (SIGNALS[:, :, :40], (-1, 1), ShapeError, r"signals \(C, L\), of shape \(2, 50\), not \(2, 40\)"),
        (SIGNALS.astype(complex), (-1, 1), ShapeError, r"must be \(N, C, L\) of signals.*complex"),
    ],
)
def test_signals_that_do_not_fit_are_one_sentence(tmp_path, array, span, kind, told):
    with pytest.raises(kind, match=told) as error:
        load_images(write(tmp_path / "x.npz", array), (2, 50), value_range=span)
    assert "\n" not in str(error.value)


def test_images_in_the_unit_range_stay_as_they_are_whatever_the_network_reads(tmp_path):
    images = RNG.random((4, 3, 8, 8)).astype(np.float32)
    np.save(tmp_path / "x.npy", images)
    np.testing.assert_array_equal(load_images(tmp_path / "x.npy", (3, 8, 8), value_range=(-1, 1)).images, images)
    np.save(tmp_path / "y.npy", images * 2 - 1)
    found = load_images(tmp_path / "y.npy", (3, 8, 8), value_range=(-1, 1))
    np.testing.assert_allclose(found.images, images, atol=1e-6)
    assert len(found.remarks) == 1


def test_pictures_are_no_signals(tmp_path):
    (tmp_path / "cat").mkdir()
    with pytest.raises(ShapeError, match=r"is for networks of images \(C, H, W\), this one takes signals \(C, L\)"):
        load_images(tmp_path, (1, 400))


def test_a_pickle_of_objects_is_refused(tmp_path):
    torch.save({"images": nn.Linear(1, 1)}, tmp_path / "x.pt")
    with pytest.raises(DomainError, match="pickle that could run code"):
        load_images(tmp_path / "x.pt", (2, 50))
    torch.save({"images": [1, 2]}, tmp_path / "x.pt")
    with pytest.raises(DomainError, match="must hold one tensor, inputs and labels"):
        load_images(tmp_path / "x.pt", (2, 50))
    (tmp_path / "x.npz").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DomainError, match="a pointer of git-lfs"):
        load_images(tmp_path / "x.npz", (2, 50))


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(2, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(4, 3))


def test_signals_in_memory_are_given_in_the_networks_range():
    heard = []
    with heard_by(heard.append):
        subject = fv.model(net(), images=torch.from_numpy(SIGNALS), labels=LABELS, value_range=(-1, 1))
    assert heard == ["images are numbers from -1 to 1, as the model reads them"]
    assert subject.model.shape == (2, 50)
    torch.testing.assert_close(subject(subject.natural.batch()), net()(torch.from_numpy(SIGNALS)), atol=1e-5, rtol=1e-4)
    with heard_by(heard.append):
        again = fv.model(subject, images=SIGNALS, labels=LABELS)
    np.testing.assert_array_equal(again.natural.images, subject.natural.images)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (HALF[:, None], "takes signals (C, L) of (2, 50), these are images (C, H, W) of (1, 2, 50)"),
        (HALF[:, :, :40], "takes signals (C, L) of (2, 50), these are (2, 40)"),
    ],
)
def test_images_for_a_network_of_signals_are_one_sentence(given, told):
    network = net()
    network.input_shape = (2, 50)
    with pytest.raises(FvproofError) as error:
        fv.model(network, images=given)
    assert told in str(error.value)


def test_a_set_holds_signals_and_volumes_with_their_channels_first():
    assert ImageSet(HALF).shape == (2, 50)
    assert ImageSet(RNG.random((2, 1, 3, 4, 3))).shape == (1, 3, 4, 3)
