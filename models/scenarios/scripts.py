"""The script of a scenario: its entries as operations, and what is wrong with one, where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from models.faults import FAULTS, USER_OPERATIONS, Operation
from models.scenarios.check import untimely
from models.scenarios.described import misfit, short
from sim.core import BadInput, refuse, unknown

if TYPE_CHECKING:
    from models.scenarios.scenario import ScenarioFile

OR_ITS = "which ends by itself, after its for_ms"
HINTS = {
    "resume": f"fault: pause, {OR_ITS}",
    "unpause": f"fault: pause, {OR_ITS}",
    "broker-up": f"fault: broker-down, {OR_ITS}",
    "restart": "do: restart-agent, do: restart-container, or fault: agent-crash",
    "kill": "fault: agent-crash, or fault: kill-at-write",
    "down": "fault: broker-down, or do: stop-agent",
    "readiness": "do: change-readiness",
}
"""What is meant by names that somebody may try."""
EXAMPLE = "operations, as - {at_ms: 1000, do: export, cluster: a}; see docs/SCENARIOS.md"
UNDOES = {
    "start-agent": ("stop-agent",),
    "create-namespace": ("delete-namespace",),
    "create-service": ("delete-service", "delete-namespace"),
}
"""Operations that do nothing unless one of others came before."""


Parsed = tuple[int, str, Operation]
"""The number of an operation, its place in the file, and what it says."""


def placed(scenario: ScenarioFile) -> list[tuple[str, Operation]]:
    """The operations in the order of time, each with the place where it stands in the file.

    Raises:
        BadInput: operations that do not exist or have wrong parameters.
    """
    found, wrong = _parsed(scenario.script, "operation", scenario.name)
    refuse([error for _, error in wrong])
    return [(place, operation) for _, place, operation in _in_time(found)]


def earlier(scenario: ScenarioFile) -> list[tuple[str, Operation]]:
    """The operations before the beginning, in their order, each with the place where it stands in the file.

    Raises:
        BadInput: operations that do not exist, have wrong parameters, or last.
    """
    found, wrong = _parsed([{"at_ms": 0, **entry} for entry in scenario.earlier], "earlier operation", scenario.name)
    lasting = [BadInput(f"{place} lasts", "operations that are over at once") for _, place, o in found if o.lasts]
    refuse([*(error for _, error in wrong), *lasting])
    return [(place, operation) for _, place, operation in found]


def operations(scenario: ScenarioFile) -> list[Operation]:
    """The script, in the order of time.

    Raises:
        BadInput: an operation that does not exist or has wrong parameters.
    """
    return [operation for _, operation in placed(scenario)]


def check_entries(content: list[Any], name: str) -> None:
    """Check that a file that is only a list is one of operations.

    Raises:
        BadInput: it is empty, or an entry is no mapping.
    """
    wrong = [] if content else [BadInput(f"script {name} is an empty list", EXAMPLE)]
    for number, entry in enumerate(content, start=1):
        if not isinstance(entry, dict):
            wrong.append(BadInput(f"operation {number} of {name} is {short(entry)}", EXAMPLE))
            continue
        strange = [key for key in entry if not isinstance(key, str)]
        wrong += [BadInput(f"operation {number} of {name} has a field {key!r}", EXAMPLE) for key in strange]
    refuse(wrong)


def check_alone(scenario: ScenarioFile) -> None:
    """Check what is asked of a file that is only a script: its clusters are there, and nothing comes back that had not
    gone.

    Raises:
        BadInput: all that is wrong with its operations, such as one on another cluster, or one that would do nothing.
    """
    known = [cluster for on in scenario.hosts.values() for cluster in on]
    gone: set[tuple[str, str]] = set()
    found, wrong = _parsed(scenario.script, "operation", scenario.name)
    is_read = not wrong  # else what goes may stand in an operation that is wrong
    wrong += untimely(scenario)
    for number, place, operation in _in_time(found):
        cluster = str(getattr(operation, "cluster", ""))
        for name in (*([cluster] if cluster else []), *getattr(operation, "clusters", ())):
            if name not in known:
                there = ", ".join([*known, name])
                accepted = f"{', '.join(known)}; or --set 'clusters=[{there}]'"
                wrong.append((number, BadInput(f"{place}: unknown cluster {name!r}", accepted)))
        before = UNDOES.get(operation.name, ())
        if before and is_read and not any((name, cluster) in gone for name in before):
            names = " or ".join(before)
            problem = f"{place}: nothing to do, no {names} of {cluster} comes before"
            wrong.append((number, BadInput(problem, f"do: {names}, before it")))
        gone.add((operation.name, cluster))
    refuse([error for _, error in sorted(wrong, key=lambda each: each[0])])


def touched(script: list[dict[str, Any]]) -> list[str]:
    """The clusters whose services a script names, in its order."""
    out = []
    for entry in script:
        kind = USER_OPERATIONS.get(str(entry.get("do")))
        if kind is not None and "service" in kind.__struct_fields__ and isinstance(entry.get("cluster"), str):
            out.append(entry["cluster"])
    return list(dict.fromkeys(out))


def _parsed(entries: list[dict[str, Any]], what: str, name: str) -> tuple[list[Parsed], list[tuple[int, BadInput]]]:
    """The operations, each with its number and place in the file; and what is wrong with which."""
    found, wrong = [], []
    for number, entry in enumerate(entries, start=1):
        try:
            found.append((number, *_operation(entry, f"{what} {number} of {name}")))
        except BadInput as error:
            wrong.append((number, error))
    return found, wrong


def _in_time(found: list[Parsed]) -> list[Parsed]:
    return sorted(found, key=lambda each: each[2].at_ms)


def _operation(entry: dict[str, Any], place: str) -> tuple[str, Operation]:
    if "fault" in entry and "do" in entry:
        raise BadInput(f"{place} has both do: {short(entry['do'])} and fault: {short(entry['fault'])}", "one of them")
    if "fault" not in entry and "do" not in entry:
        raise BadInput(f"{place} has neither do nor fault: {short(entry)}", EXAMPLE)
    kinds, tag = (FAULTS, "fault") if "fault" in entry else (USER_OPERATIONS, "do")
    name = str(entry[tag])
    kind = kinds.get(name)
    if kind is None:
        others, other = (USER_OPERATIONS, "do") if tag == "fault" else (FAULTS, "fault")
        hint = f"{other}: {name}" if name in others else HINTS.get(name, "")
        if hint:
            raise BadInput(f"{place}: unknown {tag} {name!r}", hint)
        raise unknown(f"{tag} in {place}", name, kinds)
    place = f"{place} ({tag}: {name})"
    try:
        return place, msgspec.convert(_spelled(entry, kind), kind)
    except msgspec.ValidationError as error:
        raise misfit(place, kind, entry, str(error)) from None


def _spelled(entry: dict[str, Any], kind: type[Operation]) -> dict[str, Any]:
    """The entry with true and false as texts where a field takes them as the text of an annotation."""
    taken = {field.encode_name: msgspec.inspect.type_info(field.type) for field in msgspec.structs.fields(kind)}
    texts = {name for name, info in taken.items() if "true" in getattr(info, "values", ())}
    return {
        name: str(value).lower() if isinstance(value, bool) and name in texts else value
        for name, value in entry.items()
    }
