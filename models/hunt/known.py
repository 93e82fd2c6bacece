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
KILLED = ("the script: KillAgents", "the script: RemoveContainer")
FAILURES = {"api-error", "failing-calls", "cut-broker", "broker-down"}
USERS = {"unexport", "delete-service", "change-service", "delete-namespace"}
"""Operations that end or change an export."""


class Race(msgspec.Struct, frozen=True):
    """A race: whether a signature is one of it. ``listed`` is false where it is on no list but this one."""

    name: str
    about: str
    closes: str
    fits: Callable[[Signature], bool]
    listed: bool = True


def _by_hand(s: Signature) -> bool:
    by_hand = ("the script: delete aggregate", "the script: delete legacy import")
    return s.symptom in LOSSES and s.last.startswith(by_hand)


def _left_out(s: Signature) -> bool:
    again = ("H8: update aggregate", "H5: updateStatus aggregate", "H5: update aggregate")
    return s.symptom in LOSSES and s.last.startswith(again) and "delete-aggregates" in s.script


def _copy_by_hand(s: Signature) -> bool:
    deleted = s.last.startswith(("the script: delete copy", "the script: delete imported"))
    return deleted or (s.symptom == symptoms.IMPORTED and "delete-object" in s.script)


def _broker_slice_by_hand(s: Signature) -> bool:
    return s.symptom == symptoms.MISSING and "delete-object" in s.script


def _import_by_hand(s: Signature) -> bool:
    return s.symptom in (*LOSSES, *SAID) and s.gone == "the script"


def _own_by_hand(s: Signature) -> bool:
    return "delete-object" in s.script and s.last.startswith("H9: ") and not set(s.script) & USERS


def _emptied(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last.startswith("the script: deletecollection aggregate")


def _namespace_in_a_gap(s: Signature) -> bool:
    return _namespace_again(s) and "watch-gap" in s.script


def _namespace_again(s: Signature) -> bool:
    return s.symptom in (symptoms.COPIES, symptoms.IMPORTED) and "create-namespace" in s.script


def _migrator(s: Signature) -> bool:
    return s.symptom in LOSSES and s.last == "H12: delete legacy import"


def _not_taken_back(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last == "nobody" and "delete-service" in s.script


def _loser_not_tried(s: Signature) -> bool:
    if s.symptom == symptoms.CONFLICT and s.last == "nobody":
        return True  # the loser that was restarted exports, and keeps its Conflict
    late = s.fatal == "the beginning" or s.fatal.startswith("the script")
    return s.symptom == symptoms.LOST and s.last.startswith("H9: delete aggregate") and late


def _two_agents(s: Signature) -> bool:
    if "roll-out" not in s.script:
        return False
    if s.symptom in LOSSES:
        return s.last.startswith("H9") and not set(s.script) & USERS
    return s.symptom in (symptoms.OWN, symptoms.TERMS, symptoms.COPIES, symptoms.IMPORTED, symptoms.MISSING)


def _export_taken_for_gone(s: Signature) -> bool:
    return s.symptom in LOSSES and s.gone.endswith(("queued by R-e", "queued by R-f"))


def _not_heard_by_the_new_one(s: Signature) -> bool:
    return _export_taken_for_gone(s) and "roll-out" in s.script


def _reconcile_failed(s: Signature) -> bool:
    return s.symptom == symptoms.COPIES and s.fatal.startswith("R-c: list")


def _status_not_written(s: Signature) -> bool:
    return (
        s.symptom in SAID and "api-error" in s.script and (s.fatal.endswith(": AddRule") or not s.last.startswith("H8"))
    )


def _made_anew_at_start(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last.endswith("Valid=True") and "agent-crash" in s.script


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
    return s.symptom in LEFT and "delete local import" in s.last and s.fatal in KILLED


def _gone_while_starting(s: Signature) -> bool:
    return s.symptom in LEFT and "delete local import" in s.last and "agent-crash" in s.script


def _service_goes(s: Signature) -> bool:
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" not in s.script


def _export_goes(s: Signature) -> bool:
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" in s.script


def _conflict_with_itself(s: Signature) -> bool:
    if "change-service" in s.script and (
        (s.symptom == symptoms.LOST and s.last == "nobody")
        or (s.symptom == symptoms.READY and s.last.startswith("H11"))
    ):
        return True
    return s.symptom in (*SAID, *LOSSES) and "ConflictingType" in s.last


def _made_anew_without_ports(s: Signature) -> bool:
    return s.symptom == symptoms.TERMS and s.last.startswith("H5: updateStatus aggregate")


def _half_removed(s: Signature) -> bool:
    left = "unexport" in s.script or "delete-service" in s.script
    between = s.last.startswith(("H8: update aggregate", "H9: update aggregate")) and left
    return s.symptom == symptoms.TERMS and (s.last.startswith("H9: updateStatus aggregate") or between)


def _ready_again(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last.startswith("H8") and s.last.endswith("Ready=True")


def _replaced_in_a_gap(s: Signature) -> bool:
    return s.symptom == symptoms.READY and s.last.startswith("the script: create ServiceExport")


def _ports_not_cleared(s: Signature) -> bool:
    return s.symptom == symptoms.CONFLICT and "ConflictingPorts" in s.last


def _failed_list(s: Signature) -> bool:
    return s.symptom == symptoms.PANIC and s.fatal.startswith("H7: list")


def _names_nobody(s: Signature) -> bool:
    return s.symptom == symptoms.PANIC and not s.fatal.startswith("H7")


def _put_back(s: Signature) -> bool:
    return s.symptom == symptoms.TWICE and bool({*s.script} & FAILURES)


def _given_twice(s: Signature) -> bool:
    return s.symptom == symptoms.TWICE and not {*s.script} & FAILURES


def _setting(s: Signature) -> bool:
    return s.symptom == symptoms.SETTING


RACES: tuple[Race, ...] = (
    Race(
        "N6", "a call fails after the Create of an aggregate: its clusterset IP goes back to the pool, and to another",
        "Put an IP back only after a Get says that the aggregate does not have it.", _put_back, listed=False,
    ),
    Race(
        "R23", "the pool is filled at start by the copies of the own cluster: an IP whose copy is gone is given again",
        "Reserve the IPs of the aggregates on the broker that the own cluster allocated.", _given_twice,
    ),
    Race(
        "R24", "whoever makes an aggregate anew decides about its clusterset IP, not the oldest exporter",
        "Decide by the oldest exporter's import, not by who creates.", _setting,
    ),
    Race(
        "N7", "0.22: the message of a conflict of types takes the first name of an aggregate that names nobody yet",
        "Take the first cluster only where there is one.", _names_nobody, listed=False,
    ),
    Race(
        "M6", "a list of EndpointSlices that fails is a typed nil in CreateOrUpdate, and the agent panics",
        "Return the error before the list is used, so that the item is tried again.", _failed_list,
    ),
    Race(
        "N5", "a new agent beside an old one deletes the local ServiceImport that the old one made of an export "
        "which the new one has not heard of",
        "The strategy Recreate for the agent's Deployment; or R-e asks the API before it deletes.",
        _not_heard_by_the_new_one, listed=False,
    ),
    Race(
        "R19 (export)", "R-e looks in the store and queues its deletion in two steps; an export that comes in "
        "between is taken for gone", "Delete only after a Get of the ServiceExport says NotFound.",
        _export_taken_for_gone,
    ),
    Race(
        "R6", "two agents of one cluster write at the same time",
        "The strategy Recreate for the agent's Deployment; or a Lease.", _two_agents,
    ),
    Race(
        "3188", "the reconcile at start takes the aggregate for a stray copy and deletes it",
        "R-c leaves alone what carries the service-name annotation (0.19.1).", _fix_of_3188,
    ),
    Race(
        "R2",
        "an update between Create and UpdateStatus of an aggregate sees that it names nobody and deletes it; lost for"
        " good only where an update of what is gone fails with NotFound, while a real API server says Conflict (M11)",
        "NotFound of the UpdateStatus after a Create is an error, so that Distribute is tried again.",
        _between_create_and_status,
    ),
    Race(
        "R5", "an aggregate that somebody deletes is never made again",
        "When an aggregate goes that the own cluster is to be named in, Distribute runs again for the local "
        "ServiceImport.", _by_hand,
    ),
    Race(
        "R5 (left out)", "an aggregate that somebody deleted is made again by one exporter; the others stay left out",
        "As for R5.", _left_out,
    ),
    Race(
        "R5 (local import)", "a local ServiceImport that somebody deletes ends the export",
        "S5 queues the ServiceExport again once its local ServiceImport went.", _import_by_hand,
    ),
    Race(
        "R5 (own slice)", "an own EndpointSlice that somebody deletes ends the export",
        "As for R1: updateOnDelete asks whether the local ServiceImport exists; S7 looks for its EndpointSlice again.",
        _own_by_hand,
    ),
    Race(
        "R5 (copy)", "a copy, or an imported EndpointSlice, that somebody deletes is not made again",
        "Nothing in the proposal: nobody watches what the agent makes in the services' namespaces. A restart makes it "
        "again.", _copy_by_hand,
    ),
    Race(
        "R5 (broker's slice)", "an EndpointSlice that somebody deletes on the broker is not made again",
        "S4 hears of own EndpointSlices too: where one goes that has its original, S3 handles that again.",
        _broker_slice_by_hand,
    ),
    Race(
        "R4", "a namespace made anew in a gap of its watch looks like an update: nothing is copied into it again",
        "The namespace informer's handler looks at the uid, and takes another one for a new namespace.",
        _namespace_in_a_gap,
    ),
    Race(
        "R20", "nothing is copied again into a namespace that was made anew",
        "What is cached for a namespace is queued when it comes (admiral #981).", _namespace_again,
    ),
    Race("R7", "the migrator deletes another service's aggregate of that name", "No migrator (0.21).", _migrator),
    Race("R21", "a broker that was emptied stays empty", "As for R5.", _emptied),
    Race(
        "R25", "a reconcile whose list failed is not repeated", "Try the list again until it comes.", _reconcile_failed
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
        "R1c", "after a change of type the exporter conflicts with its own aggregate, and is not tried again",
        "An aggregate that names nobody but oneself is no conflict; a conflict of types is tried again when the "
        "aggregate changes or goes.", _conflict_with_itself,
    ),
    Race(
        "R11", "who lost a conflict of types is not tried again when the winner goes",
        "A conflict of types is tried again when the aggregate changes or goes.", _loser_not_tried,
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
        "N2 (Ready)", "the Service goes while the agent starts: the local import goes before S5 has listed, so nobody"
        " says that it is not Ready", "As for N2.", _not_taken_back, listed=False,
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
        "R10", "an aggregate that is made anew has no ports",
        "Distribute computes the ports of the aggregate as well.", _made_anew_without_ports,
    ),
    Race(
        "R9", "a removal is half applied: the name is gone, timestamp and ports stay",
        "The rest is written first, the status last, so that a retry completes it.", _half_removed,
    ),
    Race(
        "R15", "a condition that could not be written is wrong until the next event",
        "Queue the item again where its condition could not be written.", _status_not_written,
    ),
    Race(
        "R14", "an update of an EndpointSlice that ends late makes Ready=True of an export that has ended",
        "Take Ready back where the EndpointSlice goes (H9): that is the last thing the one worker does about it.",
        _ready_again,
    ),
    Race(
        "R13", "a ServiceExport that is replaced in a gap of the watch looks like an update and is filtered",
        "Process an update whose uid differs.", _replaced_in_a_gap,
    ),
    Race(
        "N4", "a ServiceExport that is absent when the agent starts and comes before R-e looks: nobody says Ready",
        "H1 sets Ready of a new ServiceExport whose local ServiceImport was there already.", _made_anew_at_start,
        listed=False,
    ),
    Race(
        "R16", "a conflict of ports is not cleared", "Judge it by the API, not by a cache.", _ports_not_cleared
    ),
)  # fmt: skip


def known(signature: Signature) -> Race | None:
    """The first race of the list that fits."""
    return next((race for race in RACES if race.fits(signature)), None)
