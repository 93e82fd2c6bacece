"""Races by signature: those of docs/FACTS.md C16 by their names, and those that hunts have found and no list has.

``closes`` is what would close a race, and what the proposed agent does where it does something.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from models.hunt import symptoms

if TYPE_CHECKING:
    from models.hunt.signature import Signature

LOSSES = (symptoms.LOST_READY, symptoms.LOST)
LEFT = (symptoms.STALE, symptoms.SLICES)
SAID = (symptoms.READY, symptoms.CONFLICT)


class Race(msgspec.Struct, frozen=True):
    """A race: whether a signature is one of it. ``listed`` is false where it is on no list but this one."""

    name: str
    about: str
    closes: str
    fits: Callable[[Signature], bool]
    listed: bool = True


def _by_hand(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.startswith("the script: delete aggregate")


def _fix_of_3188(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.startswith("H13 queued by R-c: delete aggregate")


def _between_create_and_status(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.endswith("aggregate that names nobody")


def _stale_slice_at_start(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.startswith("H9 queued by R-b")


def _retyped(s: Signature) -> bool:
    late = s.fatal == "the beginning" or s.fatal.startswith("the script")
    return s.symptom in LOSSES and s.last.startswith("H9") and late and "change-service" in s.script


def _late_removal(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.startswith("H9")


def _lost_before(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last == "nobody"


def _reconcile_of_a_fresh_copy(s: Signature) -> bool:
    return s.symptom == symptoms.COPIES and s.last.startswith("H13 queued by R-c")


def _killed_within(s: Signature) -> bool:
    return s.symptom in LEFT and "delete local import" in s.last and s.fatal == "the script: KillAgents"


def _gone_while_starting(s: Signature) -> bool:
    return s.symptom in LEFT and "delete local import" in s.last and "agent-crash" in s.script


def _service_goes(s: Signature) -> bool:
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" not in s.script


def _export_goes(s: Signature) -> bool:
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" in s.script


def _conflict_with_itself(s: Signature) -> bool:
    return s.symptom in (*SAID, *LOSSES) and "ConflictingType" in s.last


def _made_anew_without_ports(s: Signature) -> bool:
    return s.symptom == symptoms.TERMS and s.last.startswith("H5: updateStatus aggregate")


def _half_removed(s: Signature) -> bool:
    return s.symptom == symptoms.TERMS and s.last.startswith("H9: updateStatus aggregate")


def _ready_again(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last.startswith("H8") and s.last.endswith("Ready=True")


def _replaced_in_a_gap(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last.startswith("the script: create ServiceExport")


def _ports_not_cleared(s: Signature) -> bool:
    return s.symptom == symptoms.CONFLICT and "ConflictingPorts" in s.last


RACES: tuple[Race, ...] = (
    Race(
        "3188", "the reconcile at start takes the aggregate for a stray copy and deletes it",
        "R-c leaves alone what carries the service-name annotation (0.19.1).", _fix_of_3188,
    ),
    Race(
        "R2", "an update between Create and UpdateStatus of an aggregate sees that it names nobody and deletes it",
        "NotFound of the UpdateStatus after a Create is an error, so that Distribute is tried again.",
        _between_create_and_status,
    ),
    Race(
        "R5", "an aggregate that somebody deletes is never made again",
        "When an aggregate goes that the own cluster is to be named in, Distribute runs again for the local "
        "ServiceImport.", _by_hand,
    ),
    Race(
        "R21", "aggregates that the broker has lost are never made again",
        "As for R5; what was lost while no agent looked comes back with the next start.", _lost_before,
    ),
    Race(
        "R3", "the reconcile of a stale EndpointSlice at start removes the name that Distribute counts on",
        "updateOnDelete asks the API whether the local ServiceImport exists before it removes the own name, and "
        "afterwards; Distribute runs again if it does.", _stale_slice_at_start,
    ),
    Race(
        "N1", "a change of type deletes the old EndpointSlice, whose deletion removes the exporter's name",
        "As for R1: a removal is undone where the local ServiceImport exists.", _retyped, listed=False,
    ),
    Race(
        "R1", "the deletion of an old EndpointSlice removes the name that the new export counts on",
        "updateOnDelete asks the API whether a local ServiceImport of the service exists before it removes the own "
        "name, and once more afterwards; if there is one, Distribute runs again.", _late_removal,
    ),
    Race(
        "R19", "a reconcile looks in the store and queues its deletion in two steps; what comes in between is deleted",
        "Delete a copy only after a Get of its aggregate says NotFound.", _reconcile_of_a_fresh_copy,
    ),
    Race(
        "R12", "killed between the deletion of the local ServiceImport and the rest of the unexport: it stays exported",
        "At start, own EndpointSlices and own names without a local ServiceImport are removed.", _killed_within,
    ),
    Race(
        "N2", "unexported while the agent starts: the local import goes before S5 has listed, so nobody cleans up",
        "As for R12: the clean-up at start looks at the API once S5 has listed.", _gone_while_starting, listed=False,
    ),
    Race(
        "R17", "the Service goes while its export is handled: a local ServiceImport is made for nothing",
        "Look at the Service again, in the API, once the local ServiceImport is written; delete it if it is gone.",
        _service_goes,
    ),
    Race(
        "N3", "a Service event hands on an export that is being deleted: it is exported again, for ever",
        "Look at the ServiceExport again, in the API, once the local ServiceImport is written; undo it if it is gone.",
        _export_goes, listed=False,
    ),
    Race(
        "R1c", "after a change of type the exporter conflicts with its own aggregate, and is not tried again",
        "An aggregate that names nobody but oneself is no conflict; a conflict of types is tried again when the "
        "aggregate changes or goes.", _conflict_with_itself,
    ),
    Race(
        "R10", "an aggregate that is made anew has no ports",
        "Distribute computes the ports of the aggregate as well.", _made_anew_without_ports,
    ),
    Race(
        "R9", "a removal is half applied: the name is gone, timestamp and ports stay",
        "The rest is written first, the status last, so that a retry completes it.", _half_removed,
    ),
    Race(
        "R14", "an update of an EndpointSlice that ends late makes Ready=True of an export that has ended",
        "Set Ready=True only if the API has the local ServiceImport, and look again afterwards.", _ready_again,
    ),
    Race(
        "R13", "a ServiceExport that is replaced in a gap of the watch looks like an update and is filtered",
        "Process an update whose uid differs.", _replaced_in_a_gap,
    ),
    Race(
        "R16", "a conflict of ports is not cleared", "Judge it by the API, not by a cache.", _ports_not_cleared
    ),
)  # fmt: skip


def known(signature: Signature) -> Race | None:
    """The first race of the list that fits."""
    return next((race for race in RACES if race.fits(signature)), None)
