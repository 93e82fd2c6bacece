"""What H5 (``Distribute``) writes of its cluster into the aggregate (docs/FACTS.md C9 and C30)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from models.kube.objects import ServiceExport, ServiceImport
from models.submariner.names import BROKER_NAMESPACE, aggregate_name
from sim.core import Read, Request

if TYPE_CHECKING:
    from models.submariner.agent.agent import LighthouseAgent

NEVER_CREATED = (1 << 63) - 2
"""The timestamp of an exporter whose ServiceExport is not in the cache: the largest but one, so never the oldest."""
Stamps = tuple[tuple[str, int], ...]


def created_of(export: ServiceExport | None) -> int:
    """When a ServiceExport of the cache was created."""
    return NEVER_CREATED if export is None else export.created


def oldest(timestamps: Stamps) -> str:
    """The exporter whose ServiceExport was created first; empty if there is none."""
    return min(timestamps, key=lambda stamp: (stamp[1], stamp[0]), default=("", 0))[0]


class Sharing(msgspec.Struct, frozen=True):
    """``names_exporter``: the cluster's name is written here (since PR #1521), not when its slice was synced.

    ``stamps``: the aggregate keeps the creation time of each ServiceExport, and the oldest exporter's session affinity.
    ``stamps_import``: that time stands on the local ServiceImport instead (since 0.22).
    """

    names_exporter: bool = True
    stamps: bool = True
    stamps_import: bool = False

    def stamp(self, agent: LighthouseAgent, key: str) -> Generator[Request, Any, Stamps]:
        """The timestamp of the own export, where the aggregate keeps it."""
        if not self.stamps:
            return ()
        return ((agent.cluster, (yield Read(agent.exports.informer.entry(key), created_of))),)

    def aggregate(self, agent: LighthouseAgent, obj: ServiceImport, stamp: Stamps) -> ServiceImport:
        """The aggregate as it is created."""
        made = ServiceImport(
            namespace=BROKER_NAMESPACE, name=aggregate_name(obj.label), type=obj.type, annotation=obj.label,
            timestamps=stamp, clusters=(agent.cluster,) if self.names_exporter else (),
        )  # fmt: skip
        return replace(made, affinity=obj.affinity, affinity_config=obj.affinity_config) if self.stamps else made

    def joined(self, agent: LighthouseAgent, obj: ServiceImport, stamp: Stamps, found: ServiceImport) -> ServiceImport:
        """An aggregate that exists, with the own share in it; as it is if it is of another type."""
        if found.type != obj.type or not self.names_exporter:
            return found
        joined = replace(found, clusters=tuple(sorted({*found.clusters, agent.cluster})))
        if not self.stamps:
            return joined
        stamps = tuple(sorted((*(t for t in found.timestamps if t[0] != agent.cluster), *stamp)))
        mine = obj if oldest(stamps) == agent.cluster else found
        return replace(
            joined, timestamps=stamps, affinity=mine.affinity, affinity_config=mine.affinity_config, unmarked=False
        )

    def import_stamp(self, agent: LighthouseAgent, export: ServiceExport) -> Stamps:
        """The timestamp of the export on its local ServiceImport."""
        return ((agent.cluster, export.created),) if self.stamps_import else ()


IN_DISTRIBUTE = Sharing()
"""0.19 to 0.21."""
NAME_ONLY = Sharing(stamps=False)
"""0.16.7, 0.17.1 to 0.18: the name, no timestamp, no session affinity."""
LATER = Sharing(names_exporter=False, stamps=False)
"""Up to 0.16.6, and 0.17.0: nothing before the slice is on the broker."""
NAME_AND_IMPORT = Sharing(stamps=False, stamps_import=True)
"""Since 0.22: the name; the rest stands on an import of each cluster."""
