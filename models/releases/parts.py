"""The parts of the proposed agent: what it does beyond 0.19.1, each by its name. Each can be left out, to see what it
is for. The handlers ask their release for them (:meth:`models.releases.release.Release.does`).
"""

from __future__ import annotations

JOINS_AGAIN = "joins-again"
CONFIRMS_RECONCILES = "confirms-reconciles"
CLEANS_AT_START = "cleans-at-start"
LOOKS_AGAIN = "looks-again"
REFRESHES_SLICES = "refreshes-slices"
OWNS_ITS_TYPE = "owns-its-type"
STATUS_LAST = "status-last"
ENDS_READY = "ends-ready"
RETRIES_CONDITIONS = "retries-conditions"
SEES_REPLACEMENT = "sees-replacement"
RETRIES_LISTS = "retries-lists"
KEEPS_IPS = "keeps-ips"
RESERVES_IPS = "reserves-ips"

PARTS = {
    JOINS_AGAIN: "S6, and a reconcile at start, queue Distribute where no aggregate names the cluster, that has a local"
    " ServiceImport; S5 queues the ServiceExport once its local import went",
    CONFIRMS_RECONCILES: "what a reconcile queued for deletion is deleted only if a Get says that its origin is gone;"
    " R-c lists until it has a list",
    CLEANS_AT_START: "own names and EndpointSlices without a local ServiceImport are removed at start",
    LOOKS_AGAIN: "H1 gets the Service before it writes the local ServiceImport, and looks again at both once it has",
    REFRESHES_SLICES: "own EndpointSlices are synced again where Distribute wrote, where Ready is not True, and where"
    " the broker has none",
    OWNS_ITS_TYPE: "an aggregate that names nobody else takes the exporter's type, and its slices of the other type go;"
    " who is of another type ends its export",
    STATUS_LAST: "a removal writes timestamps and ports first, the status last, so that a retry completes it",
    ENDS_READY: "H9 takes Ready back before it removes the exporter, so an H8 that ends late does not say it for good",
    RETRIES_CONDITIONS: "an item of H1, H4, H6 or H8 whose condition could not be written is tried again",
    SEES_REPLACEMENT: "a ServiceExport or a namespace that replaced another is handled as a new one",
    RETRIES_LISTS: "a list in CreateOrUpdate that fails is tried again, and does not end the agent",
    KEEPS_IPS: "a clusterset IP goes back to the pool only after a Get says that the aggregate does not have it",
    RESERVES_IPS: "the pool of clusterset IPs is filled, at start, by the aggregates on the broker as well",
}
"""Every part, with what it does."""

QUEUES_AGAIN = "queues-again"
QUEUES_WHAT_IT_MADE = "queues-what-it-made"
QUEUES_KNOWN = "queues-known"
WATCHES_COPIES = "watches-copies"
TAKES_BACK_FIRST = "takes-back-first"
LEAVES_SECOND = "leaves-second"
OLDEST_DECIDES = "oldest-decides"
TELLS_ALL = "tells-all"
KEEPS_NAMES = "keeps-names"

LEVEL_PARTS = {
    QUEUES_AGAIN: "a service of which a call failed, or has met something that changed, is looked at again",
    QUEUES_WHAT_IT_MADE: "at start the services of aggregates, copies and EndpointSlices are looked at, not only those"
    " that are exported",
    QUEUES_KNOWN: "after a broken watch every service that was ever looked at is looked at again",
    WATCHES_COPIES: "copies and EndpointSlices in the namespaces of services are watched",
    TAKES_BACK_FIRST: "Ready is taken back before the aggregate ceases to name the cluster",
    LEAVES_SECOND: "of two aggregates of one service each cluster leaves the one that has the second name",
    OLDEST_DECIDES: "an exporter is named whatever the type of its Service; that of the oldest is the aggregate's",
    TELLS_ALL: "the aggregate says what each exporter offers, so that all are told of what they do not agree on",
    KEEPS_NAMES: "own EndpointSlices keep the names that they have, as those that an agent of upstream's generated",
}
"""Every part of the agent that has one reconcile for each service, with what it does."""
