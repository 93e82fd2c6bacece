"""Standard output and error, of which either may lead to a full disk or to a reader that has gone."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


class Guarded(io.TextIOWrapper):
    """A standard stream that fails only once: what went wrong is kept in ``problem``, and the rest goes nowhere.

    So a command comes to its end, and keeps its results, whatever becomes of what it prints.
    """

    problem: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self.problem = error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def guard() -> Guarded:
    """Put guards in the place of both streams; returns that of standard output."""
    sys.stderr = _guarded(sys.stderr)
    sys.stdout = out = _guarded(sys.stdout)
    return out


def _guarded(stream: object) -> Guarded:
    """Where a stream is closed Python has none; what is said there goes nowhere."""
    if not isinstance(stream, io.TextIOWrapper):
        return Guarded(Path(os.devnull).open("wb"), "utf-8")
    return Guarded(
        stream.buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )  # fmt: skip


def unprinted(out: Guarded) -> str:
    """Why not all was printed, if a reader that has gone is not the reason: that one has read enough."""
    out.flush()
    if out.problem is None or isinstance(out.problem, BrokenPipeError):
        return ""
    return f"cannot write to standard output: {out.problem.strerror or out.problem}"


def say_error(problem: str, accepted: str = "") -> None:
    """What is wrong in one line, and what would have been accepted in another (a verdict of logs is "accepted" too)."""
    print(f"error: {problem}", file=sys.stderr)  # noqa: T201
    if accepted:
        print(f"allowed: {accepted}", file=sys.stderr)  # noqa: T201
