"""The periodic resync of an informer: every object of its store is handled once more, as an update.

Source: client-go ``tools/cache`` with a resync period, as lighthouse used it from 0.16 to 0.17.2 and in 0.18.0 (PR
#1308; docs/FACTS.md C30).

A resync that finds everything in place changes nothing, so it is not taken: an object is queued at the first tick after
what is made of it went astray. The ticks of an object are counted from the event that brought it; upstream counts them
from the start of the informer (an assumption).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from models.kube.api_server import UP
from sim.core import Become, Cell, Get, Pace, Request, Stage, Transaction, Value

if TYPE_CHECKING:
    from models.kube.syncer import Syncer


class Resync(Request, frozen=True):
    """Wait for a tick at which an object's target is not what the syncer would make it, and queue the object.

    While the object is queued, or kept for a worker that may be at it, a resync would add nothing.
    """

    syncer: Syncer
    key: str
    target: Cell
    pace: ClassVar[Pace] = Pace.WAIT
    immediate: ClassVar[bool] = False

    @property
    def period_ms(self) -> float:
        """The resync period."""
        return self.syncer.resync_ms

    def reads(self, get: Get, choice: Value) -> Iterable[Cell]:
        syncer = self.syncer
        return (
            syncer.queue, syncer.operations(self.key), syncer.informer.entry(self.key), self.target,
            syncer.targets.up,
        )  # fmt: skip

    def writes(self, get: Get, choice: Value) -> Iterable[Cell]:
        return (self.syncer.queue,)

    def ready(self, get: Get) -> bool:
        syncer, key = self.syncer, self.key
        if get(syncer.targets.up) != UP or key in (get(syncer.queue) or ()) or get(syncer.operations(key)):
            return False
        obj = get(syncer.informer.entry(key))
        return obj is not None and syncer.is_astray(obj, get(self.target))

    def carry_out(self, tx: Transaction, choice: Value) -> None:
        tx.append(self.syncer.queue, self.key)

    def words(self, choice: Value, response: object) -> str:
        return f"{self.syncer.domain.name} resyncs {self.key} in {self.syncer.name}"


def resync(syncer: Syncer, key: str, target: Cell) -> Stage:
    """The resync of one object, for as long as the store has it."""
    yield Resync(syncer, key, target)
    return Become(resync, (syncer, key, target))
