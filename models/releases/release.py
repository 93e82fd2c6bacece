"""Releases: the set of behaviours of one upstream version, or of a proposed algorithm."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from models.kube.objects import ServiceImport
from models.kube.pending import CURRENT, Queueing
from models.kube.syncer import Handling
from models.submariner.agent.parts.conflicting import OF_LATECOMER, Conflicts
from models.submariner.agent.parts.migrator import delete_legacy_import
from models.submariner.agent.parts.own_slices import BY_IDENTITY, OwnSlices
from models.submariner.agent.parts.per_cluster import PerCluster
from models.submariner.agent.parts.ports import OLDEST_FIRST, PortRule
from models.submariner.agent.parts.sharing import IN_DISTRIBUTE, Sharing
from models.submariner.agent.parts.slice_sync import WITH_PORTS, SliceSync


class Namespaces(StrEnum):
    """What S4 and S6 do about namespaces that come and go: nothing, so that what fails is tried again as after any
    error; try again what failed for want of one when it comes; or also what had been made in one that is made again.
    """

    NOTHING = "nothing"
    RETRY = "retry"
    FULL = "full"


class Design(StrEnum):
    """What kind of agent it is: upstream's syncers, one for each kind of object; or one reconcile for each service."""

    SYNCERS = "syncers"
    LEVEL = "level"


class Release(msgspec.Struct, frozen=True):
    """A sync algorithm, made of parts; a part that is not named is that of 0.19.

    ``is_taken_for_copy`` is the filter of the reconcile R-c; ``looks_in_store`` says whether a reconcile deletes only
    what the store does not hold; ``deletes_with_precondition`` whether an empty aggregate is deleted only as read.
    ``queueing`` is what admiral keeps of a key; ``resync_ms`` the resync of S4 and S6, 0 for none; ``namespaces`` says
    what they do about namespaces. ``sharing``, ``slice_sync`` and ``ports`` make the aggregate, ``own_slices`` the
    lighthouse slices. ``migrate`` is None where the migrator of before 0.15 is gone;
    ``per_cluster`` is there where the broker has an import of each cluster.
    ``has_ips``: services may get clusterset IPs where a scenario has any, since 0.19 (docs/FACTS.md C21).
    ``retries_stops``: a stop of S7 that takes longer than 5 s is an error, which is tried again.
    ``parts`` names what a proposal does beyond that; ``design`` says what kind of agent it is. Of one that has one
    reconcile for each service, the parts that are of syncers say nothing.
    """

    name: str
    summary: str
    is_taken_for_copy: Callable[[ServiceImport], bool]
    looks_in_store: bool = True
    deletes_with_precondition: bool = True
    queueing: Queueing = CURRENT
    resync_ms: float = 0.0
    namespaces: Namespaces = Namespaces.FULL
    sharing: Sharing = IN_DISTRIBUTE
    slice_sync: SliceSync = WITH_PORTS
    ports: PortRule = OLDEST_FIRST
    own_slices: OwnSlices = BY_IDENTITY
    conflicts: Conflicts = OF_LATECOMER
    migrate: Callable[..., Handling] | None = delete_legacy_import
    per_cluster: PerCluster | None = None
    has_ips: bool = True
    retries_stops: bool = False
    parts: tuple[str, ...] = ()
    design: Design = Design.SYNCERS

    def does(self, part: str) -> bool:
        """Whether it has a part of :mod:`models.releases.parts`."""
        return part in self.parts

    def __repr__(self) -> str:
        return f"release {self.name}"
