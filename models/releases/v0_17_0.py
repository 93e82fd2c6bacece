"""Lighthouse 0.17.0: as 0.16.0 with the check for a slice's Service (PR #1430); PR #1521 came with 0.17.1.

Assumed: nothing else of what the model has changed between 0.16.2 and 0.17.0 (docs/FACTS.md C30).
"""

from msgspec.structs import replace

from models.releases import v0_16_0
from models.submariner.agent.parts.slice_sync import WITH_NAME

RELEASE = replace(
    v0_16_0.RELEASE,
    name="0.17.0",
    summary="the exporter's name is added when its slice was synced; a slice without its Service is deleted",
    slice_sync=WITH_NAME,
)
