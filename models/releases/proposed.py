"""A proposal: 0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out."""

from msgspec.structs import replace

from models.releases import v0_19_1
from models.releases.parts import PARTS

RELEASE = replace(
    v0_19_1.RELEASE,
    name="proposed",
    summary="0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out",
    migrate=None,
    parts=tuple(PARTS),
)
