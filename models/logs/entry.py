"""One line of a log in the words of the model, whatever the format it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

OK = "ok"
UNREACHABLE = "Unreachable"
"""The result of a call that a server did not answer, or would not."""
OUTSIDE = ("user", "driver", "net")
"""How the names of those begin who are no agents."""
OF_AGENTS = ("KILL", "START", "PAUSED", "RESUMED")
"""The marks that are about an agent, and not about a link of it or a server."""


class Facts(msgspec.Struct, frozen=True):
    """What a line tells of an object; None where it says nothing.

    ``ports`` are names and numbers, or only how many there are. ``conditions`` are in words, as ``Ready=True``.
    """

    clusters: tuple[str, ...] | None = None
    timestamps: tuple[str, ...] | None = None
    type: str | None = None
    ports: tuple[str, ...] | int | None = None
    cluster: str | None = None
    ready: tuple[bool, ...] | None = None
    conditions: tuple[str, ...] | None = None


class Entry(msgspec.Struct, frozen=True):
    """A call of an agent, a write of a user, or a mark (``verb`` in capitals).

    ``agent`` is the cluster's letter with its instance, as ``a#2``; ``api`` is broker, local, or empty where the log
    does not say. ``lists`` holds the names that a list returned, ``informer`` whether it was an informer's and
    ``of_service`` whether it selected the EndpointSlices of one service. ``sent`` and ``got`` are what was written and
    what was answered. ``seen_by_proxy`` says that ``api`` is the client that made the call, and not only a guess.
    ``places`` are ``lists`` with their namespaces, where the log tells them.
    """

    number: int
    at_ms: float
    agent: str
    verb: str
    kind: str = ""
    namespace: str = ""
    name: str = ""
    result: str = OK
    lasts_ms: float = 0.0
    api: str = ""
    lists: tuple[str, ...] | None = None
    count: int | None = None
    informer: bool = False
    of_service: bool = False
    sent: Facts | None = None
    got: Facts | None = None
    note: str = ""
    seen_by_proxy: bool = False
    places: tuple[str, ...] | None = None

    @property
    def is_outside(self) -> bool:
        """Whether no agent made it."""
        return self.agent.startswith(OUTSIDE) or self.verb.isupper()

    @property
    def shows_running(self) -> bool:
        """Whether it tells that its agent runs, or ran until then: marks of links and servers do not."""
        return not self.verb.isupper() or self.verb in OF_AGENTS

    @property
    def may_be_informers(self) -> bool:
        """Whether it is a list of an informer as far as is told: what failed tells nothing where no client is told."""
        return self.informer or (self.result == UNREACHABLE and not self.seen_by_proxy)

    @property
    def is_write(self) -> bool:
        return self.verb in ("create", "update", "updateStatus", "delete", "deletecollection")

    @property
    def empties_slices(self) -> bool:
        """Whether the EndpointSlices on the broker were deleted as well, where all ServiceImports there were."""
        return self.verb == "EMPTIED" or "EPS" in self.note

    def words(self) -> str:
        """The line as a person reads it."""
        where = "/".join(part for part in (self.namespace, self.name) if part)
        facts = self.got or self.sent
        told = f" {shown(facts)}" if facts else f" {len(self.lists)} objects" if self.lists is not None else ""
        return f"{self.agent} {self.verb} {self.kind} {where}".rstrip() + f": {self.result}{told}"


def shown(facts: Facts) -> str:
    """The facts in words."""
    told: Mapping[str, Any] = msgspec.structs.asdict(facts)
    return " ".join(f"{key}={_plain(value)}" for key, value in told.items() if value is not None)


def _plain(value: Any) -> str:
    return f"[{','.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


class LogFile(msgspec.Struct, frozen=True):
    """A log: what its head says, and its lines in the order in which they are to be explained.

    ``clusters`` maps the letter of each cluster to its ID. ``whole_binary`` tells the ways of running apart
    (docs/FACTS.md M1). ``also`` are services that are guessed to be there besides those that calls are about.
    ``type_if_untold`` is the type of Services that no line tells (empty: what the script says), and with
    ``all_changes_count`` users changed something whenever they updated a Service, though no line shows it.
    """

    path: str
    title: str
    release: str
    script: str
    end_state: str
    clusters: dict[str, str]
    broker: str
    whole_binary: bool
    entries: tuple[Entry, ...]
    left_out: int = 0
    also: tuple[str, ...] = ()
    type_if_untold: str = ""
    all_changes_count: bool = False
