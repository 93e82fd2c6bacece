"""Properties of export state, one family per file. A new one is one file here and one entry below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.hints import WITH_DATA_PLANE
from models.properties.aggregate_matches import aggregate_matches
from models.properties.broker_has_slices import broker_has_slices
from models.properties.conflict_is_real import conflict_is_real
from models.properties.connected_carries import connected_carries
from models.properties.copies_follow import copies_follow
from models.properties.dns_answers import dns_answers
from models.properties.exported_is_named import exported_is_named
from models.properties.import_is_there import import_is_there
from models.properties.ip_is_wanted import ip_is_wanted
from models.properties.kernel_as_asked import kernel_as_asked
from models.properties.never_lost import never_lost
from models.properties.never_panics import never_panics
from models.properties.no_slices_left import no_slices_left
from models.properties.one_slice import one_slice
from models.properties.ports_of_exporters import ports_of_exporters
from models.properties.premises import broker_agent_restarts
from models.properties.ready_is_exported import ready_is_exported
from models.properties.ready_is_named import ready_is_named
from models.properties.slices_are_imported import slices_are_imported
from models.properties.unique_ips import two_ips, unique_ips

if TYPE_CHECKING:
    from models.topology import Topology
    from sim.core.property import Property

FAMILIES = (
    import_is_there,
    exported_is_named,
    copies_follow,
    ready_is_exported,
    aggregate_matches,
    never_lost,
)
ASKED_FAMILIES = (
    one_slice,
    broker_has_slices,
    no_slices_left,
    slices_are_imported,
    ports_of_exporters,
    ip_is_wanted,
    conflict_is_real,
    ready_is_named,
    never_panics,
)
"""Those that are judged only where the search plan of a scenario names them."""
NAMES = (
    "L1", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12", "I13", "C1", "D1", "D2", "D3",
    "S1", "E1", "P1", "P6", "X1",
)  # fmt: skip
"""All names that a property may have, so that a scenario can be read without making them."""
NEEDS = {
    **dict.fromkeys(("D1", "D2", "D3"), f"the data plane: {WITH_DATA_PLANE}"),
    "I2": "copies of aggregates: --set copies=on",
    "I6": "several services that may have clusterset IPs",
    "X1": "forbids below search: in a file",
}
"""What properties need that are not judged everywhere."""
IP_FAMILIES = (unique_ips, two_ips)
DATA_PLANE_FAMILIES = (connected_carries, kernel_as_asked, dns_answers)


def properties(topology: Topology, *, restarts: bool = True) -> tuple[Property, ...]:
    """All properties of a topology; those of copies, clusterset IPs and the data plane only where there is something.

    ``restarts`` says whether the scenario is about restarts, so that their premise is to be reached.
    """
    families = (
        *(family for family in FAMILIES if family is not copies_follow or topology.has_copies),
        *((broker_agent_restarts,) if restarts else ()),
        *(IP_FAMILIES if topology.shares_ips() else ()),
        *(DATA_PLANE_FAMILIES if topology.data_plane else ()),
    )
    return tuple(family(topology) for family in families)
