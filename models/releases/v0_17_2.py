"""Lighthouse 0.17.2: the name in Distribute (0.17.1), the namespace informer, a longer back-off (docs/FACTS.md C30)."""

from msgspec.structs import replace

from models.releases import v0_16_7
from models.releases.queueing import MAPS_50_MS
from models.releases.release import Namespaces

RELEASE = replace(
    v0_16_7.RELEASE,
    name="0.17.2",
    summary="what failed for want of a namespace is tried again when there is one",
    queueing=MAPS_50_MS,
    namespaces=Namespaces.RETRY,
)
