"""Bytes as text and back: deflated, base64; read with care, as of somebody else's file."""

import base64
import binascii
import zlib

from fvproof.theory.errors import DomainError


def text_of(content: bytes, *, level: int = 6) -> str:
    """Return bytes as text.

    Examples
    --------
    >>> bytes_of(text_of(b"four"), 4, name="it")
    b'four'
    """
    return base64.b64encode(zlib.compress(content, level)).decode()


def bytes_of(text: str, size: int, *, name: str) -> bytes:
    """Return the bytes that `text_of` wrote: so many, lest a few kilobytes inflate to fill the memory.

    Raises
    ------
    DomainError
        If they are more or fewer, or damaged, or the text holds anything besides: one text stands for them, so that
        nobody can change a file and its meaning stays.
    """
    stream = zlib.decompressobj()
    try:
        deflated = base64.b64decode(text, validate=True)
        content = stream.decompress(deflated, size + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise DomainError(f"the data of {name} are damaged") from None
    whole = len(content) == size and stream.eof and not stream.unused_data
    if not whole or base64.b64encode(deflated).decode() != text:
        raise DomainError(f"the data of {name} are cut short or too long: they must be {size} bytes")
    return content
