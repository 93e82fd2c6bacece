"""Lighthouse 0.18.1 (before 0.18.3): operation queues, no resync; slices still found by all labels (FACTS C30)."""

from msgspec.structs import replace

from models.releases import v0_17_3
from models.submariner.agent.parts.own_slices import BY_ALL_LABELS

RELEASE = replace(
    v0_17_3.RELEASE,
    name="0.18.1",
    summary="operations of a key are queued; no resync; slices are found by all their labels",
    own_slices=BY_ALL_LABELS,
)
