"""Lighthouse 0.15 (release-0.15 at 0d20231; docs/FACTS.md C30).

Assumed: a headless service has one slice for each EndpointSlice of Kubernetes, as in 0.16, where upstream made one of
the service's Endpoints; the condition that 0.15.0 called Synced is called Ready; every later fix of 0.15.x is in it.
"""

from models.releases.filters import without_label
from models.releases.queueing import MAPS_5_MS
from models.releases.release import Namespaces, Release
from models.submariner.agent.parts.conflicting import OF_TYPE_AND_PORTS
from models.submariner.agent.parts.own_slices import FIXED_NAME
from models.submariner.agent.parts.ports import EVERY_PORT
from models.submariner.agent.parts.sharing import LATER
from models.submariner.agent.parts.slice_sync import WITH_NAME_UNCHECKED

RELEASE = Release(
    "0.15",
    "the exporter's name is added when its slice was synced; slices have fixed names",
    without_label,
    queueing=MAPS_5_MS,
    namespaces=Namespaces.NOTHING,
    sharing=LATER,
    slice_sync=WITH_NAME_UNCHECKED,
    ports=EVERY_PORT,
    own_slices=FIXED_NAME,
    conflicts=OF_TYPE_AND_PORTS,
    has_ips=False,
)
