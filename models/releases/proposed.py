"""A proposal: 0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out."""

from models.releases import v0_19_1
from models.releases.parts import PARTS
from models.releases.release import Release

RELEASE = Release(
    "proposed",
    "0.19.1 that deletes only what is confirmed unneeded, and joins again where it finds itself left out",
    v0_19_1.is_taken_for_copy,
    parts=tuple(PARTS),
)
