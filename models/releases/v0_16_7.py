"""Lighthouse 0.16.7 (release-0.16 at b5e62fb): the exporter's name is added in Distribute (PR #1521), and a slice
without its Service is deleted (since 0.16.2, PR #1430; docs/FACTS.md C30).
"""

from msgspec.structs import replace

from models.releases import v0_16_0
from models.submariner.agent.parts.sharing import NAME_ONLY
from models.submariner.agent.parts.slice_sync import WITH_PORTS

RELEASE = replace(
    v0_16_0.RELEASE,
    name="0.16.7",
    summary="the exporter's name is added at once; a slice without its Service is deleted",
    sharing=NAME_ONLY,
    slice_sync=WITH_PORTS,
)
