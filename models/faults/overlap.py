"""Operations that overlap: what a fault has begun does not end before the last of its kind does; a user does one thing
after the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from models.faults.broker_down import BrokerDown
from models.faults.fault import Operation
from models.faults.pause import Pause
from models.faults.user import UserRestartsAgent
from models.faults.watches import CutBroker, WatchGap

Lasting = BrokerDown | CutBroker | Pause | WatchGap


def joined(script: Iterable[Operation]) -> list[Operation]:
    """The script, in the order of time, with faults that differ only in when and how long, and meet, as one."""
    out: list[Operation] = []
    for operation in script:
        place = next((index for index, earlier in enumerate(out) if _meet(earlier, operation)), None)
        if place is None:
            out.append(operation)
            continue
        earlier = out[place]
        assert isinstance(earlier, Lasting)
        assert isinstance(operation, Lasting)
        end_ms = max(_end_ms(earlier), _end_ms(operation))
        out[place] = replace(earlier, for_ms=end_ms - earlier.at_ms)
    return out


def in_turn(script: Iterable[Operation]) -> dict[int, tuple[Operation, ...]]:
    """What happens side by side, in the order of time, by the number of the first (from 1): each fault by itself; what
    is done in one cluster in its order, each operation not before the one ahead of it is over, as by one who waits for
    the answers. (Restarts of an agent, minutes apart, leave time for others.)
    """
    out: dict[int, tuple[Operation, ...]] = {}
    place: dict[str, int] = {}
    for number, operation in enumerate(script, start=1):
        cluster = getattr(operation, "cluster", None)
        if cluster is None or operation.is_fault or isinstance(operation, UserRestartsAgent):
            out[number] = (operation,)
        elif cluster in place:
            out[place[cluster]] = (*out[place[cluster]], operation)
        else:
            place[cluster] = number
            out[number] = (operation,)
    return out


def fails(operation: Operation, script: Iterable[Operation], broker: str) -> bool:
    """Whether a user does it while the API server that is asked is down: that of the cluster with the broker."""
    if operation.is_fault or getattr(operation, "cluster", None) != broker:
        return False
    down = (each for each in script if isinstance(each, BrokerDown))
    return any(each.at_ms <= operation.at_ms < _end_ms(each) for each in down)


def _meet(earlier: Operation, later: Operation) -> bool:
    if not isinstance(earlier, Lasting) or not isinstance(later, Lasting) or type(earlier) is not type(later):
        return False
    return replace(earlier, at_ms=later.at_ms, for_ms=later.for_ms) == later and later.at_ms <= _end_ms(earlier)


def _end_ms(fault: Lasting) -> float:
    return fault.at_ms + fault.for_ms
