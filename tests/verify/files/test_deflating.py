"""Bytes as text: one text for each content, and nothing else is read."""

import base64
import zlib

import pytest

from fvproof.theory.errors import DomainError
from fvproof.verify.files.deflating import bytes_of, text_of

CONTENT = b"a picture"
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".decode()


def test_what_was_written_is_read():
    assert bytes_of(text_of(CONTENT), len(CONTENT), name="it") == CONTENT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no base64!", "the data of it are damaged"),
        (base64.b64encode(b"not deflated").decode(), "are damaged"),
        (text_of(CONTENT[:-1]), "cut short or too long: they must be 9 bytes"),
        (text_of(bytes(10**7)), "cut short or too long"),
        (base64.b64encode(zlib.compress(CONTENT)[:-1]).decode(), "cut short"),
        (base64.b64encode(zlib.compress(CONTENT) + b"more").decode(), "too long"),
    ],
)
def test_anything_else_is_refused(text, said):
    with pytest.raises(DomainError, match=said):
        bytes_of(text, len(CONTENT), name="it")


def test_letters_that_say_the_same_in_another_way_are_refused():
    text = text_of(CONTENT)
    assert text.endswith("=")
    place = len(text.rstrip("=")) - 1
    other = text[:place] + LETTERS[LETTERS.index(text[place]) + 1] + text[place + 1 :]
    assert base64.b64decode(other, validate=True) == base64.b64decode(text)
    with pytest.raises(DomainError):
        bytes_of(other, len(CONTENT), name="it")
