"""Values as one word that can be pasted: a prefix, the packed value, and eight digits that tell whether it is whole."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from typing import TypeVar

import msgspec

from sim.core.errors import BadInput

T = TypeVar("T")
ACCEPTED = "a token as explore, check or outcomes prints it, whole: run1.….… or check1.….…"


def packed(prefix: str, content: bytes) -> str:
    """The content as one word."""
    body = base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")
    return f"{prefix}.{body}.{_check(body)}"


def unpacked(text: str, prefix: str, read: Callable[[bytes], T]) -> T:
    """What ``read`` makes of the content of a word.

    Raises:
        BadInput: it is no such word, of another kind, cut short or altered.
    """
    shown = repr(text if len(text) <= 40 else f"{text[:37]}...")
    if not text.isascii():  # an argument that is not even text has surrogates, which nothing can encode
        raise BadInput(f"{shown} is not a token: it holds what no token has", ACCEPTED)
    kind, *parts = text.strip().split(".")
    if kind != prefix:
        found = f"a token of another kind ({kind}, here {prefix})" if kind[:-1] == prefix[:-1] else "not a token"
        raise BadInput(f"{shown} is {found}", ACCEPTED)
    if len(parts) != 2 or _check(parts[0]) != parts[1]:
        raise BadInput(f"{shown} is damaged: its check digits do not fit (was a part of it lost?)", ACCEPTED)
    try:
        return read(zlib.decompress(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))))
    except (binascii.Error, zlib.error, msgspec.DecodeError) as error:
        raise BadInput(f"{shown} is damaged: {error}", ACCEPTED) from None


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
