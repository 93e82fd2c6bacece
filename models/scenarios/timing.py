"""The timing of a scenario: which delays, back-offs and limits of `models/timings` it has, and its own."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import yaml
from msgspec.structs import replace

from sim.core import unknown
from sim.core.timing import BackOff, Delay, Limits, Timing

if TYPE_CHECKING:
    from models.scenarios.scenario import ScenarioFile

FILES = ("common", "controllers", "processes")


def texts() -> list[str]:
    """The files of delays, as they are."""
    return [(resources.files("models.timings") / f"{name}.yaml").read_text() for name in FILES]


class TimingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of delays, back-offs and limits."""

    delays: dict[str, Delay] = {}
    back_offs: dict[str, BackOff] = {}
    limits: dict[str, Limits] = {}


@lru_cache(maxsize=8)
def _timing_file(name: str) -> TimingFile:
    text = (resources.files("models.timings") / f"{name}.yaml").read_text()
    return msgspec.convert(yaml.safe_load(text), TimingFile)


def timing(scenario: ScenarioFile) -> Timing:
    """The timing of a scenario: its way of running, the round-trip time on far links, and its own delays."""
    common, way = _timing_file("common"), _timing_file(scenario.way)
    delays = {**common.delays, **way.delays}
    for cluster in (cluster for on in scenario.hosts.values() for cluster in on):
        delays[f"container-restart-{cluster}"] = delays["container-restart"]
    delays["user-call"] = delays["call"]
    for name, text in scenario.delays.items():
        if name not in delays:
            raise unknown("delay", name, delays)
        delays[name] = Delay(text, "set for this run")
    if "user-call" not in scenario.delays:
        delays["user-call"] = delays["call"]
    half_ms = scenario.rtt_ms / 2
    for name in ("call", "watch"):
        near = delays[name]
        delays[f"broker-{name}"] = Delay(farther(near.is_, half_ms), f"{near.source}; half a round trip added")
    back_offs = {**common.back_offs, **way.back_offs}
    if "timer-late" in scenario.delays:
        back_offs = {name: replace(each, late=delays["timer-late"].is_) for name, each in back_offs.items()}
    return Timing(delays, back_offs, {**common.limits, **way.limits})


def farther(text: str, by_ms: float) -> str:
    """A distribution moved by some ms. A text that is none stays as it is: whoever draws from it refuses it."""
    head, _, tail = text.partition("+")
    try:
        return f"{head.strip()} + {float(tail or 0) + by_ms:g}" if by_ms else text
    except ValueError:
        return text
