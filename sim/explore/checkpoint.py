"""A search that survives the end of its process: written to a file from time to time, and gone on with from there.

Written between two steps, when the search pauses to look at its bounds, also while its cycles are closed; and once
more where a bound or an interrupt ends it, and where it has come to its end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from sim.core.errors import BadInput
from sim.explore.reduced import Reduced
from sim.explore.saved import Misfit, Saved, restore, saved
from sim.explore.verdict import INTERRUPTED
from sim.explore.whole import ANOTHER, Header, check_writable, packed, unpacked, write_whole

FIRST_S, EVERY_S = 2.0, 20.0
"""After how many seconds the first write is due, so that a search that is often killed gets on, and how many there are
between two in the end; in between it is twice as many each time.
"""
SPARE = 15
"""At least so many times as long as the last write took, a search goes on before the next."""


class Checkpoint:
    """The file of one search.

    ``question`` are all choices that decide what is searched, by name; ``version`` is that of the code. ``done`` says
    whether what the file held had come to its end, ``goes_on`` whether it held anything, and ``before_s`` how many
    seconds it had taken.
    """

    def __init__(self, path: Path, version: str, question: dict[str, str], every_s: float | None = None) -> None:
        self.path = path
        self.header = Header(version, question)
        self.every_s = EVERY_S if every_s is None else every_s
        self.done = self.goes_on = False
        self.before_s = 0.0
        self._kept = False  # whether the file holds something of this search
        self._pause_s = 0.0  # how long after the last write the next may come
        self._begin()

    # -- reading -----------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Look whether the search can be written, and whether a file that is there fits.

        Raises:
            BadInput: not so; the message says why, and the file is left as it is.
        """
        check_writable(self.path)
        self._read()

    def _read(self) -> tuple[Header, msgspec.Raw] | None:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInput(f"--checkpoint {self.path} cannot be read: {error.strerror or error}", ANOTHER) from None
        header, search = unpacked(self.path, data)
        mine = self.header
        if header.version != mine.version:
            raise BadInput(f"{self.path} was written by version {header.version}, this is {mine.version}", ANOTHER)
        for name in dict.fromkeys((*mine.question, *header.question)):
            there, here = (question.get(name, "not given") for question in (header.question, mine.question))
            if there != here:
                raise BadInput(f"{self.path} belongs to another search: its {name} is {there}, not {here}", ANOTHER)
        return header, search

    def resumed(self, made: Callable[[], Reduced]) -> Reduced | None:
        """The search that the file holds, filled into a new one; None if there is no file.

        Raises:
            BadInput: the file does not fit.
        """
        read = self._read()
        if read is None:
            self._begin()
            return None
        search = made()
        try:
            found = msgspec.msgpack.decode(read[1], type=Saved)
            restore(search, found)
        except (msgspec.MsgspecError, Misfit) as error:
            raise BadInput(f"{self.path} does not fit this search: {error}", ANOTHER) from None
        self.goes_on = self._kept = True
        self.done, self.before_s = read[0].done, found.seconds
        self._begin()
        what = "holds the whole search" if self.done else "goes on"
        _say(f"{self.path} {what}: {len(search.worlds)} worlds, {found.seconds:.0f} s")
        return search

    # -- writing -----------------------------------------------------------------------------------------------------

    def write_if_due(self, search: Reduced, seconds: float) -> None:
        """Write the search if the last time was long enough ago."""
        if time.monotonic() >= self._next_at:
            self.write(search, seconds)

    def write(self, search: Reduced, seconds: float, *, done: bool = False) -> None:
        """Write the search, ``seconds`` after this command began with it. That it cannot be written is only said: the
        search goes on, and the file is what it was.
        """
        began = time.monotonic()
        header = msgspec.structs.replace(self.header, done=done)
        try:
            write_whole(self.path, packed(header, saved(search, self.before_s + seconds)))
            self._kept = True
        except OSError as error:
            _say(f"{self.path} could not be written: {error.strerror or error}")
        now = time.monotonic()
        self._pause_s = min(2 * self._pause_s, self.every_s)
        self._next_at = now + max(self._pause_s, SPARE * (now - began))

    def _begin(self) -> None:
        """From now on it is so long until a write is due."""
        self._pause_s = min(FIRST_S, self.every_s)
        self._next_at = time.monotonic() + self._pause_s

    def say_ended(self, bound: str) -> None:
        """Say how to go on with a search that a bound has ended."""
        if not bound or not self._kept:
            return
        if bound == INTERRUPTED:
            _say(f"interrupted: the same command goes on from {self.path}")
        else:
            _say(f"ended by {bound}: the same command with a larger bound, or none, goes on from {self.path}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201
