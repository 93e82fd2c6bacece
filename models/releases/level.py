"""A proposal: an agent that reads what there is of a service, by API calls, and writes what differs."""

from msgspec.structs import replace

from models.releases import v0_19_1
from models.releases.parts import LEVEL_PARTS
from models.releases.release import Design

RELEASE = replace(
    v0_19_1.RELEASE,
    name="level",
    summary="one reconcile for each service, which reads what there is and writes what differs",
    migrate=None,
    design=Design.LEVEL,
    parts=tuple(LEVEL_PARTS),
)
