"""The longest time that somebody waits for something."""

from __future__ import annotations

import msgspec

from sim.core import Cell, Domain, Sleep, Stage, Start, Transaction, Write


class TimeLimit(msgspec.Struct, frozen=True):
    """A timer of a domain, and the cell that says that it has run out."""

    domain: Domain
    timer: str
    is_over: Cell

    def begin(self, time: Sleep) -> Start:
        """Let the time begin to run."""
        return Start(self.domain, self.timer, run_out, (time, self.is_over))

    def end(self, tx: Transaction) -> None:
        """It is not waited for any more."""
        tx.stop(self.domain, self.timer)
        tx.put(self.is_over, None)


def run_out(time: Sleep, is_over: Cell) -> Stage:
    """The timer."""
    yield time
    yield Write(is_over, True)
    return None
