"""Lighthouse 0.22, the design of 2025 (PR #1863; read at 1681e3f and 0873396; docs/FACTS.md C30).

The broker has an import of each cluster beside the aggregate; only the exporter that takes precedence writes ports and
session affinity; S3 leaves the aggregate alone; a conflict is told to every exporter. Assumed: that 0.22 is the first
release with it, and that admiral still swallows the NotFound of an UpdateStatus after a Create (FACTS R2).
"""

from msgspec.structs import replace

from models.releases import v0_21
from models.submariner.agent.parts.conflicting import OF_ALL
from models.submariner.agent.parts.per_cluster import PER_CLUSTER
from models.submariner.agent.parts.ports import PRECEDENT_EXPORTER
from models.submariner.agent.parts.sharing import NAME_AND_IMPORT
from models.submariner.agent.parts.slice_sync import READY_ONLY

RELEASE = replace(
    v0_21.RELEASE,
    name="0.22",
    summary="the broker has an import of each cluster; the oldest exporter writes ports and affinity",
    sharing=NAME_AND_IMPORT,
    slice_sync=READY_ONLY,
    ports=PRECEDENT_EXPORTER,
    conflicts=OF_ALL,
    per_cluster=PER_CLUSTER,
)
