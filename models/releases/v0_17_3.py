"""Lighthouse 0.17.3 (before 0.17.5): no resync, operation queues, slices found by what identifies them (FACTS C30).

Its admiral does nothing about namespaces that are deleted and made again, as 0.18.1's. What it does about those that
come later is an assumption: they are tried again.
"""

from msgspec.structs import replace

from models.kube.pending import CURRENT
from models.releases import v0_17_2
from models.submariner.agent.parts.own_slices import BY_IDENTITY

RELEASE = replace(
    v0_17_2.RELEASE,
    name="0.17.3",
    summary="operations of a key are queued; no resync; slices are found by the labels that identify them",
    queueing=CURRENT,
    resync_ms=0.0,
    own_slices=BY_IDENTITY,
)
