"""Progress on stderr: what is done, the rate, and how long it still takes."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress


def _per(rate: float) -> str:
    """A rate, by the minute where it is small."""
    return f"{rate:.0f}/s" if rate >= 1 or not rate else f"{60 * rate:.1f}/min"


def say_interrupted(what: str) -> None:
    """The first SIGINT has come. Said where a signal is handled, so not by the stream that may be in use there."""
    with suppress(OSError):
        os.write(2, f"\ninterrupted: {what}; interrupt again to give up\n".encode())


class Progress:
    """A line that renews itself on a terminal, and a line every few seconds elsewhere; none before ``quiet_s``."""

    def __init__(self, total: int, what: str = "runs", quiet_s: float = 0.0) -> None:
        self._quiet_s = quiet_s
        self._what = what
        self._total = total
        self._done = 0
        self._began = time.monotonic()
        self._said = 0.0
        self._terminal = sys.stderr.isatty()

    def advance(self, by: int) -> None:
        """Some more are done."""
        self._done += by
        now = time.monotonic() - self._began
        if now < self._quiet_s:
            return
        if now - self._said < (0.1 if self._terminal else 2.0) and self._done < self._total:
            return
        self._said = now
        rate = self._done / now if now else 0.0
        left = (self._total - self._done) / rate if rate else 0.0
        line = f"{self._done} of {self._total} {self._what}, {_per(rate)}, {left:.0f} s left"
        end = "\r" if self._terminal and self._done < self._total else "\n"
        print(f"{line:<60}", end=end, file=sys.stderr, flush=True)  # noqa: T201

    def interrupted(self) -> None:
        """The first SIGINT has come."""
        say_interrupted("runs under way end, what is done is kept")
