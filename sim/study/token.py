"""Tokens: everything that is needed to run one run again, in one word that can be pasted."""

from __future__ import annotations

import hashlib
import platform
import shlex
from functools import lru_cache, partial
from importlib import metadata, resources

import msgspec

from sim.core.errors import BadInput
from sim.core.packed import packed, unpacked

PREFIX = "run1"
HASHED = ("sim.core", "sim.timed", "models")


class Token(msgspec.Struct, frozen=True, array_like=True):
    """A run: its scenario and settings, algorithm and seed, and the version that made it."""

    version: str
    scenario: str
    digest: str
    settings: dict[str, str]
    algorithm: str
    seed: int


@lru_cache(maxsize=1)
def version() -> str:
    """The program's version with a digest of the code that runs depend on; equal versions give equal runs."""
    hasher = hashlib.sha256()
    for package in HASHED:
        _hash_into(hasher, resources.files(package))
    try:
        number = metadata.version("multicluster-sim")
    except metadata.PackageNotFoundError:
        number = "0"
    return f"{number}+{hasher.hexdigest()[:8]}"


@lru_cache(maxsize=1)
def version_of_search() -> str:
    """The same with a digest of the search and the version of Python: equal ones learn the same in the same order."""
    hasher = hashlib.sha256()
    _hash_into(hasher, resources.files("sim.explore"))
    return f"{version()}.{hasher.hexdigest()[:8]} under Python {platform.python_version()}"


def _hash_into(hasher: hashlib._Hash, folder: resources.abc.Traversable) -> None:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _hash_into(hasher, entry)
        elif entry.name.endswith((".py", ".yaml")):
            hasher.update(entry.name.encode())
            hasher.update(entry.read_bytes())


def encode(token: Token) -> str:
    """The token as text."""
    return packed(PREFIX, msgspec.json.encode(token))


def decode(text: str) -> Token:
    """The token that the text stands for.

    Raises:
        BadInput: the text is no token, is cut short or altered, or was made by another version.
    """
    token: Token = unpacked(text, PREFIX, partial(msgspec.json.decode, type=Token))
    if token.version != version():
        raise BadInput(
            f"the token was made by version {token.version}, this is {version()}: runs may differ",
            f"a token of this version; make one with: {explore_command(token)}",
        )
    return token


def explore_command(token: Token) -> str:
    """The command that makes the run of a token anew, as a shell takes it."""
    words = ["--scenario", token.scenario, "--algorithm", token.algorithm]
    for name, value in sorted(token.settings.items()):
        words += ["--set", f"{name}={value}"]
    return f"python -m sim explore {shlex.join(words)} --seeds {token.seed}:{token.seed + 1}"
