"""Scenarios: topology, exports, a script of operations and faults, options. A scenario is one YAML file beside this
one.

A value ``$name`` in the file stands for the option of that name, so that anybody can write a scenario without code.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from models.defects import defect as defects
from models.more import More
from models.scenarios.check import check, check_expected
from models.scenarios.described import described, misfit
from models.scenarios.scripts import check_alone, check_entries, earlier, placed, touched
from models.scenarios.switches import switches
from models.scenarios.timing import texts, timing
from models.scenarios.yaml_file import parsed
from models.submariner.agent.base import Ways
from models.topology import NAMESPACE, Export, ServiceSpec
from sim.core import BadInput, refuse, unknown

SCRIPT = "script"
"""The scenario on which a file is run that is a list of operations."""
WITH_COPIES = '--set copies=on, or copies: "on" in a file'
ONLY, COPIES = "only", "copies"
"""Settings that every scenario has: the only service that is left of it, and whether copies of aggregates are."""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that ``--set`` may change: its default, what it means, and what is accepted."""

    default: Any
    about: str
    among: list[Any] = []
    at_least: float | None = None
    at_most: float | None = None

    def parse(self, name: str, text: str) -> Any:
        """The value that ``text`` stands for.

        Raises:
            BadInput: it is not of the option's kind or outside its bounds.
        """
        try:
            value: Any = text if isinstance(self.default, str) else yaml.safe_load(text)
        except yaml.YAMLError:
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted()) from None
        kinds: tuple[type, ...] = (int, float) if isinstance(self.default, float) else (type(self.default),)
        if not isinstance(value, kinds) or (isinstance(value, bool) and not isinstance(self.default, bool)):
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted())
        if not self.takes(value):
            raise BadInput(f"{name}={text} is not accepted", accepted=self.accepted())
        return value

    def takes(self, value: Any) -> bool:
        """Whether a value of its kind is accepted."""
        if self.among and value not in self.among:
            return False
        return not isinstance(value, int | float) or self._within(value)

    def _within(self, value: float) -> bool:
        low = self.at_least if self.at_least is not None else float("-inf")
        high = self.at_most if self.at_most is not None else float("inf")
        return low <= value <= high

    def accepted(self) -> str:
        """What is accepted, in words."""
        if self.among:
            return ", ".join(f"'{value}'" if "," in str(value) else str(value) for value in self.among)
        kind = {int: "a whole number", float: "a number", str: "a text", list: "a list, as [a, b]"}.get(
            type(self.default), "a value"
        )
        bounds = [f"at least {self.at_least:g}"] if self.at_least is not None else []
        bounds += [f"at most {self.at_most:g}"] if self.at_most is not None else []
        return " ".join([kind, *bounds])


class ExportPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which services are exported: ``services`` of them, from the clusters in turn, or each from every cluster.

    They are called web-1, web-2 and so on, unless ``names`` has others, in each of the ``namespaces``.

    ``specs`` says what the services of a cluster are like; clusters in ``later`` export theirs only when a script says
    so. ``only_from`` has services that are exported from fewer clusters than the others, where each is exported from
    every cluster, ``only_in`` those that are in fewer namespaces. ``as_scripted``: clusters whose services the script
    names have these too, and export them later.
    """

    services: int
    from_: list[str] = msgspec.field(name="from")
    spread: Literal["in turn", "from each"] = "in turn"
    specs: dict[str, ServiceSpec] = {}
    later: list[str] = []
    names: list[str] = []
    namespaces: tuple[str, ...] = (NAMESPACE,)
    only_from: dict[str, list[str]] = {}
    only_in: dict[str, list[str]] = {}
    as_scripted: Literal["yes", "no"] = "no"

    def exports(self, only: str = "") -> list[Export]:
        """All exports, or those of one service."""
        return [export for export in self._all() if not only or export.service_key == f"{NAMESPACE}/{only}"]

    def called(self) -> list[str]:
        """The names of the services."""
        return self.names[: self.services] or [f"web-{number}" for number in range(1, self.services + 1)]

    def exporters(self, name: str) -> list[str]:
        """The clusters that export a service, where each is exported from every cluster."""
        return [cluster for cluster in self.from_ if cluster in self.only_from.get(name, self.from_)]

    def is_in(self, namespace: str, name: str) -> bool:
        """Whether a service is in a namespace."""
        return namespace in self.only_in.get(name, self.namespaces)

    def _all(self) -> list[Export]:
        keys = [f"{space}/{name}" for space in self.namespaces for name in self.called() if self.is_in(space, name)]
        if self.spread == "from each":
            return [Export(cluster, key) for key in keys for cluster in self.exporters(key.split("/")[1])]
        return [Export(self.from_[index % len(self.from_)], key) for index, key in enumerate(keys)]


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a release is expected to do here: lose an import ("fails") or never ("holds").

    ``unless`` names options and those of their values under which the opposite is expected.
    """

    release: str
    verdict: Literal["fails", "holds"]
    unless: dict[str, list[Any]] = {}

    def under(self, values: dict[str, Any]) -> str:
        """The expected verdict under these options."""
        if any(values.get(option) in exceptions for option, exceptions in self.unless.items()):
            return "holds" if self.verdict == "fails" else "fails"
        return self.verdict


class SearchPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a search of the scenario looks at: options that differ from their defaults, and what is left out.

    ``forbids`` are texts that no outcome may have, judged as X1.
    """

    set: dict[str, Any] = {}
    data_plane: Literal["on", "dns", "off"] = "off"
    judged: tuple[str, ...] = ("L1",)
    forbids: tuple[str, ...] = ()
    may_stop: bool = True


class ScenarioFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario as its file says it, options filled in."""

    name: str
    about: str
    hosts: dict[str, list[str]]
    broker: str
    exports: ExportPlan
    script: list[dict[str, Any]]
    observe_ms: float
    expect: list[Expectation] = []
    way: Literal["processes", "controllers"] = "processes"
    rtt_ms: float = 1.0
    monitor: Literal["on", "off"] = "off"
    monitor_period_ms: float = 30_000.0
    broker_certificate: Literal["trusted", "private"] = "trusted"
    data_plane: Literal["on", "dns", "off"] = "on"
    clusterset_ips: int | None = None
    ips_by_default: Literal["yes", "no"] = "no"
    globalnet: Literal["on", "off"] = "off"
    checks_wait: Literal["for the cache", "briefly"] = "for the cache"
    copies: Literal["on", "at once", "off"] = "on"
    exported_at_start: Literal["yes", "no"] = "yes"
    before: Literal["nothing", "slices touched", "imports lost", "slices touched, imports lost"] = "nothing"
    earlier: list[dict[str, Any]] = []
    only: str = ""
    delays: dict[str, str] = {}
    search: SearchPlan = SearchPlan()

    def more(self) -> More:
        """What it has beside the usual."""
        return More(
            self.clusterset_ips, self.ips_by_default == "yes", self.globalnet == "on", self.data_plane == "dns",
            self.checks_wait == "briefly", self.copies,
        )  # fmt: skip


def names() -> list[str]:
    """The names of the scenarios that come with the program."""
    folder = resources.files(__package__ or "models.scenarios")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def _raw(name: str) -> tuple[str, Any]:
    """The text and the content of a scenario that comes with the program, of a defect, or of a file of the user's,
    which is read each time, as it may have been changed.
    """
    if name.startswith(defects.PREFIX):
        text, defect = defects.load(name.removeprefix(defects.PREFIX))
        return text, defect.content()
    if name.endswith((".yaml", ".yml")):
        return _content(name, _read(Path(name)))
    return _content(name, _shipped(name))


@lru_cache(maxsize=64)
def _shipped(name: str) -> str:
    """The text of a scenario that comes with the program."""
    if name not in names():
        raise unknown("scenario", name, [*names(), "a file ending in .yaml"])
    return (resources.files(__package__ or "models.scenarios") / f"{name}.yaml").read_text()


@lru_cache(maxsize=64)
def _content(name: str, text: str) -> tuple[str, Any]:
    """The text of a scenario, and what it says; of a script, with what it is put into."""
    content = parsed(text, f"scenario {name}")
    if isinstance(content, list):  # a script alone
        check_entries(content, name)
        base_text, base = _raw(SCRIPT)
        return base_text + text, {**base, "name": Path(name).stem, "script": content}
    if not isinstance(content, dict):
        raise BadInput(
            f"scenario {name} is empty", accepted="a mapping, or a list of operations; see docs/SCENARIOS.md"
        )
    return text, content


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"scenario file {path} cannot be read: {reason}") from None


def options(name: str) -> dict[str, Option]:
    """The options of a scenario."""
    try:
        found = msgspec.convert(_raw(name)[1].get("options", {}), dict[str, Option])
    except msgspec.ValidationError as error:
        raise misfit(f"options of scenario {name}", dict[str, Option], _raw(name)[1]["options"], str(error)) from None
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
    raw = dict(_raw(name)[1])
    known = options(name)
    raw.pop("options", None)
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
    filled = _fill(raw, values, name)
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
    chosen = {key: value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True).split("\n")[0]
              for key, value in planned.set.items()}  # fmt: skip
    scenario, values = load(name, {**chosen, **settings})
    return msgspec.structs.replace(scenario, data_plane=planned.data_plane), values


def content(name: str) -> dict[str, Any]:
    """What the file of a scenario says, every option at its default.

    Raises:
        BadInput: no such scenario.
    """
    raw = {key: value for key, value in _raw(name)[1].items() if key != "options"}
    filled: dict[str, Any] = _fill(raw, {key: option.default for key, option in options(name).items()}, name)
    return filled


def searched(raw: dict[str, Any], name: str) -> ScenarioFile:
    """A scenario without options, given by its content, as a search looks at it.

    Raises:
        BadInput: a field that there is not, or a value that is not accepted.
    """
    scenario = _convert(raw, name)
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


def ways(scenario: ScenarioFile) -> Ways:
    """What the way of running means for the agent."""
    return Ways() if scenario.way == "processes" else Ways("", whole_binary=False, api_server_drops_empty_labels=False)


def digest(name: str) -> str:
    """A digest of the scenario's file and of the delays that it may use."""
    parts = [_raw(name)[0], *texts()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
