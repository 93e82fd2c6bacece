"""Work queues: how the item of a key ends.

Source: client-go ``util/workqueue`` (``AddRateLimited``, ``Forget``), as described in docs/FACTS.md C6.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.core import Cell, Channel, Get, Request, Transaction, Value


class KeyIsDone(Request, frozen=True):
    """The end of a key: queue it once more, after the back-off, or forget its failures."""

    queue: Channel
    key: str
    again: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.queue,)

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        if self.again:
            tx.append(self.queue, self.key)
        else:
            tx.forget(self.queue, self.key)
