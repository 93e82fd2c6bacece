"""A scenario from its text: options filled in, checked, and as a search looks at it.

A value ``$name`` in the file stands for the option of that name, so that anybody can write a scenario without code.
"""

from __future__ import annotations

from typing import Any

import msgspec

from models.scenarios.check import check, check_expected
from models.scenarios.described import described, misfit
from models.scenarios.option import Option
from models.scenarios.scenario import COPIES, ONLY, ScenarioFile
from models.scenarios.scripts import check_alone, earlier, placed, touched
from models.scenarios.switches import switches
from models.scenarios.text import raw
from models.scenarios.timing import timing
from sim.core import BadInput, refuse, unknown
from sim.core.setting import as_text


def options(name: str) -> dict[str, Option]:
    """The options of a scenario."""
    try:
        found = msgspec.convert(raw(name)[1].get("options", {}), dict[str, Option])
    except msgspec.ValidationError as error:
        raise misfit(f"options of scenario {name}", dict[str, Option], raw(name)[1]["options"], str(error)) from None
    refuse(
        [
            BadInput(f"options of scenario {name}: the default of {key} is {option.default}", option.accepted())
            for key, option in found.items()
            if not option.takes(option.default)
        ]
    )
    return found


def load(name: str, settings: dict[str, str]) -> tuple[ScenarioFile, dict[str, Any]]:
    """The scenario with its options set, and the value of every option.

    ``settings`` maps option names, ``delay.<name>`` or ``only`` (a service, the only one of the scenario) to text.

    Raises:
        BadInput: no such scenario or option, or a value that is not accepted.
    """
    said = dict(raw(name)[1])
    known = options(name)
    said.pop("options", None)
    values = {key: option.default for key, option in known.items()}
    delays = {}
    fields = {key: text for key, text in settings.items() if key in (ONLY, COPIES) and key not in known}
    for key, text in settings.items():
        if key in fields:
            continue
        if key.startswith("delay."):
            delays[key.removeprefix("delay.")] = text
        elif key in known:
            values[key] = known[key].parse(key, text)
        else:
            raise unknown(f"option of scenario {name}", key, [*known, "delay.<name>", ONLY, COPIES])
    filled = _fill(said, values, name)
    filled.update(fields)
    if isinstance(filled.get("delays", {}), dict):
        filled["delays"] = {**filled.get("delays", {}), **delays}
    scenario = _scripted(_convert(filled, name))
    check(scenario)
    check_expected(scenario, values)
    for reads in (placed, earlier, timing):  # so that whoever looks at them may rely on what they say
        reads(scenario)
    return scenario, {**values, **fields, **{f"delay.{key}": text for key, text in delays.items()}}


def _scripted(scenario: ScenarioFile) -> ScenarioFile:
    """The scenario with the services that its script names, where its exports say so."""
    plan = scenario.exports
    if plan.as_scripted == "no" or not scenario.hosts:
        return scenario
    check_alone(scenario)
    known = {cluster for on in scenario.hosts.values() for cluster in on}
    more = [each for each in touched(scenario.script) if each in known and each not in plan.from_]
    plan = msgspec.structs.replace(plan, from_=[*plan.from_, *more], later=[*plan.later, *more])
    return msgspec.structs.replace(scenario, exports=plan)


def for_search(name: str, settings: dict[str, str]) -> tuple[ScenarioFile, dict[str, Any]]:
    """The scenario as a search looks at it; ``settings`` win over those of its search plan."""
    planned = load(name, settings)[0].search
    chosen = {key: as_text(value) for key, value in planned.set.items()}
    scenario, values = load(name, {**chosen, **settings})
    return msgspec.structs.replace(scenario, data_plane=scenario.search.data_plane), values


def content(name: str) -> dict[str, Any]:
    """What the file of a scenario says, every option as a search has it.

    Raises:
        BadInput: no such scenario.
    """
    said = {key: value for key, value in raw(name)[1].items() if key != "options"}
    defaults = {key: option.default for key, option in options(name).items()}
    search = said.get("search")
    planned = search.get("set") if isinstance(search, dict) else None
    filled: dict[str, Any] = _fill(said, defaults | planned if isinstance(planned, dict) else defaults, name)
    return filled


def searched(said: dict[str, Any], name: str) -> ScenarioFile:
    """A scenario without options, given by its content, as a search looks at it.

    Raises:
        BadInput: a field that there is not, or a value that is not accepted.
    """
    scenario = _convert(said, name)
    check(scenario)
    return msgspec.structs.replace(scenario, data_plane=scenario.search.data_plane)


def _convert(filled: Any, name: str) -> ScenarioFile:
    if isinstance(filled.get("hosts"), list):  # clusters, each on a host of its own
        filled = {**filled, "hosts": {f"host-{n}": [each] for n, each in enumerate(filled["hosts"], start=1)}}
    fields = {field.encode_name: field.required for field in msgspec.structs.fields(ScenarioFile)}
    wrong = [unknown(f"field (in scenario {name})", key, fields) for key in filled if key not in fields]
    missing = [key for key, required in fields.items() if required and key not in filled]
    if missing:
        kinds = {field.encode_name: field.type for field in msgspec.structs.fields(ScenarioFile)}
        wants = "; ".join(f"{key}: {described(kinds[key])}" for key in missing)
        wrong.append(BadInput(f"scenario {name} has no {', '.join(missing)}", f"{wants}; see docs/SCENARIOS.md"))
    refuse(wrong)
    content = {**filled, **switches(filled)}
    try:
        return msgspec.convert(content, ScenarioFile)
    except msgspec.ValidationError as error:
        raise misfit(f"scenario {name}", ScenarioFile, content, str(error)) from None


def _fill(value: Any, values: dict[str, Any], name: str) -> Any:
    """The value with each ``$option`` in it filled in."""
    try:
        return _filled(value, values, name)
    except RecursionError:
        raise BadInput(f"scenario {name} contains itself", "YAML without an alias inside its own anchor") from None


def _filled(value: Any, values: dict[str, Any], name: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, values, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values, name) for inner in value]
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in values:
            raise BadInput(
                f"scenario {name}: {value} names no option", ", ".join(values) or "options, which it has none of"
            )
        return values[value[1:]]
    return value
