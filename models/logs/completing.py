"""Lines that a log leaves out and that must have been: cuts of links, namespaces and Services that came again."""

from __future__ import annotations

from msgspec.structs import replace

from models.kube.objects import ENDPOINT_SLICES, NAMESPACES, SERVICE_EXPORTS, SERVICES
from models.logs.entry import UNREACHABLE, Entry, LogFile
from models.logs.who import server_of


def completed(log: LogFile) -> list[Entry]:
    """The lines of a log with all that must have been between them."""
    return with_backends(with_services(log, with_namespaces(log, with_cuts(log))))


def with_cuts(log: LogFile) -> list[Entry]:
    """The lines, and where calls failed that no mark explains, marks that their link is cut and back again.

    What a proxy tells was refused by the server itself, just then: other calls do not fail unseen.
    """
    out: list[Entry] = []
    cut: set[tuple[str, str]] = set()  # whose calls fail, and to which server

    def mark(verb: str, of: Entry) -> Entry:
        return Entry(of.number, of.at_ms, "net", verb, note=of.agent, lasts_ms=-1.0)

    for entry in log.entries:
        far, back = ("BROKER_CUT", "BROKER_BACK") if entry.api == "broker" else ("CUT_OFF", "BACK")
        place, failed = (entry.agent, far), entry.result == UNREACHABLE
        if entry.verb in ("BACK", "BROKER_BACK", "API_UP", "API_DOWN"):
            cut.clear()
        elif entry.verb in ("CUT_OFF", "BROKER_CUT"):
            cut.add((entry.note, entry.verb))
        elif not entry.is_outside and failed and entry.seen_by_proxy:
            out += [mark(far, entry), entry, replace(mark(back, entry), lasts_ms=entry.lasts_ms)]
            continue
        elif not entry.is_outside and failed != (place in cut):
            cut ^= {place}
            out.append(mark(far if failed else back, entry))
        out.append(entry)
    return out


def with_namespaces(log: LogFile, entries: list[Entry]) -> list[Entry]:
    """The lines, and where a namespace must have come again that is mentioned: with the Service, if it is exported."""
    gone: dict[tuple[str, str], Entry] = {}
    out: list[Entry] = []
    for entry in entries:
        place = (server_of(log, entry), entry.name if entry.kind == NAMESPACES else entry.namespace)
        if entry.kind == NAMESPACES and entry.verb == "delete":
            gone[place] = entry
        elif entry.kind == NAMESPACES and entry.verb == "create":
            gone.pop(place, None)
        elif place in gone and entry.verb != "event":
            deleted = gone.pop(place)
            out.append(replace(deleted, number=entry.number, at_ms=entry.at_ms, verb="create", lasts_ms=-1.0))
        out.append(entry)
    return out


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
