"""Stopping S7 where it may take longer than upstream waits: what is in process goes on, and writes late.

Source: lighthouse ``service_endpoint_slices.go:stop``, admiral ``resource_syncer.go:AwaitStopped`` (a deadline of 5 s)
at bb36a19; docs/FACTS.md C10, R18. Since lighthouse PR #1757 a stop that takes longer is an error, and tried again.

Where no script lets a call hang, stopping waits for the item in process and nothing of this exists. Upstream makes a
controller for each start; here each has one other that stands for the next while it goes on, so that at most one of a
service and type that was given up goes on at a time, and a third start waits for its end.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from sim.core import Cell, Get, Request, Sleep, Transaction, Value, Wait

if TYPE_CHECKING:
    from models.submariner.agent.slice_controller import SliceController


class Deadline(Sleep, frozen=True):
    """The time that a stop waits. Without a clock it ends while a call of the agent hangs."""

    hanging: Cell
    spins: ClassVar[bool] = True

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.hanging,)

    def ready(self, get: Get) -> bool:
        return bool(get(self.hanging))


class Drained(Wait, frozen=True):
    """Wait until the item in process is over, or the deadline; True if it is over. ``leaves``: whoever waits goes on
    without it, so that its worker ends by itself.
    """

    controller: SliceController
    leaves: bool

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.controller.idle, self.controller.limit.is_over, self.controller.left)

    def ready(self, get: Get) -> bool:
        return bool(get(self.controller.idle) or get(self.controller.limit.is_over))

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        c = self.controller
        idle = bool(tx.get(c.idle))
        c.limit.end(tx)
        if not idle and self.leaves:
            tx.put(c.left, True)
        return idle

    def words(self, choice: Value, response: Any) -> str:
        return (
            "" if response else f"{self.controller.domain.name} gives up waiting until {self.controller.name} has ended"
        )


class ItemIsOver(Request, frozen=True):
    """The end of an item of a controller that may have been given up; True if it was, and is over with that."""

    controller: SliceController

    def cells(self, get: Get, choice: Value) -> Iterable[Cell]:
        c = self.controller
        return (c.idle, c.left, *c.kept_cells(get))

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        c = self.controller
        if not tx.get(c.left):
            tx.put(c.idle, True)
            return False
        c.drop(tx)
        tx.put(c.left, None)
        return True


class Free(Wait, frozen=True):
    """Whether the controller itself can be started, or only the other one, as it goes on; waits where both do."""

    controller: SliceController
    other: SliceController

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.controller.left, self.other.left)

    def ready(self, get: Get) -> bool:
        return not (get(self.controller.left) and get(self.other.left))

    def carry_out(self, tx: Transaction, choice: Value) -> bool:
        return not tx.get(self.controller.left)


def wait_until_drained(controller: SliceController) -> Generator[Request, Any, bool]:
    """Wait for the item in process, or 5 s; False if that was not enough."""
    yield controller.limit.begin(Deadline("s7-drain", controller.agent.hanging))
    done: bool = yield Drained(controller, leaves=not controller.agent.release.retries_stops)
    return done
