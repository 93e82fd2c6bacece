"""Which signatures a race has; :mod:`models.hunt.known` says what each race is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.hunt import symptoms

if TYPE_CHECKING:
    from models.hunt.signature import Signature

LOSSES = (symptoms.LOST_READY, symptoms.LOST)
LEFT = (symptoms.STALE, symptoms.SLICES)
SAID = (symptoms.READY, symptoms.CONFLICT)
KILLED = ("the script: KillAgents", "the script: RemoveContainer")
FAILURES = {"api-error", "failing-calls", "cut-broker", "broker-down"}
FAILED = "H5: updateStatus ServiceExport Ready=False(ExportFailed)"
MADE_AGAIN = (
    "H8: update aggregate",
    *(f"{who}: {write} aggregate" for who in ("H5", "services/worker") for write in ("update", "updateStatus")),
)
"""The last write of an aggregate that an exporter made anew."""
USERS = {"unexport", "delete-service", "change-service", "delete-namespace"}
"""Operations that end or change an export."""


def ghost(s: Signature) -> bool:
    """Whether it is R26."""
    return s.symptom == symptoms.GHOST


def left_behind(s: Signature) -> bool:
    """Whether it is R27."""
    return s.symptom in LEFT and "remove-cluster" in s.script


def keeps_others_out(s: Signature) -> bool:
    """Whether it is N14: who conflicts with what was left behind never gets in; nobody writes the aggregate again."""
    kept = s.last == "nobody" or s.last.startswith("services/worker")
    return s.symptom == symptoms.LOST and "remove-cluster" in s.script and kept


def by_hand(s: Signature) -> bool:
    """Whether it is R5."""
    by_hand = ("the script: delete aggregate", "the script: delete legacy import")
    return s.symptom in LOSSES and s.last.startswith(by_hand)


def name_shared(s: Signature) -> bool:
    """Whether it is R8."""
    return s.shares and s.symptom != symptoms.PANIC and not {*s.script} & {*FAILURES, "agent-crash"}


def left_out(s: Signature) -> bool:
    """Whether it is R5 (left out)."""
    return s.symptom in LOSSES and s.last.startswith(MADE_AGAIN) and "delete-aggregates" in s.script


def left_out_of_what_was_lost(s: Signature) -> bool:
    """Whether it is N12."""
    return s.symptom in LOSSES and s.last.startswith(MADE_AGAIN) and s.fatal == "the beginning"


def copy_by_hand(s: Signature) -> bool:
    """Whether it is R5 (copy)."""
    deleted = s.last.startswith(("the script: delete copy", "the script: delete imported"))
    return deleted or (s.symptom == symptoms.IMPORTED and "delete-object" in s.script)


def broker_slice_by_hand(s: Signature) -> bool:
    """Whether it is R5 (broker's slice)."""
    return s.symptom == symptoms.MISSING and "delete-object" in s.script


def import_by_hand(s: Signature) -> bool:
    """Whether it is R5 (local import)."""
    return s.symptom in (*LOSSES, *SAID) and s.gone == "the script"


def own_by_hand(s: Signature) -> bool:
    """Whether it is R5 (own slice)."""
    return "delete-object" in s.script and s.last.startswith("H9: ") and not set(s.script) & USERS


def emptied(s: Signature) -> bool:
    """Whether it is R21."""
    by_hand = "the script: deletecollection aggregate"
    return s.symptom in LOSSES and (s.last.startswith(by_hand) or s.fatal.startswith(by_hand))


def namespace_in_a_gap(s: Signature) -> bool:
    """Whether it is R4."""
    return namespace_again(s) and "watch-gap" in s.script


def namespace_again(s: Signature) -> bool:
    """Whether it is R20."""
    return s.symptom in (symptoms.COPIES, symptoms.IMPORTED) and "create-namespace" in s.script


def migrator(s: Signature) -> bool:
    """Whether it is R7."""
    return s.symptom in LOSSES and s.last == "H12: delete legacy import"


def not_taken_back(s: Signature) -> bool:
    """Whether it is N2 (Ready)."""
    return s.symptom == symptoms.READY and s.last == "nobody" and "delete-service" in s.script


def loser_not_tried(s: Signature) -> bool:
    """Whether it is R11."""
    if s.symptom == symptoms.CONFLICT and s.last == "nobody":
        return True  # the loser that was restarted exports, and keeps its Conflict
    if s.symptom == symptoms.LOST and s.last.startswith("H6: delete aggregate"):
        return True  # since 0.22 H6 removes the name, and nothing else can take it for somebody else's
    late = s.fatal == "the beginning" or s.fatal.startswith("the script")
    return s.symptom == symptoms.LOST and s.last.startswith("H9: delete aggregate") and late


def two_agents(s: Signature) -> bool:
    """Whether it is R6; what an agent of the design ``level`` wrote last, it found half removed by another's."""
    if "roll-out" not in s.script or (s.last.startswith("services/worker") and half_removed(s)):
        return False
    if s.symptom in LOSSES:
        return s.last.startswith("H9") and not set(s.script) & USERS
    return s.symptom in (symptoms.OWN, symptoms.TERMS, symptoms.COPIES, symptoms.IMPORTED, symptoms.MISSING)


def export_taken_for_gone(s: Signature) -> bool:
    """Whether it is R19 (export)."""
    return s.symptom in LOSSES and s.gone.endswith(("queued by R-e", "queued by R-f"))


def not_heard_by_the_new_one(s: Signature) -> bool:
    """Whether it is N5."""
    return export_taken_for_gone(s) and "roll-out" in s.script


def reconcile_failed(s: Signature) -> bool:
    """Whether it is R25."""
    return s.symptom == symptoms.COPIES and s.fatal.startswith("R-c: list")


def status_not_written(s: Signature) -> bool:
    """Whether it is R15."""
    return (
        s.symptom in SAID and "api-error" in s.script and (s.fatal.endswith(": AddRule") or not s.last.startswith("H8"))
    )


def made_anew_at_start(s: Signature) -> bool:
    """Whether it is N4."""
    return s.symptom == symptoms.READY and s.last.endswith("Valid=True") and "agent-crash" in s.script


def fix_of_3188(s: Signature) -> bool:
    """Whether it is 3188."""
    return s.symptom in LOSSES and s.last.startswith("H13 queued by R-c: delete aggregate")


def between_create_and_status(s: Signature) -> bool:
    """Whether it is R2."""
    ends = ("aggregate that names nobody", "updateStatus aggregate NotFound")
    return s.symptom in LOSSES and (s.last.endswith(ends[0]) or s.fatal.endswith(ends))


def writes_after_its_stop(s: Signature) -> bool:
    """Whether it is R18."""
    return s.gave_up and s.symptom in (*LEFT, symptoms.OWN, symptoms.TERMS)


def slice_of_the_past(s: Signature) -> bool:
    """Whether it is R22."""
    return s.symptom in LOSSES and s.past and s.in_vain and s.last.startswith("H9 queued by R-b")


def replayed(s: Signature) -> bool:
    """Whether it is N10."""
    return s.symptom in LOSSES and s.past and s.last.startswith("H9: ") and not {*s.script} & USERS


def twin_of_a_slice_not_heard_of(s: Signature) -> bool:
    """Whether it is N11."""
    return s.symptom == symptoms.MISSING and s.past


def stale_slice_at_start(s: Signature) -> bool:
    """Whether it is R3."""
    return s.symptom in LOSSES and s.last.startswith("H9 queued by R-b")


def retyped(s: Signature) -> bool:
    """Whether it is N1."""
    late = s.fatal == "the beginning" or s.fatal.startswith("the script")
    return s.symptom in LOSSES and s.last.startswith("H9") and late and "change-service" in s.script


def late_removal(s: Signature) -> bool:
    """Whether it is R1."""
    return s.symptom in LOSSES and s.last.startswith("H9")


def lost_before(s: Signature) -> bool:
    """Whether it is R21."""
    return s.symptom in LOSSES and s.last == "nobody"


def reconcile_of_a_fresh_copy(s: Signature) -> bool:
    """Whether it is R19."""
    return s.symptom == symptoms.COPIES and s.last.startswith("H13 queued by R-c")


def killed_within(s: Signature) -> bool:
    """Whether it is R12."""
    return s.symptom in LEFT and "delete local import" in s.last and s.fatal in KILLED


def gone_while_starting(s: Signature) -> bool:
    """Whether it is N2."""
    return s.symptom in LEFT and "delete local import" in s.last and "agent-crash" in s.script


def service_goes(s: Signature) -> bool:
    """Whether it is R17."""
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" not in s.script


def export_goes(s: Signature) -> bool:
    """Whether it is N3."""
    return s.symptom in LEFT and s.last.startswith("H1") and "unexport" in s.script


def conflict_with_itself(s: Signature) -> bool:
    """Whether it is R1c."""
    if "change-service" in s.script and (
        (s.symptom == symptoms.LOST and s.last == "nobody")
        or (s.symptom == symptoms.READY and s.last.startswith("H11"))
    ):
        return True
    failed = s.symptom == symptoms.READY and s.last == FAILED and "change-service" in s.script
    return (s.symptom in (*SAID, *LOSSES) and "ConflictingType" in s.last) or (failed and not {*s.script} & FAILURES)


def slices_of_the_old_type(s: Signature) -> bool:
    """Whether it is N13."""
    kept = s.last == "nobody" or s.last.startswith("H7: update own EndpointSlice")
    return s.symptom == symptoms.OWN and "change-service" in s.script and kept


def ports_of_another_type(s: Signature) -> bool:
    """Whether it is N8."""
    written = s.last.startswith(("H12: update aggregate", "H13: update aggregate")) and "change-service" in s.script
    return written and s.symptom in (symptoms.TERMS, *LOSSES)


def not_ready_after_a_retry(s: Signature) -> bool:
    """Whether it is N9."""
    return s.symptom == symptoms.READY and s.last == FAILED and bool({*s.script} & FAILURES)


def made_anew_without_ports(s: Signature) -> bool:
    """Whether it is R10."""
    return s.symptom == symptoms.TERMS and s.last.startswith("H5: updateStatus aggregate")


def half_removed(s: Signature) -> bool:
    """Whether it is R9."""
    left = "unexport" in s.script or "delete-service" in s.script
    between = s.last.startswith(tuple(f"{who}: update aggregate" for who in ("H8", "H9", "services/worker"))) and left
    return s.symptom == symptoms.TERMS and (s.last.startswith("H9: updateStatus aggregate") or between)


def ready_again(s: Signature) -> bool:
    """Whether it is R14."""
    return s.symptom == symptoms.READY and s.last.startswith("H8") and s.last.endswith("Ready=True")


def replaced_in_a_gap(s: Signature) -> bool:
    """Whether it is R13."""
    return s.symptom == symptoms.READY and s.last.startswith("the script: create ServiceExport")


def ports_not_cleared(s: Signature) -> bool:
    """Whether it is R16."""
    other = s.last.startswith(("H11", "H12", "H13")) and s.last.endswith("Conflict=False")  # the other exporter's
    return s.symptom == symptoms.CONFLICT and ("ConflictingPorts" in s.last or other)


def failed_list(s: Signature) -> bool:
    """Whether it is M6: what had been begun before the panic stays half done, or it comes back for ever."""
    return (s.symptom == symptoms.PANIC and s.fatal.startswith("H7: list")) or s.fatal == "H7: Panic"


def names_nobody(s: Signature) -> bool:
    """Whether it is N7."""
    return s.symptom == symptoms.PANIC and not s.fatal.startswith("H7")


def put_back(s: Signature) -> bool:
    """Whether it is N6."""
    return s.symptom == symptoms.TWICE and bool({*s.script} & FAILURES)


def given_twice(s: Signature) -> bool:
    """Whether it is R23."""
    return s.symptom == symptoms.TWICE and not {*s.script} & FAILURES


def setting(s: Signature) -> bool:
    """Whether it is R24."""
    return s.symptom == symptoms.SETTING
