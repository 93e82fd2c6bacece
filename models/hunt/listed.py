"""The races of docs/FACTS.md C16 and what of them the model cannot show, with the reason."""

from __future__ import annotations

from sim.core.hunting import ListedRace

LISTED = (
    ListedRace("R1", "a quick unexport and export; the removal of the old slice takes the new name"),
    ListedRace("R1c", "the same with a change of type: a conflict with oneself"),
    ListedRace(
        "R2",
        "an aggregate that names nobody yet is deleted between Create and UpdateStatus; lost for good only where an"
        " update of what is gone fails with NotFound, while a real API server says Conflict (M11)",
    ),
    ListedRace("R3", "objects made anew while the agent was down; the reconcile of the old slice removes the name"),
    ListedRace("R4", "a namespace made anew in a gap of a watch: nothing is copied into it again"),
    ListedRace("R5", "what somebody deletes out of band does not return"),
    ListedRace("R6", "two agents of one cluster while a new one rolls out"),
    ListedRace("R7", "the migrator deletes another service's aggregate of that name"),
    ListedRace("R8", "two services in two namespaces share the name of an aggregate"),
    ListedRace("R9", "a removal is half applied; timestamp and ports stay"),
    ListedRace("R10", "an aggregate made anew has no ports"),
    ListedRace("R11", "who lost a conflict of types is not tried again when the winner goes"),
    ListedRace("R12", "killed inside an unexport; the export stays"),
    ListedRace("R13", "a ServiceExport replaced in a gap of a watch is filtered"),
    ListedRace("R14", "Ready=True again after the export ended"),
    ListedRace("R15", "a condition that could not be written is wrong until the next event"),
    ListedRace("R16", "a conflict is not cleared", note="never seen in 90 real runs"),
    ListedRace("R17", "the Service goes while its export is handled: an import for nothing"),
    ListedRace("R18", "an EndpointSlice controller writes after it was stopped"),
    ListedRace("R19", "a reconcile looks and appends in two steps; what comes in between is deleted"),
    ListedRace(
        "R20", "a namespace made anew where the release does not look at namespaces",
        elsewhere="0.17.3", hint="namespace made anew",
    ),
    ListedRace("R21", "a broker that was emptied; nobody exports again"),
    ListedRace("R22", "a stale first list shows an own slice of the past"),
    ListedRace("R23", "a clusterset IP is given twice"),
    ListedRace("R24", "use-clusterset-ip flips when an aggregate is made anew"),
    ListedRace("R25", "a reconcile that failed or was cut off is not repeated"),
    ListedRace(
        "R26", "0.22: the import of a dead cluster stays and takes precedence",
        elsewhere="0.22", hint="cluster b is gone with ports change in c",
    ),
    ListedRace("R27", "a cluster removed without clean-up"),
    ListedRace(
        "R28", "namespaces on a deny list are neither imported nor cleaned up",
        missing="it came after 0.22, the last release that is modelled",
    ),
    ListedRace(
        "N7", "a conflict of types with an aggregate that names nobody yet: the agent panics",
        elsewhere="0.22", hint="crashes with unexport in b", note="on no other list",
    ),
    ListedRace(
        "N8", "a change of type: the aggregate keeps its old type and gets the ports of the new one",
        elsewhere="0.22", hint="exported from a; type becomes Headless in a", note="on no other list",
    ),
    ListedRace(
        "N9", "a Distribute that failed says Ready=False for good, though its retry goes through",
        elsewhere="0.22", hint="ports change in a, then agent of a cut off the broker", note="on no other list",
    ),
    ListedRace(
        "N11", "a first list of the past has not an own EndpointSlice yet, whose twin on the broker is deleted",
        elsewhere="0.22", note="on no other list",
        hint="lags for the next first list of endpointslices, unexport in a, export in a; agent of a crashes",
    ),
)  # fmt: skip
"""All of them, in order, and what later releases have that the release which is hunted in cannot have."""
