"""The file of a checkpoint: written whole or not at all, and read only if it is whole and of this program.

It begins with one line of text: what it is, its format, the length and the SHA-256 of the rest. The rest is
compressed msgpack, which holds numbers and text and runs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec

from sim.core.errors import BadInput
from sim.explore.saved import Saved

KIND = b"multicluster-sim checkpoint"
FORMAT = 3
HEAD_MAX = 200
ANOTHER = "another --checkpoint; this file is left as it is"


class Header(msgspec.Struct, frozen=True, array_like=True):
    """Which search it is: the version of the code, the question in words, and whether the search has ended."""

    version: str
    question: dict[str, str]
    done: bool = False


class _File(msgspec.Struct, frozen=True, array_like=True):
    header: Header
    search: msgspec.Raw


def packed(header: Header, search: Saved) -> bytes:
    """The bytes of a file."""
    content = msgspec.msgpack.encode(_File(header, msgspec.Raw(msgspec.msgpack.encode(search))))
    body = zlib.compress(content, 1)  # to a tenth, in less time than it takes to write the rest
    return b"%s %d %d %s\n" % (KIND, FORMAT, len(body), hashlib.sha256(body).hexdigest().encode()) + body


def unpacked(path: Path, data: bytes) -> tuple[Header, msgspec.Raw]:
    """What a file holds.

    Raises:
        BadInput: it is something else, of another format, cut short or damaged; the message says which.
    """
    head, newline, body = data.partition(b"\n") if b"\n" in data[:HEAD_MAX] else (data[:HEAD_MAX], b"", b"")
    words = head.removeprefix(KIND).split()
    if not head.startswith(KIND) and not KIND.startswith(head):
        raise BadInput(f"{path} is not a checkpoint: it does not begin as one", ANOTHER)
    if not newline:
        raise BadInput(f"{path} is cut short: only {len(data)} bytes are there", ANOTHER)
    if words[:1] != [b"%d" % FORMAT]:
        shown = b" ".join(words[:1]).decode(errors="replace")
        raise BadInput(f"{path} is a checkpoint of format {shown}, this program writes format {FORMAT}", ANOTHER)
    if len(words) == 3 and words[1].isdigit() and len(body) < int(words[1]):
        raise BadInput(f"{path} is cut short: {len(body)} of {int(words[1])} bytes are there", ANOTHER)
    if words[2:] != [hashlib.sha256(body).hexdigest().encode()]:
        raise BadInput(f"{path} is damaged: its SHA-256 is not the one in its first line", ANOTHER)
    try:
        file = msgspec.msgpack.decode(zlib.decompress(body), type=_File)
    except (msgspec.MsgspecError, zlib.error) as error:
        raise BadInput(f"{path} is damaged: {error}", ANOTHER) from None
    return file.header, file.search


def write_whole(path: Path, data: bytes) -> None:
    """Write under a hidden name and rename, so that a kill at any moment leaves the old file or the new one.

    Raises:
        OSError: it cannot be written, or another run is writing it just now.
    """
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(descriptor), partial.stat()):
            raise BlockingIOError(0, "another run has just written it")
        try:
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            partial.replace(path)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise


def check_writable(path: Path) -> None:
    """Try what :func:`write_whole` does, without changing the file.

    Raises:
        BadInput: it could not be written.
    """
    accepted = "a file that can be written"
    if path.is_dir():
        raise BadInput(f"--checkpoint {path} is a folder", accepted)
    partial = path.with_name(f".{path.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT, 0o666))
        partial.unlink()
    except OSError as error:
        raise BadInput(f"--checkpoint {path} cannot be written: {error.strerror or error}", accepted) from None
