"""Races by signature: those of docs/FACTS.md C16 by their names, and those that hunts have found and no list has.

``closes`` is what would close a race, and what the proposed agent does where it does something.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from models.hunt import fits

if TYPE_CHECKING:
    from models.hunt.signature import Signature


class Race(msgspec.Struct, frozen=True):
    """A race: whether a signature is one of it. ``listed`` is false where it is on no list but this one."""

    name: str
    about: str
    closes: str
    fits: Callable[[Signature], bool]
    listed: bool = True


RACES: tuple[Race, ...] = (
    Race(
        "R8", "two services in two namespaces share the name of an aggregate: what ends one export ends the other",
        "A name that no other service can have, as a generated one that is found by its annotations.",
        fits.name_shared,
    ),
    Race(
        "R18", "an EndpointSlice controller that was stopped goes on with its call, and writes after the clean-up",
        "A stop that takes too long is an error, and tried again (lighthouse #1757, 0.21).", fits.writes_after_its_stop,
    ),
    Race(
        "R26", "the import of a cluster that is gone takes precedence: nobody writes the ports of those that are there",
        "Somebody deletes what a cluster that is gone has left on the broker.", fits.ghost,
    ),
    Race(
        "R27", "what a cluster has made stays on the broker once it is gone", "As for R26.", fits.left_behind,
    ),
    Race(
        "N14", "what a cluster that is gone has left keeps out who exports the service with another type",
        "As MCS has it: the oldest exporter's type counts, nobody is left out, and all are told.",
        fits.keeps_others_out, listed=False,
    ),
    Race(
        "N6", "a call fails after the Create of an aggregate: its clusterset IP goes back to the pool, and to another",
        "Put an IP back only after a Get says that the aggregate does not have it.", fits.put_back, listed=False,
    ),
    Race(
        "R23", "the pool is filled at start by the copies of the own cluster: an IP whose copy is gone is given again",
        "Reserve the IPs of the aggregates on the broker that the own cluster allocated.", fits.given_twice,
    ),
    Race(
        "R24", "whoever makes an aggregate anew decides about its clusterset IP, not the oldest exporter",
        "Decide by the oldest exporter's import, not by who creates.", fits.setting,
    ),
    Race(
        "N7", "0.22: the message of a conflict of types takes the first name of an aggregate that names nobody yet",
        "Take the first cluster only where there is one.", fits.names_nobody, listed=False,
    ),
    Race(
        "N8", "0.22: after a change of type the aggregate keeps its old type, and gets the ports of the new one",
        "An aggregate that names nobody but oneself takes one's type; ports are those of an import of its type alone.",
        fits.ports_of_another_type, listed=False,
    ),
    Race(
        "N9", "0.22: a Distribute that failed says Ready=False, and nobody takes it back once its retry goes through",
        "Distribute sets Ready once it has gone through, or S3 does not set it before.",
        fits.not_ready_after_a_retry, listed=False,
    ),
    Race(
        "M6", "a list of EndpointSlices that fails is a typed nil in CreateOrUpdate, and the agent panics",
        "Return the error before the list is used, so that the item is tried again.", fits.failed_list,
    ),
    Race(
        "N5", "a new agent beside an old one deletes the local ServiceImport that the old one made of an export "
        "which the new one has not heard of",
        "The strategy Recreate for the agent's Deployment; or R-e asks the API before it deletes.",
        fits.not_heard_by_the_new_one, listed=False,
    ),
    Race(
        "R19 (export)", "R-e looks in the store and queues its deletion in two steps; an export that comes in "
        "between is taken for gone", "Delete only after a Get of the ServiceExport says NotFound.",
        fits.export_taken_for_gone,
    ),
    Race(
        "R6", "two agents of one cluster write at the same time",
        "The strategy Recreate for the agent's Deployment; or a Lease.", fits.two_agents,
    ),
    Race(
        "3188", "the reconcile at start takes the aggregate for a stray copy and deletes it",
        "R-c leaves alone what carries the service-name annotation (0.19.1).", fits.fix_of_3188,
    ),
    Race(
        "R2",
        "an update between Create and UpdateStatus of an aggregate sees that it names nobody and deletes it; lost for"
        " good only where an update of what is gone fails with NotFound, while a real API server says Conflict (M11)",
        "NotFound of the UpdateStatus after a Create is an error, so that Distribute is tried again.",
        fits.between_create_and_status,
    ),
    Race(
        "R5", "an aggregate that somebody deletes is never made again",
        "When an aggregate goes that the own cluster is to be named in, Distribute runs again for the local "
        "ServiceImport.", fits.by_hand,
    ),
    Race(
        "R5 (left out)", "an aggregate that somebody deleted is made again by one exporter; the others stay left out",
        "As for R5.", fits.left_out,
    ),
    Race(
        "N12", "an aggregate that the broker has lost is made again by one exporter, to which something "
        "happens; the others stay left out", "As for R5.", fits.left_out_of_what_was_lost,
        listed=False,
    ),
    Race(
        "R5 (local import)", "a local ServiceImport that somebody deletes ends the export",
        "S5 queues the ServiceExport again once its local ServiceImport went.", fits.import_by_hand,
    ),
    Race(
        "R5 (own slice)", "an own EndpointSlice that somebody deletes ends the export",
        "As for R1: updateOnDelete asks whether the local ServiceImport exists; S7 looks for its EndpointSlice again.",
        fits.own_by_hand,
    ),
    Race(
        "R5 (copy)", "a copy, or an imported EndpointSlice, that somebody deletes is not made again",
        "Nothing in the proposal: nobody watches what the agent makes in the services' namespaces. A restart makes it "
        "again.", fits.copy_by_hand,
    ),
    Race(
        "R5 (broker's slice)", "an EndpointSlice that somebody deletes on the broker is not made again",
        "S4 hears of own EndpointSlices too: where one goes that has its original, S3 handles that again.",
        fits.broker_slice_by_hand,
    ),
    Race(
        "R4", "a namespace made anew in a gap of its watch looks like an update: nothing is copied into it again",
        "The namespace informer's handler looks at the uid, and takes another one for a new namespace.",
        fits.namespace_in_a_gap,
    ),
    Race(
        "R20", "nothing is copied again into a namespace that was made anew",
        "What is cached for a namespace is queued when it comes (admiral #981).", fits.namespace_again,
    ),
    Race("R7", "the migrator deletes another service's aggregate of that name", "No migrator (0.21).", fits.migrator),
    Race("R21", "a broker that was emptied stays empty", "As for R5.", fits.emptied),
    Race(
        "R25", "a reconcile whose list failed is not repeated", "Try the list again until it comes.",
        fits.reconcile_failed,
    ),
    Race(
        "R21", "aggregates that the broker has lost are never made again",
        "As for R5; what was lost while no agent looked comes back with the next start.", fits.lost_before,
    ),
    Race(
        "R22", "a first list of the past shows an own EndpointSlice that is gone: its removal takes the name",
        "As for R3.", fits.slice_of_the_past,
    ),
    Race(
        "N10", "a first list of the past shows an export, or its EndpointSlice, as it was before it was made anew: its "
        "end is handled again, after the new one was found in place", "As for R1.", fits.replayed, listed=False,
    ),
    Race(
        "N11", "a first list of the past has not an own EndpointSlice yet, whose twin the reconcile then deletes",
        "As for R19: delete a twin only after a Get of its original says NotFound.", fits.twin_of_a_slice_not_heard_of,
        listed=False,
    ),
    Race(
        "R3", "the reconcile of a stale EndpointSlice at start removes the name that Distribute counts on",
        "updateOnDelete asks the API whether the local ServiceImport exists before it removes the own name, and "
        "afterwards; Distribute runs again if it does.", fits.stale_slice_at_start,
    ),
    Race(
        "N1", "a change of type deletes the old EndpointSlice, whose deletion removes the exporter's name",
        "As for R1: a removal is undone where the local ServiceImport exists.", fits.retyped, listed=False,
    ),
    Race(
        "R1c", "after a change of type the exporter conflicts with its own aggregate, and is not tried again",
        "An aggregate that names nobody but oneself is no conflict; a conflict of types is tried again when the "
        "aggregate changes or goes.", fits.conflict_with_itself,
    ),
    Race(
        "N13", "a headless service of several EndpointSlices becomes ClusterIP and conflicts with its own "
        "aggregate: the EndpointSlices of the old type stay beside it", "As for R1c.", fits.slices_of_the_old_type,
        listed=False,
    ),
    Race(
        "R11", "who lost a conflict of types is not tried again when the winner goes",
        "A conflict of types is tried again when the aggregate changes or goes.", fits.loser_not_tried,
    ),
    Race(
        "R1", "the deletion of an old EndpointSlice removes the name that the new export counts on",
        "updateOnDelete asks the API whether a local ServiceImport of the service exists before it removes the own "
        "name, and once more afterwards; if there is one, Distribute runs again.", fits.late_removal,
    ),
    Race(
        "R19", "a reconcile looks in the store and queues its deletion in two steps; what comes in between is deleted",
        "Delete a copy only after a Get of its aggregate says NotFound.", fits.reconcile_of_a_fresh_copy,
    ),
    Race(
        "R12", "killed between the deletion of the local ServiceImport and the rest of the unexport: it stays exported",
        "At start, own EndpointSlices and own names without a local ServiceImport are removed.", fits.killed_within,
    ),
    Race(
        "N2", "unexported while the agent starts: the local import goes before S5 has listed, so nobody cleans up",
        "As for R12: the clean-up at start looks at the API once S5 has listed.", fits.gone_while_starting,
        listed=False,
    ),
    Race(
        "N2 (Ready)", "the Service goes while the agent starts: the local import goes before S5 has listed, so nobody"
        " says that it is not Ready", "As for N2.", fits.not_taken_back, listed=False,
    ),
    Race(
        "R17", "the Service goes while its export is handled: a local ServiceImport is made for nothing",
        "Look at the Service again, in the API, once the local ServiceImport is written; delete it if it is gone.",
        fits.service_goes,
    ),
    Race(
        "N3", "a Service event hands on an export that is being deleted: it is exported again, for ever",
        "Look at the ServiceExport again, in the API, once the local ServiceImport is written; undo it if it is gone.",
        fits.export_goes, listed=False,
    ),
    Race(
        "R10", "an aggregate that is made anew has no ports",
        "Distribute computes the ports of the aggregate as well.", fits.made_anew_without_ports,
    ),
    Race(
        "R9", "a removal is half applied: the name is gone, timestamp and ports stay",
        "The rest is written first, the status last, so that a retry completes it.", fits.half_removed,
    ),
    Race(
        "R15", "a condition that could not be written is wrong until the next event",
        "Queue the item again where its condition could not be written.", fits.status_not_written,
    ),
    Race(
        "R14", "an update of an EndpointSlice that ends late makes Ready=True of an export that has ended",
        "Take Ready back where the EndpointSlice goes (H9): that is the last thing the one worker does about it.",
        fits.ready_again,
    ),
    Race(
        "R13", "a ServiceExport that is replaced in a gap of the watch looks like an update and is filtered",
        "Process an update whose uid differs.", fits.replaced_in_a_gap,
    ),
    Race(
        "N4", "a ServiceExport that is absent when the agent starts and comes before R-e looks: nobody says Ready",
        "H1 sets Ready of a new ServiceExport whose local ServiceImport was there already.", fits.made_anew_at_start,
        listed=False,
    ),
    Race(
        "R16", "a conflict of ports is not cleared", "Judge it by the API, not by a cache.", fits.ports_not_cleared
    ),
)  # fmt: skip


def known(signature: Signature) -> Race | None:
    """The first race of the list that fits."""
    return next((race for race in RACES if race.fits(signature)), None)
