"""A log as a search for an explanation sees it: a world to begin in, and lines that requests fit or do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from models.kube.calls import ApiCall, Ping
from models.kube.informer import Replace
from models.logs.beginning import Beginning, beginning
from models.logs.behind import with_watches
from models.logs.completing import completed
from models.logs.entry import UNREACHABLE, Entry, LogFile
from models.logs.fitting import Names, agrees, fits, silent
from models.logs.guesses import ways
from models.logs.late import with_taken_up
from models.logs.long_waits import with_long_waits
from models.logs.outside import Outside
from models.logs.reading import read
from models.logs.requests import TextDiffers
from models.logs.who import cluster_of
from models.logs.world import LogWorld
from models.releases import RELEASES
from models.releases.fleet import Fleet
from models.releases.release import Release
from models.scenarios import loading
from models.scenarios.timing import timing
from sim.core import Domain, Get, Machine, Request, Stage, unknown
from sim.core.timing import Timing

CODES = {"0.19.0": "0.19.0", "0.19.0+fix": "0.19.1"}
"""The releases of the codes that the heads of logs name."""


def logs(path: str, release: Release | Fleet | None) -> Iterator[Log]:
    """The ways in which a log may have begun: EndpointSlices as it shows, all as created, all or one cluster's touched;
    where an aggregate is written though nothing that is told changes, also without an annotation that is not told;
    and where no line tells who exported what, with more exports.

    Raises:
        BadInput: the log cannot be read, or names a release that is unknown.
    """
    log = read(path)
    if release is None:
        name = CODES.get(log.release, log.release)
        if name not in RELEASES:
            raise unknown(f"release of log {path}", log.release, [*CODES, *RELEASES])
        release = RELEASES[name]
    clusters = tuple(sorted(log.clusters.values()))
    singly = tuple((cluster,) for cluster in clusters) if len(clusters) > 1 else ()
    entries = completed(log)
    found = ways(log)
    for touched in (None, (), clusters, *singly):
        for guess, begin in found:
            yield Log(guess, entries, release, begin, touched=touched)
    for guess, begin in found if beginning(log).rewritten else ():
        for touched in (None, ()):
            yield Log(guess, entries, release, begin, touched=touched, unmarked=True)


class Line:
    """One line: implements :class:`sim.core.model.LogLine`."""

    def __init__(self, log: LogFile, world: LogWorld, entry: Entry) -> None:
        self.number = entry.number
        self.begin_ms = entry.at_ms
        self.end_ms = entry.at_ms + max(0.0, entry.lasts_ms)
        self.entry = entry
        self.refused = entry.result == UNREACHABLE
        # A call took effect late in its time (of two that overlapped, as versions tell, that which ended first did so
        # first); one that was refused, and marks, at once.
        self.effect_ms = self.begin_ms if self.refused or entry.verb.isupper() else self.end_ms
        self.servers = tuple(api.name for api in world.topology.apis)
        self.domain = None if entry.is_outside or entry.verb == "event" else world.agents[entry.agent].domain
        before = f" before {entry.verb} {entry.kind or entry.note}" if entry.lasts_ms < 0 else ""
        self.process = f"line {entry.number:05}{before}"

    def words(self) -> str:
        return self.entry.words()

    def fits(self, request: Request, names: Names) -> bool:
        return fits(self.entry, request, names, self.servers)

    def agrees(self, request: Request, response: Any, before: Get, after: Get, names: Names) -> tuple[Names, str]:
        return agrees(self.entry, request, response, before, after, names)


class Log:
    """Implements :class:`sim.core.model.Log`."""

    names: Names = ()

    def __init__(
        self, log: LogFile, entries: list[Entry], release: Release | Fleet, begin: Beginning, *,
        touched: tuple[str, ...] | None, unmarked: bool = False,
    ) -> None:  # fmt: skip
        self.file = log
        self.world = LogWorld(log, begin, release, touched=touched, unmarked=unmarked)
        self._outside = Outside(self.world)
        self.scenario = f"log {Path(log.path).name}"
        self.algorithm = release.name
        self.title = log.title
        self.users: Domain = self.world.users
        self.prepare = self.world.prepare
        way = "processes" if log.whole_binary else "controllers"
        self.prepare_timing: Timing = timing(replace(loading.load("restart", {"way": way})[0], delays={}))
        told = with_long_waits(with_taken_up(with_watches(entries, begin.behind), begin.late))
        lines = [Line(log, self.world, entry) for entry in told if self._counts(entry)]
        self.lines = tuple(sorted(lines, key=lambda line: line.effect_ms)) if log.whole_binary else tuple(lines)

    def _counts(self, entry: Entry) -> bool:
        if entry.is_outside:
            return entry.verb != "STARTED" and entry.result in ("ok", "")
        return entry.verb != "event" and bool(cluster_of(self.file, entry.agent))

    def begin(self, machine: Machine) -> None:
        """Start a process for each line that tells what somebody else did; the search decides when it goes."""
        for line in self.lines:
            if line.domain is None:
                machine.start(self.users, line.process, self.outside, line.entry)

    def outside(self, entry: Entry) -> Stage:
        """What somebody else did."""
        yield from self._outside.does(entry)
        return None

    def silent(self, request: Request, response: Any) -> bool:
        return silent(self.file, request, response)

    def at_once(self, request: Request) -> bool:
        """What happens within the agent, and the opening of watches, which have been delivering since their list.

        An answer to a list takes its time over a network; processes go on meanwhile.
        """
        if isinstance(request, Replace):
            return not self.file.whole_binary
        if isinstance(request, TextDiffers):
            return False  # either way, whatever else is done
        return not isinstance(request, ApiCall) or isinstance(request, Ping)
