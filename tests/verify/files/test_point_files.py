"""Points and training sets are read from text, arrays and pictures; whatever else there is, is named."""

import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from fvproof.theory.errors import DomainError, FvproofError
from fvproof.verify.files.point_files import read_labelled, read_point

RED, GREY = np.zeros((2, 3, 3), np.uint8), np.arange(0, 60, 10, dtype=np.uint8).reshape(2, 3)
RED[..., 0] = 255


def test_text_is_exact():
    assert read_point("0, 0.1,1/3", "the query") == ((Fraction(0), Fraction(1, 10), Fraction(1, 3)), (3,))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int64])
def test_arrays_keep_their_shape_and_their_numbers(tmp_path, dtype):
    np.save(tmp_path / "x.npy", np.array([[0, 1], [1, 0.5]]).astype(dtype))
    point, shape = read_point(str(tmp_path / "x.npy"), "the query")
    assert shape == (2, 2)
    assert point.tolist() == np.array([0, 1, 1, 0.5]).astype(dtype).tolist()


def test_coloured_pictures_become_three_channels_and_grey_ones_one(tmp_path):
    Image.fromarray(RED).save(tmp_path / "red.png")
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    point, shape = read_point(str(tmp_path / "red.png"), "the query")
    assert shape == (3, 2, 3)
    assert point.tolist() == [1] * 6 + [0] * 12
    point, shape = read_point(str(tmp_path / "grey.png"), "the query")
    assert shape == (1, 2, 3)
    assert point.tolist() == (np.float32(GREY).ravel() / np.float32(255)).tolist()


def chunk(kind, content):
    """Return a part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PIXELS = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0"))
BOMB = b"\x89PNG\r\n\x1a\n" + PIXELS + chunk(b"IEND", b"")
"""A picture that says to have billions of pixels."""


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.npy", b"", "holds no array of numbers"),
        ("x.npy", b"not an array", "holds no array of numbers"),
        ("x.png", b"not a picture", "is no picture"),
        ("x.png", b"\x89PNG\r\n\x1a\n", "x.png"),
        ("x.png", BOMB, "x.png cannot be read: Image size"),
    ],
)
def test_files_that_are_something_else_are_named(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DomainError, match=words):
        read_point(str(tmp_path / name), "the query")


@pytest.mark.parametrize("name", ["nowhere.npy", "nowhere.png"])
def test_missing_files_are_named(tmp_path, name):
    with pytest.raises(DomainError, match=r"the query: .*nowhere.* cannot be read: No such file"):
        read_point(str(tmp_path / name), "the query")


def test_an_array_of_objects_is_refused_without_running_it(tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DomainError, match="holds no array of numbers"):
        read_point(str(tmp_path / "x.npy"), "the query")


def test_pixels_that_were_not_scaled_are_refused(tmp_path):
    np.save(tmp_path / "x.npy", RED)
    with pytest.raises(DomainError, match=r"coordinate 0 of the query must lie in \[0, 1\], not 255"):
        read_point(str(tmp_path / "x.npy"), "the query")


def test_pictures_of_sixteen_bits_are_refused(tmp_path):
    Image.fromarray(GREY.astype(np.uint16) * 256).save(tmp_path / "deep.png")
    with pytest.raises(DomainError, match="must have 8 bits per channel"):
        read_point(str(tmp_path / "deep.png"), "the query")


def test_points_with_values_are_lines_of_json_or_arrays(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"at": ["0", 0.1], "value": "1/3"}\n\n{"at": "0,1/2", "value": 0.25}\r\n')
    first, second = read_labelled(tmp_path / "s.jsonl")
    assert (first, second) == ((["0", "0.1"], "1/3"), (["0", "1/2"], "0.25"))
    np.savez(tmp_path / "s.npz", points=np.eye(2).reshape(2, 1, 2), values=[0.5, 0.25])
    found = [(point.tolist(), value) for point, value in read_labelled(tmp_path / "s.npz")]
    assert found == [([[1, 0]], 0.5), ([[0, 1]], 0.25)]


def test_points_with_values_may_name_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GREY).save("grey.png")
    (tmp_path / "s.jsonl").write_text('{"at": "grey.png", "value": 1}')
    ((point, _),) = read_labelled(tmp_path / "s.jsonl")
    assert point.shape == (1, 2, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1: .* at column 2, which is the end"),
        ('\n{"at": [1],\f"value": 1}', "line 2: .* at column 12, which is U[+]000C FORM FEED"),
        ("[1]", 'points with values must be objects {"at"'),
        ('{"at": [0], "value": 1, "weight": 2}', 'points with values must be objects {"at"'),
        ('{"at": 3, "value": 1}', "point 0 must be a list of numbers"),
        ('{"at": [0], "at": [1], "value": 1}', "the key 'at' is there twice"),
        ('{"at": "none.npy", "value": 1}', "none.npy cannot be read"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "more digits than can be read"),
    ],
)
def test_malformed_points_with_values_are_refused(tmp_path, text, words):
    (tmp_path / "s.jsonl").write_text(text)
    with pytest.raises(FvproofError, match=words):
        read_labelled(tmp_path / "s.jsonl")


@pytest.mark.parametrize("arrays", [{"points": np.eye(2)}, {"points": np.eye(2), "values": [1.0]}])
def test_incomplete_archives_are_refused(tmp_path, arrays):
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(FvproofError, match="holds no points with values"):
        read_labelled(tmp_path / "s.npz")
