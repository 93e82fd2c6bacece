"""Other ways in which a log may have begun, where its lines do not tell who exported what: most of all if it was cut.

Whoever no line tells of may have exported a service or not. Each set of clusters is tried as those that did, for all
such services at once, with as many more services, that no line names, as the first lists show objects. What these lists
name was there, and what they do not name was not. A guess that disagrees with a first list is no use.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from msgspec.structs import replace

from models.exports import Export
from models.kube.api_server import DELETED
from models.kube.objects import CLUSTER_IP, ENDPOINT_SLICES, SERVICE_EXPORTS, SERVICE_IMPORTS, SERVICES
from models.logs.beginning import Beginning, Mention, Place, beginning, stale_slices, told_exported
from models.logs.behind import behind
from models.logs.entry import LogFile
from models.logs.late import gone_before, last_heard, late
from models.logs.listed import First, first_lists, listed_keys, listed_places
from models.logs.specs import shows_import_updated, spec_of
from models.logs.who import broker_of, cluster_of, keys_of
from models.submariner.names import BROKER_NAMESPACE, OPERATOR_NAMESPACE, aggregate_name, local_import_name

Guess = tuple[LogFile, Beginning]


def ways(log: LogFile) -> list[Guess]:
    """The ways in which a log may have begun; what its lines tell comes first, unless only guesses agree with them."""
    told = beginning(log)
    firsts = first_lists(log)
    out = [*_with_watches_lost(log, told), *_with_late_watches(log, told), (log, told)]
    for each in _kinds(log):
        for guess in _guesses(each, firsts):
            if not any(_same(guess, other) for other in out) and _agrees(*guess, firsts):
                out.append(guess)
    return out if _agrees(log, told, firsts) else [guess for guess in out if guess[1] != told] + [(log, told)]


def _same(one: Guess, other: Guess) -> bool:
    """Whether two ways to begin come to the same: services that the log names anyway add nothing."""
    log, begin = one
    return (
        begin == other[1] and replace(log, also=()) == replace(other[0], also=()) and keys_of(log) == keys_of(other[0])
    )


def _with_watches_lost(log: LogFile, told: Beginning) -> Iterator[Guess]:
    agents = behind(log)
    if agents:
        forgotten = tuple(export for each in agents for export in each.forgotten if export not in told.exported)
        services = tuple(dict.fromkeys((*told.services, *forgotten)))
        yield log, replace(told, services=services, exported=(*told.exported, *forgotten), behind=agents)


def _with_late_watches(log: LogFile, told: Beginning) -> Iterator[Guess]:
    found = late(log)
    if found:
        gone = gone_before(log, found)
        exported = tuple(export for export in told.exported if export.service_key not in gone)
        services = tuple(export for export in told.services if export.service_key not in gone)
        so = {
            (broker_of(log), kind, BROKER_NAMESPACE, name): Mention(entry.note != DELETED, entry.got)
            for (kind, name), entry in last_heard(found).items()
        }
        mentions = {**told.mentions, **so}
        yield log, replace(told, late=found, exported=exported, services=services, mentions=mentions)


def _kinds(log: LogFile) -> Iterator[LogFile]:
    """The log, and with what it leaves open about Services otherwise: their type, and whether users changed them."""
    yield log
    if any(_changes_unseen(log)):
        yield replace(log, all_changes_count=True)
    if "headless" in log.script:
        yield replace(log, type_if_untold=CLUSTER_IP)


def _changes_unseen(log: LogFile) -> Iterator[bool]:
    """For each time that a user updates a Service, whether the log ends, or goes on, without an import to show it."""
    for entry in log.entries:
        if entry.is_outside and (entry.kind, entry.verb) == (SERVICES, "update"):
            export = Export(cluster_of(log, entry.agent), f"{entry.namespace}/{entry.name}")
            yield not shows_import_updated(log, export, entry.number)


def _guesses(log: LogFile, firsts: tuple[First, ...]) -> Iterator[Guess]:
    log = replace(log, also=tuple(sorted(listed_keys(log, firsts))))
    told = beginning(log)
    shown, unknown = _sorted_out(log, told, firsts)
    clusters = sorted({export.cluster for export in unknown} | {first.server for first in firsts if _is_short(first)})
    for some in chain.from_iterable(combinations(clusters, size) for size in range(len(clusters) + 1)):
        more = [*shown, *(export for export in unknown if export.cluster in some)]
        guess = _with(log, told, more, firsts)
        missing = _missing(*guess, firsts, some)
        if missing:
            space = min((export.service_key.split("/")[0] for export in guess[1].services), default="default")
            unnamed = tuple(f"{space}/unnamed-{number:02}" for number in range(1, missing + 1))
            in_full = replace(log, also=(*log.also, *unnamed))
            guess = _with(in_full, told, [*more, *(Export(c, key) for key in unnamed for c in some)], firsts)
        yield guess
        if guess[1].withdrawn:
            yield guess[0], replace(guess[1], withdrawn=())
        stale = tuple(_surplus(*guess, firsts))
        if stale:
            yield guess[0], replace(guess[1], stale=(*guess[1].stale, *stale))


def _surplus(log: LogFile, begin: Beginning, firsts: tuple[First, ...]) -> Iterator[tuple[Export, str]]:
    """EndpointSlices on the broker that a first list shows besides those that the agents have made."""
    called = {entry.name for entry in log.entries if entry.kind == ENDPOINT_SLICES}
    for first in firsts:
        if (first.kind, first.namespace) != (ENDPOINT_SLICES, BROKER_NAMESPACE) or not first.is_whole:
            continue
        for export in begin.exported:
            stem = export.service_key.split("/")[1]
            mine = [name.split("/")[1] for name in first.names if name.split("/")[1].rsplit("-", 1)[0] == stem]
            made = sum(e.service_key.split("/")[1] == stem for e in begin.exported)
            known = {name for _, name in begin.stale}
            for name in sorted(set(mine) - known, key=lambda name: (name in called, name))[
                : len(mine) - made - len(known)
            ]:
                yield export, name


def _is_short(first: First) -> bool:
    return not first.is_whole and first.server != "broker"


def _sorted_out(log: LogFile, told: Beginning, firsts: tuple[First, ...]) -> tuple[list[Export], list[Export]]:
    """What lists of ServiceExports show besides what calls tell, and what nothing tells of."""
    lists = {first.server: first for first in firsts if first.kind == SERVICE_EXPORTS}
    shown: list[Export] = []
    unknown: list[Export] = []
    for key in keys_of(log):
        for cluster in log.clusters.values():
            export, first = Export(cluster, key), lists.get(cluster)
            if export in told.exported:
                continue
            if first is not None and key in first.names:
                shown.append(export)
            elif told_exported(log, told.mentions, export) is None and not (first is not None and first.is_whole):
                unknown.append(export)
    return shown, unknown


def _with(log: LogFile, told: Beginning, more: list[Export], firsts: tuple[First, ...]) -> Guess:
    """The world with more exports, and with what the first lists show of ServiceImports."""
    listed = {f"{first.server} {name}" for first in firsts if first.kind == SERVICE_EXPORTS for name in first.names}
    exported = (*told.exported, *more)
    return log, replace(
        told,
        services=tuple(dict.fromkeys((*told.services, *_listed_services(log, firsts), *more))),
        exported=exported,
        withdrawn=tuple(e for e in told.withdrawn if f"{e.cluster} {e.service_key}" not in listed),
        stale=tuple(stale_slices(log, told.mentions, exported)),
        mentions=told.mentions | _shown_imports(log, told, exported, firsts),
        specs={Export(c, key): spec_of(log, Export(c, key)) for c in log.clusters.values() for key in keys_of(log)},
    )


def _listed_services(log: LogFile, firsts: tuple[First, ...]) -> Iterator[Export]:
    for first in firsts:
        if first.kind == SERVICES:
            yield from (Export(first.server, name) for name in first.names if name in keys_of(log))


def _shown_imports(
    log: LogFile, told: Beginning, exported: tuple[Export, ...], firsts: tuple[First, ...]
) -> dict[Place, Mention]:
    """Whether ServiceImports were there that no call is about, as lists tell that name all of them."""
    out: dict[Place, Mention] = {}
    for first in firsts:
        if first.kind != SERVICE_IMPORTS or not first.is_whole:
            continue
        there = set(listed_places(first))
        for place in (*_imports_of(log, exported), *sorted(there)):
            here = place[0] == first.server and first.namespace in ("", place[2])
            if here and place not in told.mentions:
                out[place] = Mention(place in there)
    return out


def _imports_of(log: LogFile, exported: tuple[Export, ...]) -> Iterator[Place]:
    for export in exported:
        local = local_import_name(export.service_key, export.cluster)
        yield export.cluster, SERVICE_IMPORTS, OPERATOR_NAMESPACE, local
        yield broker_of(log), SERVICE_IMPORTS, BROKER_NAMESPACE, aggregate_name(export.service_key)
        for cluster in log.clusters.values():
            namespace, name = export.service_key.split("/")
            yield cluster, SERVICE_IMPORTS, namespace, name


# -- how many ----------------------------------------------------------------------------------------------------------


def _expected(log: LogFile, begin: Beginning, first: First) -> int | None:
    """How many objects such a list shows where all is settled; None if that is not known."""
    alive = [export for export in begin.exported if export not in begin.withdrawn]
    if first.kind == SERVICE_EXPORTS:
        return sum(export.cluster == first.server for export in alive)
    if first.kind != ENDPOINT_SLICES or begin.stale or any(blank.kind == ENDPOINT_SLICES for blank in begin.empty):
        return None
    slices = sum(begin.specs[export].slices for export in alive)
    on_broker = first.server == broker_of(log)
    return slices * (on_broker + (first.server in log.clusters.values())) if not first.namespace else slices


def _agrees(log: LogFile, begin: Beginning, firsts: tuple[First, ...]) -> bool:
    """Whether the first lists show as many objects as there would be."""
    return all(_expected(log, begin, first) in (None, first.count) for first in firsts)


def _missing(log: LogFile, begin: Beginning, firsts: tuple[First, ...], some: tuple[str, ...]) -> int:
    """How many services more, each exported by some clusters, the first lists show."""
    out = 0
    for first in firsts:
        expected = _expected(log, begin, first)
        each = 1
        if first.kind == ENDPOINT_SLICES:
            each = len(some) * (1 if first.namespace else (first.server == broker_of(log)) + 1)
        if expected is None or not some or (first.kind == SERVICE_EXPORTS and first.server not in some):
            continue
        out = max(out, (first.count - expected) // each)
    return out
