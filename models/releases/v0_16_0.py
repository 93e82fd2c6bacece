"""Lighthouse 0.16.0 (release-0.16 before 0.16.2): slices with generated names, and a resync (docs/FACTS.md C30)."""

from msgspec.structs import replace

from models.releases import v0_15
from models.releases.queueing import RESYNC_MS
from models.submariner.agent.parts.own_slices import BY_ALL_LABELS

RELEASE = replace(
    v0_15.RELEASE,
    name="0.16.0",
    summary="slices have generated names and are found by all their labels; a resync every two minutes",
    own_slices=BY_ALL_LABELS,
    resync_ms=RESYNC_MS,
)
