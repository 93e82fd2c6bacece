"""A proposal: 0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out.

As lighthouse does since PR #1757, it tries a stop again that takes too long (R18).
"""

from msgspec.structs import replace

from models.releases import v0_19_1
from models.releases.parts import PARTS

RELEASE = replace(
    v0_19_1.RELEASE,
    name="proposed",
    summary="0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out",
    migrate=None,
    retries_stops=True,
    parts=tuple(PARTS),
)
