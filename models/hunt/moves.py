"""What can happen next in a cluster, in families: what users do, what somebody does behind the agents' backs, faults.

A ground says which families its scripts are made of. Nothing here is about a known race.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace


class Standing(msgspec.Struct, frozen=True):
    """What is there in a cluster after some operations, as far as it decides what can come next.

    ``has_users``: whether the cluster has the Service at all; ``spaced``: whether the namespace is there;
    ``services``: what moves of one service among several may be about.
    """

    has_users: bool
    exported: bool
    served: bool
    type: str
    ports: tuple[str, ...] = ("http:80",)
    has_broker: bool = False
    services: tuple[str, ...] = ()
    spaced: bool = True
    done: tuple[str, ...] = ()

    def times(self, what: str) -> int:
        """How often something was done."""
        return self.done.count(what)

    def after(self, what: str, **changes: Any) -> Standing:
        """What is there once something more was done."""
        return replace(self, done=(*self.done, what), **changes)


Entries = tuple[dict[str, Any], ...]
Move = tuple[str, Entries, Standing]
"""The words of a move, its entries in a script, and what is there afterwards."""
Family = Callable[[str, Standing], Iterator[Move]]
GAPS = ("serviceexports", "services", "endpointslices", "serviceimports", "broker-endpointslices", "aggregates")
BY_HAND = ("own-slice", "local-import", "copy", "imported-slice", "broker-slice")


def _users(cluster: str, now: Standing) -> Iterator[Move]:
    """What users do to exports and Services, where the service is offered at all."""
    if not (now.has_users and now.spaced):
        return
    user: dict[str, Any] = {"cluster": cluster}
    if now.exported:
        yield f"unexport in {cluster}", ({"do": "unexport", **user},), replace(now, exported=False)
    else:
        yield f"export in {cluster}", ({"do": "export", **user},), replace(now, exported=True)
    if now.served:
        yield f"delete the Service in {cluster}", ({"do": "delete-service", **user},), replace(now, served=False)
        yield from _changes(cluster, now)
    else:
        yield f"create the Service in {cluster}", ({"do": "create-service", **user},), replace(now, served=True)


def _each(cluster: str, now: Standing) -> Iterator[Move]:
    """What users do to one of several exports, the others being left alone; those of the beginning are all there."""
    for key in now.services if now.exported else ():
        entry: dict[str, Any] = {"cluster": cluster, "service": key}
        if now.times(key) % 2:
            yield f"export {key} in {cluster}", ({"do": "export", **entry},), now.after(key)
        else:
            yield f"unexport {key} in {cluster}", ({"do": "unexport", **entry},), now.after(key)


def _changes(cluster: str, now: Standing) -> Iterator[Move]:
    """A Service that is there changes, once."""
    if not (now.has_users and now.spaced and now.served) or now.times("change"):
        return
    entry: dict[str, Any] = {"do": "change-service", "cluster": cluster}
    other = "Headless" if now.type == "ClusterIP" else "ClusterIP"
    yield f"type becomes {other} in {cluster}", ({**entry, "type": other},), now.after("change", type=other)
    if now.type == "ClusterIP":
        ports = ("http:80",) if now.ports == ("https:443",) else ("https:443",)
        yield f"ports change in {cluster}", ({**entry, "ports": list(ports)},), now.after("change", ports=ports)


def _anew(cluster: str, now: Standing) -> Iterator[Move]:
    """The same, gone and made again at once."""
    user: dict[str, Any] = {"cluster": cluster}
    if not (now.has_users and now.spaced and now.served) or now.times("anew"):
        return
    after = now.after("anew")
    if now.exported:
        made = ({"do": "unexport", **user}, {"do": "export", **user})
        yield f"the ServiceExport made anew in {cluster}", made, after
    services = ({"do": "delete-service", **user}, {"do": "create-service", **user})
    yield f"the Service made anew in {cluster}", services, after


def _namespaces(cluster: str, now: Standing) -> Iterator[Move]:
    """The namespace goes, or comes back with what was in it, or both."""
    user: dict[str, Any] = {"cluster": cluster}
    gone: dict[str, Any] = {"do": "delete-namespace", **user}
    come: list[dict[str, Any]] = [{"do": "create-namespace", **user, "once_heard": True}]
    if now.has_users:
        come += [{"do": "create-service", **user}, {"do": "export", **user}]
    there = replace(now, spaced=True, served=now.has_users, exported=now.has_users)
    if now.spaced:
        absent = now.after("space", spaced=False, served=False, exported=False)
        yield f"the namespace goes in {cluster}", (gone,), absent
        if not now.times("space"):
            yield f"the namespace made anew in {cluster}", (gone, *come), there.after("space")
    else:
        yield f"the namespace comes back in {cluster}", tuple(come), there


def _leave(cluster: str, now: Standing) -> Iterator[Move]:
    """The cluster is gone for good, and nobody cleans up."""
    if not now.has_broker and not now.times("leave"):
        gone = now.after("leave", has_users=False, spaced=False, exported=False)
        yield f"cluster {cluster} is gone", ({"do": "remove-cluster", "cluster": cluster},), gone


def _crash(cluster: str, now: Standing) -> Iterator[Move]:
    if now.times("crash") < 2:
        yield f"agent of {cluster} crashes", ({"fault": "agent-crash", "clusters": [cluster]},), now.after("crash")


def _broker(_cluster: str, now: Standing) -> Iterator[Move]:
    if now.has_broker and not now.times("outage"):
        yield "broker's API down", ({"fault": "broker-down", "for_ms": 1000},), now.after("outage")
    if now.has_broker and not now.times("aggregates"):
        yield "aggregates deleted by hand", ({"do": "delete-aggregates"},), now.after("aggregates")


def _hand(cluster: str, now: Standing) -> Iterator[Move]:
    """Somebody deletes what the agents made."""
    if now.times("hand"):
        return
    for what in BY_HAND if now.has_users else BY_HAND[2:4]:
        entry = {"do": "delete-object", "what": what, "cluster": cluster}
        yield f"{what} of {cluster} deleted by hand", (entry,), now.after("hand")
    if now.has_broker:
        entry = {"do": "delete-object", "what": "everything-on-broker"}
        yield "all on the broker deleted by hand", (entry,), now.after("hand")


def _labels(cluster: str, now: Standing) -> Iterator[Move]:
    """What changes EndpointSlices alone."""
    if now.has_users and now.served and now.spaced and not now.times("label"):
        labelled, unready = {"do": "label-service", "cluster": cluster}, {"do": "change-readiness", "cluster": cluster}
        yield f"the Service gets a label in {cluster}", (labelled,), now.after("label")
        yield f"no endpoint ready in {cluster}", ({**unready, "ready": False},), now.after("label")


def _cut(cluster: str, now: Standing) -> Iterator[Move]:
    if not now.times("cut"):
        entry = {"fault": "cut-broker", "cluster": cluster, "for_ms": 1000}
        yield f"agent of {cluster} cut off the broker", (entry,), now.after("cut")


def _errors(cluster: str, now: Standing) -> Iterator[Move]:
    """Any one call fails: the fault comes at any moment, and the next call fails."""
    if not now.times("error"):
        entry = {"fault": "api-error", "cluster": cluster}
        yield f"a call of the agent of {cluster} fails", (entry,), now.after("error")


def _hangs(cluster: str, now: Standing) -> Iterator[Move]:
    """Any one call hangs, and is served at any later moment; a stop of S7 may give up meanwhile."""
    if not now.times("hang"):
        entry = {"fault": "hanging-call", "cluster": cluster}
        yield f"a call of the agent of {cluster} hangs", (entry,), now.after("hang")


def _status_errors(cluster: str, now: Standing) -> Iterator[Move]:
    """The same of status updates alone."""
    if not now.times("error"):
        entry = {"fault": "api-error", "cluster": cluster, "verb": "updateStatus"}
        yield f"a status update of the agent of {cluster} fails", (entry,), now.after("error")


def _gaps(cluster: str, now: Standing) -> Iterator[Move]:
    if not now.times("gap"):
        for kind in GAPS if now.has_users else GAPS[4:]:
            entry = {"fault": "watch-gap", "cluster": cluster, "kind": kind}
            yield f"the agent of {cluster} has a gap in its watch of {kind}", (entry,), now.after("gap")


def _namespace_gap(cluster: str, now: Standing) -> Iterator[Move]:
    if not now.times("gap"):
        entry = {"fault": "watch-gap", "cluster": cluster, "kind": "namespaces"}
        yield f"the agent of {cluster} has a gap in its watch of namespaces", (entry,), now.after("gap")


def _settings(cluster: str, now: Standing) -> Iterator[Move]:
    if now.exported and not now.times("setting"):
        entry = {"do": "annotate-export", "cluster": cluster, "use_ip": "false"}
        yield f"a user wants no clusterset IP in {cluster}", (entry,), now.after("setting")


def _roll_out(cluster: str, now: Standing) -> Iterator[Move]:
    if not now.times("roll-out"):
        yield f"a new agent of {cluster} rolls out", ({"fault": "roll-out", "cluster": cluster},), now.after("roll-out")


def _upgrade(strategy: str) -> Family:
    """A roll-out to the proposal."""

    def move(cluster: str, now: Standing) -> Iterator[Move]:
        if not now.times("roll-out"):
            entry = {"fault": "roll-out", "cluster": cluster, "release": "proposed", "strategy": strategy}
            yield f"agent of {cluster} upgraded by {strategy}", (entry,), now.after("roll-out")

    return move


FAMILIES: dict[str, Family] = {
    "users": _users, "changes": _changes, "each": _each, "anew": _anew, "namespaces": _namespaces, "crash": _crash,
    "leave": _leave, "broker": _broker, "hand": _hand, "labels": _labels, "settings": _settings, "cut": _cut,
    "errors": _errors, "hangs": _hangs, "status errors": _status_errors, "gaps": _gaps,
    "namespace gap": _namespace_gap, "roll-out": _roll_out, "upgrade": _upgrade("RollingUpdate"),
    "upgrade by Recreate": _upgrade("Recreate"),
}  # fmt: skip
"""All families, by the names that grounds use."""


def moves(cluster: str, now: Standing, families: tuple[str, ...]) -> Iterator[Move]:
    """What can happen next in a cluster."""
    for family in families:
        yield from FAMILIES[family](cluster, now)
