"""What is no regular file is refused in one sentence, and nothing waits for it; an open pipe is read to its end."""

import json
import os
import socket
from pathlib import Path

import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.certificates.certificate import read_certificate
from fvproof.verify.files.beside import file_record
from fvproof.verify.files.disk import writing
from fvproof.verify.files.formats import read_function
from fvproof.verify.files.json_lines import json_lines
from fvproof.verify.files.point_files import read_labelled, read_point
from fvproof.verify.files.readers import read_layered
from fvproof.verify.files.records import read_json
from fvproof.verify.files.vnnlib import read_property
from fvproof.verify.refutation.asking import time_limit


def point(path):
    return read_point(str(path), "the query")


READERS = [
    (read_json, "f.json"),
    (read_certificate, "f.json"),
    (read_function, "f.json"),
    (file_record, "f.npy"),
    (json_lines, "f.jsonl"),
    (read_layered, "f.onnx"),
    (read_layered, "f.nnet"),
    (read_layered, "f.json"),
    (read_property, "f.vnnlib"),
    (read_labelled, "f.jsonl"),
    (read_labelled, "f.npz"),
    (point, "f.npy"),
    (point, "f.png"),
]


@pytest.mark.parametrize(("read", "name"), READERS)
def test_a_named_pipe_that_nobody_writes_to_is_refused(tmp_path, read, name):
    os.mkfifo(tmp_path / name)
    said = r"f\.\w+ cannot be read: it must be a regular file, and is a named pipe"
    with time_limit(60), pytest.raises(DomainError, match=said):  # a reader that waits fails
        read(tmp_path / name)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_a_folder_is_refused(tmp_path, read, name):
    (tmp_path / name).mkdir()
    with pytest.raises(DomainError, match="it must be a regular file, and is a folder"):
        read(tmp_path / name)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_a_device_without_end_is_refused(tmp_path, read, name):
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(DomainError, match="it must be a regular file, and is a device"):
        read(tmp_path / name)


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("f.json")
        with pytest.raises(DomainError, match="is a socket"):
            read_json(Path("f.json"))


def test_a_pipe_that_is_open_already_is_read():
    outside, inside = os.pipe()
    os.write(inside, json.dumps({"at": ["0"], "value": "1"}).encode())
    os.close(inside)
    try:
        assert json_lines(Path(f"/dev/fd/{outside}")) == [{"at": ["0"], "value": "1"}]
    finally:
        os.close(outside)


def test_a_name_that_is_none_is_refused():
    with pytest.raises(DomainError, match="cannot be read"):
        read_json(Path("a\0b.json"))


def test_what_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DomainError, match=r"x\.json cannot be written: "), writing(tmp_path / "file" / "x.json"):
        pass
