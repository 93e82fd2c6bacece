"""Lines that a log leaves out and that must have been: cuts of links, namespaces and Services that came again."""

from __future__ import annotations

from msgspec.structs import replace

from models.kube.calls import NAMESPACE_NOT_FOUND
from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.entry import OK, UNREACHABLE, Entry, LogFile
from models.logs.who import cluster_of, server_of


def completed(log: LogFile) -> list[Entry]:
    """The lines of a log with all that must have been between them."""
    return with_backends(with_services(log, with_namespaces(log, with_cuts(log))))


BACK_OF = {"CUT_OFF": "BACK", "BROKER_CUT": "BROKER_BACK"}


def with_cuts(log: LogFile) -> list[Entry]:
    """The lines, and where calls failed that no mark explains, marks that their link is cut and back again.

    What a proxy tells was refused by the server itself, just then: other calls do not fail unseen.
    """
    out: list[Entry] = []
    cut: set[tuple[str, str]] = set()  # whose calls fail, and to which server

    def mark(verb: str, of: Entry) -> Entry:
        return Entry(of.number, of.at_ms, "net", verb, note=of.agent, lasts_ms=-1.0)

    for entry in log.entries:
        failed = entry.result == UNREACHABLE
        if entry.verb in ("BACK", "BROKER_BACK", "API_UP", "API_DOWN"):
            cut.clear()
        elif entry.verb in BACK_OF:
            cut.add((entry.note, entry.verb))
        elif not entry.is_outside and failed and entry.seen_by_proxy:
            far = _ways(log, entry)[0]
            out += [mark(far, entry), entry, replace(mark(BACK_OF[far], entry), lasts_ms=entry.lasts_ms)]
            continue
        elif not entry.is_outside and entry.verb != "event":  # watches may stay while calls fail
            for far in _ways(log, entry):
                if failed != ((entry.agent, far) in cut):
                    cut ^= {(entry.agent, far)}
                    out.append(mark(far if failed else BACK_OF[far], entry))
        out.append(entry)
    return out


def _ways(log: LogFile, entry: Entry) -> tuple[str, ...]:
    """The links that a call may have gone over, by the marks of their cuts: where the broker is one of the clusters,
    its agent may delete an aggregate over either (#3188), and not every format tells the client.
    """
    if entry.api != "broker":
        return ("CUT_OFF",)
    either = (entry.kind, entry.verb) == (SERVICE_IMPORTS, "delete") and not entry.seen_by_proxy
    if either and cluster_of(log, entry.agent) == log.broker:
        return ("BROKER_CUT", "CUT_OFF")
    return ("BROKER_CUT",)


def with_namespaces(log: LogFile, entries: list[Entry]) -> list[Entry]:
    """The lines, and where a namespace must have come again that is mentioned: with the Service, if it is exported.

    It came before the first line that may be due to that, if one shows it before a line tells that it came.
    """
    out: list[Entry] = []
    came: dict[int, list[Entry]] = {}
    for index, entry in enumerate(entries):
        if entry.kind == NAMESPACES and entry.verb == "delete":
            first = _came_before(log, entries, index)
            if first is not None:
                came.setdefault(first, []).append(entry)
        now = {"number": entry.number, "at_ms": entry.at_ms, "verb": "create", "lasts_ms": -1.0}
        out += [*(replace(deleted, **now) for deleted in came.get(index, ())), entry]
    return out


def _came_before(log: LogFile, entries: list[Entry], deletion: int) -> int | None:
    """The index of the line before which a namespace came again; None if none shows that it did."""
    name, server = entries[deletion].name, server_of(log, entries[deletion])
    first: int | None = None
    for index, entry in enumerate(entries[deletion + 1 :], start=deletion + 1):
        if server_of(log, entry) != server or entry.verb == "event":
            continue
        if entry.kind == NAMESPACES and entry.name == name:
            return None
        if entry.namespace != name:
            continue
        if entry.result == NAMESPACE_NOT_FOUND.reason:
            first = None  # not yet
            continue
        first = index if first is None else first
        if entry.result == OK and entry.verb not in ("list", "deletecollection"):
            return first
    return None


def with_services(log: LogFile, entries: list[Entry]) -> list[Entry]:
    """The lines, and what must have been created before an export in a namespace that was deleted: its Service, unless
    an agent was told before that it came.
    """
    lost: set[tuple[str, str]] = set()
    made: set[tuple[str, str, str]] = set()
    out: list[Entry] = []
    for entry in entries:
        server = server_of(log, entry)
        if entry.kind == NAMESPACES and entry.verb == "delete":
            lost.add((server, entry.name))
        elif entry.verb == "event" and entry.note == "ADDED" and (server, entry.namespace) in lost:
            made.add((server, entry.kind, f"{entry.namespace}/{entry.name.rsplit('-k8s', 1)[0]}"))
        elif entry.is_outside and entry.verb == "create" and (server, entry.namespace) in lost:
            made.add((server, entry.kind, f"{entry.namespace}/{entry.name.rsplit('-k8s', 1)[0]}"))
            for kind, suffix in ((SERVICES, ""), (ENDPOINT_SLICES, "-k8s0")):
                key = (server, kind, f"{entry.namespace}/{entry.name}")
                if entry.kind == SERVICE_EXPORTS and key not in made:
                    out.append(replace(entry, kind=kind, name=f"{entry.name}{suffix}", lasts_ms=-1.0))
        out.append(entry)
    return out


def with_backends(entries: list[Entry]) -> list[Entry]:
    """The lines, and what somebody must have created as nothing but the event tells: Services and their
    EndpointSlices.

    Where they are known to have come again with their namespace, events of them tell nothing new. A Service whose
    EndpointSlices no line tells of, but for lists, came with one.
    """
    told = {
        f"{entry.namespace}/{entry.name.rsplit('-k8s', 1)[0]}"
        for entry in entries
        if entry.kind == ENDPOINT_SLICES and "-k8s" in entry.name
    }
    made: set[tuple[str, str, str]] = set()
    came_again: set[tuple[str, str, str]] = set()
    out: list[Entry] = []
    for entry in entries:
        of_user = entry.kind == SERVICES or (entry.kind == ENDPOINT_SLICES and "-k8s" in entry.name)
        whose = (entry.agent.removeprefix("user@"), entry.kind)
        key = (*whose, f"{entry.namespace}/{entry.name}")
        stem = (*whose, key[2].rsplit("-k8s", 1)[0])
        if entry.is_outside and entry.verb == "create":
            made.add(key)
            if entry.lasts_ms < 0:
                came_again.add(stem)
        elif entry.verb == "event" and of_user and stem not in came_again:
            if entry.note == "DELETED":
                made.discard(key)
            elif entry.note == "ADDED" and key not in made:
                made.add(key)
                came = replace(entry, agent=f"user@{entry.agent}", verb="create", note="", lasts_ms=0.0)
                out.append(came)
                if entry.kind == SERVICES and key[2] not in told:
                    out.append(replace(came, kind=ENDPOINT_SLICES, name=f"{entry.name}-k8s", lasts_ms=-1.0))
        out.append(entry)
    return out
