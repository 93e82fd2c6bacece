"""Faults of one kind that overlap: what one has begun must not end before the last of them does."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from models.faults.broker_down import BrokerDown
from models.faults.fault import Operation
from models.faults.pause import Pause
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


def _meet(earlier: Operation, later: Operation) -> bool:
    if not isinstance(earlier, Lasting) or not isinstance(later, Lasting) or type(earlier) is not type(later):
        return False
    return replace(earlier, at_ms=later.at_ms, for_ms=later.for_ms) == later and later.at_ms <= _end_ms(earlier)


def _end_ms(fault: Lasting) -> float:
    return fault.at_ms + fault.for_ms
