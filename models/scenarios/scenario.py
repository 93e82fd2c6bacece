"""What a scenario is: topology, exports, a script of operations and faults, what a search looks at."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from models.exports import NAMESPACE, Export, ServiceSpec
from models.more import More
from models.submariner.agent.base import Ways

WITH_COPIES = '--set copies=on, or copies: "on" in a file'
DATA_PLANE_OPTION = "data_plane"
"""The option of scenarios that have one for the data plane."""
ONLY, COPIES = "only", "copies"
"""Settings that every scenario has: the only service that is left of it, and whether copies of aggregates are."""


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


def ways(scenario: ScenarioFile) -> Ways:
    """What the way of running means for the agent."""
    return Ways() if scenario.way == "processes" else Ways("", whole_binary=False, api_server_drops_empty_labels=False)
